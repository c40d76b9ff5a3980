"""Instruct − base by way of asking and by part of a benchmark: the study's first question.

    gaps = gap_rows(store, runs, ("tinyworld-reasoning", "symmetric"), "rules")
    in_words(gaps, changes(store, gaps, "rules"))

Everything is paired by problem, changes of a gap by family of twins. Not here: one protocol
against another (`reasoning_protocols.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.reports.reasoning import Answers, ReasoningRun, read_answers, role_of
from core.reports.reasoning_protocols import ProtocolRow, protocol_rows
from core.reports.reasoning_scores import Measure, Told, difference_of_differences
from core.store.runs import RunStore
from core.tasks.problems.problem import Role

STYLE_WORDS = {
    "direct": "asked directly",
    "zero-shot-cot": "asked to think step by step",
    "few-shot-cot": "shown worked examples",
}
POINTS = 100


@dataclass(frozen=True, slots=True)
class Gap:
    """One part asked in one way under one protocol."""

    part: str
    role: Role
    style: str
    row: ProtocolRow


@dataclass(frozen=True, slots=True)
class GapChange:
    """How much further instruct is ahead of base on a changed part than on the original one."""

    part: str
    role: Role
    style: str
    told: Told


def gap_rows(
    store: RunStore,
    runs: Sequence[ReasoningRun],
    where: tuple[str, str],
    grader: str,
    k: int | None = None,
) -> tuple[Gap, ...]:
    """Every (part, style) of `where` = (benchmark, protocol) that has both ends measured."""
    benchmark, protocol = where
    own = [run for run in runs if run.benchmark == benchmark]
    places = dict.fromkeys((run.part, run.setting.style) for run in own)
    found = []
    for part, style in places:
        rows = protocol_rows(store, own, (benchmark, part, style), grader, k)
        row = next(one for one in rows if one.protocol.name == protocol)
        if row.base_run is not None and row.instruct_run is not None:
            found.append(Gap(part, role_of(row.base_run), style, row))
    return tuple(sorted(found, key=_order))


def changes(
    store: RunStore, gaps: Sequence[Gap], grader: str, k: int | None = None
) -> tuple[GapChange, ...]:
    """(instruct − base) on each changed part minus the same on the original one, by style."""
    originals = {gap.style: gap for gap in gaps if gap.role == "original"}
    return tuple(
        GapChange(
            gap.part, gap.role, gap.style, _change(store, gap, originals[gap.style], grader, k)
        )
        for gap in gaps
        if gap.role != "original" and gap.style in originals
    )


def in_words(gaps: Sequence[Gap], changed: Sequence[GapChange]) -> tuple[str, ...]:
    """A sentence a style on the original problems, then what changing the problems does to it."""
    told = [_gap_words(gap) for gap in gaps if gap.role == "original"]
    return (*told, *(_change_words(one) for one in changed))


def _order(gap: Gap) -> tuple[int, str, int]:
    roles = ("original", "perturbed", "shifted")
    return roles.index(gap.role), gap.part, tuple(STYLE_WORDS).index(gap.style)


def _change(store: RunStore, gap: Gap, original: Gap, grader: str, k: int | None) -> Told:
    changed, before = (_ends(store, one.row, grader) for one in (gap, original))
    most = min(answers.n for answers in (*changed, *before))
    return difference_of_differences(changed, before, Measure("pass", min(most, k or most)))


def _ends(store: RunStore, row: ProtocolRow, grader: str) -> tuple[Answers, Answers]:
    assert row.instruct_run is not None and row.base_run is not None  # `gap_rows` sees to it
    return (
        read_answers(store, row.instruct_run, grader),
        read_answers(store, row.base_run, grader),
    )


def _gap_words(gap: Gap) -> str:
    told, style = gap.row.difference, STYLE_WORDS[gap.style]
    start = style[:1].upper() + style[1:]
    if told.value is None:
        return f"{start}: no difference can be told ({told.reason})."
    if told.interval is None or told.interval.low <= 0 <= told.interval.high:
        return f"{start}, no difference between instruct and base is shown ({points(told)})."
    ahead = "ahead of" if told.value > 0 else "behind"
    size = abs(POINTS * told.value)
    return f"{start}, instruct is {ahead} base by {size:.1f} points ({points(told)})."


def _change_words(one: GapChange) -> str:
    told, style = one.told, STYLE_WORDS[one.style]
    where = f"On the {one.part} problems, {style},"
    if told.value is None:
        return f"{where} no change of that difference can be told ({told.reason})."
    if told.interval is None or told.interval.low <= 0 <= told.interval.high:
        return f"{where} that difference is not shown to change ({points(told)})."
    way = "in favour of instruct" if told.value > 0 else "in favour of base"
    size = abs(POINTS * told.value)
    return f"{where} the difference moves by {size:.1f} points {way} ({points(told)})."


def points(told: Told) -> str:
    """A difference with its interval and n, in points."""
    if told.value is None:
        return told.reason or "not measured"
    value = f"{POINTS * told.value:+.1f}"
    span = told.interval
    inside = (
        f"95 % {POINTS * span.low:+.1f} to {POINTS * span.high:+.1f}, "
        if span
        else f"{told.reason}, "
        if told.reason
        else ""
    )
    return f"{value}; {inside}n = {told.n}".replace("-", "−")
