"""The honesty strip in words: every number by its name, and who answered when.

Values come from `honesty.py`; pages and reports write the same words.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.reports.honesty import Honesty


def facts(found: "Honesty") -> dict[str, str]:
    """Every number of the strip by its name; a dash where it is not defined."""
    lost = sum(count for _, count in found.missing)
    why = f" ({'; '.join(reason for reason, _ in found.missing[:2])})" if found.missing else ""
    told = {"n": f"{found.n:,}", "missing": f"{lost:,}{why}"}
    if found.orders is None:
        told["order"] = "not seen by this judge"
    else:
        told["same winner, order turned"] = _percent(found.orders.swap_consistency)
        told["to the first slot"] = _percent(found.orders.first_slot_share)
    lengths = f"{_count(found.mean_length)} vs {_count(found.reference_length)} characters"
    return told | {
        "ρ with length": _signed(found.length_correlation),
        "mean length": lengths,
        "longer": _percent(found.share_longer),
        "identical outputs": f"{found.identical:,}",
    }


def made_by(found: "Honesty") -> str:
    """Who answered, when, how surely and for how much; empty for a judge that only computes."""
    parts = []
    if found.models:
        parts.append("answered by " + ", ".join(f"{name} ({n:,})" for name, n in found.models))
    if found.first and found.last:
        first, last = found.first[:10], found.last[:10]
        parts.append(first if first == last else f"{first} to {last}")
    if found.mean_mass is not None:
        parts.append(f"mean P(m) + P(M) = {found.mean_mass:.3f}")
    if found.letters:
        parts.append(f"{found.letters:,} answers read from a letter")
    if found.dollars is not None:
        parts.append(f"${found.dollars:.4f}")
    return " · ".join(parts)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} %"


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}".replace("-", "−")
