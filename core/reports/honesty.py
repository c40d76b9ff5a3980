"""What must stand beside a win rate for it to be believed: the honesty strip, as plain values.

    honesty(records, ours, theirs, asked)

A pure function of verdicts, outputs and what the judge said of itself. Sentences are warnings
only where something is wrong; a value that could not be had is None. Not here: the win rate
(`core/judges/metrics.py`), and how the strip looks (pages/ui/honesty.py).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.judges.metrics import credit
from core.judges.orders import OrderSummary, Shown, order_summary
from core.store.records import JudgmentRecord

LEAST_CONSISTENT = 70.0  # percent; a choice (below, the winner depends on the order too often)
LEAST_MASS = 0.9  # of the next token's probability on the two identifiers; a choice
FIRST_SLOT = (35.0, 65.0)  # percent; outside, the judge sees slots rather than answers; a choice
MOST_MISSING = 0.02  # share of items; a choice
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Honesty:
    """Beside one win rate. Percent 0–100 where nothing else is said."""

    n: int  # verdicts that count
    missing: tuple[tuple[str, int], ...]  # why, and how often
    orders: OrderSummary | None  # None for a judge that sees no order
    length_correlation: float | None  # Spearman, of credit with the difference in length
    mean_length: float | None  # characters, the candidate's
    reference_length: float | None
    share_longer: float | None  # of the candidate's outputs; equal counts half
    identical: int  # pairs with the same text twice: draws that nobody was asked for
    mean_mass: float | None  # 0–1; None for letters, and for judges without tokens
    letters: int  # answers read from a letter instead of probabilities
    models: tuple[tuple[str, int], ...]  # as the judge named itself, and how often
    first: str | None  # dates of the first and last answer
    last: str | None
    dollars: float | None
    warnings: tuple[str, ...]


def honesty(
    records: Sequence[JudgmentRecord],
    ours: Texts,
    theirs: Texts,
    asked: Mapping[str, Any] | None = None,
    itself: str | None = None,
) -> Honesty:
    """`asked` is the judge's part of summary.json; `itself` warns of a judge among the judged."""
    told = asked or {}
    missing = Counter(r.reason or "no reason was recorded" for r in records if credit(r) is None)
    lengths = [(len(ours[r.item]), len(theirs[r.item])) for r in _both(records, ours, theirs)]
    found = Honesty(
        n=sum(credit(record) is not None for record in records),
        missing=tuple(missing.most_common()),
        orders=_orders(records),
        length_correlation=_correlation(records, ours, theirs),
        mean_length=_mean([one for one, _ in lengths]),
        reference_length=_mean([other for _, other in lengths]),
        share_longer=_share_longer(lengths),
        identical=sum(a.item in ours and ours[a.item] == theirs.get(a.item) for a in records),
        mean_mass=told.get("mean_mass"),
        letters=int(told.get("letters", 0)) if told.get("models") else 0,
        models=tuple(dict(told.get("models", {})).items()),
        first=told.get("first"),
        last=told.get("last"),
        dollars=told.get("dollars"),
        warnings=(),
    )
    return _with_warnings(found, itself)


def _both(records: Sequence[JudgmentRecord], ours: Texts, theirs: Texts) -> list[JudgmentRecord]:
    return [record for record in records if record.item in ours and record.item in theirs]


def _orders(records: Sequence[JudgmentRecord]) -> OrderSummary | None:
    """Over the pairs that were shown in both orders; a missing order counts as missing."""
    pairs = [Shown(one.reference_first, one.candidate_first) for one in records]
    if not any(one is not None and other is not None for one, other in pairs):
        return None
    return order_summary([pair for pair in pairs if pair != Shown(None, None)])


def _mean(values: Sequence[int]) -> float | None:
    return sum(values) / len(values) if values else None


def _share_longer(lengths: Sequence[tuple[int, int]]) -> float | None:
    longer = [1.0 if one > other else 0.5 if one == other else 0.0 for one, other in lengths]
    return 100 * sum(longer) / len(longer) if longer else None


def _correlation(records: Sequence[JudgmentRecord], ours: Texts, theirs: Texts) -> float | None:
    """Spearman's ρ; None where one of the two never varies."""
    pairs = [
        (value, len(ours[record.item]) - len(theirs[record.item]))
        for record in _both(records, ours, theirs)
        if (value := credit(record)) is not None
    ]
    if len({one for one, _ in pairs}) < 2 or len({other for _, other in pairs}) < 2:
        return None
    left, right = (_ranks([float(pair[side]) for pair in pairs]) for side in (0, 1))
    return float(np.corrcoef(left, right)[0, 1])


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 0; equal values share the mean of theirs."""
    places: dict[float, list[int]] = {}
    for place, value in enumerate(sorted(values)):
        places.setdefault(value, []).append(place)
    means = {value: sum(found) / len(found) for value, found in places.items()}
    return [means[value] for value in values]


def _with_warnings(found: Honesty, itself: str | None) -> Honesty:
    checks = (itself, _mixture(found), _missing(found), _consistency(found), _slots(found))
    return replace(found, warnings=tuple(w for w in (*checks, _mass(found)) if w))


def _mixture(found: Honesty) -> str | None:
    if len(found.models) < 2:
        return None
    named = ", ".join(f"{name} ({count:,})" for name, count in found.models)
    return f"More than one model answered under this judge's name: {named}."


def _missing(found: Honesty) -> str | None:
    lost = sum(count for _, count in found.missing)
    if not lost or lost <= MOST_MISSING * (lost + found.n):
        return None
    return f"{lost:,} of {lost + found.n:,} verdicts are missing; the rate is over the others."


def _consistency(found: Honesty) -> str | None:
    share = found.orders.swap_consistency if found.orders else None
    if share is None or share >= LEAST_CONSISTENT:
        return None
    return f"Only {share:.0f} % of pairs have the same winner when the order is turned round."


def _slots(found: Honesty) -> str | None:
    share = found.orders.first_slot_share if found.orders else None
    if share is None or FIRST_SLOT[0] <= share <= FIRST_SLOT[1]:
        return None
    return f"The judge gives {share:.0f} % to the answer shown first, where 50 % would be neutral."


def _mass(found: Honesty) -> str | None:
    if found.mean_mass is None or found.mean_mass >= LEAST_MASS:
        return None
    return (
        f"The two identifiers hold only {100 * found.mean_mass:.1f} % of what the judge would "
        "say: it hardly understands the question."
    )
