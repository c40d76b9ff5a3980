"""The loops that turn items and an engine into records."""
