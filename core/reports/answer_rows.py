"""One prompt and what every λ of one pair said to it, wherever that is stored.

    strip_rows(filmstrips, pair)          # filmstrips: prompts that people asked
    suite_rows(store, "tinyworld", content)   # the instructions that a sweep answered

For reading through many prompts and for tasting blind; both kinds are rows of the same shape.
Not here: choosing among rows (`row_filter.py`), and judging them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from core.canon import text_hash
from core.engine.protocol import Message
from core.lam import Lam
from core.reports.joined import LAM_REFERENCE, Joined, join
from core.spec import PairIdentity, RunSpec
from core.store.filmstrip import Ending, Filmstrip
from core.store.records import GenerationRecord
from core.store.runs import RunStore
from core.tasks.instructions import instructions_hash, load_instructions
from core.tasks.suites import load_suite

FINISHES: dict[str, Ending] = {"stop": "stop", "length": "length"}


@dataclass(frozen=True, slots=True)
class Said:
    """What one λ said."""

    lam: Lam
    text: str
    tokens: int
    finish: Ending

    @property
    def text_hash(self) -> str:
        """Sha256 of the text."""
        return text_hash(self.text)


@dataclass(frozen=True, slots=True)
class Row:
    """One prompt; `key` is a filmstrip's id, or suite/item."""

    key: str
    kind: str
    turns: tuple[Message, ...]
    said: tuple[Said, ...]  # ascending in λ
    strip: str | None = None  # the filmstrip's id

    @property
    def text(self) -> str:
        """The last turn."""
        return self.turns[-1].content

    @property
    def differs(self) -> bool:
        """Not every λ said the same."""
        return len({one.text for one in self.said}) > 1

    def at(self, lam: Lam) -> Said | None:
        """What this λ said, or None."""
        return next((one for one in self.said if one.lam == lam), None)


@dataclass(frozen=True, slots=True)
class SuiteRows:
    """Stored answers to an instruction suite."""

    suite: str
    pair: PairIdentity
    rows: tuple[Row, ...]


def strip_rows(strips: Iterable[Filmstrip], pair: PairIdentity) -> tuple[Row, ...]:
    """The answers of exactly this pair; failed ones, and prompts without any, are left out."""
    found = (_strip_row(strip, pair) for strip in strips)
    return tuple(row for row in found if row.said)


def suite_rows(store: RunStore, pair: str, content: PairIdentity | None) -> SuiteRows | None:
    """The instructions of the pair's measured line; None where nothing was measured.

    None too where the instructions have changed since: their ids would name other texts.
    """
    joined = join(store, pair, LAM_REFERENCE, content)
    if joined is None or not joined.generations:
        return None
    return _suite_rows(store, joined)


@lru_cache(8)
def _suite_rows(store: RunStore, joined: Joined) -> SuiteRows | None:
    items = load_instructions(load_suite(joined.sweep.instruction_suite))
    said: dict[str, list[Said]] = {}
    for lam, run in joined.generations.items():
        if not isinstance(run.spec, RunSpec) or run.spec.task.data_hash != instructions_hash(items):
            return None
        for one in store.records_of(run):
            if isinstance(one, GenerationRecord):
                answer = Said(Lam.parse(lam), one.output, one.tokens, FINISHES[one.finish])
                said.setdefault(one.item, []).append(answer)
    rows = tuple(
        Row(
            key=f"{joined.sweep.instruction_suite}/{item.id}",
            kind=item.kind or "unknown",
            turns=(
                *((Message("system", item.system),) if item.system else ()),
                Message("user", item.instruction),
            ),
            said=tuple(sorted(said[item.id], key=lambda one: one.lam)),
        )
        for item in items
        if item.id in said
    )
    return SuiteRows(joined.sweep.instruction_suite, joined.sweep.pair, rows)


def _strip_row(strip: Filmstrip, pair: PairIdentity) -> Row:
    said = [
        Said(column.lam, answer.text, answer.tokens, answer.finish)
        for column, answer in zip(strip.asked.columns, strip.answers, strict=True)
        if (column.pair.base, column.pair.instruct) == (pair.base, pair.instruct)
        and answer.finish != "failed"
    ]
    said.sort(key=lambda one: one.lam)
    return Row(strip.strip_id, strip.kind, strip.asked.messages, tuple(said), strip.strip_id)
