"""Puts the verbs together, and turns errors into one or two sentences and an exit code.

Exit codes: 0 done · 1 a bug or a missing part · 2 a value given · 3 the pair · 4 the engine ·
5 results · 6 a task · 7 a judge · 130 stopped with Ctrl-C.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from core.commands import (
    doctor,
    export,
    filmstrip,
    generate,
    icl,
    jobs,
    judge,
    pairs,
    reasoning,
    report,
    results,
    sweep,
    winrate,
)
from core.commands.output import aside
from core.errors import PartwayError
from core.settings import read_settings

EXIT_STOPPED = 130
VERBS = (  # in the order of the help
    pairs,
    sweep,
    generate,
    filmstrip,
    icl,
    reasoning,
    judge,
    winrate,
    jobs,
    report,
    export,
    results,
    doctor,
)
logger = logging.getLogger(__name__)


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="python -m core",
        description="Measure and read the line of models between a base and its instruct model.",
        epilog=f"example: {sweep.EXAMPLE}",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in VERBS:
        verb.add(verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        return int(options.run(options, read_settings()))
    except PartwayError as error:
        aside(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        aside("Stopped.")
        return EXIT_STOPPED
    except BrokenPipeError:  # the reader (such as `head`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        logger.debug("a bug", exc_info=True)
        aside(
            f"This is a bug in Partway ({type(error).__name__}: {error}). "
            "Run it again with PARTWAY_DEBUG=1 to see where."
        )
        if os.environ.get("PARTWAY_DEBUG"):
            raise
        return 1
