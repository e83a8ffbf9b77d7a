"""The price ladder: both sides of the book around one price column."""
