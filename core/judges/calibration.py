"""The calibration of a judge and a baseline that the full length control needs, from two files.

`df_gamed.csv` holds the baseline's verdicts against itself, prompted to be verbose and to be
concise; `instruction_difficulty.csv` holds one number an instruction, by its place in the
evaluation set. AlpacaEval publishes both for its own judge and baseline, under a licence that
forbids shipping them; they say nothing about another judge. Not here: the fit
(length_control.py).

    calibration = read_calibration(Path("instruction_difficulty.csv"), Path("df_gamed.csv"))
"""

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError

Floats = NDArray[np.float64]
GAMED_COLUMNS = ("preference", "std_delta_len", "instruction_difficulty")
WHERE = (
    "AlpacaEval's own are in the hub's data set tatsu-lab/alpaca_eval: "
    "instruction_difficulty.csv and df_gamed.csv."
)


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Difficulties by place in the evaluation set, and the gamed rows of the regression."""

    difficulties: tuple[float, ...]
    features: Floats  # (gamed rows × 3): tanh of the length difference, difficulty, 0
    preferences: Floats  # 0–1


def read_calibration(difficulty: Path, gamed: Path) -> Calibration:
    """Read both files.

    Raises:
        InputError: a file is missing, has other columns, or holds what is no number.
    """
    rows = _rows(gamed, GAMED_COLUMNS)
    lengths, difficulties = rows[:, 1], rows[:, 2]
    features = np.column_stack([np.tanh(lengths), difficulties, np.zeros(len(rows))])
    preferences = rows[:, 0]
    if not ((preferences >= 0) & (preferences <= 1)).all():
        raise InputError(
            f"{gamed} has preferences outside 0–1, so it is no file of gamed baselines. {WHERE}"
        )
    return Calibration(_difficulties(difficulty), features, preferences)


def _difficulties(path: Path) -> tuple[float, ...]:
    """The last column by the first one, which counts the instructions from 0."""
    with _opened(path) as source:
        head, *lines = list(csv.reader(source)) or [[]]
    try:
        found = {int(line[0]): _number(line[-1]) for line in lines if len(line) > 1}
    except ValueError as error:
        raise InputError(f"{path} holds what is no number ({error}). {WHERE}") from error
    if not found or sorted(found) != list(range(len(lines))) or len(head) < 2:
        raise InputError(
            f"{path} is no list of difficulties: its first column must count from 0. {WHERE}"
        )
    return tuple(found[place] for place in range(len(found)))


def _rows(path: Path, columns: tuple[str, ...]) -> Floats:
    with _opened(path) as source:
        reader = csv.DictReader(source)
        lacking = [name for name in columns if name not in (reader.fieldnames or ())]
        if lacking:
            raise InputError(f"{path} has no column {', '.join(lacking)}. {WHERE}")
        try:
            return np.array([[_number(row[name]) for name in columns] for row in reader], float)
        except (TypeError, ValueError) as error:
            raise InputError(f"{path} holds what is no number ({error}). {WHERE}") from error


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not finite")
    return value


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). {WHERE}") from error
