"""Things worth telling the trader."""
