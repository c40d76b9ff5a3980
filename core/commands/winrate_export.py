"""`python -m core winrate export`: measured outputs or verdicts of one λ as AlpacaEval files.

What was measured is written; nothing is generated or judged here.
"""

import argparse
from pathlib import Path

from core.commands.output import say, show_json
from core.commands.verbs import with_results
from core.errors import InputError
from core.judges.annotations import annotations_text
from core.lam import Lam
from core.pairs.registry import find_pair
from core.reports.exports import Wanted, annotations_of, find_measured, outputs_of
from core.reports.joined import LAM_REFERENCE
from core.reports.parents import parents_here
from core.settings import PUBLISHED, Settings
from core.store.files import write_whole
from core.store.runs import RunStore
from core.tasks.outputs import outputs_text


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `winrate export`."""
    exporting = parser.add_argument_group("export")
    exporting.add_argument("--pair", help="a pair of `pairs list`")
    exporting.add_argument("--lam", metavar="λ", help="a measured λ")
    exporting.add_argument("--out", type=Path, metavar="FILE", help="the file to write")
    exporting.add_argument("--instruction-suite", metavar="SUITE")
    exporting.add_argument(
        "--annotations",
        nargs="?",
        const=LAM_REFERENCE,
        metavar="REFERENCE",
        help="write the verdicts against this (lam:1 when left out, outputs:reference, …) "
        "instead of the outputs",
    )
    exporting.add_argument(
        "--judge", metavar="NAME", help="whose verdicts (default: the sweep's own judge)"
    )


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Write the file and say what is in it."""
    for name in ("pair", "lam", "out"):
        if getattr(options, name) is None:
            raise InputError(f"`winrate export` needs --{name}. See: python -m core winrate -h.")
    settings = with_results(settings, options)
    wanted = Wanted(
        pair=options.pair,
        lam=Lam.parse(options.lam),
        content=parents_here(find_pair(options.pair, settings), settings).identity,
        suite=options.instruction_suite,
        reference=options.annotations or LAM_REFERENCE,
        judge=options.judge,
    )
    measured = find_measured(RunStore(settings.results, (PUBLISHED,)), wanted)
    if options.annotations is None:
        outputs = outputs_of(measured)
        text, rows, what = outputs_text(outputs), len(outputs), "outputs"
    else:
        verdicts = annotations_of(measured)
        text, rows, what = annotations_text(verdicts), len(verdicts), "verdicts"
    write_whole(options.out, text)
    if options.json:
        show_json({"file": str(options.out), "rows": rows, "generator": measured.generator})
    else:
        say(f"Wrote {rows} {what} of {measured.generator} to {options.out}.")
    return 0
