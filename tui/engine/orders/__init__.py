"""The life of our orders: sent once, followed by reply, stream and query, reconciled after every silence."""
