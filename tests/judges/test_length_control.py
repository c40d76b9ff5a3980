"""The rate at equal length is alpaca_eval's, and absent with a reason where it would mislead."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from core.errors import InputError
from core.judges.calibration import Calibration, read_calibration
from core.judges.length_control import is_far_off, length_controlled, share_longer
from core.judges.length_fit import LengthRow
from tests.judges.golden import golden_rows, hard_rows, write_calibration

# What alpaca_eval 0.6.6 says of these rows under scikit-learn 1.9.1.
MINIMAL, MINIMAL_C, MINIMAL_PHI = 49.78908711478552, 2.782559402207126, -0.6436900908678725
FULL, FULL_PSI, FULL_SPREAD = 60.49514912606369, 0.4249051031180657, 0.8217512289551933
FULL_LONG = 38.87320915399743


@pytest.fixture
def calibration(tmp_path: Path) -> Calibration:
    return read_calibration(*write_calibration(tmp_path))


def with_gaps(gaps: Sequence[int], credits: Sequence[float | None]) -> list[LengthRow]:
    return [LengthRow(c, 500, 500 + gap) for gap, c in zip(gaps, credits, strict=True)]


def test_minimal_is_the_packages() -> None:
    found = length_controlled(golden_rows())
    assert found.value == pytest.approx(MINIMAL, abs=1e-9)
    assert found.strength == pytest.approx(MINIMAL_C) and found.phi == pytest.approx(MINIMAL_PHI)
    assert (found.n, found.form, found.psi) == (196, "minimal", None)


def test_the_full_form_is_the_packages(calibration: Calibration) -> None:
    found = length_controlled(hard_rows(), calibration)
    assert found.value == pytest.approx(FULL, abs=1e-9)
    assert found.psi == pytest.approx(FULL_PSI) and found.spread == pytest.approx(FULL_SPREAD)
    assert found.form == "length_controlled_v1" and found.warning is None


def test_an_extreme_change_is_told(calibration: Calibration) -> None:
    found = length_controlled(hard_rows(padding=900), calibration)
    assert found.value == pytest.approx(FULL_LONG, abs=1e-6)
    assert found.warning is not None and "38.9" in found.warning and "60.5" in found.warning


@pytest.mark.parametrize(
    ("raw", "controlled", "far"),
    [(50, 37.4, True), (50, 37.6, False), (20, 9, True), (20, 11, False), (20, 39, False),
     (20, 41, True), (90, 99, False)],
)  # fmt: skip
def test_far_off_is_ten_points_and_a_quarter_of_the_way(
    raw: float, controlled: float, far: bool
) -> None:
    assert is_far_off(raw, controlled) is far


def test_swapping_the_roles_mirrors_it() -> None:
    rows = golden_rows()
    turned = [LengthRow(None if c is None else 1 - c, theirs, ours) for c, ours, theirs, _ in rows]
    one, two = length_controlled(rows).value, length_controlled(turned).value
    assert one is not None and two is not None and one + two == pytest.approx(100, abs=1e-3)


def test_a_pure_length_effect_is_taken_away() -> None:
    """The longer answer always wins three of four times: at equal length nobody does better."""
    gaps = [(-1) ** i * (20 + 7 * (i % 30)) for i in range(240)] + [300] * 60
    credits: list[float | None] = [
        (0.75 if gap > 0 else 0.25) + 0.1 * ((i % 3) - 1) for i, gap in enumerate(gaps)
    ]
    found = length_controlled(with_gaps(gaps, credits))
    raw = 100 * sum(c for c in credits if c is not None) / len(credits)
    assert raw > 54 and found.value == pytest.approx(50, abs=2)
    assert found.phi is not None and found.phi < 0


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (with_gaps([0] * 40, [0.2, 0.8] * 20), "nothing to control"),
        (with_gaps([7] * 40, [0.2, 0.8] * 20), "nothing to control"),
        (with_gaps([5, -5] * 20, [0.5] * 40), "all 40 verdicts are draws"),
        (with_gaps([5, -5] * 20, [1.0] * 40), "all 40 verdicts are equal"),
        (with_gaps([5, -5] * 20, [None] * 40), "0 verdicts are too few"),
        (with_gaps([5, -5] * 5, [0.2, 0.8] * 5), "10 verdicts are too few"),
        (with_gaps([5, -5] * 20, [0.0] * 38 + [0.5, 0.5]), "only 1 of 40 are won"),
        (with_gaps([5, -5] * 20, [1.0] * 38 + [0.0, 0.5]), "only 1.5 of 40 are lost"),
        (with_gaps([5, 5, 9, -5] * 10, [0.2, 0.8] * 20), "75 % of the answers are longer"),
        (with_gaps([-5, -6, -9, 5] * 10, [0.2, 0.8] * 20), "25 % of the answers are longer"),
        ([], "0 verdicts are too few"),
    ],
)
def test_it_is_not_shown_where_it_would_mislead(rows: list[LengthRow], reason: str) -> None:
    found = length_controlled(rows)
    assert found.value is None and found.reason is not None and reason in found.reason


def test_unguarded_it_extrapolates_as_alpaca_eval_does() -> None:
    rows = with_gaps([5, 5, 9, -5] * 10, [0.2, 0.8] * 20)
    assert length_controlled(rows, guarded=False).value is not None
    equal = with_gaps([0] * 40, [0.2, 0.8] * 20)
    assert length_controlled(equal, guarded=False).value is None, "sd 0 has no tanh"


def test_equal_lengths_count_half_as_longer() -> None:
    assert share_longer(with_gaps([0, 0, 5, -5], [None] * 4)) == 0.5
    assert share_longer([]) is None


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("hard", "", "no list of difficulties"),
        ("hard", ",x\n0,1.0\n2,1.0\n", "count from 0"),
        ("hard", ",x\n0,nan\n", "no number"),
        ("gamed", "a,b\n1,2\n", "no column preference"),
        ("gamed", "preference,std_delta_len,instruction_difficulty\n1.5,0,0\n", "outside 0–1"),
        ("gamed", "preference,std_delta_len,instruction_difficulty\nx,0,0\n", "no number"),
    ],
)
def test_a_broken_calibration_is_one_sentence(
    tmp_path: Path, file: str, text: str, said: str
) -> None:
    hard, gamed = write_calibration(tmp_path)
    (hard if file == "hard" else gamed).write_text(text)
    with pytest.raises(InputError, match=said):
        read_calibration(hard, gamed)
    with pytest.raises(InputError, match="cannot be read"):
        read_calibration(tmp_path / "none.csv", write_calibration(tmp_path)[1])
