"""What the plane shows: every measured λ, exact on click; a λ in between as a bare place."""

from itertools import pairwise
from typing import Any

import pytest

from core.figures.axis import Axis
from core.figures.plane import in_words, plane
from core.figures.reading import Look
from core.lam import INSTRUCT, Lam
from tests.made_trade_off import GRID, made_trade_off, without

MEASURED, BETWEEN, OUTSIDE = Lam(800), Lam(750), Lam(1700)


def trace(figure: Any, name: str) -> Any:
    return next((one for one in figure.data if one.name == name), None)


@pytest.mark.parametrize("axis", ["win_rate", "pass_rate"])
def test_every_point_leads_back_to_exactly_its_lambda(axis: Axis) -> None:
    points = trace(plane(made_trade_off(), Look(MEASURED, axis)), "measured")
    assert [Lam(thousandths) for (thousandths,) in points.customdata] == list(GRID)


def test_the_path_runs_in_the_order_of_lambda_and_is_dotted_beyond_instruct() -> None:
    figure = plane(made_trade_off(), Look(MEASURED))
    legs = [one for one in figure.data if one.mode == "lines"]
    ends = [(leg.x[0], leg.x[1]) for leg in legs]
    icl = [point.icl.value for point in made_trade_off().points]
    assert ends == list(pairwise(icl))
    assert [leg.line.dash for leg in legs] == ["solid"] * 10 + ["dot"] * 2


def test_base_instruct_and_the_chosen_lambda_are_named_in_words() -> None:
    words = [note.text for note in plane(made_trade_off(), Look(MEASURED)).layout.annotations]
    assert "<b>λ 0.8</b>" in words
    assert "base, λ 0" in words and "instruct, λ 1" in words


def test_a_lambda_in_between_is_a_hollow_place_without_interval() -> None:
    figure = plane(made_trade_off(), Look(BETWEEN))
    ring, points = trace(figure, "chosen"), trace(figure, "measured")
    assert ring.marker.symbol == "circle-open"
    assert ring.error_x.array is None and ring.error_y.array is None
    assert len(points.x) == len(GRID)
    assert any("not measured" in note.text for note in figure.layout.annotations)


def test_outside_the_measured_range_nothing_is_drawn() -> None:
    assert trace(plane(made_trade_off(), Look(OUTSIDE)), "chosen") is None


def test_fifty_by_definition_has_no_whisker() -> None:
    points = trace(plane(made_trade_off(), Look(MEASURED)), "measured")
    at = list(GRID).index(INSTRUCT)
    assert points.error_y.array[at] is None and points.error_x.array[at] is not None


def test_moving_lambda_moves_neither_the_window_nor_the_points() -> None:
    one, other = (plane(made_trade_off(), Look(lam)) for lam in (MEASURED, BETWEEN))
    assert one.layout.xaxis.range == other.layout.xaxis.range
    assert one.layout.yaxis.range == other.layout.yaxis.range
    assert one.layout.height == other.layout.height


def test_the_words_hold_every_measured_number_and_no_other() -> None:
    line = without(made_trade_off(), Lam(300))
    words = in_words(line, Look(BETWEEN))
    assert "λ 0.8: 68.0 and 48.5" in words and "λ 0.3:" not in words and "λ 0.75:" not in words
