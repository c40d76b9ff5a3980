"""Runs a batch: every prompt at every λ, a filmstrip each, kept as soon as it is whole.

    run_batch(plan, engine, shelf, Tracker(…))

Answers are written a portion of prompts at a time, one λ after the other (materialised), so
that a long list shows its first rows early. Filmstrips that are there are not asked for again.
Not here: the job it runs in (`batches.py`, `batch_job.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.engine.protocol import Engine, Generation, LoadedPair, Prompt
from core.errors import EngineError, EngineUnavailable
from core.jobs.batch_plan import BatchPlan
from core.jobs.progress import Progress, Report, Tracker
from core.lam import Lam
from core.store.environment import now, read_environment
from core.store.filmstrip import Asked, ColumnAnswer, Filmstrip
from core.store.filmstrips import FilmstripStore

PORTION_PROMPTS = 16
WHY = "A batch is written one λ after the other."
ANSWERS = "answers"
OnRow = Callable[[int, str], None]  # place in the list, filmstrip id


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What a pass over the list did."""

    asked: int  # filmstrips written now
    found: int  # there already
    failed: int  # of those written: with an answer that could not be had


def run_batch(
    plan: BatchPlan, engine: Engine, shelf: FilmstripStore, report: Report, on_row: OnRow
) -> BatchOutcome:
    """Ask what is missing.

    Raises:
        NotKnown, PairError: the pair.  EngineUnavailable: the engine is gone; what is whole stays.
        StoreError: results cannot be written.
    """
    report(Progress("loading", 0, plan.answers, None, f"Loading the pair {plan.pair}."))
    pair = engine.load(plan.pair)
    running = _Running(plan, engine, shelf, pair)
    tracker = Tracker({ANSWERS: plan.answers}, report)
    missing = []
    for at in range(len(plan.prompts)):
        strip_id = plan.asked(at, pair.identity).strip_id
        if running.is_whole(strip_id):
            on_row(at, strip_id)
            tracker.found(ANSWERS, len(plan.lams))
        else:
            missing.append(at)
    failed = 0
    for portion in _portions(missing, plan):
        for at, strip in running.write(portion, tracker):
            shelf.save(strip)
            on_row(at, strip.strip_id)
            failed += not strip.complete
        tracker.settle()
    return BatchOutcome(len(missing), len(plan.prompts) - len(missing), failed)


def _portions(missing: Sequence[int], plan: BatchPlan) -> Iterator[Sequence[int]]:
    """One by one when sampling: a row's random numbers depend on its place in a request."""
    size = PORTION_PROMPTS if plan.decoding.greedy else 1
    for start in range(0, len(missing), size):
        yield missing[start : start + size]


class _Running:
    """One batch under way."""

    def __init__(
        self, plan: BatchPlan, engine: Engine, shelf: FilmstripStore, pair: LoadedPair
    ) -> None:
        self._plan, self._engine, self._shelf, self._pair = plan, engine, shelf, pair
        self._environment = read_environment(pair.device).to_json() | {"dtype": pair.dtype}

    def is_whole(self, strip_id: str) -> bool:
        return self._shelf.has(strip_id) and self._shelf.read(strip_id).complete

    def write(self, portion: Sequence[int], tracker: Tracker) -> Iterator[tuple[int, Filmstrip]]:
        """The portion's filmstrips, once every λ has answered."""
        questions = [self._plan.asked(at, self._pair.identity) for at in portion]
        prompts = [self._prompt(asked) for asked in questions]
        columns: list[list[ColumnAnswer]] = []
        for lam in self._plan.lams:
            tracker.enter(ANSWERS, f"λ = {lam}, from prompt {portion[0] + 1}", settled=not columns)
            columns.append(self._answers(lam, prompts, tracker))
            tracker.computed(ANSWERS, len(portion), settled=False)
        for at, asked, prompt, said in zip(
            portion, questions, prompts, zip(*columns, strict=True), strict=True
        ):
            yield at, self._strip(at, asked, prompt, said)

    def _prompt(self, asked: Asked) -> Prompt:
        if asked.mode == "chat":
            return self._engine.render_chat(self._plan.pair, asked.messages)
        return Prompt(asked.text)

    def _answers(
        self, lam: Lam, prompts: Sequence[Prompt], tracker: Tracker | None
    ) -> list[ColumnAnswer]:
        """One answer a prompt; a prompt that the engine refuses spoils no other."""
        ahead = (lambda done, _: tracker.ahead(done)) if tracker else None
        try:
            said = self._engine.generate(self._plan.pair, lam, prompts, self._plan.decoding, ahead)
            return [_answer(one) for one in said]
        except EngineUnavailable:
            raise
        except EngineError as error:
            if len(prompts) == 1:
                return [ColumnAnswer("", 0, "failed", problem=str(error))]
        return [self._answers(lam, [prompt], None)[0] for prompt in prompts]

    def _strip(
        self, at: int, asked: Asked, prompt: Prompt, said: Sequence[ColumnAnswer]
    ) -> Filmstrip:
        return Filmstrip(
            asked=asked,
            answers=tuple(said),
            prompts={self._plan.pair: prompt.text},
            created=now(),
            kind=self._plan.prompts[at].kind,
            batch=self._plan.batch_id,
            environment=self._environment,
        )


def _answer(said: Generation) -> ColumnAnswer:
    return ColumnAnswer(
        text=said.text,
        tokens=said.tokens,
        finish=said.finish,
        prompt_tokens=said.prompt_tokens,
        form="materialised",
        why=WHY,
        cut=said.cut,
    )
