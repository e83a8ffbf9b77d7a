"""The account beyond its orders: what positions risk, what everything is worth, how it is set up."""
