"""The screen of `binance-tui` alone: how to begin, for someone who has read nothing."""
