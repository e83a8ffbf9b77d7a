"""What accounts hold: balances of the spot wallet, margin and positions of the futures wallet."""
