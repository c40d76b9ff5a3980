"""The listed items for a file: one row an item, or one row an item and λ; CSV or Parquet.

Marks are written as words; absent is empty. Lists are JSON text, so that both formats hold the
same.
"""

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from core.reports.ledger import MARKS, Answer, Ledger
from core.reports.ledger_groups import GROUPS, Ints
from core.reports.ledger_text import said
from core.store.records import IclRecord

if TYPE_CHECKING:
    import pandas as pd


def items_csv(ledger: Ledger, rows: Ints) -> bytes:
    """One row an item: its string, group, flips, and its mark at each λ."""
    import pandas as pd

    return pd.DataFrame([_item(ledger, int(row)) for row in rows]).to_csv(index=False).encode()


def answers_csv(ledger: Ledger, rows: Ints) -> bytes:
    """One row an item and λ at which it has an answer."""
    return answers_frame(ledger, rows).to_csv(index=False).encode()


def answers_parquet(ledger: Ledger, rows: Ints) -> bytes:
    """The same as Parquet."""
    target = io.BytesIO()
    answers_frame(ledger, rows).to_parquet(target, index=False)
    return target.getvalue()


def answers_frame(ledger: Ledger, rows: Ints) -> "pd.DataFrame":
    """A row for every answer of these items, item by item, λ ascending."""
    import pandas as pd

    found = [row for at in rows for row in _answers(ledger, int(at))]
    return pd.DataFrame(found).convert_dtypes()


def _item(ledger: Ledger, row: int) -> dict[str, Any]:
    strings, task = ledger.strings, ledger.task(row)
    flip = int(strings.first_flip[row])
    marks = [MARKS[mark] for mark in ledger.marks[row]]
    return {
        "pair": ledger.pair,
        "category": task.category,
        "task": task.name,
        "item": ledger.items[row],
        "group": GROUPS[strings.group[row]],
        "flips": int(strings.flips[row]),
        "first_flip_at": str(ledger.lams[flip]) if flip < len(ledger.lams) else None,
        "gaps": int(strings.gaps[row]),
        **{
            f"lam {lam}": None if mark == "absent" else mark
            for lam, mark in zip(ledger.lams, marks, strict=True)
        },
    }


def _answers(ledger: Ledger, row: int) -> Iterator[dict[str, Any]]:
    task, group = ledger.task(row), GROUPS[ledger.strings.group[row]]
    for column, answer in enumerate(ledger.answers[row]):
        if answer is None:
            continue
        margin = float(ledger.margins[row, column])
        mark = MARKS[ledger.marks[row, column]]
        yield {
            "pair": ledger.pair,
            "lam": str(ledger.lams[column]),
            "category": task.category,
            "task": task.name,
            "item": ledger.items[row],
            "group": group,
            "mark": None if mark == "absent" else mark,
            "margin": None if np.isnan(margin) else margin,
            **_stored(answer),
            "run_id": answer.run_id,
        }


def _stored(answer: Answer) -> dict[str, Any]:
    record, verdict = answer.record, answer.verdict
    scored = record if isinstance(record, IclRecord) else None
    return {
        "target": scored.target if scored else None,
        "said": said(answer),
        "choices": json.dumps(scored.choices, ensure_ascii=False) if scored else None,
        "logprobs": json.dumps(scored.logprobs) if scored else None,
        "checks": json.dumps(verdict.detail, ensure_ascii=False) if verdict else None,
        "tokens": record.tokens if record else None,
        "finish": record.finish if record else None,
        "prompt": record.prompt if record else None,
    }
