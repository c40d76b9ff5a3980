"""The model card of an exported λ: what it is, how it was made, what was measured on it.

    card(recipe, report, line)         # Markdown with the front matter that model hubs read

Numbers come from stored runs of exactly these parents and this λ, each with its n, interval and
run id; where nothing was measured the card says so. Not here: writing it (core/merge/export.py).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from core.pairs.parts import parse_path
from core.pairs.preflight import PairReport
from core.pairs.recipe import MERGEKIT, RECIPE, Recipe
from core.pairs.verified import Verified
from core.reports.points import Measure, Point, TradeOff

_FRONT = """\
---
library_name: transformers
pipeline_tag: text-generation
base_model_relation: merge
{parents}tags:
- merge
- partial-adaptation
---

"""


def card(
    recipe: Recipe, report: PairReport, line: TradeOff | None, hub: Mapping[str, Verified]
) -> str:
    """The whole card; `hub` is what the hub said of models when it was asked."""
    point = line.at(recipe.lam) if line else None
    return "".join(
        (
            _FRONT.format(parents=_hub_parents(recipe)),
            f"# {recipe.pair} at λ = {recipe.lam}\n\n",
            "".join(f"{text}\n\n" for text in _about(recipe, report, hub)),
            "## Measured\n\n",
            _measured(line, point),
            "\n## Made again\n\n",
            _again(recipe),
        )
    )


def _hub_parents(recipe: Recipe) -> str:
    names = [name for name in (recipe.base, recipe.instruct) if not Path(name).is_absolute()]
    return "base_model:\n" + "".join(f"- {name}\n" for name in names) if names else ""


def _about(recipe: Recipe, report: PairReport, hub: Mapping[str, Verified]) -> Iterator[str]:
    names = [Path(n).name if Path(n).is_absolute() else n for n in (recipe.base, recipe.instruct)]
    yield (
        f"A point on {'a' if recipe.path else 'the'} line between a base model and its instruct "
        f"sibling: `base + λ · (instruct − base)` with λ = {recipe.lam}, base {names[0]} and "
        f"instruct {names[1]}. {_ends(recipe)}"
    )
    yield (
        f"{report.architecture}, {report.parameters:,} parameters, {recipe.dtype}; "
        f"{recipe.rounding}. Tokenizer and chat template are the instruct parent's; an answer "
        "ends at the stop tokens of either parent."
    )
    yield _licences(recipe, hub)
    for note in report.notes:
        yield f"* {note}"


def _ends(recipe: Recipe) -> str:
    if not recipe.path:
        return "λ = 0 is the base, λ = 1 the instruct model."
    words = parse_path(recipe.path).in_words()
    return f"Not every weight moves alike: {words} At λ = 1 stands not the instruct model."


def _licences(recipe: Recipe, hub: Mapping[str, Verified]) -> str:
    text = "The licences of both parents apply; read them before you pass this on."
    for name in dict.fromkeys((recipe.base, recipe.instruct)):
        if not Path(name).is_absolute():
            known = hub.get(name)
            told = "unverified: the hub was not asked"
            if known is not None:
                told = f"{known.model.licence or 'not named'}, by the hub on {known.checked[:10]}"
            text += f" {name}: {told}."
    return text


def _measured(line: TradeOff | None, point: Point | None) -> str:
    if line is None or point is None:
        return "Nothing was measured at this λ.\n"
    rows = [
        (
            f"few-shot accuracy, macro mean over {len(point.tasks)} tasks of {line.icl_suite} (%)",
            point.icl,
        ),
        ("the same against λ = 1 (points)", point.icl_difference),
        (f"win rate against {line.reference_label}, judge {line.judge} (%)", point.win_rate),
        (f"instructions of {line.instruction_suite} with every check passed (%)", point.pass_rate),
    ]
    table = "| what | value | 95 % interval | n |\n| --- | --- | --- | --- |\n" + "".join(
        f"| {_cell(name)} | {_value(measure)} | {_interval(measure)} | {measure.n:,} |\n"
        for name, measure in rows
    )
    return f"{table}\nRuns: {', '.join(f'`{one}`' for one in _runs(point))}.\n"


def _runs(point: Point) -> tuple[str, ...]:
    own = (point.generations_run,) if point.generations_run else ()
    return (*dict.fromkeys(task.run_id for task in point.tasks), *own)


def _value(measure: Measure) -> str:
    return "–" if measure.value is None else f"{measure.value:.1f}"


def _interval(measure: Measure) -> str:
    if measure.interval is not None:
        return f"{measure.interval.low:.1f} to {measure.interval.high:.1f}"
    return _cell(measure.reason or "–")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _again(recipe: Recipe) -> str:
    return (
        f"Export id `{recipe.export_id}`; {'ends of the line' if recipe.path else 'parents'} by "
        f"content: base `{recipe.base_content}`, instruct `{recipe.instruct_content}`. HERE is "
        "this folder, and the first line is for the folder of Partway:\n\n"
        "```\n"
        f"python -m core export --recipe HERE/{RECIPE} --out FOLDER    # the same bits again\n"
        f"mergekit-yaml HERE/{MERGEKIT} FOLDER    # the same merge by mergekit\n"
        "```\n"
    )
