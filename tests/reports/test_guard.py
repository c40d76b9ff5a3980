"""Runs that were measured in different ways never stand on one curve, and the line says why."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import NotKnown
from core.lam import Lam
from core.reports.asked import Asked as Shown
from core.reports.guard_words import guard_words, options
from core.reports.points import TradeOff
from core.reports.trade_off import read_trade_off
from core.store.runs import RunStore
from tests.synthetic_sweep import USUAL, Asked, Invented, write_synthetic_sweep

FEW = Invented(items=12, instructions=12)
MOST, LATER = "0,0.5,1,1.2", "0.35"
LATE = "2026-02-01T00:00:00+00:00"

# What differs, by the name under which it is told: how the later λ was asked …
ASKED: dict[str, Asked] = {
    "data": replace(USUAL, data="mended"),
    "version": replace(USUAL, version="2"),
    "shots": replace(USUAL, shots=0),
    "prompt": replace(USUAL, form="chat"),
    "number format": replace(USUAL, dtype="bfloat16"),
    "instructions' decoding": replace(USUAL, tokens=32),
    "instructions' data": replace(USUAL, instructions="mended"),
    "chat template": replace(USUAL, template="another"),
    "judge": replace(USUAL, judge="reward"),
    "judge version": replace(USUAL, judge_version="2"),
    "judge's prompt": replace(USUAL, judge_prompt="f" * 64),
    "order shown": replace(USUAL, order="official"),
}
# … or where it was measured.
PLACES: dict[str, Invented] = {
    "device": Invented(device="cuda:0"),
    "platform": Invented(platform="Darwin-arm64"),
    "torch": Invented(packages=(("torch", "2.12.0"),)),
    "transformers": Invented(packages=(("transformers", "5.1.0"),)),
}


def two(results: Path, later: Invented) -> RunStore:
    """Four λ as usual, and one measured later in another way."""
    write_synthetic_sweep(results, replace(FEW, grid=MOST))
    grid = f"{LATER},1" if later.asked.judge_prompt or later.asked.order == "official" else LATER
    return write_synthetic_sweep(
        results, replace(later, grid=grid, created=LATE, items=12, instructions=12)
    )


def read(store: RunStore, key: str = "", reference: str = "outputs:reference") -> TradeOff:
    line = read_trade_off(store, "tinyworld", reference, asked=Shown(measurement=key))
    assert line is not None
    return line


def lams(line: TradeOff) -> list[str]:
    return [str(point.lam) for point in line.points]


def whole(line: TradeOff) -> list[str]:
    """The λ that have both coordinates."""
    there = [one for one in line.points if None not in (one.icl.value, one.win_rate.value)]
    return [str(one.lam) for one in there]


@pytest.mark.parametrize("name", [*ASKED, *PLACES])
def test_what_differs_is_not_on_the_curve_and_is_named_at_its_lambda(
    name: str, tmp_path: Path
) -> None:
    later = PLACES.get(name) or Invented(asked=ASKED[name])
    line = read(two(tmp_path, later))
    assert LATER not in whole(line)
    (other,) = [one for one in line.others if Lam.parse(LATER) in one.lams]
    assert name in [one.name for one in other.differs]
    told = " ".join(guard_words(line))
    assert name in told and LATER in told


@pytest.mark.parametrize("name", [*ASKED, *PLACES])
def test_either_group_can_be_chosen_and_is_whole(name: str, tmp_path: Path) -> None:
    store = two(tmp_path, PLACES.get(name) or Invented(asked=ASKED[name]))
    first = read(store)
    offered = options(first)
    assert len(offered) == 2 and len(set(offered.values())) == 2
    assert next(iter(offered)) == first.key
    other = read(store, list(offered)[1])
    assert LATER in whole(other) and other.key != first.key
    assert options(other).keys() == offered.keys()
    assert read(store, first.key).points == first.points


@pytest.mark.parametrize("name", PLACES)
def test_the_same_questions_on_another_machine_are_drawn_apart(name: str, tmp_path: Path) -> None:
    line = read(two(tmp_path, PLACES[name]))
    apart = line.apart(Lam.parse(LATER))
    assert apart is not None
    point = apart.at(Lam.parse(LATER))
    assert point is not None and point.icl.value is not None
    assert point.icl_difference.value is None, "λ=1 was measured elsewhere"


@pytest.mark.parametrize("name", ASKED)
def test_other_questions_are_not_drawn_beside_the_curve(name: str, tmp_path: Path) -> None:
    line = read(two(tmp_path, Invented(asked=ASKED[name])))
    assert line.apart(Lam.parse(LATER)) is None


def test_runs_that_agree_in_everything_join_and_nothing_is_said(tmp_path: Path) -> None:
    line = read(two(tmp_path, Invented()))
    assert LATER in lams(line) and line.others == () and guard_words(line) == ()
    assert options(line) == {}


def test_a_lambda_measured_in_two_goes_is_in_neither_group(tmp_path: Path) -> None:
    """Half of its tasks with other versions: it cannot be told apart from itself."""
    write_synthetic_sweep(tmp_path, replace(FEW, grid=MOST))
    other = replace(FEW, grid=LATER, packages=(("torch", "2.12.0"),), created=LATE)
    write_synthetic_sweep(tmp_path, replace(other, tasks=other.tasks[:3]))
    store = write_synthetic_sweep(tmp_path, replace(FEW, grid=LATER, created=LATE))
    line = read(store)
    assert LATER not in lams(line)
    (found,) = [one for one in line.others if one.points]
    assert lams(line) == MOST.split(",")
    (torch,) = [one for one in found.differs if one.name == "torch"]
    assert "2.12.0 and " in torch.there


def test_the_larger_group_is_drawn_and_of_two_equals_that_with_instruct(tmp_path: Path) -> None:
    write_synthetic_sweep(tmp_path, replace(FEW, grid="0,0.1", device="cuda:0"))
    store = write_synthetic_sweep(tmp_path, replace(FEW, grid="0.9,1", created=LATE))
    assert lams(read(store)) == ["0.9", "1"]
    more = replace(FEW, grid="0.2", device="cuda:0", created=LATE)
    assert lams(read(write_synthetic_sweep(tmp_path, more))) == ["0", "0.1", "0.2"]


def test_an_unknown_measurement_names_the_known_ones(tmp_path: Path) -> None:
    store = two(tmp_path, PLACES["torch"])
    with pytest.raises(NotKnown, match=read(store).key):
        read(store, "nonesuch")
