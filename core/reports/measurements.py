"""Which measurements of a pair there are, and which of them may stand on one curve.

Two runs stand on one curve when the same was asked in the same way (their lines are the same)
and when they were made on the same kind of device, platform and library versions. Otherwise
they are measurements of their own: one is shown, the others are named with what differs and
at which λ, and each can be shown instead. Not here: numbers (`trade_off.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.canon import content_id
from core.errors import NotKnown
from core.lam import INSTRUCT, Lam
from core.reports.joined import Joined, joins
from core.reports.points import Other
from core.reports.yardstick import TASKS, Made, Settings, differences, made, surroundings
from core.spec import PairIdentity
from core.store.runs import RunStore

KEY_DIGITS = 8
SIDES = ("few-shot accuracy", "answers", "verdicts")
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Measurement:
    """Runs that may stand on one curve; `key` does not change when λ are added."""

    key: str
    joined: Joined
    made: Made

    @property
    def lams(self) -> tuple[Lam, ...]:
        """The λ that it has."""
        return self.joined.lams


def measurements(
    store: RunStore, pair: str, reference: str, content: PairIdentity | None = None
) -> tuple[Measurement, ...]:
    """The one to show first: the best line's λ that most runs agree on; then all others.

    Raises:
        NotKnown: no win rates against that reference.
    """
    found = [split(store, joined) for joined in joins(store, pair, reference, content)]
    return tuple(one for parts in found for one in parts)


def chosen(found: Sequence[Measurement], key: str) -> Measurement:
    """The measurement of that key; the first one without a key.

    Raises:
        NotKnown: there is none of it.
    """
    if not key:
        return found[0]
    for one in found:
        if one.key == key:
            return one
    known = ", ".join(one.key for one in found)
    raise NotKnown(f"There is no measurement {key[:40]!r} of this pair. Choose one of: {known}.")


def others(found: Sequence[Measurement], shown: Measurement) -> tuple[Other, ...]:
    """What is not on the curve, and why; without points.

    Some of the same tasks at no other λ are no other measurement: a filter shows them.
    """
    beside = [(one, _other(one, shown)) for one in found if one.key != shown.key]
    return tuple(other for one, other in beside if not _is_part(one, other, shown))


def _is_part(one: Measurement, other: Other, shown: Measurement) -> bool:
    fewer = set(one.made.few_shot) <= set(shown.made.few_shot)
    return fewer and not other.missing and all(d.name == TASKS for d in other.differs)


def _other(one: Measurement, shown: Measurement) -> Other:
    there, here = _sides(one.joined), _sides(shown.joined)
    lacking = {side: there[side] - here[side] for side in SIDES}
    missing = set[str]().union(*lacking.values())
    return Other(
        key=one.key,
        lams=_whole(one.joined),
        missing=tuple(lam for lam in one.lams if str(lam) in missing),
        sides=tuple(side for side in SIDES if lacking[side]),
        differs=differences(shown.made, one.made).all,
    )


def _whole(joined: Joined) -> tuple[Lam, ...]:
    few_shot, answers, _ = _sides(joined).values()
    return tuple(lam for lam in joined.lams if str(lam) in few_shot & answers) or joined.lams


def _sides(joined: Joined) -> dict[str, set[str]]:
    """The λ that have anything on each side."""
    few_shot = set[str]().union(*joined.tasks)
    held = (few_shot, set(joined.generations), set(joined.judgments))
    return dict(zip(SIDES, held, strict=True))


def same_questions(one: Measurement, other: Measurement) -> bool:
    """Whether they differ only in where and with which versions they were made."""
    differs = differences(one.made, other.made)
    number_format = any(d.name == "number format" for d in differs.surroundings)
    return not differs.asked and not number_format


@lru_cache(_KEPT)
def split(store: RunStore, joined: Joined) -> tuple[Measurement, ...]:
    """By surroundings: the part with most λ first, then the one with λ=1, then the lowest λ."""
    groups: dict[Settings, list[Lam]] = {}
    for lam in joined.lams:
        groups.setdefault(surroundings(store, joined, str(lam)), []).append(lam)
    order = sorted(
        groups, key=lambda at: (-len(groups[at]), INSTRUCT not in groups[at], groups[at])
    )
    return tuple(_measurement(store, joined, groups[at], at, len(groups)) for at in order)


def _measurement(
    store: RunStore, joined: Joined, lams: list[Lam], where: Settings, groups: int
) -> Measurement:
    part = joined if groups == 1 else joined.only(frozenset(map(str, lams)))
    lines = [task.line for task in joined.sweep.tasks]
    asked = [joined.sweep.generations_line, joined.sweep.judge, joined.sweep.judge_version]
    whole = [
        *lines,
        *asked,
        *map(str, joined.manner),
        *(f"{name} {value}" for name, value in where),
    ]
    return Measurement(content_id(whole)[:KEY_DIGITS], part, made(store, part))
