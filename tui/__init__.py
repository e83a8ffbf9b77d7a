"""binance-tui: a full-screen trading terminal for Binance, and an exchange to practise on."""
