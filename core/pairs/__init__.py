"""Which base and instruct belong together, and whether they fit."""
