"""Nouns of trading as pure values: no I/O, no event loop, no screen."""
