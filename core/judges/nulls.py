"""Judges that know nothing, to hold other judges against: the longer answer, the first one.

"longest" agrees with GPT-4 on most pairs of strong and weak models, only because weak ones are
shorter; "first" shows what a judge that sees slots alone would give: 50, never consistent.
"""

from collections.abc import Sequence

from core.judges.protocol import JudgeIdentity, Keep, Question
from core.store.asked import AskedRecord
from core.store.environment import now

LONGEST, FIRST = "longest", "first"


class LongestAsker:
    """The answer with more characters is better; as many are a draw."""

    identity = JudgeIdentity(LONGEST, "1", order_free=True)

    def ask(self, questions: Sequence[Question], keep: Keep) -> None:
        """See `Asker.ask`."""
        keep([_answer(q, _longer(len(q.first), len(q.second))) for q in questions])


class FirstAsker:
    """Whatever is shown first is better."""

    identity = JudgeIdentity(FIRST, "1")

    def ask(self, questions: Sequence[Question], keep: Keep) -> None:
        """See `Asker.ask`."""
        keep([_answer(question, 1.0) for question in questions])


def _longer(first: int, second: int) -> float:
    return 1.5 if first == second else 1.0 if first > second else 2.0


def _answer(question: Question, shown: float) -> AskedRecord:
    return AskedRecord(question.item, question.candidate_first, question.content, shown, at=now())
