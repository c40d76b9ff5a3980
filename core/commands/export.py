"""`python -m core export`: the chosen λ as an ordinary checkpoint folder."""

import argparse
from pathlib import Path

from core.commands.bar import Bar
from core.commands.job_words import started
from core.commands.output import say, show_json
from core.commands.verbs import Verbs, add_results, add_verb, with_results
from core.errors import InputError
from core.jobs.export_order import Export
from core.jobs.exporting import export_now
from core.jobs.exports import start_export
from core.lam import Lam
from core.pairs.recipe import read_recipe
from core.pairs.registry import find_pair
from core.pairs.source import as_folder
from core.settings import Settings

EXAMPLE = "python -m core export --pair tinyworld --lam 0.7 --out exported/tinyworld-0.7"


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = add_verb(
        verbs, "export", "Write one λ as a checkpoint that other tools load.", EXAMPLE
    )
    parser.add_argument("--pair", help="a pair of `pairs list`")
    parser.add_argument("--lam", metavar="λ", help="from -0.5 to 2")
    parser.add_argument(
        "--recipe", type=Path, metavar="FILE", help="partway.json of an export: make it again"
    )
    parser.add_argument("--out", required=True, metavar="FOLDER", help="must be new or empty")
    parser.add_argument(
        "--background", action="store_true", help="put it into the queue; see `jobs`"
    )
    parser.add_argument(
        "--shard-gb", type=float, default=5.0, metavar="GB", help="largest file (default 5)"
    )
    add_results(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Write it and say where it is and how it can be served."""
    export, settings = _export(options), with_results(settings, options)
    if options.background:
        return _start(export, options.json, settings)
    with Bar() as bar:
        done = export_now(export, settings, bar.show)
    if options.json:
        show_json(done.to_json())
    else:
        say(done.in_words())
    return 0


def _start(export: Export, json: bool, settings: Settings) -> int:
    if export.recipe is not None:
        raise InputError("A recipe is written in the foreground. Leave --background out.")
    find_pair(export.pair, settings)
    started(start_export(export, settings), json)
    return 0


def _export(options: argparse.Namespace) -> Export:
    if not 0 < options.shard_gb <= 1000:
        raise InputError(f"--shard-gb {options.shard_gb} is no size of a file. Give 5, say.")
    shard_bytes, out = int(options.shard_gb * 1e9), as_folder(options.out, Path.cwd())
    if options.recipe is None:
        if options.pair is None or options.lam is None:
            raise InputError("An export needs --pair and --lam, or --recipe FILE.")
        return Export(options.pair, Lam.parse(options.lam), out, shard_bytes)
    if options.pair is not None or options.lam is not None:
        raise InputError("A recipe names pair and λ itself. Give --recipe, or --pair and --lam.")
    recipe = read_recipe(options.recipe)
    return Export(recipe.pair, recipe.lam, out, shard_bytes, recipe)
