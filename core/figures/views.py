"""What each view of few-shot accuracy is called, and the window that shows it.

Words and numbers for axes, so that curves, panels and switches cannot disagree.
"""

from collections.abc import Iterable

from core.reports.points import Measure
from core.reports.views import Group, View

Window = tuple[float, float]
LABELS: dict[View, str] = {
    "absolute": "accuracy",
    "difference": "points against λ = 1",
    "fractional": "% against λ = 1",
    "corrected": "above chance",
}
HEADINGS: dict[View, str] = {
    "absolute": "Few-shot accuracy over λ (%)",
    "difference": "Few-shot accuracy against λ = 1 (points)",
    "fractional": "Few-shot accuracy against λ = 1 (% of it)",
    "corrected": "Few-shot accuracy above chance over λ (%)",
}
UNITS: dict[View, str] = {
    "absolute": "%",
    "difference": "points",
    "fractional": "%",
    "corrected": "%",
}
PERCENT_WINDOW: Window = (-4.0, 104.0)


def signed(view: View, value: float) -> str:
    """A value of this view for a person: a difference carries its sign."""
    number = f"{value:+.1f}" if view in ("difference", "fractional") else f"{value:.1f}"
    return f"{number} {UNITS[view]}".replace("-", "−")


def window(view: View, groups: Iterable[Group]) -> Window:
    """0 to 100 for accuracies; else every value and interval, and 0."""
    if view == "absolute":
        return PERCENT_WINDOW
    measures = [reading.measure for group in groups for reading in group.views[view]]
    found = [0.0, *(end for measure in measures for end in ends(measure))]
    room = 0.06 * (max(found) - min(found)) or 1.0
    return min(found) - room, max(found) + room


def ends(measure: Measure) -> tuple[float, ...]:
    """Both ends of the interval; the value alone without one; nothing without a value."""
    if measure.interval is not None:
        return measure.interval.low, measure.interval.high
    return () if measure.value is None else (measure.value,)
