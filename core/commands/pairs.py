"""`python -m core pairs list|check`: which pairs there are, and whether one can be merged."""

import argparse
from dataclasses import asdict

from core.commands import weights
from core.commands.output import columns, say, show_json
from core.commands.verbs import Verbs, add_verb
from core.pairs.preflight import PairReport, check_pair
from core.pairs.registry import find_pair, read_registry
from core.settings import Settings

MEBIBYTE = 1 << 20


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = verbs.add_parser("pairs", help="list the known pairs, or check one")
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|check|weights")
    listing = add_verb(actions, "list", "List the known pairs.", "python -m core pairs list")
    listing.set_defaults(run=list_pairs)
    check = add_verb(
        actions,
        "check",
        "Say whether a pair can be merged, from its files alone.",
        "python -m core pairs check tinyworld",
    )
    check.add_argument("name", metavar="NAME", help="a pair of `pairs list`")
    check.add_argument(
        "--download", action="store_true", help="fetch from the hub what is not here"
    )
    check.set_defaults(run=check_one)
    weights.add(actions)


def list_pairs(options: argparse.Namespace, settings: Settings) -> int:
    """Print the registry."""
    entries = list(read_registry(settings).values())
    if options.json:
        show_json([asdict(entry) for entry in entries])
    else:
        rows = [(entry.name, entry.base, entry.instruct) for entry in entries]
        say(columns(("NAME", "BASE", "INSTRUCT"), rows))
    return 0


def check_one(options: argparse.Namespace, settings: Settings) -> int:
    """Print the pre-flight report of one pair."""
    report = check_pair(find_pair(options.name, settings), settings, download=options.download)
    if options.json:
        show_json(asdict(report))
    else:
        say(_text(report))
    return 0


def _text(report: PairReport) -> str:
    size = report.weights_bytes / MEBIBYTE
    lines = [
        f"{report.identity.name} can be merged.",
        f"  architecture  {report.architecture}, {report.parameters:,} parameters, {report.dtype}",
        f"  weights       {size:,.1f} MiB for one model; the engine holds three",
        f"  base          {report.identity.base}  {report.base_folder}",
        f"  instruct      {report.identity.instruct}  {report.instruct_folder}",
        f"  chat template {'yes' if report.chat_template else 'no'}",
        *(f"  note          {note}" for note in report.notes),
    ]
    return "\n".join(lines)
