"""A 95 % interval as two numbers."""

from typing import NamedTuple

LEVEL = 0.95


class Span(NamedTuple):
    """Lower and upper end, on the scale of what it belongs to."""

    low: float
    high: float
