"""Credentials: where API keys come from, and how they stay hidden."""
