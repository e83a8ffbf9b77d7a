"""Symbols kept in view."""
