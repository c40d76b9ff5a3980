"""A figure of ours as one SVG picture: the same marks that a page draws, without any script.

    svg(plane_figure(line, look)[0], 900, 470, "what it shows in words")

Reads what `plane.py` and `curves.py` use of Plotly (scatter traces, ellipses and lines, words)
and nothing else: another kind of trace is an error, not a gap. Colours of frame and words come
from the page around it, so light, dark and paper need one picture. Why not Plotly's own script:
it is 4.7 MB, has to run inside a file that carries models' answers, and is cut on paper. Why
not kaleido: it needs a browser.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.figures.svg_frame import Frame, axes, frame
from core.figures.svg_marks import trace
from core.figures.svg_text import LINE_EM, block, escaped

if TYPE_CHECKING:
    import plotly.graph_objects as go

_ANCHORS = {"left": "start", "center": "middle", "right": "end", "auto": "middle"}


def svg(figure: "go.Figure", width: int, height: int, told: str) -> str:
    """The picture; `told` is what a screen reader says of it.

    Raises:
        ValueError: a trace or shape that no figure of a line over λ has.
    """
    content = figure.to_plotly_json()
    layout = content["layout"]
    at = frame(layout, width, height)
    shapes = "".join(_shape(one, at) for one in layout.get("shapes") or ())
    traces = "".join(_trace(one, at) for one in content["data"])
    notes = "".join(_note(one, at) for one in layout.get("annotations") or ())
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escaped(told)}">'
        f"{axes(layout, at)}{shapes}{traces}{notes}</svg>"
    )


def _trace(one: Mapping[str, Any], at: Frame) -> str:
    if one["type"] != "scatter":
        raise ValueError(f"a {one['type']} trace is not drawn as SVG")
    return trace(one, at)


def _shape(one: Mapping[str, Any], at: Frame) -> str:
    x0, x1 = at.across(one["x0"]), at.across(one["x1"])
    paper = one.get("yref") == "paper"
    y0, y1 = (at.bottom, at.top) if paper else (at.up(one["y0"]), at.up(one["y1"]))
    line = one["line"]
    dash = ' stroke-dasharray="7 5"' if line.get("dash") else ""
    looks = f'stroke="{escaped(line["color"])}" stroke-width="{line["width"]:g}"{dash}'
    if one["type"] == "line":
        return f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" {looks}/>'
    if one["type"] != "circle":
        raise ValueError(f"a {one['type']} is not drawn as SVG")
    middle = f'cx="{(x0 + x1) / 2:.1f}" cy="{(y0 + y1) / 2:.1f}"'
    size = f'rx="{abs(x1 - x0) / 2:.1f}" ry="{abs(y1 - y0) / 2:.1f}"'
    return f'<ellipse {middle} {size} fill="{escaped(one["fillcolor"])}" {looks}/>'


def _note(one: Mapping[str, Any], at: Frame) -> str:
    size = (one.get("font") or {}).get("size", 12)
    paper = one.get("xref") == "paper"
    x = at.left + one["x"] * (at.right - at.left) if paper else at.across(one["x"])
    y = at.bottom - one["y"] * (at.bottom - at.top) if paper else at.up(one["y"])
    lines = 1 + str(one["text"]).count("<br>")
    tall = lines * LINE_EM * size
    above = {"bottom": tall, "middle": tall / 2, "top": 0.0}[one.get("yanchor", "middle")]
    first = y - one.get("yshift", 0) - above + 0.95 * size
    anchor = _ANCHORS[one.get("xanchor", "center")]
    return block(str(one["text"]), x + one.get("xshift", 0), first, anchor, size)
