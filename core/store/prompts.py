"""Prompt texts, kept once for all λ of a line: prompts/<line id>.jsonl, addressed by hash.

A prompt does not depend on λ, so the runs of one task at thirteen λ share one file.
"""

from collections.abc import Mapping
from pathlib import Path

from core.store.files import append_lines, drop_torn_line, read_lines
from core.store.lock import waiting_lock

FOLDER = "prompts"


def add_prompts(results: Path, line: str, prompts: Mapping[str, str]) -> None:
    """Append the texts whose hash the line's file does not hold yet."""
    if not prompts:
        return
    path = results / FOLDER / f"{line}.jsonl"
    with waiting_lock(path):
        drop_torn_line(path)
        known = {row["hash"] for row in read_lines(path)}
        fresh = [{"hash": h, "text": text} for h, text in prompts.items() if h not in known]
        append_lines(path, list(fresh))


def read_prompts(results: Path, line: str) -> dict[str, str]:
    """Every text of the line by its hash; empty when none is kept here."""
    rows = read_lines(results / FOLDER / f"{line}.jsonl")
    return {row["hash"]: row["text"] for row in rows}
