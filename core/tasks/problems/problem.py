"""One problem of a reasoning benchmark, whatever file it came from."""

from dataclasses import dataclass
from typing import Any, Literal

# number: a number, units and separators aside · math: LaTeX · integer: exact · decimal: within
# limits · date: month/day/year · weeks-days: "(3 weeks, 2 days)" · text: these very words
AnswerKind = Literal["number", "math", "integer", "decimal", "date", "weeks-days", "text"]
Role = Literal["original", "perturbed", "shifted"]  # of a part of a benchmark


@dataclass(frozen=True, slots=True)
class Problem:
    """A question and its answer; numbers as the texts in which they were given."""

    id: str
    question: str
    answer: str
    kind: AnswerKind
    family: str  # equal for a problem and its twins
    category: str | None = None
    solution: str | None = None  # worked out, without the sentence that states the answer
    lower: str | None = None  # limits of a decimal, both included
    upper: str | None = None
    twin_answer: str | None = None  # the original's answer, where it is another one
    group: str | None = None  # examples are drawn from the same group, e.g. a calculator's

    def content(self) -> list[Any]:
        """What identifies it: every field."""
        return [getattr(self, name) for name in self.__slots__]
