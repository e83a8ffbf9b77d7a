"""COIN-M futures: what they have of their own beside `tui.binance.futures`."""
