"""What a verb's file offers to the command line, and options that several verbs share."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import Settings, count, ray_address

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Verbs = object


def add_verb(verbs: Verbs, name: str, about: str, example: str) -> argparse.ArgumentParser:
    """A verb with an example at the end of its help, and `--json`."""
    parser = verbs.add_parser(
        name,
        help=about,
        description=about,
        epilog=f"example: {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    return parser


def add_results(parser: argparse.ArgumentParser) -> None:
    """`--results FOLDER`."""
    parser.add_argument(
        "--results", type=Path, metavar="FOLDER", help="where results are kept (default: results/)"
    )


def add_engine(parser: argparse.ArgumentParser) -> None:
    """`--engine host|inprocess`."""
    parser.add_argument(
        "--engine",
        choices=("host", "inprocess"),
        default="host",
        help="ask the engine host, started when none runs (default), or load the pair here",
    )


def add_ray(parser: argparse.ArgumentParser) -> None:
    """`--ray WHERE` and `--ray-actors N`."""
    parser.add_argument(
        "--ray",
        metavar="WHERE",
        help="spread the work over a Ray cluster: local (all GPUs or cores of this machine), auto "
        "(the cluster that runs here) or HOST:PORT (default: PARTWAY_RAY_ADDRESS, else none)",
    )
    parser.add_argument(
        "--ray-actors", metavar="N", help="engines on it (default: one a GPU, else a CPU slot)"
    )


def with_ray(settings: Settings, options: argparse.Namespace) -> Settings:
    """The settings with the cluster that was asked for.

    Raises:
        InputError: no such address, or no such number.
    """
    return replace(
        settings,
        ray_address=ray_address(options.ray) or settings.ray_address,
        ray_actors=count("--ray-actors", options.ray_actors) or settings.ray_actors,
    )


def with_results(settings: Settings, options: argparse.Namespace) -> Settings:
    """The settings with the folder given by `--results`."""
    return settings if options.results is None else replace(settings, results=options.results)
