"""Intervals and paired comparisons; pure numbers, no files."""
