"""Sweeps in a process of their own."""
