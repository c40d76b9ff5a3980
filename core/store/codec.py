"""Records and specs to plain JSON and back; fields that say nothing are left out."""

import math
from dataclasses import MISSING, fields
from typing import Any, Literal

from core.canon import content_id
from core.errors import StoreError
from core.spec import (
    AnySpec,
    ExtractionSpec,
    GradeSpec,
    JudgmentSpec,
    RunSpec,
    run_spec_from_json,
    spec_to_json,
)
from core.store.reasoning import (
    ExtractionRecord,
    GradeRecord,
    PoolRecord,
    tuples_from_lists,
    without_repeats,
)
from core.store.records import GenerationRecord, IclRecord, JudgmentRecord

Kind = Literal["icl", "generations", "judgments", "reasoning", "extractions", "grades"]
Spec = AnySpec
Record = IclRecord | GenerationRecord | JudgmentRecord | PoolRecord | ExtractionRecord | GradeRecord
RECORDS: dict[Kind, type[Record]] = {
    "icl": IclRecord,
    "generations": GenerationRecord,
    "judgments": JudgmentRecord,
    "reasoning": PoolRecord,
    "extractions": ExtractionRecord,
    "grades": GradeRecord,
}
SPECS: dict[type[Spec], Kind] = {
    JudgmentSpec: "judgments",
    ExtractionSpec: "extractions",
    GradeSpec: "grades",
}
LOGPROB_DECIMALS = 5  # engines agree to about 1e-5; more digits would be noise on disk


def kind_of(spec: Spec) -> Kind:
    """Which folder a run of this spec lives in."""
    return spec.kind if isinstance(spec, RunSpec) else SPECS[type(spec)]


def line_id(spec: RunSpec) -> str:
    """The id of the spec without its λ: runs that share it form one line over λ."""
    content = spec_to_json(spec)
    del content["pair"]["name"], content["lam"]
    return content_id(content)


def spec_from_json(kind: Kind, content: dict[str, Any]) -> Spec:
    """The inverse of `core.spec.spec_to_json`, for all sorts of spec."""
    made = next((made for made, its in SPECS.items() if its == kind), None)
    if made is None:
        return run_spec_from_json(content)
    return made(**{f.name: content[f.name] for f in fields(made) if f.name in content})


def record_to_json(record: Record) -> dict[str, Any]:
    """A record's fields, without those that still hold their default.

    Raises:
        StoreError: a number in it is not finite, so no JSON can hold it.
    """
    row = {
        field.name: value
        for field in fields(record)
        if (value := getattr(record, field.name)) != field.default or field.default is MISSING
    }
    if isinstance(record, PoolRecord):
        row["outputs"] = without_repeats(record.outputs)
    if isinstance(record, IclRecord):
        row["logprobs"] = _rounded(record)
    return row


def record_from_json(kind: Kind, row: dict[str, Any]) -> Record:
    """The inverse of `record_to_json`."""
    if kind == "icl":
        row["choices"] = tuple(row["choices"])
        row["logprobs"] = tuple(row["logprobs"])
        if "greedy" in row:
            row["greedy"] = tuple(row["greedy"])
    elif kind not in ("generations", "judgments"):
        row = tuples_from_lists(RECORDS[kind], row)
    return RECORDS[kind](**row)


def _rounded(record: IclRecord) -> list[float]:
    if not all(map(math.isfinite, record.logprobs)):
        raise StoreError(
            f"Item {record.item!r} of {record.task!r} came back with a log-probability that is "
            "no number. Check the weights with: python -m core pairs check NAME."
        )
    return [round(value, LOGPROB_DECIMALS) for value in record.logprobs]
