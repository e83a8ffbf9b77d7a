"""Finding a symbol by typing parts of its name."""
