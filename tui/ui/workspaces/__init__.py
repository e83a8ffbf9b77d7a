"""Named arrangements of the screen: kept, switched, and restored at the start."""
