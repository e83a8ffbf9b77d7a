"""The wire: what Binance says and hears, translated to and from the domain."""
