"""Everything that is known of one order."""
