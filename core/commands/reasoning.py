"""`python -m core reasoning run|list|show|grade|compare|jobs`: problems, several answers each."""

import argparse
from dataclasses import asdict
from functools import partial

from core.commands.bar import Bar
from core.commands.job_words import as_json, listed, started
from core.commands.output import aside, columns, say, show_json
from core.commands.reasoning_read import add_reading
from core.commands.verbs import Verbs, add_engine, add_results, add_verb, with_results
from core.engine.opening import open_engine
from core.jobs.jobs import list_jobs
from core.jobs.once import start_once
from core.jobs.reasoning_plan import GRADERS, STYLES, ReasoningPlan
from core.jobs.reasoning_regrade import regrade
from core.jobs.reasoning_run import ReasoningOutcome, Rooms, run_reasoning
from core.jobs.reasoning_work import load_parts, read_protocols
from core.jobs.steering import cancel
from core.lam import parse_grid
from core.pairs.registry import find_pair
from core.pairs.usual import FOR_ANY_PAIR
from core.settings import PUBLISHED, Settings
from core.store.runs import RunStore
from core.tasks.problems.benchmark import list_benchmarks, load_benchmark
from core.tasks.problems.load import where_rows_are
from core.tasks.problems.protocol import list_protocols, read_protocol

EXAMPLE = "python -m core reasoning run --pair tinyworld --grid 0,1 --style few-shot-cot --n 8"


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = verbs.add_parser(
        "reasoning", help="answer problems several times at many λ, grade, compare"
    )
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="run|list|show|grade|compare|jobs"
    )
    _add_run(actions)
    listing = add_verb(
        actions, "list", "List benchmarks and protocols.", "python -m core reasoning list"
    )
    listing.set_defaults(run=list_all)
    grade = add_verb(
        actions,
        "grade",
        "Extract and grade stored answers again; nothing is generated.",
        "python -m core reasoning grade --pair tinyworld --grader rules",
    )
    grade.add_argument("--pair", required=True, help="a pair of `pairs list`")
    _add_graders(grade)
    add_results(grade)
    add_engine(grade)
    grade.set_defaults(run=grade_again)
    jobs = add_verb(
        actions,
        "jobs",
        "Show the queue's studies; see also `python -m core jobs`.",
        "python -m core reasoning jobs",
    )
    jobs.add_argument("--cancel", metavar="JOB", help="end this one; what it measured is kept")
    add_results(jobs)
    jobs.set_defaults(run=show_jobs)
    add_reading(actions)


def _add_run(actions: Verbs) -> None:
    parser = add_verb(
        actions,
        "run",
        "Answer a benchmark's problems at many λ, then extract and grade. What is there already "
        "is not computed again; an interrupted study goes on where it stopped.",
        EXAMPLE,
    )
    parser.add_argument("--pair", required=True, help="a pair of `pairs list`")
    parser.add_argument("--grid", default="0,1", help="λ values: start:end:step and numbers")
    parser.add_argument(
        "--benchmark",
        metavar="NAME",
        help=f"see the list (default: {FOR_ANY_PAIR.benchmark}, or what the pair's entry names)",
    )
    parser.add_argument(
        "--part", action="append", default=[], metavar="NAME", help="default: every part"
    )
    parser.add_argument(
        "--style", action="append", default=[], choices=tuple(STYLES), help="may be given again"
    )
    parser.add_argument(
        "--protocol",
        action="append",
        default=[],
        metavar="NAME",
        help=f"may be given again: {', '.join(list_protocols())} (default: symmetric)",
    )
    parser.add_argument("--n", type=int, metavar="N", help="answers an item, not the protocol's")
    parser.add_argument("--max-new-tokens", type=int, metavar="N", help="shorter answers")
    parser.add_argument("--limit", type=int, metavar="N", help="a trial: only N items a part")
    _add_graders(parser)
    parser.add_argument(
        "--background", action="store_true", help="put it into the queue; see `jobs`"
    )
    add_results(parser)
    add_engine(parser)
    parser.set_defaults(run=run)


def _add_graders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--grader", action="append", default=[], choices=GRADERS, help="default: both"
    )
    parser.add_argument(
        "--extractor",
        default="rules",
        metavar="WHO",
        help="rules (default), model:PAIR@λ, or server:MODEL (PARTWAY_JUDGE_URL)",
    )


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Measure, or start a job that does."""
    settings = with_results(settings, options)
    entry = find_pair(options.pair, settings)
    plan = ReasoningPlan(
        pair=options.pair,
        grid=parse_grid(options.grid),
        benchmark=options.benchmark or entry.usual.benchmark,
        parts=tuple(dict.fromkeys(options.part)),
        styles=tuple(dict.fromkeys(options.style)) or ("zero-shot-cot",),
        protocols=tuple(dict.fromkeys(options.protocol)) or ("symmetric",),
        n=options.n,
        max_new_tokens=options.max_new_tokens,
        limit=options.limit,
        graders=tuple(dict.fromkeys(options.grader)) or GRADERS,
        extractor=options.extractor,
    )
    read_protocols(plan, settings)  # everything that a person gave, before an engine starts
    load_parts(plan, settings)
    if options.background:
        return _start(plan, options, settings)
    outcome = _measure(plan, options, settings)
    if options.json:
        show_json(asdict(outcome))
    else:
        _tell(outcome)
    return 0


def _start(plan: ReasoningPlan, options: argparse.Namespace, settings: Settings) -> int:
    started(start_once(plan, settings, options.engine), options.json)
    return 0


def _measure(
    plan: ReasoningPlan, options: argparse.Namespace, settings: Settings
) -> ReasoningOutcome:
    store = RunStore(settings.results, (PUBLISHED,))
    store.check_writable()
    reopen = partial(open_engine, options.engine, settings)
    try:
        with Bar() as bar:
            return run_reasoning(plan, reopen(), Rooms(settings, store, reopen), bar.show)
    except KeyboardInterrupt:
        aside("What was measured is kept: the same command goes on from there.")
        raise


def _tell(outcome: ReasoningOutcome) -> None:
    for note in outcome.notes:
        aside(note)
    if not outcome.computed:
        say("Every answer was there already; nothing was computed.")
    else:
        say(f"Answered {outcome.computed} items in {len(outcome.runs)} runs.")
    say("Read them with: python -m core reasoning show --pair NAME")


def list_all(options: argparse.Namespace, settings: Settings) -> int:
    """Print benchmarks and protocols."""
    benchmarks = [load_benchmark(name, settings) for name in list_benchmarks(settings)]
    protocols = [read_protocol(name, settings) for name in list_protocols(settings)]
    if options.json:
        where = {one.name: where_rows_are(one, settings) for one in benchmarks}
        show_json(
            {
                "benchmarks": [{**asdict(one), "data": where[one.name]} for one in benchmarks],
                "protocols": [asdict(one) for one in protocols],
            }
        )
        return 0
    rows = [
        (one.name, ", ".join(part.name for part in one.parts), where_rows_are(one, settings))
        for one in benchmarks
    ]
    say(columns(("BENCHMARK", "PARTS", "DATA"), rows))
    say("")
    say(columns(("PROTOCOL", ""), [(one.name, one.title) for one in protocols]))
    return 0


def grade_again(options: argparse.Namespace, settings: Settings) -> int:
    """Grade stored answers."""
    settings = with_results(settings, options)
    store = RunStore(settings.results, (PUBLISHED,))
    reopen = partial(open_engine, options.engine, settings)
    graders = tuple(dict.fromkeys(options.grader)) or GRADERS
    outcome = regrade(options.pair, graders, options.extractor, Rooms(settings, store, reopen))
    for told in outcome.skipped:
        aside(told)
    if options.json:
        show_json(asdict(outcome))
    else:
        say(f"{len(outcome.grades)} gradings are there, {outcome.made} of them made now.")
    return 0


def show_jobs(options: argparse.Namespace, settings: Settings) -> int:
    """Print background studies; cancel one when asked."""
    settings = with_results(settings, options)
    if options.cancel:
        states = [cancel(options.cancel, settings)]
    else:
        jobs = list_jobs(settings)
        states = [job for job in jobs if isinstance(job.plan, ReasoningPlan)]
    if options.json:
        show_json([as_json(state) for state in states])
    else:
        say(listed(states) if states else "There are no studies.")
    return 0
