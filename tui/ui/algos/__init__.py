"""Client-side algos: what they do and how far they are."""
