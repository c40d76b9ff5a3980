"""What a judge is: two outputs for one instruction go in, a counted verdict comes out.

AlpacaEval's convention holds everywhere: preference 1 says that output_1, the reference, is
better, 2 that output_2, the candidate, is better, 1.5 that neither is. A verdict that could
not be had is None with a reason, never 1.5.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from core.store.records import GenerationRecord, JudgmentRecord
from core.tasks.instructions import Instruction

REFERENCE_BETTER, DRAW, CANDIDATE_BETTER = 1.0, 1.5, 2.0

# Answers by item id: a run's records, or plain texts from an outputs file.
Outputs = Mapping[str, GenerationRecord] | Mapping[str, str]


class Judge(Protocol):
    """Compares a candidate's outputs with a reference's, item by item."""

    @property
    def name(self) -> str:
        """The judge's id, as shown beside every win rate."""

    def judge(
        self,
        items: Sequence[Instruction],
        candidate: Outputs,
        reference: Outputs | None,
    ) -> list[JudgmentRecord]:
        """One record an item, in the items' order, also where no verdict could be had."""


def output_text(outputs: Outputs, item: str) -> str | None:
    """The answer to an item, or None where there is none."""
    found = outputs.get(item)
    return found.output if isinstance(found, GenerationRecord) else found
