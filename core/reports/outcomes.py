"""What became of a written answer: right, or why not.

    outcome(record)     one item of form G; None for choices, which are scored, not written
    count(records)      how often each, for a table

The task's own filter and metric decide what is right. What they call wrong is then told apart,
in this order, each item once:

    chatter         it begins with a right answer and goes on: verbosity is to blame
    out_of_tokens   it was cut off before it ended
    unparsable      the filter found no answer in it, or nothing was written
    wrong           it ended, an answer was found, and it is another one

So right / n is the accuracy, and (right + chatter) / n what it would be if chatter were
forgiven. `unknown` is an answer that is not right in a record that does not say how it ended.

Known limit: words are compared, so "no one knows" counts as "no" with chatter.
"""

import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.store.records import IclRecord

Outcome = Literal["right", "chatter", "out_of_tokens", "unparsable", "wrong", "unknown"]
NO_ANSWER = "[invalid]"  # what lm-eval's regular expressions give when they find nothing
TARGETS = " | "  # how a record joins several right answers


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """How many items became what; the six add up to the task's items."""

    right: int
    chatter: int
    out_of_tokens: int
    unparsable: int
    wrong: int
    unknown: int


def outcome(record: IclRecord) -> Outcome | None:
    """What became of this item's written answer; None where no text was written."""
    if record.choices:
        return None
    if record.correct:
        return "right"
    said = record.prediction if record.output is None else record.output
    if any(goes_on(said, target) for target in record.target.split(TARGETS)):
        return "chatter"
    if record.finish is None:
        return "unknown"
    if record.finish == "length":
        return "out_of_tokens"
    if record.prediction.strip() in ("", NO_ANSWER):
        return "unparsable"
    return "wrong"


def count(records: Sequence[IclRecord]) -> OutcomeCounts | None:
    """The outcomes of a task's items; None when no item's answer was written."""
    found = Counter(filter(None, map(outcome, records)))
    if not found:
        return None
    return OutcomeCounts(
        right=found["right"],
        chatter=found["chatter"],
        out_of_tokens=found["out_of_tokens"],
        unparsable=found["unparsable"],
        wrong=found["wrong"],
        unknown=found["unknown"],
    )


def goes_on(said: str, target: str) -> bool:
    """Whether the answer's first words are the target and others follow.

    Case, and punctuation around words, do not count.
    """
    wanted, words = _words(target), _words(said)
    return bool(wanted) and words[: len(wanted)] == wanted and len(words) > len(wanted)


def _words(text: str) -> list[str]:
    bare = (word.strip(string.punctuation).casefold() for word in text.split())
    return [word for word in bare if word]
