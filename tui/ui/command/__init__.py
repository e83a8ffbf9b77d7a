"""The command row: the typed line with its preview, the review line, and what was said last."""
