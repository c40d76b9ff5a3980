"""A reward model as a judge: P(a is better than b) = sigmoid(r(a) − r(b)).

It reads one answer at a time, so it cannot see an order, and each answer is scored once however
often it is compared. Its win rates are on a scale of their own: never beside another judge's.

    RewardAsker(lambda: engine, "/models/reward", identity)
"""

import math
from collections.abc import Callable, Sequence

from core.engine.protocol import Engine, Message
from core.errors import JudgeError, PairError
from core.evals.batch import in_batches
from core.judges.protocol import JudgeIdentity, Keep, Question
from core.store.asked import AskedRecord
from core.store.environment import now

VERSION = "1"
BATCH_QUESTIONS = 32
TOO_LONG = "longer than the reward model's context"
Text = tuple[str, str]  # instruction, output


class RewardAsker:
    """Asks one sequence classifier."""

    def __init__(self, engine: Callable[[], Engine], model: str, identity: JudgeIdentity) -> None:
        self._open, self._model = engine, model
        self.identity = identity
        self._scores: dict[Text, float | None] = {}

    def ask(self, questions: Sequence[Question], keep: Keep) -> None:
        """See `Asker.ask`."""
        for batch in in_batches(questions, BATCH_QUESTIONS):
            self._score([text for question in batch for text in _texts(question)])
            keep([self._answer(question) for question in batch])

    def _score(self, texts: Sequence[Text]) -> None:
        fresh = [text for text in dict.fromkeys(texts) if text not in self._scores]
        turns = [(Message("user", asked), Message("assistant", said)) for asked, said in fresh]
        try:
            scores = self._open().rate(self._model, turns) if turns else []
        except PairError as error:
            raise JudgeError(str(error)) from error
        self._scores |= dict(zip(fresh, scores, strict=True))

    def _answer(self, question: Question) -> AskedRecord:
        first, second = (self._scores[text] for text in _texts(question))
        known = first is not None and second is not None
        shown = 2 - sigmoid(first - second) if first is not None and second is not None else None
        return AskedRecord(
            item=question.item,
            candidate_first=question.candidate_first,
            content=question.content,
            shown=shown,
            reason=None if known else TOO_LONG,
            model=self.identity.name.removeprefix("reward:"),
            at=now(),
        )


def reward_version(content: str) -> str:
    """Our code's version and the weights' content."""
    return f"{VERSION}-{content}"


def sigmoid(x: float) -> float:
    """1 / (1 + e^−x), without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _texts(question: Question) -> tuple[Text, Text]:
    return (question.instruction, question.first), (question.instruction, question.second)
