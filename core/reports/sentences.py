"""What the numbers say at one λ against the instruct model, in plain words.

Built from measured points with paired intervals only. A λ that was not measured gets a
sentence that says so and names its measured neighbours; it never gets a number. "Better"
and "worse" are said when the 95 % interval of the paired difference leaves out zero,
otherwise "no difference shown", which is not the same as "equal". The interval is that of
one λ; it is not widened for the number of λ that a reader may look at.
"""

from dataclasses import dataclass
from typing import Literal

from core.lam import Lam
from core.reports.points import Measure, Point, TradeOff

Verdict = Literal["better", "worse", "no difference shown", "not compared"]
Side = Literal["win_rate", "pass_rate"]
ICL, FOLLOWING = "few-shot tasks", "following instructions"
SIDE_NAMES: dict[Side, str] = {"win_rate": "Win rate", "pass_rate": "Pass rate"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence; `strong` marks what the eye should find first."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """The claim, and the numbers behind it."""

    parts: tuple[Part, ...]
    detail: str

    @property
    def text(self) -> str:
        """The claim without emphasis."""
        return "".join(part.text for part in self.parts)


def sentence(trade_off: TradeOff, lam: Lam, side: Side = "win_rate") -> Sentence:
    """The sentence for this λ; `side` picks how following instructions is measured."""
    point = trade_off.at(lam)
    if point is None:
        return _apart(trade_off, lam) or _not_measured(trade_off, lam)
    icl = f"{trade_off.tasks_text.removesuffix(' tasks')} {ICL}" if trade_off.filtered else ICL
    return _instruct_itself(point) if lam.is_instruct else _compared(point, side, icl)


def verdict(difference: Measure) -> Verdict:
    """What the paired interval allows to be said."""
    if difference.value is None:
        return "not compared"
    if difference.interval is None:  # nothing varies: the same answer on every item
        return "no difference shown" if difference.value == 0 else "not compared"
    if difference.interval.low > 0:
        return "better"
    return "worse" if difference.interval.high < 0 else "no difference shown"


def points_text(value: float) -> str:
    """A difference with its sign: +8.5, −0.6, 0.0."""
    rounded = round(value, 1)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded):.1f}"


def numbers(difference: Measure, unit: str = "items") -> str:
    """A paired difference with its interval and n, or the reason why there is none."""
    if difference.value is None:
        return f"not compared ({difference.reason or 'no reason was recorded'})"
    if difference.interval is None:
        return f"{points_text(difference.value)} ({difference.reason or 'without an interval'})"
    low, high = points_text(difference.interval.low), points_text(difference.interval.high)
    return (
        f"{points_text(difference.value)} points "
        f"(95 % interval {low} to {high}, {difference.n:,} paired {unit})"
    )


def reading(measure: Measure) -> str:
    """A value with its interval and n, or the reason why there is none."""
    if measure.value is None:
        return f"not measured ({measure.reason or 'no reason was recorded'})"
    if measure.interval is None:
        return f"{measure.value:.1f} ({measure.reason or 'without an interval'})"
    return (
        f"{measure.value:.1f} % (95 % interval "
        f"{measure.interval.low:.1f} to {measure.interval.high:.1f}, n = {measure.n:,})"
    )


def _compared(point: Point, side: Side, icl: str) -> Sentence:
    follow = point.win_rate_difference if side == "win_rate" else point.pass_rate_difference
    both = {verdict(point.icl_difference), verdict(follow)}
    claims = (
        (Part("shows "), Part("no difference", strong=True), Part(f" at {icl} or at {FOLLOWING}"))
        if both == {"no difference shown"}
        else (*_claim(point.icl_difference, icl), Part(" and "), *_second(both, follow))
    )
    return Sentence(
        parts=(Part(f"Against the instruct model, λ = {point.lam} "), *claims, Part(".")),
        detail=f"Few-shot accuracy {numbers(point.icl_difference)}. "
        f"{SIDE_NAMES[side]} {numbers(follow, 'instructions')}.",
    )


def _claim(difference: Measure, skill: str) -> tuple[Part, ...]:
    said = verdict(difference)
    if said == "not compared" or difference.value is None:
        return (Part("is not compared at "), Part(skill))
    if said == "no difference shown":
        return (Part("shows "), Part(f"no difference at {skill}", strong=True))
    return (
        Part("is "),
        Part(f"{abs(difference.value):.1f} points {said} at {skill}", strong=True),
    )


def _second(both: set[Verdict], difference: Measure) -> tuple[Part, ...]:
    """The claim after "and": "is" is not said twice, so that the sentence stays on one line."""
    claim = _claim(difference, FOLLOWING)
    return claim[1:] if both <= {"better", "worse"} else claim


def _instruct_itself(point: Point) -> Sentence:
    return Sentence(
        parts=(
            Part("λ = 1 is the instruct model itself", strong=True),
            Part(", which every other λ is compared with."),
        ),
        detail=f"Few-shot accuracy {reading(point.icl)}. Pass rate {reading(point.pass_rate)}.",
    )


def _apart(trade_off: TradeOff, lam: Lam) -> Sentence | None:
    other = trade_off.apart(lam)
    point = None if other is None else other.at(lam)
    if other is None or point is None:
        return None
    names = ", ".join(one.name for one in other.differs)
    return Sentence(
        parts=(
            Part(f"λ = {lam} was measured apart", strong=True),
            Part(f" (another {names}), so it is compared with nothing on this curve."),
        ),
        detail=f"By itself: few-shot accuracy {reading(point.icl)}, win rate "
        f"{reading(point.win_rate)}, pass rate {reading(point.pass_rate)}.",
    )


def _not_measured(trade_off: TradeOff, lam: Lam) -> Sentence:
    below = [point.lam for point in trade_off.points if point.lam < lam]
    above = [point.lam for point in trade_off.points if point.lam > lam]
    near = " and ".join(f"λ = {other}" for other in (*below[-1:], *above[:1]))
    return Sentence(
        parts=(
            Part(f"λ = {lam} has not been measured", strong=True),
            Part(", so nothing is claimed about it."),
        ),
        detail=f"Nearest measured: {near or 'none'}.",
    )
