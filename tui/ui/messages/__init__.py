"""The log of what happened, newest first."""
