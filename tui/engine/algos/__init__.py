"""Orders that the engine works itself over time."""
