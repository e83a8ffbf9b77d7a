"""The last row: what the keys do here and now."""
