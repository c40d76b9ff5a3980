"""A picture without a script: points lie where their values are, and words stay words."""

import re
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest

from core.figures.reading import Look
from core.figures.shown import curve_figure, plane_figure
from core.figures.svg import svg
from core.figures.svg_frame import ticks
from core.lam import Lam
from tests.made_trade_off import made_trade_off

LINE = made_trade_off("tinyworld", "lam:1")
LOOK = Look(Lam(500))


def picture(figure: go.Figure, told: str = "words") -> ElementTree.Element:
    return ElementTree.fromstring(svg(figure, 600, 300, told))


def test_points_keep_their_order_and_distances() -> None:
    figure, told = curve_figure(LINE, LOOK, "icl")
    (dots,) = [one for one in figure.data if one.mode == "markers"]
    drawn = [one for one in picture(figure, told).iter("title") if one.text]
    assert len(drawn) == len(dots.x)
    places = re.findall(r'(?:cx="|translate\()([\d.]+)', svg(figure, 600, 300, told))
    across = [float(place) for place in places]
    steps = [
        (b - a) / (y - x)
        for a, b, x, y in zip(across, across[1:], dots.x, dots.x[1:], strict=False)
    ]
    assert max(steps) - min(steps) < 0.02 * max(steps)  # linear in λ, to a tenth of a pixel


def test_the_plane_has_its_regions_whiskers_and_names() -> None:
    figure, told = plane_figure(LINE, LOOK)
    root = picture(figure, told)
    assert root.get("aria-label") == told
    names = {"".join(one.itertext()) for one in root.iter("text")}
    assert {"base, λ 0", "instruct, λ 1"} & names and any(n.startswith("λ 0.5") for n in names)
    titles = [one.text or "" for one in root.iter("title")]
    assert len(titles) == len(LINE.points) and not any("click" in one for one in titles)


def test_words_cannot_become_marks() -> None:
    bad = '<script>x</script><b onclick="y">&amp;'
    figure = go.Figure(
        data=[{"type": "scatter", "mode": "markers", "x": [1], "y": [1], "hovertext": [bad],
               "marker": {"color": "#000000", "size": 9}}],
        layout={"xaxis": {"range": [0, 2]}, "yaxis": {"range": [0, 2]},
                "annotations": [{"x": 1, "y": 1, "text": f"<b>{bad}</b>"}]},
    )  # fmt: skip
    root = picture(figure, bad)
    assert {one.tag for one in root.iter()} == {
        "svg", "path", "text", "tspan", "g", "circle", "title",
    }  # fmt: skip
    assert root.get("aria-label") == bad


def test_what_cannot_be_drawn_is_an_error_and_not_a_gap() -> None:
    heat = go.Figure(go.Heatmap(z=[[1]]), {"xaxis": {"range": [0, 1]}, "yaxis": {"range": [0, 1]}})
    with pytest.raises(ValueError, match="heatmap"):
        svg(heat, 100, 100, "")


@pytest.mark.parametrize(
    ("axis", "said"),
    [
        ({"range": [-0.06, 1.26], "dtick": 0.2}, "0 0.2 0.4 0.6 0.8 1 1.2"),
        ({"range": [-4, 54]}, "0 10 20 30 40 50"),
        ({"range": [-30, 30], "nticks": 5}, "−20 0 20"),
        ({"range": [0, 1], "tickvals": [0, 0.5, 2]}, "0 0.5"),
    ],
)
def test_ticks_are_round_and_inside(axis: dict[str, object], said: str) -> None:
    assert " ".join(label for _, label in ticks(axis)) == said
