"""The items of one run as a person reads them: choices, what was chosen, what was right.

    items = read_items(store, run_id, "acc")
    sum(item.score for item in items) / len(items)      # the run's accuracy again

One reading for every page that shows items. The prompt is not among them: it is read on
demand (`read_prompt`), because prompts are long and shared by all λ.
"""

from dataclasses import dataclass

from core.errors import NotKnown
from core.reports.outcomes import Outcome, outcome
from core.store.records import IclRecord
from core.store.runs import RunStore


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice with its log-likelihoods: raw, and by its characters and UTF-8 bytes."""

    text: str
    logprob: float
    per_char: float | None  # None: a choice without characters
    per_byte: float | None
    predicted: bool
    right: bool


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item at one λ."""

    item: str
    correct: bool
    score: float  # the run's metric on this item, 0–1
    prediction: str
    target: str
    choices: tuple[Choice, ...]  # empty where the answer is written
    tokens: int
    cut: int | None  # tokens of the prompt's beginning that did not fit; None: not recorded
    cluster: str | None
    prompt: str  # its hash
    outcome: Outcome | None  # of a written answer; None for choices
    output: str | None  # the whole written answer, where the filter made it another text


def read_items(store: RunStore, run_id: str, metric: str) -> tuple[ItemRow, ...]:
    """Every item of a complete few-shot run, in the order in which it was asked.

    The mean of `score` over them is the run's value of `metric`.

    Raises:
        NotKnown: no complete run of that id, or its records have no such metric.
    """
    records = [one for one in store.records(run_id) if isinstance(one, IclRecord)]
    if records and metric not in records[0].metrics:
        known = ", ".join(sorted(records[0].metrics))
        raise NotKnown(f"The items of run {run_id} have no {metric!r}. They have: {known}.")
    return tuple(item_row(record, metric) for record in records)


def read_prompt(store: RunStore, run_id: str, prompt: str) -> str:
    """The very text that was scored.

    Raises:
        NotKnown: no complete run of that id, or its prompts were not kept.
    """
    text = store.prompts(run_id).get(prompt)
    if text is None:
        raise NotKnown(
            f"The prompt {prompt[:12]} of run {run_id} is not stored here. "
            "Copy the results' folder prompts/ beside runs/, or measure the run again."
        )
    return text


def item_row(record: IclRecord, metric: str) -> ItemRow:
    """One stored item as a person reads it."""
    return ItemRow(
        item=record.item,
        correct=record.correct,
        score=record.metrics[metric],
        prediction=record.prediction,
        target=record.target,
        choices=_choices(record),
        tokens=record.tokens,
        cut=record.cut,
        cluster=record.cluster,
        prompt=record.prompt,
        outcome=outcome(record),
        output=record.output,
    )


def _choices(record: IclRecord) -> tuple[Choice, ...]:
    right = set(record.target.split(" | ")) | {record.target}  # several may be right
    lengths = zip(record.logprobs_per_char, record.logprobs_per_byte, strict=True)
    both = zip(record.choices, record.logprobs, lengths, strict=True)
    return tuple(
        Choice(text, logprob, *by_length, text == record.prediction, text in right)
        for text, logprob, by_length in both
    )
