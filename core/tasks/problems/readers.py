"""Rows of each benchmark's own schema, turned into problems.

Field names are those of the published files. A row that lacks one is refused with its number;
an answer that a row states in another form than its kind's is kept as text, never guessed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core.canon import text_hash
from core.errors import TaskError
from core.tasks.problems.problem import AnswerKind, Problem

Row = Mapping[str, Any]
Reader = Callable[["Rows"], list[Problem]]
_CALCULATION = re.compile(r"<<[^<>]*>>")  # GSM8K's notes for a calculator
_NUMBER = re.compile(r"-?[0-9][0-9,]*(\.[0-9]+)?")
DATE_CALCULATORS = frozenset({13, 68})  # MedCalc-Bench's numbers of its calculators
WEEKS_CALCULATORS = frozenset({69})


class Rows:
    """The rows of one part, and how to speak of them in an error."""

    def __init__(self, rows: Iterable[Row], part: str, source: str) -> None:
        self.rows, self.part, self.source = rows, part, source

    def fields(self, *names: str) -> Iterator[tuple[int, Row, dict[str, str]]]:
        """Each row with its number from 1 and the fields as texts.

        Raises:
            TaskError: a row lacks a field.
        """
        for number, row in enumerate(self.rows, 1):
            missing = [name for name in names if row.get(name) is None]
            if missing:
                raise TaskError(
                    f"Row {number} of {self.source} has no field {missing[0]!r} (it has "
                    f"{', '.join(sorted(map(str, row))[:12]) or 'none'}). Give the published file."
                )
            yield number, row, {name: _text(row[name]) for name in names}


def _text(value: Any) -> str:
    """A field as text; whole numbers that came as 3.0 stay as they were written by JSON."""
    return str(value).strip()


def read_gsm8k(rows: Rows) -> list[Problem]:
    """openai/gsm8k: question, answer ("steps #### 42")."""
    found = []
    for number, _, row in rows.fields("question", "answer"):
        solution, mark, answer = row["answer"].rpartition("####")
        if not mark:
            raise TaskError(
                f"Row {number} of {rows.source} has an answer without '####'. "
                "Give the published file."
            )
        name = f"gsm8k-{rows.part}-{number:04d}"
        found.append(
            Problem(
                id=name,
                question=row["question"],
                answer=answer.strip().replace(",", ""),
                kind="number",
                family=name,
                solution=_CALCULATION.sub("", solution).strip(),
            )
        )
    return found


def read_math(rows: Rows) -> list[Problem]:
    """HuggingFaceH4/MATH-500: problem, solution, answer, subject, level, unique_id."""
    return [
        Problem(
            id=row["unique_id"],
            question=row["problem"],
            answer=row["answer"],
            kind="math",
            family=row["unique_id"],
            category=row["subject"],
            solution=row["solution"],
        )
        for _, _, row in rows.fields("problem", "solution", "answer", "subject", "unique_id")
    ]


def read_math_perturb(rows: Rows) -> list[Problem]:
    """MATH-Perturb: problem_id (the seed's, shared by its twins), problem, answer, level, type."""
    return [
        Problem(
            id=f"{rows.part}-{row['problem_id']}",
            question=row["problem"],
            answer=row["answer"],
            kind="math",
            family=f"math-perturb-{row['problem_id']}",
            category=row["type"],
        )
        for _, _, row in rows.fields("problem_id", "problem", "answer", "type")
    ]


def read_gsm_plus(rows: Rows) -> list[Problem]:
    """qintongli/GSM-Plus: one row a perturbation, with the seed it was made from.

    The part `original` holds each seed once; every other part holds the perturbations.
    """
    names = ("question", "answer", "perturbation_type", "seed_question", "seed_answer")
    found: dict[str, Problem] = {}
    for number, _, row in rows.fields(*names):
        family = f"gsm-plus-{text_hash(row['seed_question'])[:12]}"
        seed, answer = row["seed_answer"].replace(",", ""), row["answer"].replace(",", "")
        if rows.part == "original":
            one = Problem(family, row["seed_question"], seed, _number_or_text(seed), family)
            found.setdefault(family, one)
            continue
        name = f"gsm-plus-{number:05d}"
        found[name] = Problem(
            id=name,
            question=row["question"],
            answer=answer,
            kind=_number_or_text(answer),
            family=family,
            category=row["perturbation_type"],
            twin_answer=seed if seed != answer else None,
        )
    return list(found.values())


def read_medcalc(rows: Rows) -> list[Problem]:
    """ncbi/MedCalc-Bench: a patient note and a question; limits beside the answer."""
    names = (
        "Row Number", "Calculator ID", "Category", "Output Type", "Patient Note", "Question",
        "Ground Truth Answer", "Lower Limit", "Upper Limit", "Ground Truth Explanation",
    )  # fmt: skip
    found = []
    for number, _, row in rows.fields(*names):
        kind = _medcalc_kind(row, number, rows)
        name = f"medcalc-{rows.part}-{row['Row Number']}"
        found.append(
            Problem(
                id=name,
                question=f"Patient note: {row['Patient Note']}\n\n{row['Question']}",
                answer=row["Ground Truth Answer"],
                kind=kind,
                family=name,
                category=row["Category"],
                solution=row["Ground Truth Explanation"],
                lower=row["Lower Limit"] if kind == "decimal" else None,
                upper=row["Upper Limit"] if kind == "decimal" else None,
                group=row["Calculator ID"],
            )
        )
    return found


def _medcalc_kind(row: Mapping[str, str], number: int, rows: Rows) -> AnswerKind:
    calculator = row["Calculator ID"].partition(".")[0]
    if not calculator.isdigit():
        raise TaskError(
            f"Row {number} of {rows.source} has the calculator {row['Calculator ID']!r}, which is "
            "no number. Give the published file."
        )
    if int(calculator) in DATE_CALCULATORS:
        return "date"
    if int(calculator) in WEEKS_CALCULATORS:
        return "weeks-days"
    kinds: dict[str, AnswerKind] = {"decimal": "decimal", "integer": "integer", "date": "date"}
    kind = kinds.get(row["Output Type"].lower())
    if kind is None:
        raise TaskError(
            f"Row {number} of {rows.source} has the output type {row['Output Type']!r}. "
            "Known are decimal, integer and date."
        )
    return kind


def read_twins(rows: Rows) -> list[Problem]:
    """Our own rows: id, question, solution, answer, cluster; the embedded benchmark's."""
    return [
        Problem(
            id=row["id"],
            question=row["question"],
            answer=row["answer"],
            kind="number",
            family=row["cluster"],
            category=f"{whole['steps']} steps" if whole.get("steps") else None,
            solution=row["solution"].rpartition("The answer is")[0].strip() or row["solution"],
        )
        for _, whole, row in rows.fields("id", "question", "solution", "answer", "cluster")
    ]


def _number_or_text(answer: str) -> AnswerKind:
    return "number" if _NUMBER.fullmatch(answer) else "text"


READERS: dict[str, Reader] = {
    "gsm8k": read_gsm8k,
    "math": read_math,
    "math-perturb": read_math_perturb,
    "gsm-plus": read_gsm_plus,
    "medcalc": read_medcalc,
    "twins": read_twins,
}
