"""Open contract positions."""
