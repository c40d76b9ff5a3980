"""AlpacaEval's `annotations.json`: one verdict a row, read and written.

`preference` 1 says that output_1 (the reference's) is better, 2 that output_2 (the model's)
is, 1.5 or 0 that neither is; null, NaN and anything outside 1–2 is a verdict that could not be
had. Fields that only a judge's own log needs are passed over. Not here: rates (scored.py).

    read_annotations(Path("annotations.json"))
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError

FORMAT = (
    "It must be a JSON list of objects with instruction and preference, as AlpacaEval writes "
    "annotations.json."
)
UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One verdict; texts are None where the file leaves them out."""

    instruction: str
    preference: float | None  # as stored; None for null and NaN
    output_1: str | None = None  # the reference's
    output_2: str | None = None  # the model's
    generator_1: str = UNNAMED
    generator_2: str = UNNAMED
    annotator: str = UNNAMED
    dataset: str = ""


def read_annotations(path: Path) -> tuple[Annotation, ...]:
    """The file's verdicts, in its order; a repeated instruction stays repeated.

    Raises:
        InputError: no such file, no JSON list, no rows, or a row without the two fields.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Correct the path.") from error
    except ValueError as error:
        raise InputError(f"{path} is no JSON ({error}). {FORMAT}") from error
    if not isinstance(rows, list) or not rows:
        raise InputError(f"{path} holds no list of verdicts. {FORMAT}")
    return tuple(_annotation(row, place, path) for place, row in enumerate(rows, 1))


def annotations_text(annotations: Sequence[Annotation]) -> str:
    """The text of the file; a missing verdict is null."""
    rows = [asdict(one) for one in annotations]
    return json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _annotation(row: Any, place: int, path: Path) -> Annotation:
    if not isinstance(row, Mapping):
        raise InputError(f"Entry {place} of {path} is {row!r:.60}, no object. {FORMAT}")
    if not isinstance(row.get("instruction"), str) or "preference" not in row:
        keys = ", ".join(map(str, row)) or "none"
        raise InputError(
            f"Entry {place} of {path} has no instruction and preference (its keys: {keys}). "
            + FORMAT
        )
    return Annotation(
        instruction=row["instruction"],
        preference=_preference(row["preference"], place, path),
        output_1=_text(row, "output_1", place, path),
        output_2=_text(row, "output_2", place, path),
        generator_1=str(row.get("generator_1") or UNNAMED),
        generator_2=str(row.get("generator_2") or UNNAMED),
        annotator=str(row.get("annotator") or UNNAMED),
        dataset=str(row.get("dataset") or ""),
    )


def _preference(value: Any, place: int, path: Path) -> float | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(
            f"Entry {place} of {path} has the preference {value!r:.60}. "
            "Give a number from 1 to 2, or null where there is no verdict."
        )
    return float(value)


def _text(row: Mapping[str, Any], key: str, place: int, path: Path) -> str | None:
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"Entry {place} of {path} has {value!r:.60} as its {key}. Give a text.")
    return value
