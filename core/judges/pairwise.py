"""A judge made of questions about two texts: both orders, each answer remembered.

    PairwiseJudge(LongestAsker(), memory).judge(items, candidate, reference)

Identical outputs are a draw that nobody is asked for. An order without an answer makes the pair
missing, with the reason; it is asked again next time, because only answers are remembered.
Not here: the arithmetic of two orders (`orders.py`), and where answers are kept.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from core.judges.orders import both_orders, candidate_goes_first, unswitched
from core.judges.protocol import (
    DRAW,
    Asker,
    JudgeIdentity,
    Outputs,
    Question,
    output_text,
)
from core.judges.verifier import ITSELF, NO_CANDIDATE, NO_REFERENCE
from core.spec import Order
from core.store.asked import AskedRecord
from core.store.records import JudgmentRecord
from core.tasks.instructions import Instruction

UNASKED = "the judge was not asked"


class Memory(Protocol):
    """Answers by the content of their question."""

    def known(self, content: str) -> AskedRecord | None:
        """The answer to this question, if there is one."""
        ...

    def keep(self, answers: Sequence[AskedRecord]) -> None:
        """Remember answers, and failures for as long as this judging lasts."""
        ...


class Forgetful:
    """Knows nothing and keeps nothing: for finding out what would be asked."""

    def known(self, content: str) -> AskedRecord | None:
        """Nothing."""
        return None

    def keep(self, answers: Sequence[AskedRecord]) -> None:
        """Nothing."""


class PairwiseJudge:
    """Turns an asker into a judge."""

    def __init__(self, asker: Asker, memory: Memory, order: Order = "both") -> None:
        self._asker, self._memory, self._order = asker, memory, order

    @property
    def identity(self) -> JudgeIdentity:
        """Who judges."""
        return self._asker.identity

    def judge(
        self, items: Sequence[Instruction], candidate: Outputs, reference: Outputs | None
    ) -> list[JudgmentRecord]:
        """See `Judge.judge`."""
        asked = {item.id: self.questions(item, candidate, reference) for item in items}
        fresh: dict[str, Question] = {}
        for question in (one for questions in asked.values() for one in questions):
            if self._memory.known(question.content) is None:
                fresh.setdefault(question.content, question)
        if fresh:
            self._asker.ask(list(fresh.values()), self._memory.keep)
        return [self._record(item, candidate, reference, asked[item.id]) for item in items]

    def every_question(
        self, items: Sequence[Instruction], candidate: Outputs, reference: Outputs | None
    ) -> list[Question]:
        """What has to be known about all of them."""
        return [one for item in items for one in self.questions(item, candidate, reference)]

    def questions(
        self, item: Instruction, candidate: Outputs, reference: Outputs | None
    ) -> list[Question]:
        """What has to be known about one item; nothing where no verdict is needed."""
        ours = output_text(candidate, item.id)
        theirs = None if reference is None else output_text(reference, item.id)
        if ours is None or theirs is None or ours == theirs:
            return []
        text = instruction_text(item)
        plain = Question(item.id, text, theirs, ours, candidate_first=False)
        turned = Question(item.id, text, ours, theirs, candidate_first=True)
        if self._order == "official":
            return [turned if candidate_goes_first(item.instruction) else plain]
        return [plain] if self.identity.order_free else [plain, turned]

    def _record(
        self,
        item: Instruction,
        candidate: Outputs,
        reference: Outputs | None,
        questions: Sequence[Question],
    ) -> JudgmentRecord:
        if not questions:
            return _unasked(item, candidate, reference)
        answers = {q.candidate_first: self._memory.known(q.content) for q in questions}
        shown = {first: None if a is None else a.shown for first, a in answers.items()}
        preference = _preference(shown)
        reasons = [one.rationale for one in answers.values() if one and one.rationale]
        return JudgmentRecord(
            item=item.id,
            preference=preference,
            candidate_score=None,
            reference_score=None,
            candidate_passed=None,
            reason=None if preference is not None else _why(answers),
            cluster=item.cluster,
            reference_first=None if self.identity.order_free else shown.get(False),
            candidate_first=None if self.identity.order_free else shown.get(True),
            rationale="\n\n".join(reasons) or None,
        )


def instruction_text(item: Instruction) -> str:
    """What the judge is told was asked; an item's own system message goes first."""
    return f"{item.system}\n\n{item.instruction}" if item.system else item.instruction


def _preference(shown: Mapping[bool, float | None]) -> float | None:
    if len(shown) == 1:
        ((candidate_first, value),) = shown.items()
        return unswitched(value, candidate_first)
    return both_orders(shown[False], shown[True]).preference


def _why(answers: Mapping[bool, AskedRecord | None]) -> str:
    found = [one.reason for one in answers.values() if one is not None and one.reason]
    return found[0] if found else UNASKED


def _unasked(item: Instruction, candidate: Outputs, reference: Outputs | None) -> JudgmentRecord:
    """Missing outputs, the reference itself, or the same text twice."""
    ours = output_text(candidate, item.id)
    reason = None
    if ours is None:
        reason = NO_CANDIDATE
    elif reference is None:
        reason = ITSELF
    elif output_text(reference, item.id) is None:
        reason = NO_REFERENCE
    same = reason is None
    preference = DRAW if same else None
    return JudgmentRecord(
        item.id, preference, None, None, None, reason, cluster=item.cluster, identical=same
    )
