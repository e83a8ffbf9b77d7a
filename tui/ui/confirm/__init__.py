"""The one typed confirmation that real money is meant."""
