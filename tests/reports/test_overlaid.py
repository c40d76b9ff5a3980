"""Another pair in the same picture: only what was asked alike, and the rest named."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.reports.asked import Asked as Shown
from core.reports.overlaid import Held, overlay
from core.reports.points import TradeOff
from core.reports.trade_off import read_trade_off
from core.store.runs import RunStore
from tests.synthetic_sweep import TASKS, USUAL, Asked, Invented, write_synthetic_sweep

FEW = Invented(grid="0,1", items=6, instructions=6)
SHIPPED = "outputs:reference"
# What the other pair was asked otherwise: which axis it loses, and the name that is told.
FEW_SHOT: dict[str, Asked] = {
    "data": replace(USUAL, data="mended"),
    "version": replace(USUAL, version="2"),
    "shots": replace(USUAL, shots=0),
    "prompt": replace(USUAL, form="chat"),
}
FOLLOWING: dict[str, Asked] = {
    "instructions' data": replace(USUAL, instructions="mended"),
    "instructions' decoding": replace(USUAL, tokens=32),
    "judge": replace(USUAL, judge="reward"),
    "judge version": replace(USUAL, judge_version="2"),
    "judge's prompt": replace(USUAL, judge_prompt="f" * 64),
    "order shown": replace(USUAL, order="official"),
    "reference": replace(USUAL, outputs="other outputs"),
}
TOLD: dict[str, Invented] = {
    "number format": replace(FEW, asked=replace(USUAL, dtype="bfloat16")),
    "chat template": replace(FEW, asked=replace(USUAL, template="its own")),
    "device": replace(FEW, device="cuda:0"),
    "torch": replace(FEW, packages=(("torch", "2.12.0"),)),
}


def line_of(store: RunStore, pair: str, reference: str = SHIPPED) -> TradeOff:
    line = read_trade_off(store, pair, reference)
    assert line is not None
    return line


def held(results: Path, other: Invented, reference: str = SHIPPED) -> Held:
    write_synthetic_sweep(results, FEW)
    store = write_synthetic_sweep(results, replace(other, pair="other", content="other"))
    return overlay(line_of(store, "tinyworld", reference), line_of(store, "other", reference),
                   "win_rate")  # fmt: skip


def test_the_same_questions_stand_on_every_chart(tmp_path: Path) -> None:
    one = held(tmp_path, FEW)
    assert one.plane and one.few_shot and one.following and one.lengths
    assert one.words == "other is drawn on every chart." and one.shared == ()


@pytest.mark.parametrize("name", FEW_SHOT)
def test_other_few_shot_questions_are_not_on_that_axis(name: str, tmp_path: Path) -> None:
    one = held(tmp_path, replace(FEW, asked=FEW_SHOT[name]))
    assert (one.few_shot, one.following, one.plane) == (False, True, False)
    assert name in one.words and "not on the plane" in one.words


@pytest.mark.parametrize("name", FOLLOWING)
def test_other_instructions_or_judges_are_not_on_that_axis(name: str, tmp_path: Path) -> None:
    one = held(tmp_path, replace(FEW, asked=FOLLOWING[name]))
    assert (one.few_shot, one.following, one.plane) == (True, False, False)
    assert name in one.words
    assert one.lengths is ("instructions" not in name), "a judge changes no answer's length"


@pytest.mark.parametrize("name", TOLD)
def test_how_it_was_computed_is_told_and_hides_nothing(name: str, tmp_path: Path) -> None:
    one = held(tmp_path, TOLD[name])
    assert one.plane and name in one.words


def test_a_win_rate_against_its_own_instruct_says_so(tmp_path: Path) -> None:
    one = held(tmp_path, FEW, "lam:1")
    assert one.plane and "against its own λ = 1" in one.words


def test_tasks_in_common_can_be_counted_alone(tmp_path: Path) -> None:
    one = held(tmp_path, replace(FEW, tasks=TASKS[:4], suite="shorter"))
    assert not one.few_shot and set(one.shared) == {task[0] for task in TASKS[:4]}
    assert "4 of the 6 tasks were measured alike" in one.words
    store, asked = RunStore(tmp_path), Shown(frozenset(one.shared))
    lines = [read_trade_off(store, pair, SHIPPED, asked=asked) for pair in ("tinyworld", "other")]
    assert lines[0] is not None and lines[1] is not None
    assert overlay(lines[0], lines[1], "win_rate").few_shot


def test_without_answers_no_curve_of_following_is_claimed(tmp_path: Path) -> None:
    write_synthetic_sweep(tmp_path, FEW)
    store = write_synthetic_sweep(tmp_path, replace(FEW, pair="other", content="other"))
    other = line_of(store, "other")
    assert other.made is not None
    bare = replace(other, made=replace(other.made, following=()))
    one = overlay(line_of(store, "tinyworld"), bare, "win_rate")
    assert not one.following and not one.lengths and "no answers" in one.words
