"""Makes one set of verdicts: a judge over all items, every answer on the disk as it comes.

    judge_set(wanted, make_judge, store, environment, on_answers)

A set that is there is not made again; one in which the judge failed on some items is asked for
those alone. Whoever is killed loses at most the questions under way. Not here: which sets a
sweep needs (`work.py`), and what a judge is (`core/judges`).
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.jobs.summaries import summarise_verdicts
from core.judges.pairwise import Memory, PairwiseJudge
from core.judges.protocol import Judge, Outputs
from core.spec import JudgmentSpec
from core.store.asked import AskedRecord, append_answers, known_answers, mend_answers
from core.store.environment import Environment
from core.store.runs import RunStore
from core.store.writer import RunWriter
from core.tasks.instructions import Instruction

OnAnswers = Callable[[int], None]  # how many answers came just now
MakeJudge = Callable[[Memory], Judge]


@dataclass(frozen=True, slots=True)
class WantedSet:
    """A set of verdicts and what it is made from; `reference` None: the candidate is it."""

    spec: JudgmentSpec
    items: tuple[Instruction, ...]
    candidate: Outputs
    reference: Outputs | None


def is_judged(store: RunStore, run_id: str) -> bool:
    """Whether the set is there and no item is missing for want of an answer."""
    if not store.is_complete(run_id):
        return False
    asked = store.summary(run_id).get("asked")
    return not (asked and asked["failed"])


def judge_set(
    wanted: WantedSet,
    make_judge: MakeJudge,
    store: RunStore,
    environment: Environment,
    on_answers: OnAnswers = lambda count: None,
) -> bool:
    """Make the set; False when it is there already.

    Raises:
        JudgeError: the judge cannot be asked; its answers so far are kept.
        StoreError, RunLocked: results cannot be written.
    """
    spec = wanted.spec
    if is_judged(store, spec.run_id):
        return False
    with store.open(spec, environment) as run:
        mend_answers(run.folder)
        memory = _SetMemory(run, known_answers(store, spec), on_answers)
        judge = make_judge(memory)
        records = judge.judge(wanted.items, wanted.candidate, wanted.reference)
        run.rewrite(records)
        answers = _answers(judge, wanted, memory)
        run.finish(summarise_verdicts(spec, records, answers))
    return True


class _SetMemory:
    """What is known of a judge; answers go to the set's file before anything else happens."""

    def __init__(
        self, run: RunWriter, known: dict[str, AskedRecord], on_answers: OnAnswers
    ) -> None:
        self._run, self._known, self._on_answers = run, known, on_answers
        self._lock = threading.Lock()  # over the file and the table: judges answer in threads

    def known(self, content: str) -> AskedRecord | None:
        return self._known.get(content)

    def keep(self, answers: Sequence[AskedRecord]) -> None:
        with self._lock:
            append_answers(self._run.folder, answers)
            self._known |= {answer.content: answer for answer in answers}
            self._on_answers(len(answers))


def _answers(judge: Judge, wanted: WantedSet, memory: _SetMemory) -> list[AskedRecord] | None:
    """Every answer that the set rests on; None for a judge that is asked nothing."""
    if not isinstance(judge, PairwiseJudge):
        return None
    asked = judge.every_question(wanted.items, wanted.candidate, wanted.reference)
    return [found for one in asked if (found := memory.known(one.content)) is not None]
