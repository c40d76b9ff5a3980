"""Made-up verdicts whose rates the alpaca_eval package (0.6.6) was asked for.

`golden_rows` is the plain set; `hard_rows` are verdicts that also depend on how hard the
instruction is, with a made-up calibration in the two files that the package reads.
"""

import csv
import math
from pathlib import Path

from core.judges.length_fit import LengthRow

COUNT = 200


def difficulty(i: int) -> float:
    return ((31 * i) % 41 - 20) / 10


def golden_rows(pull: float = 0.0, shift: float = 0.0, padding: int = 0) -> list[LengthRow]:
    rows = []
    for i in range(COUNT):
        base, model = 400 + (37 * i) % 900, 300 + (53 * i) % 1100
        score = 0.8 * math.tanh((model - base) / 400) + ((29 * i) % 17 - 8) / 6
        score += pull * difficulty(i) + shift
        credit: float | None = 1 / (1 + math.exp(-score))
        if i % 25 == 7:
            credit = 0.5
        credit = None if i % 50 == 11 else credit
        rows.append(LengthRow(credit, base, model + padding, difficulty(i)))
    return rows


def hard_rows(padding: int = 0) -> list[LengthRow]:
    return golden_rows(pull=0.7, shift=0.6, padding=padding)


def write_calibration(folder: Path) -> tuple[Path, Path]:
    """The difficulties and the gamed rows, as AlpacaEval's files have them."""
    hard, gamed = folder / "instruction_difficulty.csv", folder / "df_gamed.csv"
    with hard.open("w", newline="") as target:
        rows = [("", "instruction_difficulty"), *((i, difficulty(i)) for i in range(COUNT))]
        csv.writer(target).writerows(rows)
    head = ("model", "index", "preference", "std_delta_len", "instruction_difficulty")
    with gamed.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow((*head, "not_gamed_baseline"))
        for k, (name, sign) in enumerate((("verbose", -1), ("concise", 1))):
            for i in range(COUNT):
                gap = sign * (0.4 + ((17 * i + 5 * k) % 23) / 20)
                score = -0.9 * math.tanh(gap) + 0.3 * difficulty(i) * ((i % 3) - 1)
                score += 0.1 * ((i * 7) % 5 - 2)
                chance = 1 / (1 + math.exp(-score))
                writer.writerow((name, i, chance, gap, difficulty(i), False))
    return hard, gamed
