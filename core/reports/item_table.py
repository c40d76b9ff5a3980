"""Every few-shot item at every λ as one table, for CSV and Parquet: one row an item and λ.

    frame = item_frame(runs)      runs: (spec, records) of complete few-shot runs
    frame.to_parquet(path)

Lists (choices, log-likelihoods) are JSON text, so that both formats hold the same. Absent is
empty. Not here: means and intervals (`trade_off.py`).
"""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from core.reports.outcomes import outcome
from core.spec import RunSpec
from core.store.records import IclRecord

if TYPE_CHECKING:
    import pandas as pd


def item_frame(runs: Iterable[tuple[RunSpec, Sequence[IclRecord]]]) -> "pd.DataFrame":
    """A row for every item of every run, in the order given."""
    import pandas as pd

    rows = [_row(spec, record) for spec, records in runs for record in records]
    return pd.DataFrame(rows).convert_dtypes()


def _row(spec: RunSpec, record: IclRecord) -> dict[str, Any]:
    return {
        "pair": spec.pair.name,
        "lam": str(spec.lam),
        "task": record.task,
        "item": record.item,
        "cluster": record.cluster,
        "shots": spec.prompt.shots,
        "target": record.target,
        "prediction": record.prediction,
        "output": record.output,
        "correct": record.correct,
        "outcome": outcome(record),
        "choices": json.dumps(record.choices, ensure_ascii=False) if record.choices else None,
        "logprobs": json.dumps(record.logprobs) if record.logprobs else None,
        "tokens": record.tokens,
        "cut": record.cut,
        "seconds": record.seconds,
        "finish": record.finish,
        "prompt": record.prompt,
        "run_id": spec.run_id,
        **{f"metric {name}": value for name, value in sorted(record.metrics.items())},
    }
