"""The market of a paper account: books and prints of a live exchange, traded against here and nowhere else."""
