"""What every wallet holds."""
