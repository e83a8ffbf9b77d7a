"""The two rows at the top: the market, and you."""
