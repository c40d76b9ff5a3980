"""HTML of a report in small pieces: everything that is not `Html` already is escaped.

    table("Scores", ("λ", "accuracy"), [("0.7", "32.2")])       a table with caption and row heads
    section("worth", "What a point is worth", paragraph("λ* = 0"))

No scripts, nothing from outside. Not here: what a report says (`report_parts.py`).
"""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from core.reports.sentences import Sentence
from core.reports.strip_exports import seen

_STYLE = Path(__file__).with_name("report.css")
# Nothing may be fetched and nothing may run, whatever stands in the file.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class Html(str):
    """Text that is HTML already; made here and in the pictures of `core/figures/svg.py` alone."""


def text(value: str) -> Html:
    """Any text as it is; control characters become visible."""
    return value if isinstance(value, Html) else Html(escape(seen(value)))


def join(parts: Iterable[str]) -> Html:
    """Pieces one after the other."""
    return Html("\n".join(text(part) for part in parts if part))


def paragraph(words: str, kind: str = "") -> Html:
    """A paragraph; nothing for no words."""
    return Html(f"<p{_class(kind)}>{text(words)}</p>") if words else Html("")


def claim(said: Sentence) -> Html:
    """A sentence with its strong parts, and the numbers behind it."""
    parts = "".join(
        f"<strong>{text(part.text)}</strong>" if part.strong else text(part.text)
        for part in said.parts
    )
    return Html(f'<p class="claim">{parts}</p>{paragraph(said.detail, "detail")}')


def listed(items: Sequence[str]) -> Html:
    """A list of sentences."""
    inner = "".join(f"<li>{text(item)}</li>" for item in items)
    return Html(f"<ul>{inner}</ul>") if items else Html("")


def code(line: str) -> Html:
    """A command, as it is typed."""
    return Html(f'<pre class="code"><code>{text(line)}</code></pre>')


def verbatim(words: str) -> Html:
    """What a person or a model wrote; text in any direction."""
    # HTML drops one line end right behind <pre>: it is ours, not the model's.
    return Html(f'<pre class="verbatim" dir="auto">\n{text(words)}</pre>')


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Any]], kind: str = "") -> Html:
    """Rows under a head, the first cell of each a row head; a wide one scrolls by itself."""
    top = "".join(f'<th scope="col">{text(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{text(row[0])}</th>'
        + "".join(_cell(cell) for cell in row[1:])
        + "</tr>\n"
        for row in rows
    )
    return Html(
        f'<div class="wide" tabindex="0" role="group" aria-label="{escape(caption)}">'
        f"<table{_class(kind)}><caption>{text(caption)}</caption>"
        f"<thead><tr>{top}</tr></thead>\n<tbody>{body}</tbody></table></div>"
    )


def _cell(cell: str) -> str:
    """A cell that is a whole `<td>` stays as it is."""
    return cell if isinstance(cell, Html) and cell.startswith("<td") else f"<td>{text(cell)}</td>"


def facts(pairs: dict[str, str]) -> Html:
    """Names and values."""
    inner = "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in pairs.items())
    return Html(f"<dl>{inner}</dl>")


def folded(summary: str, body: str) -> Html:
    """What is closed at first on a screen; open on paper."""
    return Html(f"<details><summary>{text(summary)}</summary>{text(body)}</details>")


def figure(picture: str, caption: str, kind: str = "") -> Html:
    """A picture with what it shows in words."""
    return Html(
        f"<figure{_class(kind)}>{Html(picture)}<figcaption>{text(caption)}</figcaption></figure>"
    )


def section(name: str, heading: str, body: str, level: int = 3) -> Html:
    """A part of the page with its heading and an address of its own."""
    return Html(
        f'<section id="{escape(name)}"><h{level}>{text(heading)}</h{level}>\n{text(body)}</section>'
    )


def page(title: str, body: str) -> str:
    """The whole file."""
    style = _STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{text(title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{text(body)}\n</main>\n</body>\n</html>\n"
    )


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
