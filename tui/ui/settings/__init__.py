"""Every option with its value, where it comes from, and a way to change it."""
