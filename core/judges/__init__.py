"""Judges: who says whether an answer is good, and the checks the exact one of them uses."""
