"""What the records of a run, its extraction and its grades say together, as plain numbers.

pass@k is told of independent samples alone; of branches "any of the first k". Shares are of all
answers. Not here: intervals and comparisons (`core/reports`), files.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from math import fsum
from typing import Any

import numpy as np

from core.spec import Reasoning
from core.stats.bootstrap import Floats
from core.stats.pass_at_k import any_of_first, maj_at_k, pass_curve, vote_share
from core.stats.sureness import auroc, calibration_error
from core.store.reasoning import ExtractionRecord, GradeRecord, PoolRecord


def summarise_pools(pools: Sequence[PoolRecord]) -> dict[str, Any]:
    """Counts of a run's texts."""
    return {
        "n": len(pools),
        "answers": sum(len(pool.outputs) for pool in pools),
        "tokens": sum(sum(pool.tokens) for pool in pools),
        "prompt_tokens": sum(pool.prompt_tokens for pool in pools),
        "unfinished": sum(pool.finishes.count("length") for pool in pools),
        "cut_prompts": sum(pool.cut > 0 for pool in pools),
    }


def summarise_extraction(records: Sequence[ExtractionRecord]) -> dict[str, Any]:
    """How many answers were found, and why the others were not."""
    faults = Counter(fault for record in records for fault in record.faults if fault)
    hows = Counter(how for record in records for how in record.hows if how)
    asked = sum(len(record.formats) for record in records)
    return {
        "n": len(records),
        "answers": sum(len(record.answers) for record in records),
        "found": sum(hows.values()),
        "faults": dict(sorted(faults.items())),
        "hows": dict(sorted(hows.items())),
        "format_asked": asked,
        "format_kept": sum(sum(record.formats) for record in records),
    }


def summarise_grades(
    reasoning: Reasoning,
    extracted: Sequence[ExtractionRecord],
    graded: Sequence[GradeRecord],
) -> dict[str, Any]:
    """Accuracy by k, votes, and what Δ confidence is worth."""
    right = [tuple(bool(one) for one in record.correct) for record in graded]
    n = len(graded)
    told: dict[str, Any] = {
        "n": n,
        "answers": sum(map(len, right)),
        "correct": sum(map(sum, right)),
        "undecided": sum(sum(map(bool, record.reasons)) for record in graded),
        "gave_original": sum(sum(map(bool, record.as_twin)) for record in graded),
        "with_twin": sum(record.twin_target is not None for record in graded),
    }
    if not n:
        return told
    if reasoning.pooling == "branches":
        told["any_of_first"] = _rounded(mean_curve([any_of_first(one) for one in right]))
        told |= _confidence(extracted, right)
    else:
        told["pass_at"] = _rounded(mean_curve([pass_curve(len(one), sum(one)) for one in right]))
    told["maj_at"] = _rounded(majority_curve(extracted, right))
    told["vote_share"] = _votes(extracted, right)
    return told


def mean_curve(curves: Sequence[Floats]) -> Floats:
    """Mean over items, for each k."""
    found: Floats = np.mean(np.stack(curves), axis=0)
    return found


def majority_curve(
    extracted: Sequence[ExtractionRecord], right: Sequence[Sequence[bool]]
) -> Floats:
    """maj@1 … maj@n, mean over items."""
    n = len(right[0])
    rows = [
        [maj_at_k(record.keys, own, k, at) for k in range(1, n + 1)]
        for at, (record, own) in enumerate(zip(extracted, right, strict=True))
    ]
    return mean_curve([np.array(row) for row in rows])


def chosen_by_delta(record: ExtractionRecord, first: int | None = None) -> int | None:
    """The branch with the largest Δ among the first so many; None where none has an answer."""
    held = [(value, -at) for at, value in enumerate(record.deltas[:first]) if value is not None]
    return -max(held)[1] if held else None


def chosen_by_sum(record: ExtractionRecord, first: int | None = None) -> int | None:
    """A branch of the answer with the largest sum of Δ over its branches; the surest of them."""
    totals: dict[str, float] = {}
    for key, value in zip(record.keys[:first], record.deltas[:first], strict=True):
        if key is not None and value is not None:
            totals[key] = totals.get(key, 0.0) + value
    if not totals:
        return None
    best = max(totals, key=lambda key: totals[key])
    own = [(value, -at) for at, value in enumerate(record.deltas[:first])
           if value is not None and record.keys[at] == best]  # fmt: skip
    return -max(own)[1]


def _confidence(
    extracted: Sequence[ExtractionRecord], right: Sequence[Sequence[bool]]
) -> dict[str, Any]:
    """CoT-decoding's two ways of choosing for every k, and whether Δ tells right from wrong."""
    both = list(zip(extracted, right, strict=True))
    n = len(right[0])
    scores = [value for record in extracted for value in record.deltas if value is not None]
    hits = [own[at] for record, own in both for at, value in enumerate(record.deltas)
            if value is not None]  # fmt: skip

    def curve(choose: Any) -> list[float]:
        found = []
        for k in range(1, n + 1):
            places = [(own, choose(record, k)) for record, own in both]
            hit = sum(at is not None and own[at] for own, at in places)
            found.append(hit / len(both))
        return _rounded(np.array(found))

    return {
        "cot_max_at": curve(chosen_by_delta),
        "cot_sum_at": curve(chosen_by_sum),
        "delta_auroc": asdict(auroc(scores, hits)),
    }


def _votes(
    extracted: Sequence[ExtractionRecord], right: Sequence[Sequence[bool]]
) -> dict[str, Any]:
    """Is the share of votes what it claims to be? Only where there are several votes."""
    if len(right[0]) < 2:
        return {"calibration_error": None, "n": 0, "reason": "one answer has no share of votes"}
    shares, hits = [], []
    for record, own in zip(extracted, right, strict=True):
        best = vote_share(record.keys)
        if best is not None:
            shares.append(best[1])
            hits.append(own[record.keys.index(best[0])])
    told = calibration_error(shares, hits)
    return {
        "calibration_error": told.value,
        "n": told.n,
        "reason": told.reason,
        "mean_share": fsum(shares) / len(shares) if shares else None,
    }


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 6) for value in values]
