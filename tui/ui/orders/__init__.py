"""Working orders and those that just ended."""
