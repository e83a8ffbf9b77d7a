"""The screen for API keys."""
