"""What a judge is: two outputs for one instruction go in, a counted verdict comes out.

AlpacaEval's convention holds everywhere: preference 1 says that output_1, the reference, is
better, 2 that output_2, the candidate, is better, 1.5 that neither is. A verdict that could
not be had is None with a reason, never 1.5. A judge that only compares two texts is an `Asker`,
which `pairwise.py` turns into a judge: it asks in both orders and remembers the answers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.canon import content_id
from core.store.asked import AskedRecord
from core.store.records import GenerationRecord, JudgmentRecord
from core.tasks.instructions import Instruction

REFERENCE_BETTER, DRAW, CANDIDATE_BETTER = 1.0, 1.5, 2.0

# Answers by item id: a run's records, or plain texts from an outputs file.
Outputs = Mapping[str, GenerationRecord] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JudgeIdentity:
    """Who judges: with the prompt's hash it decides the id of every verdict."""

    name: str  # as shown beside every win rate: "verifier", "local:tinyworld@1", "openai:…"
    version: str  # of our code and of what stands behind the name (weights, server)
    prompt_hash: str | None = None  # None for a judge that reads no prompt
    order_free: bool = False  # it cannot see an order, so one question is enough


class Judge(Protocol):
    """Compares a candidate's outputs with a reference's, item by item."""

    @property
    def identity(self) -> JudgeIdentity:
        """Who judges."""
        ...

    def judge(
        self,
        items: Sequence[Instruction],
        candidate: Outputs,
        reference: Outputs | None,
    ) -> list[JudgmentRecord]:
        """One record an item, in the items' order, also where no verdict could be had.

        `reference` None says that the candidate is the reference itself.

        Raises:
            JudgeError: it could not be asked at all; answers that came before are kept.
        """
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """Two outputs for one instruction in the order in which they are shown."""

    item: str
    instruction: str
    first: str
    second: str
    candidate_first: bool

    @property
    def content(self) -> str:
        """The same texts in the same order have the same hash."""
        return content_id([self.instruction, self.first, self.second])


Keep = Callable[[Sequence[AskedRecord]], None]  # may be called from several threads


class Asker(Protocol):
    """Says which of two outputs is better, as shown."""

    @property
    def identity(self) -> JudgeIdentity:
        """Who judges."""
        ...

    def ask(self, questions: Sequence[Question], keep: Keep) -> None:
        """Answer every question, handing on each answer as soon as it is there.

        Raises:
            JudgeError: it cannot be asked, or its spending limit is reached.
        """
        ...


def output_text(outputs: Outputs, item: str) -> str | None:
    """The answer to an item, or None where there is none."""
    found = outputs.get(item)
    return found.output if isinstance(found, GenerationRecord) else found
