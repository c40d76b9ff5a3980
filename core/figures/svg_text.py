"""Words on a chart that is drawn as SVG: everything is escaped; bold and breaks are kept.

Figures write `<b>`, `<br>` and `<span style="color:#…">` into their words, as Plotly reads
them; no other mark-up comes through.
"""

import re
from html import escape

_MARK = re.compile(r"(</?b>|<br>|<span style=\"color:#[0-9a-f]{6}\">|</span>)")
LINE_EM = 1.2


def escaped(text: str) -> str:
    """Plain text for an SVG element or attribute."""
    return escape(without_marks(text))


def without_marks(text: str) -> str:
    """The words alone; a break becomes a new line."""
    return "".join("\n" if part == "<br>" else part for part in _MARK.split(text)
                   if part == "<br>" or not _MARK.fullmatch(part))  # fmt: skip


def words(text: str, x: float, y: float, kind: str, anchor: str, size: float) -> str:
    """One `<text>` of one line."""
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
        f'font-size="{size:g}">{_spans(text)}</text>'
    )


def block(text: str, x: float, y: float, anchor: str, size: float) -> str:
    """Lines below each other; y is the first one's base line."""
    lines = text.split("<br>")
    return "".join(
        words(line, x, y + at * LINE_EM * size, "said", anchor, size)
        for at, line in enumerate(lines)
    )


def _spans(text: str) -> str:
    found = []
    for part in _MARK.split(text):
        if part == "<b>":
            found.append('<tspan font-weight="650">')
        elif part.startswith('<span style="color:#'):
            found.append(f'<tspan fill="{part[19:26]}">')
        elif part in ("</b>", "</span>"):
            found.append("</tspan>")
        else:
            found.append(escape(part))
    return "".join(found)
