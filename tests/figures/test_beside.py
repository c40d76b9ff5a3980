"""Several pairs and every view on the charts: places, names, and looks that stay apart."""

import tomllib
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pytest

from core.figures.beside import MOST, SAMPLE, STYLES, Beside
from core.figures.colour import colour
from core.figures.curves import curve, in_words
from core.figures.plane import plane
from core.figures.reading import Look, What, heading
from core.lam import Lam
from core.reports.points import Other
from core.reports.views import View
from core.reports.yardstick import Difference
from tests.figures.test_colour import BLIND, CONFIG, GRAPHICS, contrast, seen
from tests.made_trade_off import GRID, made_trade_off, without

LAM = Lam(800)
LINE = made_trade_off()
OTHERS = tuple(Beside(made_trade_off(f"pair{at}"), at) for at in range(MOST))
VIEWS: tuple[View, ...] = ("absolute", "difference", "fractional", "corrected")


def trace(figure: Any, name: str) -> Any:
    return next((one for one in figure.data if one.name == name), None)


@pytest.mark.parametrize("view", VIEWS)
def test_the_plane_stands_where_each_view_says(view: View) -> None:
    points = trace(plane(LINE, Look(LAM, "win_rate", view)), "measured")
    icl = {one.lam: one.measure.value for one in LINE.few_shot.overall.views[view]}
    assert LINE.following is not None
    assert list(points.x) == [icl[lam] for lam in GRID]
    assert list(points.y) == [LINE.following.at("win_rate", view, lam).value for lam in GRID]


@pytest.mark.parametrize("view", ["difference", "fractional"])
def test_against_instruct_both_axes_say_so(view: View) -> None:
    layout = plane(LINE, Look(LAM, "win_rate", view)).layout
    assert "against λ = 1" in layout.xaxis.title.text and "against λ = 1" in layout.yaxis.title.text


@pytest.mark.parametrize("what", ["icl", "win_rate", "pass_rate", "length", "cut"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_curve_carries_every_view_inside_its_window(what: What, view: View) -> None:
    figure = curve(LINE, Look(LAM, "win_rate", view), what)
    dots = trace(figure, "measured")
    low, high = figure.layout.yaxis.range
    assert len(dots.y) == len(GRID) and all(low <= value <= high for value in dots.y)
    assert figure.layout.title.text == heading(what, view)


def test_other_pairs_are_named_at_their_lines() -> None:
    drawn = plane(LINE, Look(LAM), beside=OTHERS)
    names = [note.text for note in drawn.layout.annotations]
    figure = curve(LINE, Look(LAM), "icl", OTHERS)
    ends = [note.text for note in figure.layout.annotations]
    for other in OTHERS:
        assert trace(drawn, other.line.pair) is not None
        assert any(SAMPLE in text and other.line.pair in text for text in ends)
    assert any("pair0" in text for text in names)
    assert any(text == f"<b>{LINE.pair}</b>" for text in ends)
    heights = sorted(note.y for note in figure.layout.annotations)
    assert min(b - a for a, b in pairwise(heights)) > 0, "none covers another"
    assert "pair0: λ 0: 88.0" in in_words(LINE, Look(LAM), "icl", OTHERS)


def test_a_win_rate_against_instruct_is_each_pairs_own() -> None:
    title = plane(LINE, Look(LAM), beside=OTHERS).layout.yaxis.title.text
    assert title == "Win rate, each pair against its own λ = 1 (%)"
    assert "own" not in plane(LINE, Look(LAM)).layout.yaxis.title.text


def test_a_click_on_another_pair_leads_to_exactly_its_lambda() -> None:
    other = trace(plane(LINE, Look(LAM), beside=OTHERS[:1]), "pair0")
    assert [Lam(one) for (one,) in other.customdata] == list(GRID)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_looks_are_seen_on_both_backgrounds(mode: str) -> None:
    background = tomllib.loads(CONFIG.read_text())["theme"][mode]["backgroundColor"]
    assert all(contrast(tint, background) >= GRAPHICS for tint, _ in STYLES)


@pytest.mark.parametrize("kind", ["usual", *BLIND])
def test_looks_stay_apart_for_every_eye_and_without_colour(kind: str) -> None:
    def distance(one: str, other: str) -> float:
        both = zip(seen(one, kind), seen(other, kind), strict=True)
        return float(sum((a - b) ** 2 for a, b in both) ** 0.5)

    tints = [tint for tint, _ in STYLES]
    assert min(distance(*two) for two in combinations(tints, 2)) > 20
    assert min(distance(tint, colour(Lam(at))) for tint in tints for at in (0, 500, 1000)) > 10
    assert len({dash for _, dash in STYLES}) == MOST


def test_what_was_measured_apart_is_hollow_and_off_the_path() -> None:
    lam = Lam(350)
    point = replace(LINE.points[3], lam=lam)
    differs = (Difference("torch", "2.13", "2.12"),)
    other = Other("abc", (lam,), (lam,), ("answers",), differs, (point,))
    line = replace(without(LINE, Lam(300)), others=(other,))
    figure = plane(line, Look(lam))
    apart = trace(figure, "apart")
    assert apart.marker.symbol == "circle-open-dot" and "torch 2.12" in apart.hovertext[0]
    assert lam.thousandths not in [one[0] for one in trace(figure, "measured").customdata]
    assert any("measured apart" in note.text for note in figure.layout.annotations)
    assert trace(curve(line, Look(lam), "icl"), "apart").x == (0.35,)
    assert trace(plane(line, Look(lam, view="difference")), "apart") is None
