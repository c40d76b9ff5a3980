"""What every verb prints: JSON for programs, plain columns for people. Errors go to stderr."""

import json
import sys
from collections.abc import Sequence
from typing import Any


def say(text: str) -> None:
    """A line for people, on standard output."""
    print(text)


def aside(text: str) -> None:
    """A line that is no result: progress, a warning, an error."""
    print(text, file=sys.stderr)


def show_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under a head, each column as wide as its longest cell."""
    widths = [max(map(len, cells)) for cells in zip(head, *rows, strict=True)]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in (head, *rows)
    ]
    return "\n".join(line.rstrip() for line in lines)
