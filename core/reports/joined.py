"""Which stored runs make one line over λ: the same content, suites, settings and dtype.

A sweep file names the lines; every complete run on them joins, whoever measured it. Where a
pair has several sweeps (a trial with `--limit`, another suite), one of them is chosen.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import NamedTuple

from core.errors import NotKnown
from core.lam import INSTRUCT, Lam
from core.spec import JudgmentSpec, PairIdentity
from core.store.runs import RunStore, Stored
from core.store.sweeps import Sweep, SweepReference

LAM_REFERENCE = f"lam:{INSTRUCT}"
OTHER_PARENTS = (
    "{count} λ of other parents named {pair} are stored too. They are not shown, because those "
    "parents had other weights or files. To see them, put those checkpoints back."
)
ByLam = Mapping[str, Stored]
Key = tuple[tuple[str, int], ...]
Manner = tuple[str | None, str]  # how a judge was asked: its prompt's hash, the order shown
_Verdicts = dict[str, dict[str, dict[Manner, Stored]]]  # λ → reference → manner


@dataclass(frozen=True, slots=True)
class Joined:
    """Complete runs of one line; `key` changes whenever one of them does."""

    sweep_id: str
    reference_name: str
    key: Key
    source: str  # run id of the reference's answers, or "file:" + sha256
    sweep: Sweep = field(compare=False)
    reference: SweepReference = field(compare=False)
    lams: tuple[Lam, ...] = field(compare=False)
    tasks: tuple[ByLam, ...] = field(compare=False)
    generations: ByLam = field(compare=False)
    judgments: ByLam = field(compare=False)  # against the reference, by the candidate's λ
    verdicts: ByLam = field(compare=False)  # against any reference: for the pass rate
    notes: tuple[str, ...] = ()
    manner: Manner = field(default=(None, "both"), compare=False)

    def only(self, lams: frozenset[str]) -> "Joined":
        """The same line with these λ alone."""
        tasks = tuple(_kept(by_lam, lams) for by_lam in self.tasks)
        groups = (self.generations, self.judgments, self.verdicts)
        answers, against, verdicts = (_kept(by_lam, lams) for by_lam in groups)
        return replace(
            self,
            key=_key((*tasks, answers, against, verdicts)),
            lams=tuple(lam for lam in self.lams if str(lam) in lams),
            tasks=tasks,
            generations=answers,
            judgments=against,
            verdicts=verdicts,
        )


def sweeps_of(store: RunStore, pair: str, content: PairIdentity | None = None) -> tuple[Sweep, ...]:
    """The pair's sweeps, the newest last.

    With `content` those of exactly these parents, under whatever name they were measured.
    """
    return tuple(
        sweep
        for sweep in store.sweeps()
        if (_same(sweep.pair, content) if content else sweep.pair.name == pair)
    )


def other_parents(store: RunStore, pair: str, content: PairIdentity) -> str | None:
    """What is stored under this name of parents that are not these, and what to do about it."""
    lines = store.lines("icl"), store.lines("generations")
    others = [sweep for sweep in sweeps_of(store, pair) if not _same(sweep.pair, content)]
    lams = {lam for sweep in others for lam in _begun(sweep, *lines)}
    return OTHER_PARENTS.format(count=len(lams), pair=pair) if lams else None


def join(
    store: RunStore,
    pair: str,
    reference: str,
    content: PairIdentity | None = None,
    suite: str | None = None,
) -> Joined | None:
    """The pair's best measured line, or None when nothing was measured.

    `suite` asks for answers to these instructions, `content` for exactly these parents.
    Without the latter the parents that were measured last
    are taken: a pair that was trained again keeps its name and is another pair.

    Raises:
        NotKnown: the line has no reference of that name.
    """
    return next(joins(store, pair, reference, content, suite), None)


def joins(
    store: RunStore,
    pair: str,
    reference: str,
    content: PairIdentity | None = None,
    suite: str | None = None,
) -> Iterator[Joined]:
    """Every line of the pair that was measured in a way of its own, the best one first.

    Made one by one. A later one that has not this reference is read against its first.

    Raises:
        NotKnown: the best one has no reference of that name.
    """
    icl, generations = store.lines("icl"), store.lines("generations")
    sweeps = [
        sweep
        for sweep in sweeps_of(store, pair, content)
        if suite is None or sweep.instruction_suite == suite
    ]
    voices = _voices(store)
    known = [(_worth(sweep, icl, generations, voices), sweep) for sweep in sweeps]
    begun = [(worth, sweep) for worth, sweep in known if worth.lams]
    if not begun:
        return
    wanted = content or begun[-1][1].pair
    ranked = sorted(
        ((_has(sweep, reference), worth, sweep) for worth, sweep in begun
         if _same(sweep.pair, wanted)),
        key=itemgetter(0, 1), reverse=True,
    )  # fmt: skip
    note = other_parents(store, pair, wanted)
    seen: set[tuple[str, ...]] = set()
    for has, _, sweep in ranked:
        if _way(sweep) in seen:
            continue
        name = reference if has or not seen or not sweep.references else sweep.references[0].name
        seen.add(_way(sweep))
        for joined in _joins(store, sweep, name, icl, generations):
            yield replace(joined, notes=(note,)) if note else joined


def join_sweep(store: RunStore, sweep: Sweep, reference: str) -> Joined:
    """The line that exactly this sweep names, with every run on it.

    Raises:
        NotKnown: the sweep has no reference of that name.
    """
    lines = store.lines("icl"), store.lines("generations")
    return next(_joins(store, sweep, reference, *lines))


def judged(store: RunStore, pair: str, content: PairIdentity | None = None) -> frozenset[str]:
    """The λ whose verdicts are there: the last thing that a sweep makes at each λ."""
    generations = store.lines("generations")
    return frozenset(
        lam
        for sweep in sweeps_of(store, pair, content)
        for lam, found in _verdicts(
            store, sweep, generations.get(sweep.generations_line, {})
        ).items()
        if len(found) >= len(sweep.references)
    )


class _Worth(NamedTuple):
    """Compared from left to right: a usable curve, whole suites before trials, more, newer."""

    curve: bool
    whole: bool
    lams: int
    judged: int  # λ with verdicts of the sweep's own judge
    tasks: int
    created: str


def _same(left: PairIdentity, right: PairIdentity) -> bool:
    return (left.base, left.instruct) == (right.base, right.instruct)


def _way(sweep: Sweep) -> tuple[str, ...]:
    """Sweeps that agree in this measure the same: their runs join."""
    tasks = (task.line for task in sweep.tasks)
    return (*tasks, sweep.generations_line, sweep.judge, sweep.judge_version)


def _has(sweep: Sweep, reference: str) -> bool:
    return any(one.name == reference for one in sweep.references)


def find_reference(sweep: Sweep, name: str) -> SweepReference:
    """The sweep's reference of that name.

    Raises:
        NotKnown: it has none.
    """
    for reference in sweep.references:
        if reference.name == name:
            return reference
    known = ", ".join(reference.name for reference in sweep.references)
    raise NotKnown(f"No win rates against {name!r} were measured. Choose one of: {known}.")


def _worth(
    sweep: Sweep,
    icl: Mapping[str, ByLam],
    generations: Mapping[str, ByLam],
    voices: frozenset[tuple[str, str, str]],
) -> _Worth:
    finished = _finished(sweep, icl, generations)
    whole, begun = set.intersection(*finished), set.union(*finished)
    answers = generations.get(sweep.generations_line, {}).values()
    judged = sum((run.run_id, sweep.judge, sweep.judge_version) in voices for run in answers)
    counts = (len(begun), judged, len(sweep.tasks))
    return _Worth(len(whole) > 1, sweep.limit is None, *counts, sweep.created)


def _voices(store: RunStore) -> frozenset[tuple[str, str, str]]:
    """Whose answers were judged by whom: candidate, judge, version."""
    specs = (stored.spec for stored in store.complete("judgments"))
    return frozenset(
        (spec.candidate, spec.judge, spec.judge_version)
        for spec in specs
        if isinstance(spec, JudgmentSpec)
    )


def _begun(sweep: Sweep, icl: Mapping[str, ByLam], generations: Mapping[str, ByLam]) -> set[str]:
    return set.union(*_finished(sweep, icl, generations))


def _finished(
    sweep: Sweep, icl: Mapping[str, ByLam], generations: Mapping[str, ByLam]
) -> list[set[str]]:
    """The λ of every task's line, then those of the answers."""
    tasks = [set(icl.get(task.line, {})) for task in sweep.tasks]
    return [*tasks, set(generations.get(sweep.generations_line, {}))]


def _joins(
    store: RunStore,
    sweep: Sweep,
    reference_name: str,
    icl: Mapping[str, ByLam],
    generations: Mapping[str, ByLam],
) -> Iterator[Joined]:
    """The sweep's line; once more for each other manner in which its judge was asked."""
    reference = find_reference(sweep, reference_name)
    tasks = tuple(icl.get(task.line, {}) for task in sweep.tasks)
    answers = generations.get(sweep.generations_line, {})
    found = _verdicts(store, sweep, answers)
    source = reference.source
    at = reference_name.removeprefix("lam:")
    if at != reference_name and at in answers:
        source = answers[at].run_id
    verdicts = {lam: _any(by_source) for lam, by_source in found.items()}
    measured = {lam for by_lam in (*tasks, answers) for lam in by_lam}
    for manner in _manners(found, source):
        asked = {lam: by_source.get(source, {}) for lam, by_source in found.items()}
        against = {lam: sets[manner] for lam, sets in asked.items() if manner in sets}
        yield Joined(
            sweep_id=sweep.sweep_id,
            reference_name=reference_name,
            source=source,
            key=_key((*tasks, answers, against, verdicts)),
            sweep=sweep,
            reference=reference,
            lams=tuple(sorted(Lam.parse(lam) for lam in measured)),
            tasks=tasks,
            generations=answers,
            judgments=against,
            verdicts=verdicts,
            manner=manner,
        )


def _manners(found: _Verdicts, source: str) -> list[Manner]:
    """The manner with most λ first, then both orders before one; one even without verdicts."""
    held = Counter(manner for by_source in found.values() for manner in by_source.get(source, {}))
    order = sorted(held, key=lambda one: (-held[one], one[1] != "both", one[0] or ""))
    return order or [(None, "both")]


def _any(by_source: dict[str, dict[Manner, Stored]]) -> Stored:
    """What an answer passed depends on neither reference nor manner."""
    return next(iter(next(iter(by_source.values())).values()))


def _kept(by_lam: ByLam, lams: frozenset[str]) -> ByLam:
    return {lam: run for lam, run in by_lam.items() if lam in lams}


def _key(groups: tuple[ByLam, ...]) -> Key:
    runs = (run for by_lam in groups for run in by_lam.values())
    return tuple(sorted({(str(run.folder), run.stamp) for run in runs}))


def _verdicts(store: RunStore, sweep: Sweep, answers: ByLam) -> _Verdicts:
    """The verdicts of the sweep's judge, whatever its prompt and order."""
    lam_of = {stored.run_id: lam for lam, stored in answers.items()}
    found: _Verdicts = {}
    for stored in store.complete("judgments"):
        spec = stored.spec
        if not isinstance(spec, JudgmentSpec) or spec.candidate not in lam_of:
            continue
        if (spec.judge, spec.judge_version) == (sweep.judge, sweep.judge_version):
            by_source = found.setdefault(lam_of[spec.candidate], {})
            by_source.setdefault(spec.reference, {})[spec.prompt_hash, spec.order] = stored
    return found
