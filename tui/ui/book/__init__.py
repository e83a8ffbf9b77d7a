"""The order book side by side, and its depth as a curve."""
