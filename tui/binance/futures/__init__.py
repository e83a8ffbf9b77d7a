"""What USD-M and COIN-M futures have in common on the wire; see `dialect` for what they have not."""
