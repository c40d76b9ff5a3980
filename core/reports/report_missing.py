"""What a report has not, and why: every absent value, interval and comparison with its reason.

One sentence for each reason, with the λ it holds for; nothing is dropped.
"""

from core.lam import Lam
from core.reports.guard_words import lams_text
from core.reports.points import Measure, Point
from core.reports.report_data import Part

NOT_TOLD = "no reason was recorded"
_NAMES = {
    "icl": "Few-shot accuracy",
    "icl_difference": "Few-shot accuracy against λ = 1",
    "win_rate": "Win rate",
    "win_rate_difference": "Win rate against λ = 1",
    "pass_rate": "Pass rate",
    "pass_rate_difference": "Pass rate against λ = 1",
}


def missing(part: Part) -> list[str]:
    """A sentence for each thing that is not there."""
    found: dict[tuple[str, str], list[Lam]] = {}
    for point in part.line.points:
        for what, why in _of_point(point):
            found.setdefault((what, why), []).append(point.lam)
    told = [f"{what} at {lams_text(lams)}: {why}." for (what, why), lams in found.items()]
    return [*told, *_compared(part), *_texts(part)]


def _of_point(point: Point) -> list[tuple[str, str]]:
    found = []
    for name, words in _NAMES.items():
        value: Measure = getattr(point, name)
        if point.lam.is_instruct and name.endswith("difference"):
            continue  # it is what the others are compared with
        if value.value is None:
            found.append((f"No {_lower(words)}", value.reason or NOT_TOLD))
        elif value.interval is None:
            found.append((f"No interval of {_lower(words)}", value.reason or NOT_TOLD))
    if point.missing:
        found.append(("Verdicts missing", f"{point.missing:,}, and the rate is over the others"))
    lost = sum(task.score.value is None for task in point.tasks)
    if lost:
        found.append(("Tasks without a score", f"{lost}; the table of tasks shows a dash"))
    return found


def _compared(part: Part) -> list[str]:
    together = part.joint.together
    if together is None:
        return [f"λ are not compared with each other: {part.joint.reason or NOT_TOLD}."]
    told = []
    if together.left_out:
        told.append(
            f"Not compared with the others: {lams_text(together.left_out)}, because one side is "
            "not measured there."
        )
    for one in together.standings:
        if one.no_region:
            told.append(f"No region on the plane at λ = {one.lam}: {one.no_region}.")
    return told


def _texts(part: Part) -> list[str]:
    told = []
    if part.line.at(part.lam) is None:
        told.append(f"λ = {part.lam} was not measured: nothing is claimed about it.")
    if not part.strips:
        told.append(
            "No answers side by side: no complete filmstrip of these parents is kept whose "
            "columns differ. Ask a prompt on the page Side by side."
        )
    for strip in part.strips:
        if f"{part.line.pair}@{part.lam}" not in {one.name for one in strip.asked.columns}:
            told.append(f"No stored answer at λ = {part.lam} to: {strip.asked.title}")
    told.append("Not in this report: reasoning studies and people's votes (their pages have them).")
    return told


def _lower(words: str) -> str:
    return words[0].lower() + words[1:]
