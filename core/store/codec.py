"""Records and specs to plain JSON and back; fields that say nothing are left out."""

import math
from dataclasses import MISSING, fields
from typing import Any, Literal

from core.canon import content_id
from core.errors import StoreError
from core.spec import JudgmentSpec, RunSpec, run_spec_from_json, spec_to_json
from core.store.records import GenerationRecord, IclRecord, JudgmentRecord

Kind = Literal["icl", "generations", "judgments"]
Spec = RunSpec | JudgmentSpec
Record = IclRecord | GenerationRecord | JudgmentRecord
RECORDS: dict[Kind, type[IclRecord] | type[GenerationRecord] | type[JudgmentRecord]] = {
    "icl": IclRecord,
    "generations": GenerationRecord,
    "judgments": JudgmentRecord,
}
LOGPROB_DECIMALS = 5  # engines agree to about 1e-5; more digits would be noise on disk


def kind_of(spec: Spec) -> Kind:
    """Which folder a run of this spec lives in."""
    return "judgments" if isinstance(spec, JudgmentSpec) else spec.kind


def line_id(spec: RunSpec) -> str:
    """The id of the spec without its λ: runs that share it form one line over λ."""
    content = spec_to_json(spec)
    del content["pair"]["name"], content["lam"]
    return content_id(content)


def spec_from_json(kind: Kind, content: dict[str, Any]) -> Spec:
    """The inverse of `core.spec.spec_to_json`, for both sorts of spec."""
    if kind != "judgments":
        return run_spec_from_json(content)
    return JudgmentSpec(
        **{f.name: content[f.name] for f in fields(JudgmentSpec) if f.name in content}
    )


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
    return RECORDS[kind](**row)


def _rounded(record: IclRecord) -> list[float]:
    if not all(map(math.isfinite, record.logprobs)):
        raise StoreError(
            f"Item {record.item!r} of {record.task!r} came back with a log-probability that is "
            "no number. Check the weights with: python -m core pairs check NAME."
        )
    return [round(value, LOGPROB_DECIMALS) for value in record.logprobs]
