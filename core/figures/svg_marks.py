"""Marks of a scatter trace as SVG: bands, lines, whiskers and points of every shape we use.

A point with hover words carries them as its `<title>`, which browsers show and screen readers
read. Not here: axes (`svg_frame.py`), regions and words (`svg.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.figures.svg_frame import Frame
from core.figures.svg_text import escaped

_DASHES = {"dash": "7 5", "dot": "2 4", "dashdot": "7 4 2 4", "longdash": "12 6"}
_STAR = (
    "M0,-1L0.225,-0.309L0.951,-0.309L0.363,0.118L0.588,0.809"
    "L0,0.382L-0.588,0.809L-0.363,0.118L-0.951,-0.309L-0.225,-0.309Z"
)
_PATHS = {
    "square": "M-0.9,-0.9H0.9V0.9H-0.9Z",
    "diamond": "M0,-1.25L1.25,0L0,1.25L-1.25,0Z",
    "triangle-up": "M0,-1.1L1.1,0.8L-1.1,0.8Z",
    "star": _STAR,
}
Trace = Mapping[str, Any]


def trace(one: Trace, at: Frame) -> str:
    """Everything of one trace, back to front."""
    mode = one.get("mode", "lines+markers")
    return "".join(
        (
            _band(one, at) if one.get("fill") == "toself" else "",
            _line(one, at) if "lines" in mode and one.get("fill") != "toself" else "",
            _whiskers(one, at),
            _points(one, at) if "markers" in mode else "",
        )
    )


def _places(one: Trace, at: Frame) -> list[tuple[float, float] | None]:
    return [
        None if x is None or y is None else (at.across(x), at.up(y))
        for x, y in zip(one["x"], one["y"], strict=True)
    ]


def _path(places: Sequence[tuple[float, float] | None]) -> str:
    """Pen up where a value is missing."""
    found, down = "", False
    for place in places:
        if place is not None:
            found += f"{'L' if down else 'M'}{place[0]:.1f} {place[1]:.1f}"
        down = place is not None
    return found


def _band(one: Trace, at: Frame) -> str:
    return f'<path d="{_path(_places(one, at))}Z" fill="{escaped(one["fillcolor"])}"/>'


def _line(one: Trace, at: Frame) -> str:
    line = one.get("line") or {}
    dash = _DASHES.get(str(line.get("dash")))
    drawn = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="{_path(_places(one, at))}" fill="none" stroke="{escaped(line["color"])}" '
        f'stroke-width="{line.get("width", 2):g}"{drawn}/>'
    )


def _whiskers(one: Trace, at: Frame) -> str:
    found = ""
    for index, (x, y) in enumerate(zip(one["x"], one["y"], strict=True)):
        for name in ("error_x", "error_y"):
            ends = _ends(one.get(name), index)
            if ends is not None and x is not None and y is not None:
                found += _whisker(at, (x, y), ends, name == "error_x")
    return found


def _ends(error: Mapping[str, Any] | None, index: int) -> tuple[float, float] | None:
    """Lengths below and above; None where there is no interval."""
    if not error or error.get("array") is None:
        return None
    above, below = error["array"][index], error["arrayminus"][index]
    return None if above is None or below is None else (below, above)


def _whisker(at: Frame, place: tuple[float, float], ends: tuple[float, float], flat: bool) -> str:
    (x, y), (below, above) = place, ends
    if flat:
        left, right, middle = at.across(x - below), at.across(x + above), at.up(y)
        path = f"M{left:.1f} {middle:.1f}H{right:.1f}"
    else:
        low, high, middle = at.up(y - below), at.up(y + above), at.across(x)
        path = f"M{middle:.1f} {low:.1f}V{high:.1f}"
    return f'<path class="whisker" d="{path}"/>'


def _points(one: Trace, at: Frame) -> str:
    marker, told = one.get("marker") or {}, one.get("hovertext")
    found = ""
    for index, place in enumerate(_places(one, at)):
        if place is None:
            continue
        said = "" if told is None else f"<title>{escaped(_read_only(_own(told, index)))}</title>"
        found += _point(place, {name: _own(value, index) for name, value in marker.items()}, said)
    return found


def _read_only(told: str) -> str:
    """Without what a page says of clicking: a picture takes no clicks."""
    return told.partition("<br>click ")[0]


def _own(value: Any, index: int) -> Any:
    return value[index] if isinstance(value, (list, tuple)) else value


def _point(place: tuple[float, float], marker: Mapping[str, Any], said: str) -> str:
    symbol, half = str(marker.get("symbol", "circle")), marker.get("size", 6) / 2
    line = marker.get("line") or {}
    tint, width = escaped(str(marker["color"])), _own(line.get("width", 0), 0)
    open_, shape = "-open" in symbol, symbol.partition("-open")[0]
    rim = tint if open_ else escaped(str(line.get("color", "none")))
    looks = (
        f'fill="{"none" if open_ else tint}" stroke="{rim}" '
        f'stroke-width="{width / (1 if shape == "circle" else half):.2f}"'
    )
    x, y = place
    if shape == "circle":
        return f'<g {looks}><circle cx="{x:.1f}" cy="{y:.1f}" r="{half:g}"/>{said}</g>'
    moved = f'transform="translate({x:.1f} {y:.1f}) scale({half:g})"'
    return f'<g {looks} {moved}><path d="{_PATHS[shape]}"/>{said}</g>'
