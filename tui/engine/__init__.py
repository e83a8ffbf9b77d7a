"""One trading session without a screen."""
