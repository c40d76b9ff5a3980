"""The golden rows as annotations.json, with texts of the right lengths."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.judges.length_fit import LengthRow


def annotation_rows(rows: Sequence[LengthRow]) -> list[dict[str, Any]]:
    return [
        {
            "instruction": f"Say {place}.",
            "output_1": "x" * row.reference_length,
            "output_2": "y" * row.candidate_length,
            "generator_1": "base",
            "generator_2": "model",
            "annotator": "judge",
            "preference": None if row.credit is None else 1 + row.credit,
        }
        for place, row in enumerate(rows)
    ]


def write(path: Path, rows: Any) -> Path:
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def outputs_rows(annotations: Sequence[dict[str, Any]], which: int) -> list[dict[str, str]]:
    return [
        {
            "instruction": row["instruction"],
            "output": row[f"output_{which}"],
            "generator": row[f"generator_{which}"],
        }
        for row in annotations
    ]
