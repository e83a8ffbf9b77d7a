"""Cross and isolated margin: orders, loans and events on the spot host, with the market data of spot."""
