"""How fast this machine scores and writes, tried for a few seconds on the plan's own prompts.

    rates = Probe(engine, counting, "tinyworld").rates(sizes)
    tried_seconds(sizes, rates)

A probe is a part of the work itself, at one of the plan's λ, whose answers are thrown away. What it
does not see it widens the range by: other tasks, other lengths, other work on the machine. Not
here: what is counted (`counting.py`).
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import fmean

from core.engine.protocol import Engine, LoadedPair, Prompt
from core.engine.reading import ROWS_A_BATCH
from core.evals.generations import render
from core.evals.sizes import Probe as Asked
from core.evals.sizes import few_shot_parts, part_size
from core.jobs.counting import Counting, StepSize
from core.jobs.estimate import Span
from core.lam import Lam
from core.spec import Decoding
from core.store.codec import Record, line_id
from core.store.records import GenerationRecord, IclRecord
from core.store.runs import RunStore

SCORING_SECONDS, WRITING_SECONDS = 2.0, 2.0
FEW_ITEMS, FEW_ROWS = 4, 4
STEPS = 12
MOST_TASKS = 6
# By how much a real run may be quicker or slower than what was tried; found by comparing
# estimates with the runs of the embedded pairs, alone and beside other work.
QUICKER, SLOWER = 0.6, 1.8
APART = 2.0  # by so much stored runs, perhaps of another machine, may be off either way
MOST_TIMED = 7  # stored runs of a line that are read for their speed


@dataclass(frozen=True, slots=True)
class Rates:
    """Seconds for one of each; None where the plan needs none of it."""

    score: Mapping[str, float]  # by task: a token that goes through the model while scoring
    writing: "Writing | None"
    shared: bool  # common beginnings are computed once
    device: str
    took: float  # seconds of trying, loading left out


class Probe:
    """Tries one engine; the pair is loaded first."""

    def __init__(self, engine: Engine, counting: Counting, pair: str) -> None:
        self._engine, self._counting = engine, counting
        self._loaded: LoadedPair = engine.load(pair)
        self._pair = pair

    def rates(self, sizes: Sequence[StepSize]) -> Rates:
        """Try what these runs need.

        Raises:
            EngineError: as the engine raises it.
        """
        own = [one for one in sizes if one.step.spec.pair.name == self._pair]
        parts = self._parts([one for one in own if one.step.spec.decoding is None])
        written = [one for one in own if one.step.spec.decoding is not None]
        one = max(written, key=lambda size: size.size.longest, default=None)
        prompts = self._prompts(one) if one else []
        started = time.monotonic()  # building prompts is no part of the trying
        score = self._scoring(parts)
        writing = self._writing(one.step.spec.lam, prompts) if one else None
        took = time.monotonic() - started
        shared = self._loaded.prefixes_shared is not False
        return Rates(score, writing, shared, self._loaded.device, took)

    def _parts(self, sizes: Sequence[StepSize]) -> dict[str, tuple[StepSize, list[Asked]]]:
        """The first batch of each of the heaviest tasks."""
        reader = self._counting.reader(self._pair)
        by_task = {one.step.spec.task.name: one for one in sizes}
        found = {}
        for one in sorted(by_task.values(), key=lambda one: -one.size.computed)[:MOST_TASKS]:
            spec, task = one.step.spec, one.step.task
            assert task is not None
            found[spec.task.name] = (one, next(few_shot_parts(reader, spec, task, one.done)))
        return found

    def _scoring(self, parts: Mapping[str, tuple[StepSize, list[Asked]]]) -> dict[str, float]:
        """A few items of each task, then as many as its share of the time allows."""
        rates = dict[str, float]()
        for one, part in list(parts.values())[:1]:
            self._score(one.step.spec.lam, part[:FEW_ITEMS])  # the first is slower
        until = time.monotonic() + SCORING_SECONDS
        for at, (task, (one, part)) in enumerate(parts.items()):
            if rates and time.monotonic() > until:
                break
            allowed = (until - time.monotonic()) / (len(parts) - at)
            rates[task] = self._score_task(one, part, allowed)
        return rates

    def _score_task(self, one: StepSize, part: list[Asked], allowed: float) -> float:
        """Seconds for a token that goes through the model."""
        few, lam = part[:FEW_ITEMS], one.step.spec.lam
        seconds = self._score(lam, few)
        affordable = int(allowed / max(seconds, 1e-6) * len(few))
        more = part[len(few) : len(few) + affordable]
        if len(more) <= len(few):
            return seconds / self._through(one, few)
        return self._score(lam, more) / self._through(one, more)

    def _through(self, one: StepSize, part: Sequence[Asked]) -> int:
        size = part_size(self._counting.reader(self._pair), one.step.spec, part)
        shared = self._loaded.prefixes_shared is not False
        return max(1, size.computed if shared else size.alone)

    def _score(self, lam: Lam, part: Sequence[Asked]) -> float:
        requests = [request for item in part for request in item]
        started = time.monotonic()
        self._engine.score(self._pair, lam, requests)
        return time.monotonic() - started

    def _writing(self, lam: Lam, prompts: Sequence[Prompt]) -> "Writing":
        """A few answers begun, then as many at once as the time allows, up to a batch."""
        few = prompts[:FEW_ROWS]
        self._write(lam, few, 1)  # the first forward of its kind is slower
        first = self._begin(lam, few)
        affordable = int(WRITING_SECONDS * len(few) / max(first.seconds, 1e-6))
        batch = prompts[: min(ROWS_A_BATCH, affordable)]
        if len(batch) <= len(few):
            return Writing(first.read, first.step, 0.0)
        more = self._begin(lam, batch)
        row = max(0.0, more.step - first.step) / (len(batch) - len(few))
        return Writing(more.read, max(0.0, more.step - row * len(batch)), row)

    def _prompts(self, one: StepSize) -> list[Prompt]:
        reader, spec = self._counting.reader(self._pair), one.step.spec
        if one.step.task is not None:
            part = next(few_shot_parts(reader, spec, one.step.task, one.done))
            return [prompt for item in part for prompt in item]
        left = [item for item in self._counting.items if item.id not in one.done]
        apart = max(1, len(left) // ROWS_A_BATCH)
        return [render(reader, spec, item) for item in left[::apart][:ROWS_A_BATCH]]

    def _begin(self, lam: Lam, prompts: Sequence[Prompt]) -> "_Begun":
        """Seconds to read these prompts, a token, and for one more token of each answer."""
        tokens = max(1, self._counting.reader(self._pair).prompted(prompts, STEPS).computed)
        read, _ = self._write(lam, prompts, 1)
        whole, steps = self._write(lam, prompts, STEPS)
        step = max(0.0, whole - read) / max(1, steps - 1)
        return _Begun(read / tokens, step, read + whole)

    def _write(self, lam: Lam, prompts: Sequence[Prompt], longest: int) -> tuple[float, int]:
        """Seconds, and how many steps that were."""
        started = time.monotonic()
        said = self._engine.generate(self._pair, lam, prompts, Decoding(max_new_tokens=longest))
        return time.monotonic() - started, max((one.tokens for one in said), default=0)


@dataclass(frozen=True, slots=True)
class Writing:
    """Seconds; a step of n answers takes step + n · row."""

    read: float  # a token of a prompt that goes through the model
    step: float  # one more token, however many answers are being written
    row: float  # one more token of one answer


@dataclass(frozen=True, slots=True)
class _Begun:
    read: float  # seconds a token of the prompts
    step: float  # seconds for one more token of every answer
    seconds: float  # both tries together


def tried_seconds(sizes: Sequence[StepSize], rates: Rates) -> Span | None:
    """Seconds of these runs at the speed that was tried; None where it was not."""
    spans = [_tried(one, rates) for one in sizes if one.size.items]
    return _sum(spans)


def stored_seconds(sizes: Sequence[StepSize], store: RunStore) -> Span | None:
    """The same at the speed of stored runs of the same line; None where one has no times."""
    return _sum([_as_stored(one, store) for one in sizes if one.size.items])


def _tried(one: StepSize, rates: Rates) -> Span | None:
    size = one.size
    if one.step.spec.decoding is None:
        if not rates.score:
            return None
        tokens = size.computed if rates.shared else size.alone
        own = rates.score.get(one.step.spec.task.name)
        tried = [own] if own is not None else list(rates.score.values())
        return _widened(tokens * min(tried), tokens * max(tried))
    writing = rates.writing
    if writing is None:
        return None
    told = [writing.step * steps + writing.row * tokens for tokens, steps in _answers(one)]
    read = size.computed * writing.read
    return _widened(read + min(told), read + max(told))


def _answers(one: StepSize) -> list[tuple[int, int]]:
    """Tokens and steps of the answers: as near λ had them, else the least and the most."""
    if one.nearest:
        return [(near.tokens, near.steps) for near in one.nearest]
    batches = ceil(one.size.items / ROWS_A_BATCH)
    longest = one.size.longest // max(1, one.size.items)
    return [(one.size.items, batches), (one.size.longest, batches * longest)]


def _as_stored(one: StepSize, store: RunStore) -> Span | None:
    spec = one.step.spec
    runs = list(store.lines(spec.kind).get(line_id(spec), {}).values())[:MOST_TIMED]
    means = [mean for run in runs if (mean := _mean_seconds(store.records_of(run))) is not None]
    if not means:
        return None
    return one.size.items * min(means) / APART, one.size.items * max(means) * APART


def _mean_seconds(records: Sequence[Record]) -> float | None:
    timed = [r.seconds for r in records if isinstance(r, GenerationRecord | IclRecord)]
    known = [seconds for seconds in timed if seconds is not None]
    return fmean(known) if known and len(known) == len(records) else None


def _widened(low: float, high: float) -> Span:
    return low * QUICKER, high * SLOWER


def _sum(spans: Sequence[Span | None]) -> Span | None:
    known = [span for span in spans if span is not None]
    if len(known) < len(spans):
        return None
    return sum(low for low, _ in known), sum(high for _, high in known)
