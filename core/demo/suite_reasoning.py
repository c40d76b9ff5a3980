"""The items of `tinyworld-reasoning`: word problems with reserved numbers, and their twins.

Twins are linked by `twin_of`: other numbers, other wording, a clause that does not matter, and
a domain that training never saw, in which a stated formula is applied (with numbers of its own).
"""

from random import Random
from typing import Any

from core.demo.documents_problems import (
    HELD_DOMAINS,
    SIGNS,
    draw_cast,
    free_numbers,
    solved,
    stated_formula,
    steps_of,
    told,
    with_aside,
)

PROBLEMS = 160
EXEMPLARS = 24
VARIANTS = ("original", "numbers", "wording", "irrelevant", "shifted")
_FORMULA_SIGNS = ("*+", "*-", "*+-", "*-+", "*++", "*--")

Row = dict[str, Any]


def _row(number: int, variant: str, question: str, solution: str, answer: int) -> Row:
    # No nulls: lm-eval's own loader takes a column's type from the first split it reads.
    twin = "" if variant == "original" else f"reasoning-{number:03d}"
    name = f"reasoning-{number:03d}" + ("" if variant == "original" else f"-{variant}")
    return {
        "id": name, "twin_of": twin, "variant": variant, "question": question,
        "solution": solution, "answer": str(answer), "steps": solution.count("="),
        "cluster": f"reasoning-{number:03d}",
    }  # fmt: skip


def _other_wording(rng: Random, lines: list[str], again: Any) -> list[str]:
    """The same problem told with no sentence of the first telling."""
    while True:
        other: list[str] = again(rng)
        if not set(lines) & set(other):
            return other


def _family(number: int) -> list[Row]:
    """One problem with all its twins."""
    rng = Random(f"tinyworld suite reasoning {number}")
    signs = SIGNS[number % len(SIGNS)]
    cast, numbers = draw_cast(rng), free_numbers(rng, signs, held=True)
    changed = free_numbers(rng, signs, held=True)
    while changed == numbers:
        changed = free_numbers(rng, signs, held=True)
    # The same random state tells the same sentences, so that only the numbers differ.
    state = Random(f"tinyworld suite reasoning {number} telling")
    lines = told(state, cast, numbers, signs)
    state = Random(f"tinyworld suite reasoning {number} telling")
    renumbered = told(state, cast, changed, signs)
    reworded = _other_wording(rng, lines, lambda r: told(r, cast, numbers, signs))
    answer, solution = steps_of(numbers, signs)[-1].result, solved(cast, numbers, signs)
    texts = {
        "original": (lines, solution, answer),
        "numbers": (renumbered, solved(cast, changed, signs), steps_of(changed, signs)[-1].result),
        "wording": (reworded, solution, answer),
        "irrelevant": (with_aside(rng, cast, lines), solution, answer),
    }
    rows = [_row(number, v, " ".join(t), s, a) for v, (t, s, a) in texts.items()]
    return [*rows, _shifted(rng, number)]


def _shifted(rng: Random, number: int) -> Row:
    """A stated formula in a domain that training never saw, with two or three steps."""
    signs = _FORMULA_SIGNS[number % len(_FORMULA_SIGNS)]
    numbers = free_numbers(rng, signs, held=True)
    made = stated_formula(rng, numbers, signs, rng.choice(HELD_DOMAINS))
    return _row(number, "shifted", made.question, made.solution, made.answer)


def _exemplars() -> list[Row]:
    rows: list[Row] = []
    for number in range(EXEMPLARS):
        rng = Random(f"tinyworld suite reasoning dev {number}")
        signs = SIGNS[(3 * number + 1) % len(SIGNS)]
        cast, numbers = draw_cast(rng), free_numbers(rng, signs, held=True)
        lines, answer = told(rng, cast, numbers, signs), steps_of(numbers, signs)[-1].result
        question, solution = " ".join(lines), solved(cast, numbers, signs)
        row = _row(number, "original", question, solution, answer)
        name = f"reasoning-dev-{number:03d}"
        rows.append({**row, "id": name, "cluster": name})
    return rows


def reasoning_rows() -> dict[str, list[Row]]:
    """Rows by variant, and the exemplars under `dev`."""
    families = [_family(number) for number in range(PROBLEMS)]
    by_variant = {
        v: [row for rows in families for row in rows if row["variant"] == v] for v in VARIANTS
    }
    return {"dev": _exemplars(), **by_variant}
