"""Counts what a sweep has yet to do: runs, items, tokens read, tokens that may be written.

    sizes = Counting(work, store, settings).steps(tell)

What a run reads does not depend on λ, so each task is counted once; and once for all grids: whole
runs are kept by the line they belong to (`STATE/plans/sizes`). Not here: seconds (`probe.py`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from importlib.metadata import version

from core.canon import content_id
from core.engine.reading import ROWS_A_BATCH, Reader
from core.evals.sizes import RunSize, answers_size, few_shot_size
from core.jobs.estimate import PLANS, Span, Stage
from core.jobs.work import Step, Work
from core.lam import INSTRUCT
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings
from core.spec import RunSpec
from core.store.codec import Record, line_id
from core.store.files import read_json, write_json
from core.store.records import GenerationRecord, IclRecord
from core.store.runs import RunStore, Stored
from core.tasks.instructions import Instruction

SIZES = "sizes"
LAYOUT = 1  # of what is kept; another way of counting is another number
DECIDING = ("lm-eval", "transformers", "tokenizers", "jinja2")  # other prompts, other tokens
Tell = Callable[[int, int, str], None]  # done, total, what now


@dataclass(frozen=True, slots=True)
class Writing:
    """What answers came to: tokens, and steps, since a batch is as long as its longest answer."""

    tokens: int
    steps: int


@dataclass(frozen=True, slots=True)
class StepSize:
    """A run that is not complete, and what is left of it."""

    step: Step
    done: frozenset[str]
    size: RunSize
    nearest: tuple[Writing, ...]  # of stored answers at the nearest λ below and above

    @property
    def stage(self) -> Stage:
        """Which part of the sweep it belongs to."""
        return "few-shot" if self.step.task is not None else "answers"

    @property
    def likely(self) -> Span | None:
        """Tokens written, as near λ had it; None where nothing is stored."""
        tokens = [one.tokens for one in self.nearest]
        return (min(tokens), max(tokens)) if tokens else None


class Counting:
    """One look at a plan's runs; readers are opened when something has to be encoded."""

    def __init__(self, work: Work, store: RunStore, settings: Settings) -> None:
        self._work, self._store, self._settings = work, store, settings
        self.reader = cache(self._open_reader)
        self._lines = cache(store.lines)  # a look at every folder, not one for each run
        self._line_size = cache(self._size_of_line)

    @property
    def items(self) -> tuple[Instruction, ...]:
        """The instructions of the plan."""
        return self._work.items

    def steps(self, tell: Tell) -> tuple[StepSize, ...]:
        """Every run that is not complete, with what is left of it.

        Raises:
            TaskError, PairError: a task or a tokenizer is broken.
        """
        found, missing = [], self._work.missing(self._store)
        for at, step in enumerate(missing):
            tell(at, len(missing), f"Counting the tokens of {step.spec.task.name}")
            begun = self._store.so_far(step.spec.kind, step.run_id)
            done = frozenset(record.item for record in begun)
            size = self._whole(step) if not done else self._counted(step, done)
            found.append(StepSize(step, done, size, self._nearest(step, done)))
        return tuple(found)

    def stored_items(self) -> dict[Stage, int]:
        """Items of the plan's runs that are there and will not be computed again."""
        found: dict[Stage, int] = {"few-shot": 0, "answers": 0}
        complete = self._store.complete_ids()
        for step in self._work.all_steps():
            stage: Stage = "answers" if step.task is None else "few-shot"
            if (run := step.run_id) in complete:
                found[stage] += int(self._store.summary(run)["n"])
            else:
                begun = self._store.so_far(step.spec.kind, run)
                found[stage] += len({record.item for record in begun})
        return found

    def _whole(self, step: Step) -> RunSize:
        """The same at every λ of the line: counted once, in this process or an earlier one."""
        return self._line_size(line_id(step.spec), replace(step, spec=_at_one(step.spec)))

    def _size_of_line(self, line: str, step: Step) -> RunSize:
        key = content_id([LAYOUT, line, _versions()])
        path = self._settings.state / PLANS / SIZES / f"{key}.json"
        if path.is_file():
            known = read_json(path)
            if set(known) == {one.name for one in fields(RunSize)}:
                return RunSize(**known)
        size = self._counted(step, frozenset())
        write_json(path, asdict(size), durable=False)
        return size

    def _counted(self, step: Step, done: frozenset[str]) -> RunSize:
        reader = self.reader(step.spec.pair.name)
        if step.task is None:
            return answers_size(reader, step.spec, self._work.items, done)
        return few_shot_size(reader, step.spec, step.task, done)

    def _open_reader(self, pair: str) -> Reader:
        return Reader(check_pair(find_pair(pair, self._settings), self._settings))

    def _nearest(self, step: Step, done: frozenset[str]) -> tuple[Writing, ...]:
        if step.spec.decoding is None:
            return ()
        line = self._lines(step.spec.kind).get(line_id(step.spec), {})
        near = _neighbours(step.spec.lam.thousandths, line.values())
        told = [_writing(self._store.records_of(run), done) for run in near]
        return tuple(one for one in told if one is not None)


@cache
def _versions() -> dict[str, str]:
    return {name: version(name) for name in DECIDING}


def _at_one(spec: RunSpec) -> RunSpec:
    return replace(spec, lam=INSTRUCT)


def _neighbours(at: int, runs: Iterable[Stored]) -> list[Stored]:
    by_lam = {run.spec.lam.thousandths: run for run in runs if hasattr(run.spec, "lam")}
    below = max((lam for lam in by_lam if lam < at), default=None)
    above = min((lam for lam in by_lam if lam > at), default=None)
    return [by_lam[lam] for lam in (below, above) if lam is not None]


def _writing(records: Sequence[Record], done: frozenset[str]) -> Writing | None:
    """None where a record does not say how many tokens were written."""
    left = [record for record in records if record.item not in done]
    sizes = [size for record in left if (size := _written(record)) is not None]
    if len(sizes) < len(left):
        return None
    longest_first = [tokens for _, tokens in sorted(sizes, key=lambda size: -size[0])]
    starts = range(0, len(longest_first), ROWS_A_BATCH)
    steps = sum(max(longest_first[start : start + ROWS_A_BATCH]) for start in starts)
    return Writing(sum(longest_first), steps)


def _written(record: Record) -> tuple[int, int] | None:
    """Tokens of the prompt and of the answer."""
    if isinstance(record, GenerationRecord):
        return record.prompt_tokens, record.tokens
    if isinstance(record, IclRecord) and record.written is not None:
        return record.tokens - record.written, record.written
    return None
