"""The docked ticket: one order as a form, judged while it is typed."""
