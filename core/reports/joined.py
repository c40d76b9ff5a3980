"""Which stored runs make one line over λ: the same content, suites, settings and dtype.

A sweep file names the lines; every complete run on them joins, whoever measured it. Where a
pair has several sweeps (a trial with `--limit`, another suite), one of them is chosen.
"""

from collections.abc import Mapping
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
    icl, generations = store.lines("icl"), store.lines("generations")
    sweeps = [
        sweep
        for sweep in sweeps_of(store, pair, content)
        if suite is None or sweep.instruction_suite == suite
    ]
    known = [(_worth(sweep, icl, generations), sweep) for sweep in sweeps]
    begun = [(worth, sweep) for worth, sweep in known if worth.lams]
    if not begun:
        return None
    wanted = content or begun[-1][1].pair
    same = [(worth, sweep) for worth, sweep in begun if _same(sweep.pair, wanted)]
    able = [(worth, sweep) for worth, sweep in same if _has(sweep, reference)]
    _, chosen = max(able or same, key=itemgetter(0))
    joined = _join(store, chosen, reference, icl, generations)
    note = other_parents(store, pair, wanted)
    return replace(joined, notes=(note,)) if note else joined


def join_sweep(store: RunStore, sweep: Sweep, reference: str) -> Joined:
    """The line that exactly this sweep names, with every run on it.

    Raises:
        NotKnown: the sweep has no reference of that name.
    """
    return _join(store, sweep, reference, store.lines("icl"), store.lines("generations"))


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
    """Compared from left to right: a usable curve, whole suites before trials, more λ, newer."""

    curve: bool
    whole: bool
    lams: int
    created: str


def _same(left: PairIdentity, right: PairIdentity) -> bool:
    return (left.base, left.instruct) == (right.base, right.instruct)


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


def _worth(sweep: Sweep, icl: Mapping[str, ByLam], generations: Mapping[str, ByLam]) -> _Worth:
    finished = _finished(sweep, icl, generations)
    whole, begun = set.intersection(*finished), set.union(*finished)
    return _Worth(len(whole) > 1, sweep.limit is None, len(begun), sweep.created)


def _begun(sweep: Sweep, icl: Mapping[str, ByLam], generations: Mapping[str, ByLam]) -> set[str]:
    return set.union(*_finished(sweep, icl, generations))


def _finished(
    sweep: Sweep, icl: Mapping[str, ByLam], generations: Mapping[str, ByLam]
) -> list[set[str]]:
    """The λ of every task's line, then those of the answers."""
    tasks = [set(icl.get(task.line, {})) for task in sweep.tasks]
    return [*tasks, set(generations.get(sweep.generations_line, {}))]


def _join(
    store: RunStore,
    sweep: Sweep,
    reference_name: str,
    icl: Mapping[str, ByLam],
    generations: Mapping[str, ByLam],
) -> Joined:
    reference = find_reference(sweep, reference_name)
    tasks = tuple(icl.get(task.line, {}) for task in sweep.tasks)
    answers = generations.get(sweep.generations_line, {})
    found = _verdicts(store, sweep, answers)
    source = reference.source
    at = reference_name.removeprefix("lam:")
    if at != reference_name and at in answers:
        source = answers[at].run_id
    against = {lam: by_source[source] for lam, by_source in found.items() if source in by_source}
    verdicts = {lam: next(iter(by_source.values())) for lam, by_source in found.items()}
    measured = {lam for by_lam in (*tasks, answers) for lam in by_lam}
    parts = [run for by_lam in (*tasks, answers, against, verdicts) for run in by_lam.values()]
    return Joined(
        sweep_id=sweep.sweep_id,
        reference_name=reference_name,
        source=source,
        key=tuple(sorted({(str(run.folder), run.stamp) for run in parts})),
        sweep=sweep,
        reference=reference,
        lams=tuple(sorted(Lam.parse(lam) for lam in measured)),
        tasks=tasks,
        generations=answers,
        judgments=against,
        verdicts=verdicts,
    )


def _verdicts(store: RunStore, sweep: Sweep, answers: ByLam) -> dict[str, dict[str, Stored]]:
    """λ → reference → the verdicts of the sweep's judge."""
    lam_of = {stored.run_id: lam for lam, stored in answers.items()}
    found: dict[str, dict[str, Stored]] = {}
    for stored in store.complete("judgments"):
        spec = stored.spec
        if not isinstance(spec, JudgmentSpec) or spec.candidate not in lam_of:
            continue
        if (spec.judge, spec.judge_version) == (sweep.judge, sweep.judge_version):
            found.setdefault(lam_of[spec.candidate], {})[spec.reference] = stored
    return found
