"""A refined grid is computed from what is stored; what cannot be one is told in a sentence."""

from pathlib import Path

import pytest

from core.errors import InputError, NotKnown, PartwayError
from core.jobs.grid import Asked, Grid, read_grid
from core.lam import Lam, parse_grid
from core.reports.choosing import choose
from core.reports.together import together
from core.reports.trade_off import read_trade_off
from core.settings import PUBLISHED, Settings
from core.store.runs import RunStore

ASKED = Asked("tinyworld", "tinyworld-icl", "tinyworld-instructions")
MEASURED = parse_grid("0:1:0.1,1.1,1.2")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    state = tmp_path / "state"
    return Settings(tmp_path / "results", state, state / "pairs.toml")


def read(text: str, settings: Settings, asked: Asked = ASKED) -> Grid:
    return read_grid(text, asked, settings, RunStore(settings.results, (PUBLISHED,)))


@pytest.mark.parametrize("rate", [0.0, 1.0, 10.0])
def test_refined_steps_reach_from_neighbour_to_neighbour_of_the_set(
    rate: float, settings: Settings
) -> None:
    line = read_trade_off(RunStore(settings.results, (PUBLISHED,)), "tinyworld")
    assert line is not None
    compared = together(line.items, "win_rate").together
    assert compared is not None
    members = choose(compared, rate).members
    grid = read(f"refine:0.05:{rate:g}", settings)
    low, high = MEASURED.index(members[0]), MEASURED.index(members[-1])
    ends = MEASURED[max(0, low - 1)], MEASURED[min(len(MEASURED) - 1, high + 1)]
    assert grid.lams == parse_grid(f"{ends[0]}:{ends[1]}:0.05")
    (told,) = grid.notes
    assert all(str(lam) in told for lam in members) and f"worth {rate:g} few-shot" in told


def test_one_side_alone_and_ranges_beside_it(settings: Settings) -> None:
    few, win = read("refine:0.05:few-shot", settings), read("refine:0.05:win-rate", settings)
    assert Lam(0) in few.lams and Lam(0) not in win.lams and Lam(1000) in win.lams
    both = read("refine:0.05:few-shot,1.5", settings)
    assert both.lams == (*few.lams, Lam(1500))


def test_what_stands_twice_is_measured_once_and_told(settings: Settings) -> None:
    grid = read("0:1:0.5,0.5, 1", settings)
    assert grid.lams == parse_grid("0,0.5,1")
    assert grid.notes == ("λ = 0.5, 1 stands more than once in the grid; each λ is measured once.",)
    assert read("0:1:0.1", settings).notes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0:1:0", "The step 0 of the λ grid '0:1:0' never arrives. Give"),
        ("1:0:0.1", "goes down from 1 to 0. Write it upwards: 0:1:0.1."),
        ("0:1:0.0001", "is finer than λ, which has three decimals. Give one such as 0.001"),
        ("0:9.999:0.001", "λ = 9.999 is out of range. Give"),
        ("nan", "λ = 'nan' is not a number. Give"),
        (",", "holds no value. Give"),
        ("0,2.5", "λ = 2.5 is out of range. Give"),
        ("refine:0", "never arrives. Give"),
        ("refine:x", "The step 'x' of the λ grid 'refine:x' is not a number. Give"),
        ("refine:0.05:best", "'best' in the λ grid 'refine:0.05:best' is nothing to refine"),
        ("refine:0.05:1:2", "is not refine:STEP:AROUND. Give"),
        ("refine:0.1", "holds no λ that is not measured"),
    ],
)
def test_bad_grids_are_told_with_the_bad_value(text: str, said: str, settings: Settings) -> None:
    with pytest.raises(InputError) as refused:
        read(text, settings)
    assert said in str(refused.value)


def test_nothing_stored_is_nothing_to_refine(settings: Settings) -> None:
    for asked in (
        Asked("tinyworld", "tinyworld-icl", "tinyworld-instructions", limit=5),
        Asked("tinyworld", "tinyworld-icl:chat", "tinyworld-instructions"),
    ):
        with pytest.raises(NotKnown, match=r"nothing to refine.*Measure a coarse grid first"):
            read("refine", settings, asked)
    with pytest.raises(PartwayError, match="nosuch"):
        read("refine", settings, Asked("nosuch", "tinyworld-icl", "tinyworld-instructions"))


def test_ten_thousand_entries_are_as_many_lam_as_they_name(settings: Settings) -> None:
    text = ",".join(f"0.{n % 7}" for n in range(10_000))
    assert len(read(text, settings).lams) == 7
