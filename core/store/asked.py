"""Every answer a judge has given, kept the moment it comes: nothing is asked (or paid) twice.

    answers = known_answers(store, spec)          # of this judge and prompt, whatever the set
    append_answers(folder, [answer])              # safe to be killed after

results/judgments/<id>/asked.jsonl holds them, a line each, by a hash of what was shown. Only
answers that say something: a failure is counted in the set's records and asked again next time.
Not here: what a set of verdicts follows from them (`core/judges/pairwise.py`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.spec import JudgmentSpec
from core.store.codec import spec_from_json
from core.store.files import append_lines, drop_torn_line, read_json, read_lines
from core.store.runs import RunStore
from core.store.writer import SPEC

ASKED = "asked.jsonl"


@dataclass(frozen=True, slots=True)
class AskedRecord:
    """One question put to a judge in one order, and what came of it."""

    item: str
    candidate_first: bool
    content: str  # hash of the instruction and both outputs, in the order shown
    shown: float | None  # 1 the first is surely better … 2 the second; None with a reason
    reason: str | None = None
    mass: float | None = None  # probability that went to the two identifiers at all, 0–1
    model: str | None = None  # as the judge named itself
    at: str = ""  # UTC
    tokens_read: int = 0
    tokens_written: int = 0
    rationale: str | None = None
    dollars: float | None = None  # None where no prices were given


def append_answers(folder: Path, answers: Sequence[AskedRecord]) -> None:
    """Put answers on the disk; those without a verdict are left out."""
    rows = [asdict(answer) for answer in answers if answer.shown is not None]
    append_lines(folder / ASKED, [{k: v for k, v in row.items() if v is not None} for row in rows])


def mend_answers(folder: Path) -> None:
    """Cut off a line that a killed process left half written."""
    drop_torn_line(folder / ASKED)


def known_answers(store: RunStore, spec: JudgmentSpec) -> dict[str, AskedRecord]:
    """What this judge has said under this prompt in any set, by content."""
    found: dict[str, AskedRecord] = {}
    for folder in store.folders("judgments"):
        path = folder / ASKED
        if path.is_file() and _same_judge(folder, spec):
            for answer in _answers_once(str(path), path.stat().st_mtime_ns, path.stat().st_size):
                found.setdefault(answer.content, answer)
    return found


def _same_judge(folder: Path, spec: JudgmentSpec) -> bool:
    if not (folder / SPEC).is_file():
        return False
    other = spec_from_json("judgments", read_json(folder / SPEC))
    return isinstance(other, JudgmentSpec) and judge_of(other) == judge_of(spec)


def judge_of(spec: JudgmentSpec) -> tuple[str, str, str | None]:
    """Who judged and by which prompt."""
    return spec.judge, spec.judge_version, spec.prompt_hash


@lru_cache(256)
def _answers_once(path: str, stamp: int, size: int) -> tuple[AskedRecord, ...]:
    return tuple(_answer(row) for row in read_lines(Path(path)))


def _answer(row: dict[str, Any]) -> AskedRecord:
    known = {field.name for field in fields(AskedRecord)}
    return AskedRecord(**{name: value for name, value in row.items() if name in known})
