"""Reasoning benchmarks: problems with answers, their twins, and how they are put as prompts."""
