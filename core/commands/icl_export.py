"""`python -m core icl export`: stored few-shot results for other tools."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from core.commands.output import aside, say, show_json
from core.commands.verbs import Verbs, add_results, add_verb, with_results
from core.errors import InputError, StoreError
from core.lam import Lam
from core.pairs.registry import find_pair
from core.reports.few_shot_runs import FewShotRuns, few_shot_runs, records_of
from core.reports.parents import parents_here
from core.settings import PUBLISHED, Settings
from core.store.runs import RunStore, Stored
from core.tasks.suites import load_suite

NOT_IN_A_NAME, LONGEST_NAME = re.compile(r"[^A-Za-z0-9.@-]+"), 80
FORMATS = ("lm-eval", "csv", "parquet")


def add_export(actions: Verbs) -> None:
    """Declare the action."""
    parser = add_verb(
        actions,
        "export",
        "Write a pair's results at one λ as lm-eval's results and samples, and every item of "
        "every λ as CSV and Parquet.",
        "python -m core icl export --pair tinyworld --lam 0.7 --out exported",
    )
    parser.add_argument("--pair", required=True, help="a pair of `pairs list`")
    parser.add_argument(
        "--lam", metavar="λ", help="the λ of lm-eval's files (not for csv, parquet)"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write")
    parser.add_argument("--suite", metavar="NAME", help="default: the one with most results")
    parser.add_argument(
        "--format",
        action="append",
        choices=FORMATS,
        dest="formats",
        help="may be given again; default: all",
    )
    add_results(parser)
    parser.set_defaults(run=export)


def export(options: argparse.Namespace, settings: Settings) -> int:
    """Write the files and print their names."""
    settings = with_results(settings, options)
    store = RunStore(settings.results, (PUBLISHED,))
    content = parents_here(find_pair(options.pair, settings), settings).identity
    runs = few_shot_runs(store, options.pair, content, options.suite)
    formats = options.formats or FORMATS
    files: list[Path] = []
    if "lm-eval" in formats:
        files += _lmeval(runs, _lam(options), store, options.out)
    files += _tables(runs, store, options.out, [one for one in formats if one != "lm-eval"])
    if options.json:
        show_json([str(file) for file in files])
    else:
        say("\n".join(map(str, files)))
    return 0


def _lam(options: argparse.Namespace) -> Lam:
    if options.lam is None:
        raise InputError(
            "lm-eval's files hold one λ. Give it with --lam, or take --format csv or parquet."
        )
    return Lam.parse(options.lam)


def _lmeval(runs: FewShotRuns, lam: Lam, store: RunStore, out: Path) -> Sequence[Path]:
    from core.evals.lmeval_files import write_lmeval
    from core.evals.replay import StoredTask

    suite, found = load_suite(runs.sweep.icl_suite), runs.at(lam)
    left = [line.task for line in runs.sweep.tasks if line.task not in found]
    if left:
        aside(f"Not measured at λ = {lam}, so left out: {', '.join(left)}.")
    stored = [
        StoredTask(
            suite.task(name),
            *records_of(store, run),
            store.environment_of(run),
            store.prompts(run.run_id),
        )
        for name, run in found.items()
    ]
    return write_lmeval(stored, out)


def _tables(runs: FewShotRuns, store: RunStore, out: Path, formats: Sequence[str]) -> list[Path]:
    if not formats:
        return []
    from core.reports.item_table import item_frame

    frame = item_frame(records_of(store, run) for run in _all(runs))
    suite = NOT_IN_A_NAME.sub("_", runs.sweep.icl_suite)[:LONGEST_NAME]  # may be a list of tasks
    name = f"{runs.sweep.pair.name}_{suite}_items"
    files = [out / f"{name}.{one}" for one in formats]
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file in files:
            if file.suffix == ".csv":
                frame.to_csv(file, index=False)
            else:
                frame.to_parquet(file, index=False)
    except OSError as error:
        raise StoreError(
            f"{out} cannot be written ({error.strerror}). Choose another folder with --out."
        ) from error
    return files


def _all(runs: FewShotRuns) -> list[Stored]:
    return [
        by_lam[str(lam)]
        for by_lam in runs.by_task.values()
        for lam in runs.lams
        if str(lam) in by_lam
    ]
