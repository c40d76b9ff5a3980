"""Base + λ·(instruct − base), exactly. Imports nothing on purpose."""
