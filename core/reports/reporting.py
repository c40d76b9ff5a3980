"""A pair's sweep as one HTML file to send: `api.reporting` for pages, `python -m core report`.

    made = reporting.make(reporting.Wanted(("tinyworld",)), settings)
    reporting.write(made, Path("report.html"))

One file without scripts or requests, the same bytes for the same results: its only date is that
of the data. Importing this is cheap; plotly comes with the first report.
"""

import shlex
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from core.reports.points import TradeOff
from core.reports.report_data import MOST_PAIRS, PREFERRED, Part, Wanted, preferred, read_part
from core.settings import PUBLISHED, Settings, read_settings
from core.store.files import write_whole
from core.store.filmstrip import Filmstrip
from core.store.runs import RunStore

__all__ = [
    "MOST_PAIRS",
    "PREFERRED",
    "Made",
    "Wanted",
    "command",
    "make",
    "make_here",
    "preferred",
    "refuse_place",
    "stored_answers",
    "write",
]
_LEAD = (
    "Between a base model (λ = 0) and its instruct model (λ = 1) lies a line of models, "
    "M(λ) = base + λ · (instruct − base). This report says what moving along it cost and gave "
    "back, as measured. Each interval is that of one λ, fixed beforehand; “no difference shown” "
    "does not mean that two are equal."
)


@dataclass(frozen=True, slots=True)
class Made:
    """A finished report."""

    name: str  # of its file
    title: str
    html: str
    told: tuple[str, ...]  # its sentences, one a pair

    @property
    def size_bytes(self) -> int:
        """Of the file."""
        return len(self.html.encode())


def make(wanted: Wanted, settings: Settings) -> Made:
    """Read and write it; about two seconds the first time.

    Raises:
        InputError: nothing was measured, or a filmstrip of other parents.
        NotKnown: no such pair, reference or filmstrip.
    """
    from core.reports.report_html import join, page, section
    from core.reports.report_parts import whole
    from core.reports.sentences import sentence

    parts = [read_part(wanted, pair, settings) for pair in wanted.pairs]
    _refuse_strangers(wanted, parts)
    names = [f"pair-{number}" for number in range(1, len(parts) + 1)]
    title = f"Partial adaptation of {', '.join(wanted.pairs)}"
    body = join(
        (
            _head(title, wanted, parts),
            _contents(parts, names),
            section("together", "On one plane", _together(parts, wanted), 2) if parts[1:] else "",
            *(whole(part, wanted, name) for part, name in zip(parts, names, strict=True)),
        )
    )
    told = tuple(sentence(part.line, part.lam, wanted.side).text for part in parts)
    name = "-".join(pair.replace("~", ".") for pair in wanted.pairs)
    return Made(f"partway-{name}.html", title, page(title, body), told)


def refuse_place(out: Path, force: bool = False) -> None:
    """Before the work: nothing that is there is replaced unless that was asked for.

    Raises:
        InputError: a folder, or a file that exists.
    """
    if out.is_dir():
        raise InputError(f"{out} is a folder. Give the name of a file, such as report.html.")
    if out.exists() and not force:
        raise InputError(f"{out} exists already. Give another --out, or --force to replace it.")


def write(made: Made, out: Path, force: bool = False) -> None:
    """Put it in its place in one step.

    Raises:
        InputError: something is there already.  StoreError: it cannot be written.
    """
    refuse_place(out, force)
    write_whole(out, made.html)


def make_here(wanted: Wanted) -> Made:
    """`make` with the settings of this process; for pages."""
    return make(wanted, read_settings())


def stored_answers(line: TradeOff) -> tuple[Filmstrip, ...]:
    """Kept filmstrips that this line's very parents answered, the newest first."""
    from core.reports.own_strips import own_strips

    settings = read_settings()
    return tuple(own_strips(RunStore(settings.results, also=(PUBLISHED,)), line, settings))


def command(wanted: Wanted, out: str = "report.html") -> str:
    """The shell line that writes the same report."""
    pairs = " ".join(map(shlex.quote, wanted.pairs))
    given = {
        "--lam": wanted.lam,
        "--axis": None if wanted.side == "win_rate" else wanted.side,
        "--reference": wanted.reference and shlex.quote(wanted.reference),
        "--worth": f"{wanted.rate:g}",
        "--strip": " ".join(wanted.strips) or None,
        "--made": wanted.measurement or None,
    }
    told = " ".join(f"{name} {value}" for name, value in given.items() if value is not None)
    return f"python -m core report --pair {pairs} {told} --out {out}"


def _head(title: str, wanted: Wanted, parts: list[Part]) -> str:
    from core.reports.report_html import Html, code, join, paragraph, text

    days = sorted(day[:10] for part in parts for day in (part.made.first, part.made.last) if day)
    span = " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "at an unknown time"
    return join(
        (
            Html(f"<header><h1>{text(title)}</h1>"),
            paragraph(_LEAD, "lead"),
            paragraph(
                f"Measured {span}. Made from stored results alone by Partway; this report again:"
            ),
            code(command(wanted)),
            Html("</header>"),
        )
    )


def _contents(parts: list[Part], names: list[str]) -> str:
    from core.reports.report_html import Html, text

    kinds = {
        "plane": "gained and lost", "curves": "over λ", "numbers": "numbers",
        "worth": "λ* for a worth", "tasks": "tasks", "honesty": "behind the win rate",
        "answers": "answers", "guard": "comparability", "missing": "missing", "made": "how made",
    }  # fmt: skip
    rows = "".join(
        f'<li><a href="#{name}">{text(part.line.pair)}</a>: '
        + " · ".join(f'<a href="#{name}-{kind}">{words}</a>' for kind, words in kinds.items())
        + "</li>"
        for part, name in zip(parts, names, strict=True)
    )
    return Html(f'<nav aria-label="Contents"><ul>{rows}</ul></nav>')


def _together(parts: list[Part], wanted: Wanted) -> str:
    """The first pair's plane with the others on it, as far as they may stand there."""
    from core.figures.beside import Beside
    from core.reports.overlaid import overlay
    from core.reports.report_html import Html, claim, join, paragraph, text
    from core.reports.report_parts import plane
    from core.reports.sentences import sentence

    first, *others = parts
    held = [overlay(first.line, one.line, wanted.side) for one in others]
    beside = tuple(Beside(one.line, at) for at, one in enumerate(held) if one.plane)
    told = [(first.line, ""), *((one.line, one.words) for one in held)]
    said = [
        join(
            (
                Html(f"<h3>{text(line.pair)}</h3>"),
                claim(sentence(line, first.lam, wanted.side)),
                paragraph(words, "detail"),
            )
        )
        for line, words in told
    ]
    none = "Each pair is compared with its own λ = 1; nothing here tests one pair against another."
    return join((plane(first, wanted, beside), *said, paragraph(none)))


def _refuse_strangers(wanted: Wanted, parts: list[Part]) -> None:
    shown = {strip.strip_id for part in parts for strip in part.strips}
    for strip_id in wanted.strips:
        if strip_id not in shown:
            raise InputError(
                f"The filmstrip {strip_id} was answered by other parents than "
                f"{', '.join(wanted.pairs)}. Choose one of this pair's history."
            )
