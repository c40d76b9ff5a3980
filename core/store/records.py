"""What one line of records.jsonl says, and what summary.json says; no files here.

Records are kept per item, because every comparison in Partway is paired by item.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class IclRecord:
    """One few-shot item scored at one λ (forms MC, FMC and G)."""

    item: str  # id of the item within its task
    task: str
    prompt: str  # sha256 of the prompt's text; the text itself is in the prompt store
    choices: tuple[str, ...]  # empty for form G
    logprobs: tuple[float, ...]  # one a choice, raw
    prediction: str
    target: str
    correct: bool
    metrics: dict[str, float]  # per item: acc, acc_norm, exact_match …
    tokens: int  # of context and continuations as scored
    cluster: str | None = None  # passage or template that items share
    cut: int | None = None  # tokens of the prompt's beginning that the context had no room for
    finish: str | None = None  # form G: "stop" or "length"; None: not written down, or not G
    output: str | None = None  # form G: the whole answer, where the filter made it another text
    greedy: tuple[int, ...] | None = None  # choices that greedy decoding would write
    written: int | None = None  # form G: tokens of the answer, in `tokens` too; None: not told
    # The item's share, by tokens, of the time its batch took. No part of what was measured, so
    # two records that differ in nothing else are equal.
    seconds: float | None = field(default=None, compare=False)

    @property
    def logprobs_per_char(self) -> tuple[float | None, ...]:
        """Log-likelihoods by the choice's characters, as lm-eval's `acc_norm` compares them."""
        return self._per([len(choice) for choice in self.choices])

    @property
    def logprobs_per_byte(self) -> tuple[float | None, ...]:
        """The same by UTF-8 bytes, as lm-eval's `acc_bytes` compares them."""
        return self._per([len(choice.encode()) for choice in self.choices])

    def _per(self, lengths: list[int]) -> tuple[float | None, ...]:
        """None where a choice has no length to divide by."""
        pairs = zip(self.logprobs, lengths, strict=True)
        return tuple(logprob / length if length else None for logprob, length in pairs)


@dataclass(frozen=True, slots=True)
class GenerationRecord:
    """One instruction or problem answered at one λ."""

    item: str
    task: str
    prompt: str  # sha256 of the prompt's text
    output: str
    tokens: int
    prompt_tokens: int
    finish: str  # "stop" or "length"
    cluster: str | None = None
    # As of a few-shot item; None: measured before times were kept.
    seconds: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class JudgmentRecord:
    """One verdict. `preference` follows AlpacaEval: 1 reference, 2 candidate, 1.5 a draw.

    `preference` None is a verdict that could not be had, with its reason; it is counted.
    """

    item: str
    preference: float | None
    candidate_score: float | None  # share of checks passed, for the verifier
    reference_score: float | None
    candidate_passed: bool | None  # every check passed
    reason: str | None = None
    detail: dict[str, Any] | None = None  # checks by description → passed
    cluster: str | None = None
    reference_first: float | None = None  # what was said of the slots: 1 the first is better,
    candidate_first: float | None = None  # 2 the second; None where this order gave nothing
    identical: bool = False  # the same text twice: a draw that nobody was asked for
    rationale: str | None = None  # in the judge's own words, where it gives any
