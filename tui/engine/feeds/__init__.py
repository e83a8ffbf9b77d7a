"""What keeps the market data of the store true."""
