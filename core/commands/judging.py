"""Options and lines that `sweep` and `judge` share: which judges, in which words, at what cost."""

import argparse
from pathlib import Path

from core.commands.output import aside
from core.jobs.judge_stored import JudgeOutcome
from core.judges.named import KNOWN


def add_judges(parser: argparse.ArgumentParser) -> None:
    """`--judge`, `--template` and `--spend`."""
    parser.add_argument(
        "--judge",
        action="append",
        default=[],
        metavar="JUDGE",
        help=f"may be given several times: {KNOWN} (default: verifier)",
    )
    parser.add_argument(
        "--template", type=Path, metavar="FILE", help="your own prompt for judges that read one"
    )
    parser.add_argument(
        "--spend",
        metavar="DOLLARS",
        help="stop before judges cost more (with PARTWAY_JUDGE_PRICES=READ,WRITTEN)",
    )


def given_template(options: argparse.Namespace) -> str | None:
    """The template's whole path, because a job runs elsewhere."""
    return None if options.template is None else str(options.template.resolve())


def judge_lines(outcome: JudgeOutcome | None) -> list[str]:
    """What judges did, for people; warnings go to stderr."""
    if outcome is None:
        return []
    for warning in outcome.warnings:
        aside(warning)
    if not outcome.sets:
        return ["Every set of verdicts is there already; no judge was asked."]
    cost = "" if outcome.dollars is None else f" for ${outcome.dollars:.4f}"
    missing = f", {outcome.missing:,} verdicts missing" if outcome.missing else ""
    return [f"Judges answered {outcome.asked:,} questions{cost}: {outcome.sets} sets{missing}."]
