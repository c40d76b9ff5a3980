"""One JSON object a line, split on the newline character only.

Not `str.splitlines`: that also cuts at U+2028, form feeds and others, which JSON allows
inside a text.
"""

import json
from pathlib import Path
from typing import Any

from core.errors import TaskError


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """All objects of a file, in order; empty lines are passed over.

    Raises:
        TaskError: the file is missing, empty, or a line is no JSON object.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise TaskError(
            f"The data file {path} cannot be read ({error}). Restore it from the repository."
        ) from error
    rows = [_row(line, path, number) for number, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise TaskError(f"The data file {path} holds no items. Restore it from the repository.")
    return rows


def _row(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise TaskError(f"Line {number} of {path} is no JSON ({error}). Correct it.") from error
    if not isinstance(row, dict):
        raise TaskError(f"Line {number} of {path} is {row!r:.60}, not a JSON object. Correct it.")
    return row
