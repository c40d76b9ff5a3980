"""Items, outputs and a memory for tests of judges."""

from collections.abc import Sequence

from core.judges.protocol import Question
from core.store.asked import AskedRecord
from core.tasks.instructions import Instruction

FIRST_MARK, SECOND_MARK = "answer m", "answer M"


def item(name: str, system: str | None = None) -> Instruction:
    """An instruction of that name, without checks."""
    return Instruction(name, f"Do {name}.", system, "plain", (), None, None)


def question(name: str = "a", first: str = "one", second: str = "two") -> Question:
    """A question with the reference first."""
    return Question(name, f"Do {name}.", first, second, candidate_first=False)


class Memo:
    """Answers in memory."""

    def __init__(self) -> None:
        self.answers: dict[str, AskedRecord] = {}
        self.kept: list[AskedRecord] = []

    def known(self, content: str) -> AskedRecord | None:
        return self.answers.get(content)

    def keep(self, answers: Sequence[AskedRecord]) -> None:
        self.kept += answers
        self.answers |= {answer.content: answer for answer in answers}
