"""What comparing all λ adds to the charts: regions, the front, stars at λ*."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.overlay import NOTHING, Overlay, overlay, star_curve
from core.figures.plane import plane
from core.figures.reading import Look
from core.lam import BASE, INSTRUCT, Lam
from core.reports.choosing import choose
from core.reports.together import LineItems, together
from core.stats.bootstrap import Table
from tests.made_trade_off import GRID, made_trade_off

RNG = np.random.default_rng(8)


def trace(figure: Any, name: str) -> Any:
    return next((one for one in figure.data if one.name == name), None)


@pytest.fixture(scope="module")
def seen() -> Overlay:
    """Few-shot accuracy falls and win rate rises along λ; λ=1 is the reference."""
    shares = np.linspace(0.9, 0.2, len(GRID))
    luck = RNG.random((100, 1))
    wins = np.where(RNG.random((80, 1)) < 1 - shares, 100.0, 0.0)
    wins[:, GRID.index(INSTRUCT)] = 50.0
    table = Table(np.where(luck < shares, 100.0, 0.0))
    found = together(
        LineItems(GRID, (table,), Table(wins), Table(wins), INSTRUCT, None), "win_rate"
    ).together
    assert found is not None
    return overlay(found, choose(found, 0.0))


def test_every_region_lies_around_its_point_and_the_known_coordinate_is_a_line(
    seen: Overlay,
) -> None:
    figure = plane(made_trade_off(), Look(Lam(800)), seen)
    shapes = figure.layout.shapes
    assert len(shapes) == len(GRID)
    for shape, (lam, region) in zip(shapes, seen.regions.items(), strict=True):
        assert (shape.x0 + shape.x1) / 2 == pytest.approx(region.x)
        assert (shape.y0 + shape.y1) / 2 == pytest.approx(region.y)
        assert shape.type == ("line" if lam == INSTRUCT else "circle")


def test_a_point_with_a_region_has_no_whisker(seen: Overlay) -> None:
    points = trace(plane(made_trade_off(), Look(Lam(800)), seen), "measured")
    assert set(points.error_x.array) == set(points.error_y.array) == {None}
    bare = trace(plane(made_trade_off(), Look(Lam(800))), "measured")
    assert bare.error_x.array[0] is not None


def test_the_hover_says_the_share_of_resamples_and_the_front_is_not_colour_alone(
    seen: Overlay,
) -> None:
    points = trace(plane(made_trade_off(), Look(Lam(800)), seen), "measured")
    assert all("of resamples" in text for text in points.hovertext)
    on = [lam in seen.front for lam in GRID]
    assert any(on)
    for text, size, rim, front in zip(
        points.hovertext, points.marker.size, points.marker.line.width, on, strict=True
    ):
        assert ("not on the Pareto front" in text) is not front
        assert (size > 11, rim > 1) == (front, front)


def test_stars_are_the_set_of_lambda_star_on_the_plane_and_on_a_curve(seen: Overlay) -> None:
    assert BASE in seen.best and INSTRUCT not in seen.best
    figure = plane(made_trade_off(), Look(Lam(800)), seen)
    assert len(trace(figure, "best").x) == len(seen.best)
    curve = go.Figure(
        data=[{"x": [lam.value for lam in GRID], "y": list(range(13)), "mode": "markers"}]
    )
    stars = trace(star_curve(curve, seen.best), "best")
    assert list(stars.x) == [lam.value for lam in seen.best]
    assert list(stars.y) == [GRID.index(lam) for lam in seen.best]


def test_moving_lambda_or_the_rate_moves_no_window(seen: Overlay) -> None:
    one, other = (plane(made_trade_off(), Look(lam), seen) for lam in (BASE, Lam(750)))
    assert one.layout.xaxis.range == other.layout.xaxis.range


def test_without_a_comparison_nothing_is_added() -> None:
    assert overlay(None, None) == NOTHING
    figure = plane(made_trade_off(), Look(Lam(800)), NOTHING)
    assert not figure.layout.shapes and trace(figure, "best") is None
