"""The judge that is exact and free: each instruction carries checks, as in IFEval.

The output with the higher share of checks passed wins; equal shares are a draw and stay in
n. Beside the verdict stand both shares, whether the candidate passed every check, and which
ones by their description (the reference's own are in its own set of verdicts). Not here:
what the checks are (checks.py), and win rates (metrics.py).

    judge(load_instructions(suite), candidate=by_item, reference=reference_outputs(suite))
"""

from collections.abc import Sequence

from core.judges.checks import Check, describe, parse_check, passes
from core.judges.protocol import (
    CANDIDATE_BETTER,
    DRAW,
    REFERENCE_BETTER,
    JudgeIdentity,
    Outputs,
    output_text,
)
from core.spec import JudgmentSpec
from core.store.records import JudgmentRecord
from core.tasks.instructions import Instruction, checks_hash

NAME = "verifier"
VERSION = "1"

NO_CANDIDATE = "the candidate has no output"
NO_CHECKS = "the instruction carries no checks: choose another judge"
NO_REFERENCE = "the reference has no output"
ITSELF = "the candidate is the reference itself: 50 by definition"


def judgment_spec(candidate: str, reference: str, items: Sequence[Instruction]) -> JudgmentSpec:
    """The set of verdicts by id; other checks or other rules make it another set.

    `reference` is a generations run id or "file:" + hash. The reference judged against
    itself has its own id too: its record set holds shares and passes, and no verdict.
    """
    return JudgmentSpec(candidate, reference, NAME, identity(items).version)


def judge(
    items: Sequence[Instruction], candidate: Outputs, reference: Outputs | None
) -> list[JudgmentRecord]:
    """One record an item, in the items' order.

    `reference` None says that the candidate is the reference itself: the records then hold
    its checks, and no verdicts, because 50 is a definition there and not a measurement.

    Raises:
        TaskError: an item's checks are broken.
    """
    return [_verdict(item, candidate, reference) for item in items]


def identity(items: Sequence[Instruction]) -> JudgeIdentity:
    """Who the verifier is for these instructions."""
    return JudgeIdentity(NAME, f"{VERSION}-{checks_hash(items)[:16]}", order_free=True)


class Verifier:
    """The same as an object, for code that takes any judge."""

    def __init__(self, items: Sequence[Instruction]) -> None:
        self.identity = identity(items)

    def judge(
        self, items: Sequence[Instruction], candidate: Outputs, reference: Outputs | None
    ) -> list[JudgmentRecord]:
        """See `judge`."""
        return judge(items, candidate, reference)


def _verdict(item: Instruction, candidate: Outputs, reference: Outputs | None) -> JudgmentRecord:
    checks = [parse_check(record) for record in item.checks]
    if not checks:
        return JudgmentRecord(item.id, None, None, None, None, NO_CHECKS, cluster=item.cluster)
    ours = _passed(checks, output_text(candidate, item.id))
    theirs = None if reference is None else _passed(checks, output_text(reference, item.id))
    ours_share, their_share = _share(ours), _share(theirs)
    reason = ITSELF if reference is None else None
    if ours is None:
        reason = NO_CANDIDATE
    elif theirs is None and reference is not None:
        reason = NO_REFERENCE
    return JudgmentRecord(
        item=item.id,
        preference=_preference(ours_share, their_share),
        candidate_score=ours_share,
        reference_score=their_share,
        candidate_passed=None if ours is None else all(passed for _, passed in ours),
        reason=reason,
        detail=None if ours is None else dict(ours),
        cluster=item.cluster,
    )


def _passed(checks: Sequence[Check], output: str | None) -> list[tuple[str, bool]] | None:
    if output is None:
        return None
    return [(describe(check), passes(check, output)) for check in checks]


def _share(results: Sequence[tuple[str, bool]] | None) -> float | None:
    return None if results is None else sum(passed for _, passed in results) / len(results)


def _preference(candidate: float | None, reference: float | None) -> float | None:
    if candidate is None or reference is None:
        return None
    if candidate == reference:
        return DRAW
    return CANDIDATE_BETTER if candidate > reference else REFERENCE_BETTER
