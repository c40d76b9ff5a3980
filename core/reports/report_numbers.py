"""The tables of a report: every λ with its numbers, tasks over λ, honesty, and every run by id.

A value that could not be had is a dash, and its reason stands under "What is missing".
"""

from collections.abc import Iterable

from core.lam import Lam
from core.reports.heat import HeatCell, by_category, heat_rows, in_words
from core.reports.honesty_words import facts, made_by
from core.reports.points import Measure, Point
from core.reports.report_data import Part
from core.reports.report_html import Html, folded, join, listed, paragraph, table, text
from core.reports.sentences import points_text, verdict

DASH = "–"
_SMALLEST_BOUND = 5.0  # points: noise alone never fills the colour


def numbers(part: Part) -> Html:
    """One row a λ: both sides with intervals and n, and against λ = 1."""
    line = part.line
    head = (
        *("λ", f"Few-shot accuracy, {line.tasks_text}", "against λ = 1"),
        *(f"Win rate against {line.reference_label}", "against λ = 1"),
        *("Won / drawn / lost / missing", "Pass rate", "against λ = 1"),
    )
    rows = [_row(point, part.lam) for point in line.points]
    caption = (
        "Every measured λ: percent with 95 % intervals and n; differences in points, paired by "
        "item. Bold: the interval leaves out 0."
    )
    return table(caption, head, rows, "numbers")


def _row(point: Point, chosen: Lam) -> tuple[str, ...]:
    return (
        f"{point.lam} ◂" if point.lam == chosen else str(point.lam),
        measure(point.icl),
        difference(point.icl_difference),
        measure(point.win_rate),
        difference(point.win_rate_difference),
        _counts(point),
        measure(point.pass_rate),
        difference(point.pass_rate_difference),
    )


def measure(value: Measure) -> Html:
    """A value, its interval and n."""
    if value.value is None:
        return Html(DASH)
    return Html(f"{value.value:.1f}{_ends(value, signed=False)}<small>n = {value.n:,}</small>")


def difference(value: Measure) -> Html:
    """A difference, bold where its interval leaves out 0."""
    if value.value is None:
        return Html(DASH)
    told = points_text(value.value)
    strong = verdict(value) in ("better", "worse")
    return Html(f"{f'<strong>{told}</strong>' if strong else told}{_ends(value, signed=True)}")


def _ends(value: Measure, signed: bool) -> str:
    if value.interval is None:
        return ""
    low, high = value.interval.low, value.interval.high
    ends = map(points_text, (low, high)) if signed else (f"{low:.1f}", f"{high:.1f}")
    return f"<small>{' to '.join(ends)}</small>"


def _counts(point: Point) -> str:
    held = (point.wins, point.draws, point.losses, point.missing)
    if None in held:
        return DASH
    return Html(f'<span class="nb">{" / ".join(f"{count:,}" for count in held)}</span>')


def heat(part: Part) -> Html:
    """Tasks over λ as differences to λ = 1, coloured and in numbers."""
    rows = heat_rows(part.line)
    values = [cell.difference.value for row in rows for cell in row.cells]
    bound = max([_SMALLEST_BOUND, *(abs(value) for value in values if value is not None)])
    lams = [str(point.lam) for point in part.line.points]
    body: list[tuple[str, ...]] = []
    for category, block in by_category(rows).items():
        body.append((Html(f"<b>{text(category)}</b>"), *[Html("<td></td>")] * len(lams)))
        body += [(row.name, *(_heat_cell(cell, bound) for cell in row.cells)) for row in block]
    caption = (
        "Difference to λ = 1 in points, by task and λ. Green: better; purple: worse; in brackets: "
        "the 95 % interval contains 0."
    )
    return join((paragraph(in_words(rows)), table(caption, ("Task", *lams), body, "heat")))


def _heat_cell(cell: HeatCell, bound: float) -> Html:
    value = cell.difference.value
    if value is None:
        return Html(f'<td class="none">{text(cell.text)}</td>')
    side, share = "up" if value > 0 else "down", min(abs(value) / bound, 1.0)
    strong = cell.said in ("better", "worse")
    told = f"<b>{text(cell.text)}</b>" if strong else text(cell.text)
    return Html(f'<td class="{side}" style="--s:{100 * share:.0f}%">{told}</td>')


def honesty(part: Part) -> Html:
    """What stands behind the win rate at each λ."""
    if not part.honesty:
        return paragraph("No verdicts stand behind the win rate here.")
    told = {lam: facts(one) for lam, one in part.honesty.items()}
    names = list(dict.fromkeys(name for one in told.values() for name in one))
    rows = [
        (str(lam), *(one.get(name, DASH) for name in names), part.verdict_runs.get(lam, DASH))
        for lam, one in told.items()
    ]
    head = ("λ", *names, "Run of verdicts")
    caption = f"Behind the win rate: judge {part.line.judge}, against {part.line.reference_label}"
    warnings = [
        f"λ = {lam}: {warning}" for lam, one in part.honesty.items() for warning in one.warnings
    ]
    made = dict.fromkeys(filter(None, map(made_by, part.honesty.values())))
    return join((table(caption, head, rows), listed(warnings), listed(list(made))))


def runs(part: Part) -> Html:
    """Every run by its id, closed at first."""
    rows = [row for point in part.line.points for row in _runs(part, point)]
    head = ("λ", "Run", "What", "Metric", "Score", "n")
    body = table("Every run behind this report", head, rows, "runs")
    return folded(f"Every run by its id ({len(rows)})", body)


def _runs(part: Part, point: Point) -> Iterable[tuple[str, ...]]:
    lam = str(point.lam)
    for task in point.tasks:
        what = f"{task.task}, {task.form}, {task.shots} shots"
        score = task.score
        value = Html(DASH if score.value is None else f"{score.value:.1f}{_ends(score, False)}")
        yield lam, task.run_id, what, task.metric, value, f"{score.n:,}"
    if point.generations_run:
        n = f"{point.pass_rate.n:,}"
        yield lam, point.generations_run, f"answers, {part.line.instruction_suite}", DASH, DASH, n
    if run := part.verdict_runs.get(point.lam):
        win = point.win_rate
        value = Html(DASH if win.value is None else f"{win.value:.1f}{_ends(win, False)}")
        yield lam, run, f"verdicts, {part.line.judge}", "win_rate", value, f"{win.n:,}"
