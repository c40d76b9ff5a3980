"""What comparisons of all λ allow to be said, in plain words.

Never more than the data: a set of λ is named as a set, a share of resamples is called that, and
what could not be had is said with its reason. Not here: one λ against λ=1 (sentences.py).
"""

from collections.abc import Sequence

from core.lam import Lam
from core.reports.choosing import Choice, Settling
from core.reports.sentences import Part, Sentence, Side, points_text
from core.reports.together import Standing, Together
from core.stats.exchange import Exchange
from core.stats.settle import Settle

FOLLOWING: dict[Side, str] = {"win_rate": "win rate", "pass_rate": "pass rate"}
POINT: dict[Side, str] = {"win_rate": "win-rate point", "pass_rate": "pass-rate point"}
SIGNIFICANT = 0.05
_MINUTE, _HOUR = 60, 3600


def best_words(compared: Together) -> str:
    """Which λ cannot be told from the best, on each side."""
    icl = [one.lam for one in compared.standings if one.best_icl]
    follow = [one.lam for one in compared.standings if one.best_follow]
    return (
        f"Best, as far as these data can tell: few-shot accuracy at {_best(icl, compared)}; "
        f"{FOLLOWING[compared.side]} at {_best(follow, compared)}."
    )


def corrected_words(compared: Together, lam: Lam) -> str:
    """What Holm's correction leaves of this λ's differences to λ=1; empty where it is not asked."""
    one = next((one for one in compared.standings if one.lam == lam), None)
    if one is None or one.icl_p is None or one.follow_p is None:
        return ""
    others = len(compared.lams) - 1
    return (
        f"If this λ was picked after looking at all {others} (Holm): "
        f"few-shot accuracy {_shown(one.icl_p)}, "
        f"{FOLLOWING[compared.side]} {_shown(one.follow_p)}."
    )


def front_words(compared: Together) -> str:
    """Which λ are on the front, and in what share of resamples; others that often are."""
    on = [one for one in compared.standings if one.on_front]
    off = [one for one in compared.standings if not one.on_front and one.front_share >= 0.05]
    said = f"On the Pareto front, with the share of resamples in which they are: {_shares(on)}."
    return f"{said} Not on it as measured, but in some resamples: {_shares(off)}." if off else said


def choice_words(compared: Together, choice: Choice) -> Sentence:
    """λ* at this rate, as a set; then what the choice gains, told honestly."""
    worth = f"If one {POINT[compared.side]} is worth {_worth(choice.rate)}, "
    if len(choice.members) == 1:
        parts = (Part(worth), Part(f"λ* = {choice.best}", strong=True), Part(": no other is tied."))
    else:
        parts = (
            Part(worth),
            Part(f"λ* is one of {listed(choice.members)}", strong=True),
            Part(f": the data cannot tell them apart (λ = {choice.best} looks best)."),
        )
    return Sentence(parts, _gain_words(choice))


def price_words(compared: Together, lam: Lam, found: Exchange | None) -> str:
    """What a lost point of following buys at this λ, against λ=1."""
    point = POINT[compared.side]
    if found is None:
        if lam.is_instruct:
            return "Exchange rate: none at λ = 1, which is what the others are compared with."
        return f"Exchange rate: none at λ = {lam}, which is not compared with λ = 1."
    if found.rate is None or found.interval is None:
        return f"Exchange rate of λ = {lam} against λ = 1: none, because {found.reason}."
    low, high = found.interval
    what = "few-shot points gained" if found.rate > 0 else "few-shot points, so none gained,"
    return (
        f"Exchange rate of λ = {lam} against λ = 1: {_rate(found.rate)} {what} for each {point} "
        f"lost (95 % interval {_rate(low)} to {_rate(high)}, Fieller)."
    )


def settling_words(compared: Together, found: Settling | None) -> str:
    """How many more items would tell the two apart, and what they cost."""
    if found is None:
        return "Items that would settle it: none can be told for a λ that was not measured."
    between = f"λ = {found.lam} against λ = {found.other}"
    return (
        f"To settle {between} (a difference as large as measured, shown 8 times in 10): "
        f"few-shot accuracy {_settle(found.icl, 'items')}; "
        f"{FOLLOWING[compared.side]} {_settle(found.follow, 'instructions')}."
    )


def shared_words(compared: Together) -> str:
    """On what the comparison rests, and what was left out of it."""
    icl, follow = compared.icl, compared.follow
    said = (
        f"All λ are compared on the {icl.n:,} of {icl.of:,} few-shot items and the {follow.n:,} of "
        f"{follow.of:,} instructions that every one of them has."
    )
    if compared.left_out:
        said += f" Not compared, because one side is not measured: {listed(compared.left_out)}."
    return said


def listed(lams: Sequence[Lam]) -> str:
    """λ by name; three neighbours and more of the measured grid still one by one."""
    return f"λ = {', '.join(str(lam) for lam in lams)}"


def _best(members: Sequence[Lam], compared: Together) -> str:
    if len(members) == len(compared.lams):
        return "any λ"
    *others, last = map(str, members)
    return f"λ = {', '.join(others)} or {last}" if others else f"λ = {last} alone"


def _shares(standings: Sequence[Standing]) -> str:
    return ", ".join(f"λ = {one.lam} ({share_text(one.front_share)})" for one in standings)


def share_text(share: float) -> str:
    """A share of resamples; never a rounded certainty."""
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{100 * share:.0f} %"


def _gain_words(choice: Choice) -> str:
    gain = choice.gain
    if gain is None:
        return "What it gains cannot be told: λ = 1 is not measured."
    if gain.interval is None:
        return "It gains nothing against λ = 1: it is λ = 1 in every half of the items."
    low, high = map(points_text, gain.interval)
    return (
        f"Chosen on half of the items and reported on the other half, the best-looking λ gains "
        f"{points_text(gain.crossed)} against λ = 1 (95 % interval {low} to {high}), counted in "
        f"few-shot points. Chosen and reported on the same items it would look like "
        f"{points_text(gain.naive)}: {points_text(gain.optimism)} of that is the choosing."
    )


def _shown(p: float) -> str:
    said = "differs" if p < SIGNIFICANT else "no difference shown"
    return f"{said} (p {p_text(p)})"


def p_text(p: float) -> str:
    """A p value to three places."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def _worth(rate: float) -> str:
    if rate == 0:
        return "nothing"
    return f"{rate:g} few-shot point{'' if rate == 1 else 's'}"


def _rate(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _settle(found: Settle, unit: str) -> str:
    if found.more_items == 0:
        return "is settled"
    if found.more_items is None:
        return f"no number can be told ({found.reason})"
    cost = "" if found.seconds is None else f", about {_duration(found.seconds)} for both λ"
    return f"needs about {_two_digits(found.more_items):,} more {unit}{cost}"


def _two_digits(count: int) -> int:
    """As exact as such an estimate is."""
    return round(count, 2 - len(str(count))) if count >= 100 else count


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "a second"
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} seconds"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} minutes"
    return f"{seconds / _HOUR:.1f} hours"
