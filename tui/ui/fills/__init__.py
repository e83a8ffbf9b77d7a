"""Own executions."""
