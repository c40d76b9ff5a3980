"""The parts of a report about one pair, each a section with its heading.

Sentences come from the modules that the pages ask (`sentences.py`, `comparing_words.py`,
`guard_words.py`); here they are only put in order.
"""

from collections.abc import Sequence

from core.figures.beside import Beside
from core.figures.reading import Look, What
from core.figures.shown import curve_figure, plane_figure
from core.figures.svg import svg
from core.jobs.sharing import command as export_line
from core.reports.choosing import RATES, choose
from core.reports.comparing_words import (
    best_words,
    choice_words,
    corrected_words,
    front_words,
    shared_words,
)
from core.reports.comparing_words import (
    listed as lams_listed,
)
from core.reports.guard_words import guard_words
from core.reports.report_data import Part, Wanted
from core.reports.report_html import (
    Html,
    claim,
    code,
    facts,
    figure,
    join,
    listed,
    paragraph,
    section,
    table,
)
from core.reports.report_missing import missing
from core.reports.report_numbers import heat, honesty, numbers, runs
from core.reports.report_strips import strips
from core.reports.sentences import points_text, sentence
from core.reports.yardstick import Made

PLANE, CURVE = (900, 480), (560, 230)
_LEGEND = (
    "Ellipses: 95 % of both axes together (a line where one is 50 by definition). Larger, thick "
    "rims: on the Pareto front. ★: the set of λ*. Dots are measured; lines only lead the eye. "
)
_CURVES: tuple[What, ...] = ("icl", "win_rate", "pass_rate", "length")


def look(part: Part, wanted: Wanted) -> Look:
    """What the charts show: the λ and the upright axis that were asked for."""
    return Look(part.lam, wanted.side)


def headline(part: Part, wanted: Wanted) -> Html:
    """What the data allow to be said of the chosen λ, and of λ* at the stated worth."""
    said = [claim(sentence(part.line, part.lam, wanted.side))]
    if part.joint.together and part.choice:
        together = part.joint.together
        said.append(paragraph(f"{corrected_words(together, part.lam)} {best_words(together)}"))
        said.append(claim(choice_words(together, part.choice)))
    return join(said)


def plane(part: Part, wanted: Wanted, beside: Sequence[Beside] = ()) -> Html:
    """The plane as a page draws it, with what it shows in words."""
    drawn, told = plane_figure(
        part.line, look(part, wanted), part.joint.together, wanted.rate, beside
    )
    legend = _LEGEND if part.joint.together else "Whiskers: 95 % of each axis alone. "
    return figure(svg(drawn, *PLANE, told), f"{legend}{told}", "plane")


def curves(part: Part, wanted: Wanted) -> Html:
    """Every quantity over λ with its intervals."""
    best = part.choice.members if part.choice else ()
    drawn = []
    for what in _CURVES:
        shown, told = curve_figure(part.line, look(part, wanted), what, best)
        drawn.append(figure(svg(shown, *CURVE, told), told))
    return Html(f'<div class="curves">{join(drawn)}</div>')


def worth(part: Part) -> Html:
    """λ* at every worth of a point, one a row; what the choice gains at the stated one."""
    together = part.joint.together
    if together is None:
        return paragraph(f"There is no λ*: {part.joint.reason}.")
    rows = []
    for rate in RATES:
        choice = choose(together, rate)
        gain = choice.gain
        ends = (
            "–"
            if gain is None or gain.interval is None
            else f"{points_text(gain.crossed)} ({' to '.join(map(points_text, gain.interval))})"
        )
        rows.append((f"{rate:g}", str(choice.best), lams_listed(choice.members), ends))
    head = ("Worth", "Looks best", "λ*: cannot be told from the best", "Gain against λ = 1")
    caption = (
        "λ* by what one point of following is worth in few-shot points. Gain: chosen on half of "
        "the items, reported on the other half, in few-shot points, with its 95 % interval."
    )
    return join((table(caption, head, rows), listed([front_words(together),
                                                     shared_words(together)])))  # fmt: skip


def guard(part: Part) -> Html:
    """What may not stand on this curve and why; or that all of it was made in one way."""
    found = [*guard_words(part.line), *part.line.notes]
    alike = "Nothing differs: every run on this curve was asked and made in one way."
    made = facts(_alike(part.line.made)) if part.line.made else ""
    return join((listed(found or [alike]), made))


def _alike(made: Made) -> dict[str, str]:
    """What every run has in common."""
    return {**dict(made.surroundings), **dict(made.following), **dict(made.judging)}


def made(part: Part, wanted: Wanted) -> Html:
    """Where the numbers come from, and the commands that make them again."""
    line, by = part.line, part.made
    told = {
        "Pair": line.pair,
        "Suites": f"{line.icl_suite}, {line.instruction_suite}",
        "Judge": line.judge,
        "Reference": line.reference_label,
        "Sweep": f"{line.sweep_id} ({by.runs} runs)",
        "Measured": f"{by.first or 'unknown'} to {by.last or 'unknown'}",
        "On": f"{', '.join(by.devices) or 'unknown'}, weights in {line.dtype}",
        "With": ", ".join(by.packages) or "unknown",
        "Code": ", ".join(by.commits) or "unknown",
        "Intervals": "; ".join(by.methods) or "none",
    }
    again = (
        paragraph("Measures it again (a finished run is never computed again):"),
        code(by.command),
        paragraph("Writes the model at this λ as an ordinary checkpoint:"),
        code(export_line(line.pair, part.lam)),
    )
    return join((facts(told), *again, runs(part)))


def whole(part: Part, wanted: Wanted, name: str) -> Html:
    """Everything about one pair."""
    absent = missing(part)
    return section(
        name,
        f"{part.line.pair} at λ = {part.lam}",
        join(
            (
                headline(part, wanted),
                section(f"{name}-plane", "What is gained and what is lost", plane(part, wanted)),
                section(f"{name}-curves", "Over λ", curves(part, wanted)),
                section(f"{name}-numbers", "The numbers", numbers(part)),
                section(f"{name}-worth", "λ* for a stated worth", worth(part)),
                section(f"{name}-tasks", "Task by task", heat(part)),
                section(f"{name}-honesty", "Behind the win rate", honesty(part)),
                section(f"{name}-answers", "The same prompt along λ",
                        strips(part) or paragraph("None is stored: see what is missing.")),
                section(f"{name}-guard", "May these numbers be compared?", guard(part)),
                section(f"{name}-missing", "What is missing, and why", listed(absent)),
                section(f"{name}-made", "How it was made, and how to repeat it",
                        made(part, wanted)),
            )
        ),
        level=2,
    )  # fmt: skip
