"""First-token branches of one problem as a tree: how probable each is, and its Δ confidence.

Pure function from a problem's answers to a Plotly figure. A branch leaves the root as thick as
its first token is probable; it ends where its Δ lies, in a mark that says right, wrong, or that
there is no answer to grade. Tokens are text, never HTML.
"""

from typing import Any

import plotly.graph_objects as go

from core.figures.colour import NEUTRAL
from core.reports.reasoning_items import AnswerRow

ROW_PX, AROUND_PX, ROOT_X, FORK_X = 28, 92, -0.42, -0.22
RIGHT, WRONG, NONE = ("#2e8b6f", "diamond"), ("#808894", "x"), (NEUTRAL, "circle-open")


def branches(rows: tuple[AnswerRow, ...]) -> go.Figure:
    """Branches in the order of their first tokens, the most probable above."""
    middle = (len(rows) - 1) / 2
    data = [*[_arm(at, row, middle) for at, row in enumerate(rows)], _ends(rows)]
    return go.Figure(data=data, layout=_layout(rows))


def height_px(rows: tuple[AnswerRow, ...]) -> int:
    """How tall the tree is."""
    return AROUND_PX + ROW_PX * len(rows)


def in_words(rows: tuple[AnswerRow, ...]) -> str:
    """The same for someone who cannot see the tree."""
    return "First-token branches. " + " ".join(
        f"{at + 1}: {row.first!r}, probability {_number(row.first_probability)}, "
        f"Δ {_number(row.delta)}, {_verdict(row)}."
        for at, row in enumerate(rows)
    )


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _verdict(row: AnswerRow) -> str:
    if row.answer is None:
        return "no answer"
    return "not decided" if row.right is None else "right" if row.right else "wrong"


def _arm(at: int, row: AnswerRow, middle: float) -> dict[str, Any]:
    width = 1 + 7 * (row.first_probability or 0.0)
    end = row.delta if row.delta is not None else 0.0
    return {
        "type": "scatter",
        "x": [ROOT_X, FORK_X, 0.0, end],
        "y": [middle, at, at, at],
        "mode": "lines",
        "line": {"color": NEUTRAL, "width": width, "shape": "spline", "smoothing": 0.6},
        "opacity": 0.55,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _ends(rows: tuple[AnswerRow, ...]) -> dict[str, Any]:
    looks = [_look(row) for row in rows]
    return {
        "type": "scatter",
        "x": [row.delta if row.delta is not None else 0.0 for row in rows],
        "y": list(range(len(rows))),
        "mode": "markers+text",
        "marker": {
            "size": 11,
            "color": [shade for shade, _ in looks],
            "symbol": [symbol for _, symbol in looks],
            "line": {"width": 1.5},
        },
        "text": [_mark(row) for row in rows],
        "textposition": "middle right",
        "hovertext": [_hover(row) for row in rows],
        "hoverinfo": "text",
        "showlegend": False,
    }


def _look(row: AnswerRow) -> tuple[str, str]:
    if row.answer is None or row.right is None:
        return NONE
    return RIGHT if row.right else WRONG


def _mark(row: AnswerRow) -> str:
    chosen = [word for word, on in (("max", row.chosen_by_max), ("sum", row.chosen_by_sum)) if on]
    answer = _safe(row.answer or "no answer")[:24]
    return f"  {answer}" + (f"  ◂ {' and '.join(chosen)}" if chosen else "")


def _hover(row: AnswerRow) -> str:
    return (
        f"<b>{_safe(repr(row.first))}</b>, probability {_number(row.first_probability)}<br>"
        f"Δ {_number(row.delta)}, {_verdict(row)}<br>{row.tokens} tokens"
    )


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _layout(rows: tuple[AnswerRow, ...]) -> dict[str, Any]:
    return {
        "height": height_px(rows),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": {
            "range": [ROOT_X - 0.02, 1.25],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "title": {"text": "Δ confidence of the answer"},
            "zeroline": True,
            "fixedrange": True,
        },
        "yaxis": {
            "range": [len(rows) - 0.4, -0.6],
            "tickvals": list(range(len(rows))),
            "ticktext": [_safe(repr(row.first))[1:-1].strip() or "␣" for row in rows],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
            "fixedrange": True,
        },
    }
