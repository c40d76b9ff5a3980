"""A leaderboard as CSV in AlpacaEval's columns: read, one model put in its place, written.

The first column, without a name, is the model's. Columns of other tools are kept as they are.
Not here: the rates (scored.py).
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from core.errors import InputError
from core.judges.scored import Scored

MODEL = ""
RATE, CONTROLLED = "win_rate", "length_controlled_winrate"
COLUMNS = (
    MODEL,
    RATE,
    "standard_error",
    "n_wins",
    "n_wins_base",
    "n_draws",
    "n_total",
    "discrete_win_rate",
    "mode",
    "avg_length",
    CONTROLLED,
    "lc_standard_error",
)
MODE = "community"
Row = Mapping[str, str]


def read_leaderboard(path: Path) -> dict[str, Row]:
    """The rows by model, in the file's order, cells as text.

    Raises:
        InputError: the file cannot be read, or has no column win_rate.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Correct the path.") from error
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or RATE not in rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise InputError(
            f"{path} is no leaderboard: it needs a head with win_rate, and as many cells in each "
            "row. Compare it with a leaderboard of AlpacaEval."
        )
    head = [MODEL, *rows[0][1:]]
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows[1:]}


def leaderboard_row(scored: Scored) -> Row:
    """The model's row; what is not defined is an empty cell."""
    controlled = scored.length_controlled
    values = {
        **asdict(scored.rates),
        MODEL: scored.model,
        "mode": MODE,
        "avg_length": scored.avg_length,
        CONTROLLED: controlled.value,
        "lc_standard_error": controlled.spread,
    }
    return {name: "" if values[name] is None else str(values[name]) for name in COLUMNS}


def leaderboard_text(rows: Mapping[str, Row]) -> str:
    """The file: by the length-controlled rate where every row has one, else by the win rate."""
    every = list(rows.values())
    columns = list(dict.fromkeys([*COLUMNS, *(name for row in every for name in row)]))
    key = CONTROLLED if all(row.get(CONTROLLED) for row in every) else RATE
    every.sort(key=lambda row: float(row.get(key) or "-inf"), reverse=True)
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in every)
    return target.getvalue()


def with_models(rows: Mapping[str, Row], scored: Sequence[Scored]) -> dict[str, Row]:
    """The leaderboard with these models' rows, in place of former ones of the same name."""
    return {**rows, **{one.model: leaderboard_row(one) for one in scored}}
