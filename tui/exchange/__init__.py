"""The embedded exchange: a process on loopback that speaks Binance's protocol for real."""
