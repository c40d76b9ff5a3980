"""Stored answers to one prompt, λ below λ, as text; neighbours that wrote the same are one."""

from collections.abc import Sequence
from itertools import groupby

from core.figures.colour import colour
from core.lam import Lam
from core.reports.report_data import Part
from core.reports.report_html import Html, join, paragraph, section, verbatim
from core.reports.strip_exports import ENDINGS
from core.store.filmstrip import Column, ColumnAnswer, Filmstrip

_TITLE = 60  # characters of a prompt in its heading
Answered = tuple[Column, ColumnAnswer]


def strips(part: Part) -> Html:
    """Each filmstrip with its prompt and what every λ answered."""
    return join(_strip(part, strip) for strip in part.strips)


def _strip(part: Part, strip: Filmstrip) -> Html:
    turns = [
        join((paragraph(turn.role, "role"), verbatim(turn.content)))
        for turn in strip.asked.messages
    ]
    own = [
        (column, answer)
        for column, answer in zip(strip.asked.columns, strip.answers, strict=True)
        if column.pair.name == part.line.pair
    ]
    own.sort(key=lambda one: one[0].lam)
    groups = [list(held) for _, held in groupby(own, key=lambda one: _same(one[1]))]
    answers = join(_answer(held, part.lam) for held in groups)
    decoding = strip.asked.decoding
    how = "greedy" if decoding.greedy else f"temperature {decoding.temperature}"
    told = (
        f"{strip.kind}, sent as {strip.asked.mode}, {how}, seed {decoding.seed}, at most "
        f"{decoding.max_new_tokens} tokens. Written {strip.created or 'at an unknown time'}. "
        f"Filmstrip {strip.strip_id}."
    )
    asked = Html(f'<div class="asked">{join(turns)}</div>')
    body = join((asked, Html(f'<div class="answers">{answers}</div>'), paragraph(told, "detail")))
    title = strip.asked.title
    short = title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"
    name = f"strip-{part.line.pair}-{strip.strip_id[:8]}"
    return section(name, f"{strip.kind}: {short}", body, level=4)


def _same(answer: ColumnAnswer) -> tuple[str, str, str | None]:
    return answer.text, answer.finish, answer.problem


def _answer(held: Sequence[Answered], chosen: Lam) -> Html:
    lams = [column.lam for column, _ in held]
    answer = held[0][1]
    here = ' class="here"' if chosen in lams else ""
    bar = f"linear-gradient({', '.join(colour(lam) for lam in (lams[0], lams[-1]))})"
    at = join((paragraph(_named(lams), "at"), paragraph(ENDINGS[answer.finish], "detail")))
    body = verbatim(answer.problem or answer.text or "(empty)")
    return Html(f'<div{here} style="--bar:{bar}"><div>{at}</div>{body}</div>')


def _named(lams: Sequence[Lam]) -> str:
    if len(lams) > 1:
        return f"λ = {lams[0]} to {lams[-1]}, the same"
    (lam,) = lams
    return f"λ = {lam}" + (", base" if lam.is_base else ", instruct" if lam.is_instruct else "")
