"""`python -m core jobs …`: the queue of work in the background, and what becomes of each."""

import argparse
from collections.abc import Callable
from functools import partial
from typing import get_args

from core.commands.job_account import account_json, account_lines
from core.commands.job_words import as_json, listed, shown
from core.commands.output import aside, say, show_json
from core.commands.verbs import Verbs, add_results, add_verb, with_results
from core.commands.watch import add_watch
from core.errors import InputError
from core.jobs import steering
from core.jobs.job_folder import LOG, job_folder
from core.jobs.jobs import advance, list_jobs, read_job, stands_still, unreadable_jobs
from core.jobs.live import so_far
from core.jobs.state import JobState
from core.settings import Settings
from core.store.files import told_plainly

ACTIONS = "list|show|pause|resume|cancel|retry|priority|watch|log"
NONE = "There are no jobs. Start one with: python -m core sweep --pair NAME --background"
STANDS = (
    "The queue stands still: its worker ended without a word, as when the machine was restarted. "
    "Go on with: python -m core jobs resume"
)
LOG_LINES = 40
Steer = Callable[[str, Settings], JobState]


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = verbs.add_parser("jobs", help="the queue of all work in the background: " + ACTIONS)
    actions = parser.add_subparsers(dest="action", required=True, metavar=ACTIONS)
    listing = _action(actions, "list", "List the jobs: at work, waiting, ended.", job=False)
    listing.set_defaults(run=list_all)
    show = _action(actions, "show", "Show one job: how far each stage is, and its curve so far.")
    show.set_defaults(run=show_one)
    _steers(actions)
    move = _action(
        actions, "priority", "Change a waiting job's place in the queue.", example=" JOB next"
    )
    move.add_argument(
        "where", metavar="WHERE", choices=get_args(steering.Move), help="raise, lower, next, last"
    )
    move.set_defaults(run=move_one)
    add_watch(actions)
    log = _action(actions, "log", "Print the end of a job's log.")
    log.add_argument("--lines", type=int, default=LOG_LINES, metavar="N", help="how many lines")
    log.set_defaults(run=print_log)


def _steers(actions: Verbs) -> None:
    told: dict[str, tuple[str, Steer]] = {
        "pause": (
            "Stop a job at its next flushed batch and give the engine free (no export).",
            steering.pause,
        ),
        "resume": (
            "Go on with a paused or interrupted job, at its place in the queue; without JOB: go on "
            "with a queue that stands still.",
            steering.resume,
        ),
        "cancel": ("End a job; what it has done is kept.", steering.cancel),
        "retry": (
            "Put a failed, interrupted or cancelled job into the queue again; nothing is computed "
            "twice.",
            steering.retry,
        ),
    }
    for name, (about, steer) in told.items():
        parser = _action(actions, name, about, needed=name != "resume")
        parser.set_defaults(run=partial(steer_one, steer))


def _action(
    actions: Verbs,
    name: str,
    about: str,
    job: bool = True,
    needed: bool = True,
    example: str = " JOB",
) -> argparse.ArgumentParser:
    parser = add_verb(actions, name, about, f"python -m core jobs {name}{example if job else ''}")
    if job:
        count = None if needed else "?"
        parser.add_argument("job", metavar="JOB", nargs=count, help="an id of `jobs list`")
    add_results(parser)
    return parser


def list_all(options: argparse.Namespace, settings: Settings) -> int:
    """Print every job: those that run and wait in their order, then the others."""
    settings = with_results(settings, options)
    states = list_jobs(settings)
    if options.json:
        show_json([as_json(state) for state in states])
    else:
        say(listed(states) if states else NONE)
    for sentence in unreadable_jobs(settings):
        aside(sentence)
    if stands_still(settings):
        aside(STANDS)
    return 0


def show_one(options: argparse.Namespace, settings: Settings) -> int:
    """Print one job, and what it took beside what was expected."""
    settings = with_results(settings, options)
    state = read_job(options.job, settings)
    curve = so_far(state, settings)
    if options.json:
        told = {"few_shot_so_far": [point.to_json() for point in curve]}
        show_json(as_json(state) | told | {"account": account_json(state.job_id, settings)})
    else:
        say("\n".join([shown(state, curve), *account_lines(state.job_id, settings)]))
    if state.ready and stands_still(settings):
        aside(STANDS)
    return 0


def steer_one(steer: Steer, options: argparse.Namespace, settings: Settings) -> int:
    """Pause, resume, cancel or retry one job."""
    settings = with_results(settings, options)
    if options.job is None:
        return _go_on(options.json, settings)
    return _tell(steer(options.job, settings), options.json)


def move_one(options: argparse.Namespace, settings: Settings) -> int:
    """Give one waiting job another place."""
    return _tell(
        steering.move(options.job, options.where, with_results(settings, options)), options.json
    )


def print_log(options: argparse.Namespace, settings: Settings) -> int:
    """Print the last lines of a job's log."""
    if options.lines < 1:
        raise InputError(f"--lines {options.lines} is no number of lines. Give 1 or more.")
    path = job_folder(options.job, with_results(settings, options)) / LOG
    with told_plainly(path):
        text = path.read_text(errors="replace") if path.exists() else ""
    lines = text.splitlines()[-options.lines :]
    if options.json:
        show_json({"job": options.job, "lines": lines})
    else:
        say("\n".join(lines) if lines else "The log is empty.")
    return 0


def _go_on(json: bool, settings: Settings) -> int:
    started = advance(settings)
    if json:
        show_json({"job": started})
    elif started:
        say(f"Job {started} goes on. See it with: python -m core jobs watch {started}")
    else:
        say("Nothing waits, or a worker is at it already. See: python -m core jobs list")
    return 0


def _tell(state: JobState, json: bool) -> int:
    if json:
        show_json(as_json(state))
    else:
        say(shown(state, ()))
    return 0
