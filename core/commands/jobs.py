"""`python -m core jobs list|show|cancel`: sweeps that run in the background."""

import argparse
from dataclasses import asdict
from typing import Any

from core.commands.job_account import account_json, account_lines
from core.commands.output import columns, say, show_json
from core.commands.verbs import Verbs, add_results, add_verb, with_results
from core.jobs.jobs import JobState, cancel_job, list_jobs, read_job
from core.settings import Settings


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = verbs.add_parser("jobs", help="list, show or cancel background sweeps")
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|show|cancel")
    listing = add_verb(actions, "list", "List the jobs, newest first.", "python -m core jobs list")
    listing.set_defaults(run=list_all)
    show = add_verb(actions, "show", "Show one job.", "python -m core jobs show JOB")
    show.set_defaults(run=show_one)
    cancel = add_verb(
        actions,
        "cancel",
        "End a job; what it measured is kept.",
        "python -m core jobs cancel JOB",
    )
    cancel.set_defaults(run=cancel_one)
    for one in (show, cancel):
        one.add_argument("job", metavar="JOB", help="an id of `jobs list`")
    for one in (listing, show, cancel):
        add_results(one)


def list_all(options: argparse.Namespace, settings: Settings) -> int:
    """Print every job."""
    states = list_jobs(with_results(settings, options))
    if options.json:
        show_json([_as_json(state) for state in states])
    elif not states:
        say("There are no jobs. Start one with: python -m core sweep --pair NAME --background")
    else:
        rows = [(s.job_id, s.status, s.plan.pair, _count(s), s.message) for s in states]
        say(columns(("JOB", "STATUS", "PAIR", "ITEMS", ""), rows))
    return 0


def show_one(options: argparse.Namespace, settings: Settings) -> int:
    """Print one job, and what it took beside what was expected."""
    settings = with_results(settings, options)
    state = read_job(options.job, settings)
    if options.json:
        show_json(_as_json(state) | {"account": account_json(state.job_id, settings)})
        return 0
    _show(state, options.json)
    for line in account_lines(state.job_id, settings):
        say(line)
    return 0


def cancel_one(options: argparse.Namespace, settings: Settings) -> int:
    """End one job."""
    return _show(cancel_job(options.job, with_results(settings, options)), options.json)


def _show(state: JobState, as_json: bool) -> int:
    if as_json:
        show_json(_as_json(state))
        return 0
    grid = ", ".join(map(str, state.plan.grid))
    say(f"{state.job_id}  {state.status}  {_count(state)} items")
    suites = f"{state.plan.icl_suite}, {state.plan.instruction_suite}"
    say(f"  pair {state.plan.pair}, λ {grid}, {suites}")
    if state.eta_seconds is not None:
        say(f"  about {state.eta_seconds:.0f} s left")
    if state.message:
        say(f"  {state.message}")
    return 0


def _as_json(state: JobState) -> dict[str, Any]:
    return {**asdict(state), "plan": state.plan.to_json(), "active": state.active}


def _count(state: JobState) -> str:
    return f"{state.done}/{state.total}" if state.total else "–"
