"""Where the panes are at each size of the terminal."""
