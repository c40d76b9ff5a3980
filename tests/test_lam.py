"""λ is exact, or it is refused with a sentence."""

import pytest

from core.errors import LambdaError
from core.lam import BASE, INSTRUCT, Lam, parse_grid


@pytest.mark.parametrize(
    ("text", "thousandths"),
    [("0", 0), ("1", 1000), ("0.35", 350), (".5", 500), ("1.", 1000), ("-0.5", -500), ("2", 2000)],
)
def test_reads_what_people_type(text: str, thousandths: int) -> None:
    assert Lam.parse(text).thousandths == thousandths


@pytest.mark.parametrize(
    "text", ["abc", "", "7", "-0.501", "0.3333", "1e-1", "nan", "inf", "0,5", "٠.٥", "0.5 1", "--1"]
)
def test_refuses_the_rest_with_the_bad_value_and_the_next_step(text: str) -> None:
    with pytest.raises(LambdaError) as refused:
        Lam.parse(text)
    assert text in str(refused.value)
    assert "Give" in str(refused.value)


def test_a_sum_of_tenths_is_the_number_people_mean() -> None:
    assert Lam.parse("0.1").thousandths + Lam.parse("0.2").thousandths == 300
    with pytest.raises(LambdaError):
        Lam.parse(0.1 + 0.2)


def test_text_and_value_go_round_for_every_lam() -> None:
    for thousandths in range(-500, 2001):
        lam = Lam(thousandths)
        assert Lam.parse(str(lam)) == lam
        assert round(lam.value * 1000) == thousandths


def test_grid_is_ascending_and_holds_each_value_once() -> None:
    grid = parse_grid("1.2, 0:1:0.1, 0.3, 1.1")
    assert [str(lam) for lam in grid] == [
        "0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1", "1.1", "1.2",
    ]  # fmt: skip
    assert grid[0] == BASE and INSTRUCT in grid


@pytest.mark.parametrize("text", ["", ",", "0:1", "0:1:0", "1:0:0.1", "0:1:-0.1", "0:9:1", "a:b:c"])
def test_grid_refuses_what_never_arrives(text: str) -> None:
    with pytest.raises(LambdaError):
        parse_grid(text)
