"""The per-task table at one measured λ, as rows for a page and as CSV for a file.

Only measured numbers: a λ in between has no rows. Absent values are empty cells, and the
CSV says in its own columns what each row was measured with.
"""

import csv
import io
from dataclasses import asdict, dataclass, fields

from core.lam import Lam
from core.reports.outcomes import OutcomeCounts
from core.reports.points import Measure, TaskScore, TradeOff


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task at one λ; scores on the scale 0–100."""

    pair: str
    lam: str
    task: str
    category: str
    form: str
    shots: int
    metric: str
    n: int
    score: float | None
    score_low: float | None
    score_high: float | None
    chance: float | None
    difference_to_instruct: float | None
    difference_low: float | None
    difference_high: float | None
    difference_n: int
    right: int | None  # these six: of written answers, see core/reports/outcomes.py
    chatter: int | None
    out_of_tokens: int | None
    unparsable: int | None
    wrong: int | None
    unknown: int | None
    run_id: str
    sweep_id: str


def task_rows(trade_off: TradeOff, lam: Lam) -> tuple[TaskRow, ...]:
    """One row a task; none when this λ was not measured."""
    point = trade_off.at(lam)
    return tuple(_row(trade_off, lam, task) for task in point.tasks) if point else ()


def as_csv(rows: tuple[TaskRow, ...]) -> str:
    """The rows as RFC 4180 text with a header line."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(TaskRow)])
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return out.getvalue()


def _row(trade_off: TradeOff, lam: Lam, task: TaskScore) -> TaskRow:
    low, high = _ends(task.score)
    difference_low, difference_high = _ends(task.difference)
    return TaskRow(
        pair=trade_off.pair,
        lam=str(lam),
        task=task.task,
        category=task.category,
        form=task.form,
        shots=task.shots,
        metric=task.metric,
        n=task.score.n,
        score=task.score.value,
        score_low=low,
        score_high=high,
        chance=task.chance,
        difference_to_instruct=task.difference.value,
        difference_low=difference_low,
        difference_high=difference_high,
        difference_n=task.difference.n,
        **_outcomes(task.outcomes),
        run_id=task.run_id,
        sweep_id=trade_off.sweep_id,
    )


def _outcomes(counts: OutcomeCounts | None) -> dict[str, int | None]:
    names = [field.name for field in fields(OutcomeCounts)]
    return {name: None if counts is None else getattr(counts, name) for name in names}


def _ends(measure: Measure) -> tuple[float | None, float | None]:
    return (measure.interval.low, measure.interval.high) if measure.interval else (None, None)
