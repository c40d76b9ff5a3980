"""What the README says of the embedded pairs, read from results/published.

    python -m tests.bench.embedded               # tinyworld
    python -m tests.bench.embedded pocketworld

Prints one row a λ: few-shot accuracy, win rate against λ=1, instructions followed, and among
them those that ask for JSON. Measures nothing; `python -m core sweep` did.
"""

import sys
from collections.abc import Iterator

from core.lam import Lam
from core.reports.points import Measure
from core.reports.trade_off import read_trade_off
from core.settings import PUBLISHED
from core.spec import JudgmentSpec, RunSpec
from core.store.records import JudgmentRecord
from core.store.runs import RunStore
from core.tasks.instructions import load_instructions
from core.tasks.suites import load_suite

SUITE, KIND = "tinyworld-instructions", "json"


def json_followed(store: RunStore, pair: str) -> dict[Lam, tuple[int, int]]:
    """λ → (JSON instructions with every check passed, JSON instructions)."""
    asked = {one.id for one in load_instructions(load_suite(SUITE)) if one.kind == KIND}
    found: dict[Lam, tuple[int, int]] = {}
    for stored in store.complete("judgments"):
        if not isinstance(stored.spec, JudgmentSpec):
            continue
        candidate = store.spec(stored.spec.candidate)
        if isinstance(candidate, RunSpec) and candidate.pair.name == pair:
            found[candidate.lam] = _passed(store, stored.run_id, asked)
    return found


def _passed(store: RunStore, run_id: str, asked: set[str]) -> tuple[int, int]:
    rows = [
        record
        for record in store.records(run_id)
        if isinstance(record, JudgmentRecord) and record.item in asked
    ]
    return sum(bool(row.candidate_passed) for row in rows), len(rows)


def table(pair: str) -> Iterator[str]:
    """The rows, as Markdown."""
    store = RunStore(PUBLISHED)
    line = read_trade_off(store, pair)
    if line is None:
        yield "Nothing is published. Run: python -m core sweep --results results/published"
        return
    followed = json_followed(store, pair)
    yield "| λ | few-shot accuracy | win rate against λ=1 | instructions followed | JSON followed |"
    yield "| --- | --- | --- | --- | --- |"
    for point in line.points:
        passed, asked = followed[point.lam]
        yield (
            f"| {point.lam} | {_text(point.icl)} | {_text(point.win_rate)} "
            f"| {_text(point.pass_rate)} | {passed} of {asked} |"
        )


def _text(measure: Measure) -> str:
    if measure.value is None:
        return "–"
    if measure.interval is None:
        return f"{measure.value:.1f}"
    return f"{measure.value:.1f} ({measure.interval.low:.1f}–{measure.interval.high:.1f})"


if __name__ == "__main__":
    asked_for = sys.argv[1] if len(sys.argv) > 1 else "tinyworld"
    sys.stdout.write("\n".join(table(asked_for)) + "\n")
