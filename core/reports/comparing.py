"""Everything that pages ask about all λ at once, under one name: `api.comparing`.

joint = comparing.compared(line, "win_rate")
comparing.choose(joint.together, 1.0).members
"""

from core.reports.choosing import PREFERRED_RATE, RATES, Choice, choose, price, settling
from core.reports.comparing_table import ComparedRow, compared_csv, compared_rows
from core.reports.comparing_words import (
    best_words,
    choice_words,
    corrected_words,
    front_words,
    price_words,
    settling_words,
    share_text,
    shared_words,
)
from core.reports.points import TradeOff
from core.reports.sentences import Side
from core.reports.together import Joint, Together, together

__all__ = [
    "PREFERRED_RATE",
    "RATES",
    "Choice",
    "ComparedRow",
    "Joint",
    "Together",
    "best_words",
    "choice_words",
    "choose",
    "compared",
    "compared_csv",
    "compared_rows",
    "corrected_words",
    "front_words",
    "price",
    "price_words",
    "settling",
    "settling_words",
    "share_text",
    "shared_words",
]


def compared(line: TradeOff, side: Side) -> Joint:
    """Every λ of the line against every other one; made once (under a second), then kept."""
    return together(line.items, side)
