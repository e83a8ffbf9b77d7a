"""Everything that can be done or set, found by a few letters."""
