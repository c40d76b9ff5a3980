"""Judges stored answers, with any judges, without making one of them again.

    judge_stored(JudgePlan("tinyworld", ("longest", "local:tinyworld@1")), places, report)

Used by `python -m core judge` and behind a sweep that names judges. Where everything is judged
already, no engine, key or network is asked for. A λ that is judged early shows early: end
points first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from core.engine.protocol import Engine
from core.errors import NotKnown
from core.jobs.judge_plan import JudgePlan
from core.jobs.judging import is_judged, judge_set
from core.jobs.plan import coarse_first
from core.jobs.progress import Report, Tracker
from core.jobs.stored_line import StoredLine, stored_line
from core.judges.itself import judges_itself
from core.judges.named import JudgeName, Opener, judge_identity, open_asker
from core.judges.pairwise import Forgetful, Memory, PairwiseJudge
from core.judges.protocol import Judge
from core.judges.verifier import Verifier
from core.lam import Lam
from core.pairs.registry import find_pair
from core.reports.joined import join
from core.reports.parents import parents_here
from core.settings import Settings
from core.spec import JudgmentSpec
from core.store.asked import known_answers
from core.store.environment import read_environment
from core.store.runs import RunStore
from core.store.sweeps import Sweep, SweepReference

OpenOne = Callable[[], Engine]
KIND = "judging"


@dataclass(frozen=True, slots=True)
class Places:
    """Where answers lie, and how an engine is had if one is needed."""

    settings: Settings
    store: RunStore
    engine: OpenOne


@dataclass(frozen=True, slots=True)
class _Set:
    name: JudgeName
    lam: Lam
    reference: SweepReference
    spec: JudgmentSpec


@dataclass(slots=True)
class JudgeOutcome:
    """What a judging did; everything 0 says that all of it was there already."""

    sets: int = 0  # of verdicts made
    asked: int = 0  # questions put to judges
    missing: int = 0  # verdicts that could not be had, in the sets made
    dollars: float | None = None  # None where no prices are known
    verdicts: list[str] = field(default_factory=list)  # ids of every set of the plan
    warnings: list[str] = field(default_factory=list)


def judge_stored(
    plan: JudgePlan, places: Places, report: Report, sweep: Sweep | None = None
) -> JudgeOutcome:
    """Make every set of verdicts that is missing; `sweep` names the answers, else the best.

    Raises:
        NotKnown: no such judge, nothing measured, no such reference.
        JudgeError: a judge cannot be asked; what it said is kept.
        TaskError, StoreError, EngineError: as their owners raise them.
    """
    names = plan.names
    line = stored_line(places.store, sweep or _best(plan, places))
    sets = _sets(plan, names, line, places.settings)
    outcome = JudgeOutcome(verdicts=[one.spec.run_id for one in sets])
    outcome.warnings += _warnings(sets, line)
    todo = [one for one in sets if not is_judged(places.store, one.spec.run_id)]
    if todo:
        places.store.check_writable()
        _Judging(plan, line, places, report).run(todo, outcome)
    return outcome


def check_judges(plan: JudgePlan, settings: Settings) -> None:
    """Find out before anything is measured that a judge cannot be asked.

    Raises:
        NotKnown: no such judge.  JudgeError: no key, no weights, a bad template or limit.
    """
    for name in plan.names:
        if name.kind != "verifier":
            open_asker(name, Opener(settings, _not_yet, plan.options))


class _Judging:
    """One pass over sets of verdicts."""

    def __init__(self, plan: JudgePlan, line: StoredLine, places: Places, report: Report) -> None:
        self._plan, self._line, self._places, self._report = plan, line, places, report
        self._engine = cache(places.engine)  # one for all judges, opened with the first question
        self._openers = Opener(places.settings, self._engine, plan.options)
        self._asker = cache(lambda name: open_asker(name, self._openers))
        self._answers = 0

    def run(self, sets: list[_Set], outcome: JudgeOutcome) -> None:
        environment = read_environment("judge")
        expected = [self._fresh(one) for one in sets]
        tracker = Tracker({KIND: sum(expected)}, self._report)
        for one, questions in zip(sets, expected, strict=True):
            tracker.enter(KIND, f"{one.name.shown}: λ = {one.lam} against {one.reference.label}")
            before = self._answers

            def counted(count: int) -> None:
                self._answers += count
                tracker.computed(KIND, count)

            wanted = self._line.wanted(one.spec, one.reference)
            make = self._maker(one.name)
            judge_set(wanted, make, self._places.store, environment, counted)
            tracker.found(KIND, questions - (self._answers - before))  # known from another set
            _add(outcome, one.spec, self._places.store.summary(one.spec.run_id))
        outcome.asked = self._answers

    def _fresh(self, one: _Set) -> int:
        """How many questions the set has that its judge never answered."""
        if one.name.kind == "verifier":
            return 0
        wanted = self._line.wanted(one.spec, one.reference)
        judge = PairwiseJudge(self._asker(one.name), Forgetful(), self._plan.order)
        known = known_answers(self._places.store, one.spec)
        asked = judge.every_question(wanted.items, wanted.candidate, wanted.reference)
        return len({question.content for question in asked} - known.keys())

    def _maker(self, name: JudgeName) -> Callable[[Memory], Judge]:
        if name.kind == "verifier":
            return lambda memory: Verifier(self._line.items)
        return lambda memory: PairwiseJudge(self._asker(name), memory, self._plan.order)


def _best(plan: JudgePlan, places: Places) -> Sweep:
    content = parents_here(find_pair(plan.pair, places.settings), places.settings).identity
    reference = plan.reference or "lam:1"
    joined = join(places.store, plan.pair, reference, content, plan.suite)
    if joined is None:
        asked = f" --instruction-suite {plan.suite}" if plan.suite else ""
        raise NotKnown(
            f"No {plan.suite or 'instructions'} were answered by {plan.pair} yet, so there is "
            f"nothing to judge. Measure it first: python -m core sweep --pair {plan.pair}{asked}."
        )
    return joined.sweep


def _sets(
    plan: JudgePlan, names: tuple[JudgeName, ...], line: StoredLine, settings: Settings
) -> list[_Set]:
    """Every set of the plan: the judges one after another, end points of λ first."""
    found = []
    for name in names:
        who = judge_identity(name, line.items, settings, plan.options)
        for lam in _lams(plan, line):
            for reference in _references(plan, line):
                spec = line.spec(lam, reference, who, plan.order)
                found.append(_Set(name, lam, reference, spec))
    return found


def _lams(plan: JudgePlan, line: StoredLine) -> tuple[Lam, ...]:
    stored = {Lam.parse(lam) for lam in line.answers}
    missing = sorted(set(plan.lams) - stored)
    if missing:
        raise NotKnown(
            f"λ = {', '.join(map(str, missing))} of {plan.pair} has no stored answers. "
            f"Measure it first: python -m core sweep --pair {plan.pair} --grid {missing[0]}."
        )
    return coarse_first(plan.lams or tuple(sorted(stored)))


def _references(plan: JudgePlan, line: StoredLine) -> list[SweepReference]:
    """The reference asked for, else every one whose outputs are there."""
    if plan.reference is None:
        return [one for one in line.sweep.references if line.has(one)]
    chosen = [one for one in line.sweep.references if one.name == plan.reference]
    if not chosen or not line.has(chosen[0]):
        known = ", ".join(one.name for one in line.sweep.references)
        raise NotKnown(
            f"There are no outputs of the reference {plan.reference!r}. Choose one of: {known}."
        )
    return chosen


def _warnings(sets: list[_Set], line: StoredLine) -> list[str]:
    told = []
    for one in sets:
        models = [line.model(one.spec.candidate), line.model(line.source(one.reference))]
        told.append(judges_itself(one.spec, [model for model in models if model is not None]))
    return list(dict.fromkeys(warning for warning in told if warning))


def _add(outcome: JudgeOutcome, spec: JudgmentSpec, summary: dict[str, Any]) -> None:
    outcome.sets += 1
    asked = summary.get("asked")
    if spec.candidate != spec.reference:  # its own reference has no verdicts, by definition
        outcome.missing += summary["verdicts"]["n_missing"]
    if asked and asked["dollars"] is not None:
        outcome.dollars = (outcome.dollars or 0.0) + asked["dollars"]


def _not_yet() -> Engine:
    raise AssertionError("a judge must be checked without an engine")
