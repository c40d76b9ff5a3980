"""The Reasoning page's figures: unshown is hollow, absent is said, a token is text."""

from core.figures.branches import branches
from core.figures.forest import Stem, forest, shared_window
from core.figures.reasoning import bars_figure, curves_figure, fates_figure
from core.lam import BASE, INSTRUCT
from core.reports.reasoning_curves import CurvePoint
from core.reports.reasoning_items import AnswerRow, Shares
from core.reports.reasoning_scores import Told
from core.stats.crossing import Crossing
from core.stats.span import Span

AHEAD = Stem("ahead", 5.0, Span(2.0, 8.0), "+5.0")
UNSHOWN = Stem("unshown", 1.0, Span(-2.0, 4.0), "+1.0")
ABSENT = Stem("absent", None, None, "not measured")


def test_a_difference_whose_interval_holds_zero_is_hollow_and_an_absent_one_is_named() -> None:
    stems = (AHEAD, UNSHOWN, ABSENT)
    figure = forest(stems, "heading", shared_window(stems))
    points = figure.data[1]
    assert list(points.x) == [5.0, 1.0]
    assert [symbol.endswith("-open") for symbol in points.marker.symbol] == [False, True]
    assert [note.text for note in figure.layout.annotations] == ["not measured"]
    low, high = figure.layout.xaxis.range
    assert low < -2.0 and high > 8.0


def test_a_point_without_a_value_is_left_out_of_a_curve_and_a_crossing_is_a_band() -> None:
    points = (
        CurvePoint(1, Told(0.5, Span(0.4, 0.6), 10), 20.0, None),
        CurvePoint(2, Told(None, None, 0, "no items"), 40.0, None),
    )
    crossing = Crossing(1.5, Span(1.2, 1.9), 1.0)
    drawn = curves_figure({BASE: points}, "k", "pass@k", crossing)
    line = drawn.figure.data[1]
    assert list(line.x) == [1.0] and list(line.y) == [50.0]
    (band,) = drawn.figure.layout.shapes
    assert (band.x0, band.x1) == (1.2, 1.9)
    # Seconds were not kept: nothing is drawn in place of them.
    assert not curves_figure({BASE: points}, "seconds", "pass@k", None).figure.data


def test_bars_leave_out_what_was_not_asked_for() -> None:
    told = {
        INSTRUCT: {"a": Told(0.25, None, 8), "b": Told(None, None, 8, "no format was asked for")}
    }
    drawn = bars_figure(told, "heading")
    assert list(drawn.figure.data[0].x) == ["a"] and "b not told" in drawn.words


def test_only_fates_that_occur_are_drawn_and_they_fill_the_bar() -> None:
    one = Shares(
        8,
        right=0.5,
        wrong=0.25,
        undecided=0.0,
        no_answer=0.25,
        out_of_tokens=0.0,
        too_long=0.0,
        format_failed=None,
    )
    figure = fates_figure({BASE: one}).figure
    assert [trace.name for trace in figure.data] == ["right", "wrong", "no answer found"]
    assert sum(trace.y[0] for trace in figure.data) == 100.0


def test_a_token_that_looks_like_html_is_text() -> None:
    row = AnswerRow(
        number=0, text="x", tokens=1, finish="stop", answer="<b>4</b>", span=None, how=None,
        fault=None, right=None, reason=None, as_twin=False, first="<img src=x>",
        first_probability=0.5, delta=0.2,
    )  # fmt: skip
    figure = branches((row,))
    assert "<" not in figure.layout.yaxis.ticktext[0] and "<b>4" not in figure.data[-1].text[0]
    assert figure.data[-1].marker.symbol[0] == "circle-open"  # the grader could not decide
