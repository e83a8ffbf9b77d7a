"""Candles, drawn in block characters."""
