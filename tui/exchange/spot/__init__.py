"""Spot's orders: every type, the lists they form, and what the last price does to those that wait for it."""
