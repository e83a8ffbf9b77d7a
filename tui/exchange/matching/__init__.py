"""Price-time priority matching in whole ticks and lots; knows orders, not accounts."""
