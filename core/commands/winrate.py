"""`python -m core winrate FILE…`: score annotations as AlpacaEval does; `winrate export` writes.

Scoring asks no model. Exporting is in winrate_export.py.
"""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.commands import winrate_export
from core.commands.output import say, show_json
from core.commands.verbs import Verbs, add_results, add_verb
from core.errors import InputError
from core.judges.annotations import read_annotations
from core.judges.calibration import Calibration, read_calibration
from core.judges.given import Given
from core.judges.leaderboard import leaderboard_text, read_leaderboard, with_models
from core.judges.scored import Scored, difference, score
from core.judges.uncertainty import Difference, Spread
from core.settings import Settings
from core.store.files import write_whole
from core.tasks.outputs import OutputRow, read_output_rows

EXPORT = "export"
EXAMPLE = (
    "python -m core winrate annotations.json --json\n"
    "         python -m core winrate export --pair tinyworld --lam 0.7 --out outputs.json"
)
ABOUT = (
    "Score annotations in AlpacaEval's format (annotations.json), or export measured outputs and "
    "verdicts in it. With several models, each is also compared with the first one, paired by "
    "instruction."
)


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = add_verb(verbs, "winrate", ABOUT, EXAMPLE)
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="annotations.json of one model or more; or: export",
    )
    scoring = parser.add_argument_group("scoring")
    scoring.add_argument("--outputs", type=Path, metavar="FILE", help="the model's outputs")
    scoring.add_argument(
        "--reference", type=Path, metavar="FILE", help="the reference's outputs, in official order"
    )
    scoring.add_argument(
        "--difficulty", type=Path, metavar="FILE", help="instruction_difficulty.csv of the judge"
    )
    scoring.add_argument("--gamed", type=Path, metavar="FILE", help="df_gamed.csv of the judge")
    scoring.add_argument(
        "--official",
        action="store_true",
        help="exactly as the leaderboard: difficulties by row, length control without a guard",
    )
    scoring.add_argument(
        "--leaderboard", type=Path, metavar="FILE", help="put the rows into this CSV"
    )
    winrate_export.add_options(parser)
    add_results(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Score, or export."""
    if options.files == [EXPORT]:
        return winrate_export.run(options, settings)
    given = Given(
        outputs=_rows(options.outputs),
        reference=_rows(options.reference),
        calibration=_calibration(options),
        official=options.official,
    )
    annotations = [one for path in options.files for one in read_annotations(Path(path))]
    scored = score(annotations, given)
    gaps = [difference(one, scored[0]) for one in scored[1:]]
    if options.leaderboard is not None:
        _to_leaderboard(options.leaderboard, scored)
    if options.json:
        show_json({"models": [_as_json(one) for one in scored], "differences": _gaps(scored, gaps)})
    else:
        say("\n\n".join([*map(_text, scored), *_gap_lines(scored, gaps)]))
    return 0


def _rows(path: Path | None) -> tuple[OutputRow, ...]:
    return () if path is None else read_output_rows(path)


def _calibration(options: argparse.Namespace) -> Calibration | None:
    if options.difficulty is None and options.gamed is None:
        return None
    if options.difficulty is None or options.gamed is None:
        raise InputError(
            "The calibration is two files. Give both --difficulty FILE and --gamed FILE, "
            "or neither."
        )
    return read_calibration(options.difficulty, options.gamed)


def _to_leaderboard(path: Path, scored: tuple[Scored, ...]) -> None:
    rows = read_leaderboard(path) if path.exists() else {}
    write_whole(path, leaderboard_text(with_models(rows, scored)))


def _as_json(one: Scored) -> dict[str, Any]:
    controlled = one.length_controlled
    return {
        "model": one.model,
        "reference": one.reference,
        "annotator": one.annotator,
        **asdict(one.rates),
        "avg_length": one.avg_length,
        "reference_length": one.reference_length,
        "win_rate_bootstrap": asdict(one.spread),
        "length_controlled_winrate": controlled.value,
        "lc_standard_error": controlled.spread,
        "length_controlled": asdict(controlled),
        "length_controlled_bootstrap": asdict(one.length_controlled_spread),
        "notes": one.notes,
    }


def _gaps(scored: tuple[Scored, ...], gaps: list[Difference]) -> list[dict[str, Any]]:
    return [
        {"model": one.model, "to": scored[0].model, **asdict(gap)}
        for one, gap in zip(scored[1:], gaps, strict=True)
    ]


def _text(one: Scored) -> str:
    counted = one.rates
    lines = [
        f"{one.model} against {one.reference}, judged by {one.annotator}",
        f"  win rate         {_percent(counted.win_rate)}{_error(one.spread)}",
        f"  discrete         {_percent(counted.discrete_win_rate)}: {counted.n_wins} wins, "
        f"{counted.n_draws} draws, {counted.n_wins_base} losses",
        f"  verdicts         {counted.n_total}, {counted.n_missing} missing",
        f"  at equal length  {_controlled(one)}",
        f"  mean length      {_count(one.avg_length)} characters, "
        f"the reference's {_count(one.reference_length)}",
        *(f"  note             {note}" for note in one.notes),
    ]
    return "\n".join(lines)


def _controlled(one: Scored) -> str:
    found = one.length_controlled
    if found.value is None:
        return f"not shown: {found.reason}"
    form = found.reason or f"length_controlled_winrate, {found.form.replace('_', ' ')}"
    told = f"{_percent(found.value)}{_error(one.length_controlled_spread)} ({form})"
    return told if found.warning is None else f"{told}\n  warning          {found.warning}"


def _gap_lines(scored: tuple[Scored, ...], gaps: list[Difference]) -> list[str]:
    return [
        f"{one.model} minus {scored[0].model}: "
        + (
            "no instruction in common"
            if gap.value is None
            else f"{gap.value:+.2f} points{_error(gap.spread)}, {gap.n} instructions in common"
        )
        for one, gap in zip(scored[1:], gaps, strict=True)
    ]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} %"


def _count(value: int | None) -> str:
    return "unknown" if value is None else str(value)


def _error(spread: Spread) -> str:
    if spread.standard_error is None or spread.interval is None:
        return ""
    low, high = spread.interval
    return f" ± {spread.standard_error:.2f} (95 % {low:.2f} to {high:.2f}, bootstrap)"
