"""`python -m core report`: a pair's sweep as one HTML file that opens without a network."""

import argparse
import math
import time
from pathlib import Path

from core.commands.output import aside, say, show_json
from core.commands.verbs import Verbs, add_results, add_verb, with_results
from core.errors import InputError
from core.figures.axis import AXES
from core.lam import Lam
from core.reports import reporting
from core.settings import Settings

EXAMPLE = (
    "python -m core report --pair tinyworld --lam 0.7 --worth 0.5 --out report.html\n"
    "         python -m core report --pair tinyworld pocketworld --out both.html"
)
ABOUT = (
    "Write what was measured of a pair, or of up to four, as one HTML file: charts, tables, "
    "answers, and how to repeat it. No scripts, no requests, no engine."
)
MOST_WORTH = 100.0


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = add_verb(verbs, "report", ABOUT, EXAMPLE)
    parser.add_argument(
        "--pair", nargs="+", required=True, metavar="PAIR", help="one to four of `pairs list`"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the HTML file to write"
    )
    parser.add_argument(
        "--lam", metavar="λ", help=f"the λ to speak of (default: {reporting.PREFERRED}, or the "
        "measured one nearest to it)"
    )  # fmt: skip
    parser.add_argument(
        "--worth", default="1", metavar="r", help="few-shot points that one point of following "
        "is worth (default 1)"
    )  # fmt: skip
    parser.add_argument(
        "--axis", choices=AXES, default="win_rate", help="how following is measured"
    )
    parser.add_argument("--reference", metavar="NAME", help="of the win rate, such as lam:1")
    parser.add_argument(
        "--strip", nargs="+", default=[], metavar="ID", help="kept filmstrips to show "
        "(default: one of each kind, at most three)"
    )  # fmt: skip
    parser.add_argument(
        "--made", default="", metavar="KEY", help="which measurement of the first pair, where "
        "there are several (the page's ?made=KEY)"
    )  # fmt: skip
    parser.add_argument("--force", action="store_true", help="replace a file that exists")
    add_results(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Write it and say what it says."""
    wanted = reporting.Wanted(
        pairs=tuple(options.pair),
        lam=None if options.lam is None else Lam.parse(options.lam),
        side=options.axis,
        reference=options.reference,
        rate=_worth(options.worth),
        strips=tuple(options.strip),
        measurement=options.made,
    )
    reporting.refuse_place(options.out, options.force)
    began = time.perf_counter()
    made = reporting.make(wanted, with_results(settings, options))
    reporting.write(made, options.out, options.force)
    seconds = time.perf_counter() - began
    if options.json:
        told = {"file": str(options.out.absolute()), "bytes": made.size_bytes}
        show_json({**told, "pairs": list(wanted.pairs), "says": list(made.told)})
    else:
        say("\n".join(made.told))
        size = f"{made.size_bytes / 1000:,.0f} kB"
        aside(f"Written to {options.out} ({size}, in {seconds:.1f} s).")
    return 0


def _worth(given: str) -> float:
    try:
        worth = float(given)
    except ValueError:
        worth = math.nan
    if not 0 <= worth <= MOST_WORTH:
        raise InputError(
            f"{given!r} is no worth of a point. Give a number from 0 to {MOST_WORTH:g}, as 0.5."
        )
    return worth
