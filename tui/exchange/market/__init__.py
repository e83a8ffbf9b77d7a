"""Seeded participants that make a living market, and the history it starts with."""
