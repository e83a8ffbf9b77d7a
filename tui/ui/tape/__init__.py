"""Prints of the focused market."""
