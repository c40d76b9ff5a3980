"""`python -m core sweep`: measure a pair at many λ, in the foreground with a progress bar."""

import argparse
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import get_args

from core.commands.bar import Bar
from core.commands.icl import tell_of_index, tell_of_lookups
from core.commands.job_words import started
from core.commands.judging import add_judges, given_template, judge_lines
from core.commands.output import aside, say, show_json
from core.commands.sweep_plan import add_plan, show_plan
from core.commands.verbs import (
    Verbs,
    add_engine,
    add_ray,
    add_results,
    add_verb,
    with_ray,
    with_results,
)
from core.engine.opening import open_engine, sweep_engine
from core.errors import InputError
from core.jobs.grid import Asked, read_grid
from core.jobs.judge_plan import VERIFIER
from core.jobs.judge_stored import JudgeOutcome, Places
from core.jobs.judge_sweep import judge_sweep
from core.jobs.plan import SweepPlan
from core.jobs.planning import start_with_estimate
from core.jobs.prepare import engine_if_needed
from core.jobs.references import parse_reference
from core.jobs.sweep import SweepOutcome, run_sweep
from core.jobs.work import few_shot_tasks
from core.pairs.registry import find_pair
from core.pairs.usual import FOR_ANY_PAIR, Usual
from core.settings import PUBLISHED, Settings
from core.store.runs import RunStore
from core.tasks.suite_task import IclPrompt
from core.tasks.suites import load_suite, prompted_name
from core.tasks.typed import typed_name

EXAMPLE = "python -m core sweep --pair tinyworld --grid 0:1:0.1,1.1,1.2"
NOTHING = "Everything was measured already; nothing was computed."


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = add_verb(
        verbs,
        "sweep",
        "Measure a pair at many λ. What is there already is not computed again; a sweep that "
        "was interrupted goes on where it stopped.",
        EXAMPLE,
    )
    parser.add_argument("--pair", required=True, help="a pair of `pairs list`")
    parser.add_argument(
        "--grid",
        default="0:1:0.1",
        metavar="GRID",
        help="λ values: start:end:step and numbers, with commas; or refine[:STEP[:AROUND]]: finer "
        "around the stored best, AROUND being a win-rate point's worth (1), few-shot or win-rate",
    )
    parser.add_argument(
        "--icl-suite",
        metavar="SUITE",
        help=f"see `icl list` (default: {FOR_ANY_PAIR.icl_suite}, or what the pair's entry names)",
    )
    parser.add_argument(
        "--icl-task",
        metavar="NAME[,NAME]",
        help="instead of a suite: tasks, groups, tags or patterns by lm-eval's names",
    )
    parser.add_argument(
        "--icl-prompt",
        choices=get_args(IclPrompt),
        default="plain",
        help="plain text (default), or through the instruct parent's chat template: examples and "
        "question in one message, or every example as a turn",
    )
    parser.add_argument("--icl-shots", type=int, metavar="N", help="examples for --icl-task")
    parser.add_argument(
        "--instruction-suite",
        metavar="SUITE",
        help=f"default: {FOR_ANY_PAIR.instruction_suite}, or what the pair's entry names",
    )
    parser.add_argument(
        "--reference",
        metavar="PAIR@λ|FILE",
        help="judge against this as well: a pair at a λ, or an outputs file (model_outputs.json)",
    )
    add_judges(parser)
    parser.add_argument("--limit", type=_items, metavar="N", help="a trial: only N items a task")
    parser.add_argument("--background", action="store_true", help="run as a job; see `jobs`")
    add_plan(parser)
    add_results(parser)
    add_engine(parser)
    add_ray(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Measure, or start a job that does."""
    settings = with_ray(with_results(settings, options), options)
    plan = _plan(options, settings)
    if options.plan:
        if settings.ray_address is not None:
            aside("What follows is for one engine on this machine, not for the Ray cluster.")
        return show_plan(plan, options, settings)
    if options.no_probe:
        raise InputError("--no-probe goes with --plan: a sweep that runs tries nothing beforehand.")
    options.engine = sweep_engine(options.engine, settings)
    if options.background:
        return _start(plan, options, settings)
    measured, judged = _measure(plan, options, settings)
    if options.json:
        found = {"computed": 0, "judged": 0} if measured is None else asdict(measured)
        show_json(found if judged is None else found | {"judges": asdict(judged)})
    else:
        say("\n".join([_text(measured), *judge_lines(judged)]))
    return 0


def _items(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text[:40]!r} is no number of items. Give a whole number from 1, or no limit."
        ) from error


def _plan(options: argparse.Namespace, settings: Settings) -> SweepPlan:
    usual = find_pair(options.pair, settings).usual
    suite = prompted_name(_icl_suite(options, usual, settings), options.icl_prompt)
    instructions = options.instruction_suite or usual.instruction_suite
    asked = Asked(options.pair, suite, instructions, options.limit)
    grid = read_grid(options.grid, asked, settings, RunStore(settings.results, (PUBLISHED,)))
    for note in grid.notes:
        aside(note)
    return SweepPlan(
        pair=options.pair,
        grid=grid.lams,
        icl_suite=suite,
        instruction_suite=instructions,
        limit=options.limit,
        reference=_reference(options.reference),
        judges=tuple(name for name in options.judge if name != VERIFIER),
        template=given_template(options),
        spend=options.spend,
    )


def _reference(text: str | None) -> str | None:
    """As given; a file as its whole path, because a job runs elsewhere."""
    given = parse_reference(text) if text else None
    return str(given) if isinstance(given, Path) else text


def _icl_suite(options: argparse.Namespace, usual: Usual, settings: Settings) -> str:
    if options.icl_task is None:
        if options.icl_shots is not None:
            raise InputError(
                f"--icl-shots {options.icl_shots} goes with --icl-task; a suite has its own shots."
            )
        return str(options.icl_suite or usual.icl_suite)
    name = typed_name(options.icl_task, options.icl_shots)
    tell_of_index(settings)
    load_suite(name)  # an unknown task is told now, not by a job
    return name


def _start(plan: SweepPlan, options: argparse.Namespace, settings: Settings) -> int:
    started(start_with_estimate(plan, settings, options.engine), options.json)
    return 0


def _measure(
    plan: SweepPlan, options: argparse.Namespace, settings: Settings
) -> tuple[SweepOutcome | None, JudgeOutcome | None]:
    store = RunStore(settings.results, (PUBLISHED,))
    reopen = partial(open_engine, options.engine, settings)
    find_pair(plan.pair, settings)  # an unknown pair is told before the hub is asked
    tell_of_lookups(few_shot_tasks(plan), settings)
    engine = engine_if_needed(plan, settings, store, options.engine, open_engine)
    try:
        with Bar() as bar:
            measured = None
            if engine is not None:
                measured = run_sweep(plan, engine, store, bar.show, settings.threads, reopen)
            places = Places(settings, store, reopen)
            return measured, judge_sweep(plan, places, bar.show)
    except KeyboardInterrupt:
        aside("What was measured is kept: the same command goes on from there.")
        raise


def _text(outcome: SweepOutcome | None) -> str:
    if outcome is None or not (outcome.computed or outcome.judged):
        return NOTHING
    return (
        f"Measured {outcome.computed} items and {outcome.judged} sets of verdicts "
        f"in {outcome.runs} runs (sweep {outcome.sweep_id})."
    )
