"""`python -m core pairs weights NAME`: where tuning changed the model, part by part."""

import argparse
from dataclasses import asdict

from core.commands.bar import Bar
from core.commands.output import columns, say, show_json
from core.commands.verbs import Verbs, add_results, add_verb, with_results
from core.jobs.looking import look_now
from core.pairs.anatomy import Anatomy, Change
from core.settings import Settings

EXAMPLE = "python -m core pairs weights tinyworld"


def add(actions: Verbs) -> None:
    """Declare the action among those of `pairs`."""
    parser = add_verb(
        actions, "weights", "Say where the parents' weights differ, by part and layer.", EXAMPLE
    )
    parser.add_argument("name", metavar="NAME", help="a pair of `pairs list`")
    add_results(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Look, unless these parents were looked at before, and print."""
    with Bar() as bar:
        anatomy = look_now(options.name, with_results(settings, options), bar.show)
    if options.json:
        show_json(as_json(anatomy))
    else:
        say(_text(anatomy))
    return 0


def as_json(anatomy: Anatomy) -> dict[str, object]:
    """Sums by part, and every tensor."""
    return {
        "pair": anatomy.pair,
        "whole": asdict(anatomy.whole()),
        "parts": {kind: asdict(change) for kind, change in anatomy.by_kind().items()},
        "tensors": {t.name: asdict(anatomy.of(t)) for t in anatomy.tensors},
    }


def _text(anatomy: Anatomy) -> str:
    rows = [(kind, *_cells(change)) for kind, change in anatomy.by_kind().items()]
    head = ("PART", "NUMBERS", "CHANGE / BASE", "COSINE", "SHARE OF CHANGE", "UNCHANGED")
    return columns(head, [*rows, ("all", *_cells(anatomy.whole()))])


def _cells(change: Change) -> tuple[str, ...]:
    return (
        f"{change.elements:,}",
        *("–" if v is None else f"{v:.4f}" for v in (change.relative, change.cosine)),
        *("–" if v is None else f"{100 * v:.1f} %" for v in (change.share, change.equal)),
    )
