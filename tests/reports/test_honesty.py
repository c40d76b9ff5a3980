"""The honesty strip: every number by hand, and a warning exactly where something is wrong."""

from typing import Any

import pytest
from scipy.stats import spearmanr

from core.reports.honesty import honesty
from core.store.records import JudgmentRecord

ASKED: dict[str, Any] = {
    "mean_mass": 0.97,
    "letters": 0,
    "models": {"gpt-x": 40},
    "first": "2026-01-01T00:00:00+00:00",
    "last": "2026-01-02T00:00:00+00:00",
    "dollars": 0.5,
}


def record(
    number: int, preference: float | None, orders: tuple[float, float] | None = None
) -> JudgmentRecord:
    shown = orders or (None, None)
    reason = None if preference is not None else "status 500"
    return JudgmentRecord(
        f"i{number}", preference, None, None, None, reason,
        reference_first=shown[0], candidate_first=shown[1],
    )  # fmt: skip


OURS = {f"i{number}": "x" * (number + 1) for number in range(20)}
THEIRS = {f"i{number}": "y" * 10 for number in range(20)}
FAIR = [record(n, 2.0 if n % 2 else 1.0, (2.0, 1.0) if n % 2 else (1.0, 2.0)) for n in range(20)]


def test_a_fair_judge_has_no_warning() -> None:
    found = honesty(FAIR, OURS, THEIRS, ASKED)
    assert found.warnings == ()
    assert (found.n, found.missing) == (20, ())
    assert found.orders is not None
    assert (found.orders.swap_consistency, found.orders.first_slot_share) == (100.0, 50.0)
    assert (found.mean_length, found.reference_length) == (10.5, 10.0)
    assert found.share_longer == 100 * (10 + 0.5) / 20  # lengths 11 to 20, and one of 10
    assert (found.identical, found.dollars) == (0, 0.5)
    assert (found.models, found.first) == ((("gpt-x", 40),), ASKED["first"])


def test_the_correlation_is_spearmans() -> None:
    records = [record(n, 1 + (n * 7 % 20) / 20) for n in range(20)]
    expected = spearmanr(
        [r.preference for r in records], [len(OURS[r.item]) - 10 for r in records]
    ).statistic
    assert honesty(records, OURS, THEIRS).length_correlation == pytest.approx(expected)
    flat = [record(n, 1.5) for n in range(20)]
    assert honesty(flat, OURS, THEIRS).length_correlation is None


def test_missing_verdicts_are_counted_with_their_reasons() -> None:
    records = [*FAIR[:17], *(record(n, None) for n in range(17, 20))]
    found = honesty(records, OURS, THEIRS)
    assert (found.n, found.missing) == (17, (("status 500", 3),))
    assert found.warnings == ("3 of 20 verdicts are missing; the rate is over the others.",)


def test_a_judge_that_sees_slots_is_told() -> None:
    records = [record(n, 1.5, (1.0, 1.0)) for n in range(20)]
    found = honesty(records, OURS, THEIRS)
    assert found.orders is not None
    assert (found.orders.swap_consistency, found.orders.first_slot_share) == (0.0, 100.0)
    assert len(found.warnings) == 2
    assert "order is turned round" in found.warnings[0]
    assert "100 % to the answer shown first" in found.warnings[1]


def test_a_mixture_little_mass_and_a_judge_of_itself_are_told() -> None:
    asked = ASKED | {"models": {"gpt-x": 30, "gpt-y": 10}, "mean_mass": 0.02}
    found = honesty(FAIR, OURS, THEIRS, asked, "The judge is one of those it judges.")
    assert found.warnings[0] == "The judge is one of those it judges."
    assert "gpt-x (30), gpt-y (10)" in found.warnings[1]
    assert "only 2.0 %" in found.warnings[2]


def test_nothing_is_absent_and_not_zero() -> None:
    found = honesty([], {}, {})
    assert (found.n, found.orders, found.mean_length, found.share_longer) == (0, None, None, None)
