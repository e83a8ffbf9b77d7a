"""What the keys do, from the table of actions."""
