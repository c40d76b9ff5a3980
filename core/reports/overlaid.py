"""Lines of other pairs held against the one on show: what may be drawn in one picture, what not.

    held = overlay(line, other)
    held.few_shot, held.following          may stand on that axis
    held.words                             what differs, and what can still be shown

Two pairs stand in one picture where the same was asked and counted in the same way. How each
was computed (number format, device, versions, its own chat template) is told and hides nothing.
Not here: a test between pairs, which nobody makes; drawing (`core/figures/beside.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.reports.points import TradeOff
from core.reports.sentences import Side
from core.reports.yardstick import Difference, common_tasks, differences

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Held:
    """Another pair's line, and on which charts of this one it may stand."""

    line: TradeOff
    few_shot: bool
    following: bool
    lengths: bool  # answers to the same instructions, whoever judges them
    words: str
    shared: tuple[str, ...] = ()  # tasks that both measured alike, where not all are

    @property
    def plane(self) -> bool:
        """Both axes."""
        return self.few_shot and self.following


def overlay(line: TradeOff, other: TradeOff, side: Side) -> Held:
    """Hold `other` against `line`, over the tasks that `line` shows."""
    assert line.made is not None and other.made is not None
    found = differences(line.made, other.made)
    shown = line.few_shot.overall.tasks
    common = [task for task in common_tasks(line.made, other.made) if task in shown]
    same_tasks = set(common) == set(shown) == set(other.few_shot.overall.tasks)
    judged = (*found.following, *found.judging)
    against = found.reference if side == "win_rate" else ()
    answered = bool(line.made.following and other.made.following)
    following = answered and not judged and not against
    told = [
        *_icl_words(line, common, same_tasks, found.few_shot),
        *_follow_words(answered, judged, against),
    ]
    soft = (*found.surroundings, *found.template)
    return Held(
        line=other,
        few_shot=same_tasks,
        following=following,
        lengths=answered and not found.following,
        words=" ".join([_drawn(other, same_tasks, following), *told,
                        *_soft_words(soft), *_own_words(line, side)]),
        shared=() if same_tasks else tuple(common),
    )  # fmt: skip


def _drawn(other: TradeOff, few_shot: bool, following: bool) -> str:
    if few_shot and following:
        return f"{other.pair} is drawn on every chart."
    if few_shot or following:
        where = "few-shot accuracy" if few_shot else "following instructions"
        return f"{other.pair} is drawn on the curve of {where} only, not on the plane."
    return f"{other.pair} is not drawn: nothing was asked of both in the same way."


def _icl_words(
    line: TradeOff, common: Sequence[str], same: bool, differs: Sequence[Difference]
) -> list[str]:
    if same:
        return []
    shown = len(line.few_shot.overall.tasks)
    told = _listed([one for one in differs if not one.tasks or set(one.tasks) - set(common)])
    alike = f"{len(common)} of the {shown} tasks were measured alike" if common else (
        "no task was measured alike"
    )  # fmt: skip
    return [f"Few-shot accuracy: {alike}{f' ({told})' if told else ''}."]


def _follow_words(
    answered: bool, judged: Sequence[Difference], against: Sequence[Difference]
) -> list[str]:
    if not answered:
        return ["Following instructions: one of them has no answers."]
    differs = _listed([*judged, *against])
    return [f"Following instructions: not the same {differs}."] if differs else []


def _soft_words(differs: Sequence[Difference]) -> list[str]:
    told = _listed(differs)
    return [f"Measured with {told}: small differences may come from that."] if told else []


def _own_words(line: TradeOff, side: Side) -> list[str]:
    """A win rate against λ=1 is against another model for each pair."""
    if side != "win_rate" or not line.reference.startswith("lam:"):
        return []
    return [
        f"Each pair's win rate is against its own λ = {line.reference.removeprefix('lam:')}: it "
        "shows how each one moves, not which one is higher."
    ]


def _listed(differs: Sequence[Difference]) -> str:
    named = [f"{one.name} {one.there} (here {one.here})" for one in differs[:MOST_NAMED]]
    more = len(differs) - MOST_NAMED
    return ", ".join([*named, *([f"{more} more"] if more > 0 else [])])
