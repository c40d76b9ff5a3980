"""`python -m core jobs watch`: follow one job, or the whole queue, until it ends."""

import argparse
import json
import time

from core.commands.job_words import as_json, counted, in_order
from core.commands.output import say
from core.commands.verbs import Verbs, add_results, add_verb, with_results
from core.jobs.jobs import advance, list_jobs, read_job
from core.jobs.state import JobState
from core.settings import Settings

POLL_SECONDS = 1.0
EXIT_CANCELLED, EXIT_INTERRUPTED = 130, 1
ABOUT = (
    "Follow a job, or without JOB the whole queue, until it ends or is paused. While you watch, a "
    "queue whose worker died goes on. Exit code: 0 done or paused, 130 cancelled, else that of the "
    "failure."
)


def add_watch(actions: Verbs) -> None:
    """Declare the action."""
    parser = add_verb(actions, "watch", ABOUT, "python -m core jobs watch JOB")
    parser.add_argument("job", metavar="JOB", nargs="?", help="an id of `jobs list`")
    add_results(parser)
    parser.set_defaults(run=watch)


def watch(options: argparse.Namespace, settings: Settings) -> int:
    """Print a line whenever something changed; with --json one object a line."""
    settings = with_results(settings, options)
    told: dict[str, str] = {}
    while True:
        advance(settings)
        jobs = _followed(options.job, settings, told)
        for job in jobs:
            line = json.dumps(as_json(job), default=str) if options.json else _line(job)
            if told.get(job.job_id) != line:
                told[job.job_id] = line
                print(line, flush=True)
        if not any(job.active or job.ready for job in jobs):
            break
        time.sleep(POLL_SECONDS)
    if not jobs and not options.json:
        say("Nothing runs and nothing waits.")
    return max((_exit_code(job) for job in jobs), default=0)


def _followed(job_id: str | None, settings: Settings, told: dict[str, str]) -> list[JobState]:
    """The job asked for; else all that wait or run, and those that did when watching began."""
    if job_id is not None:
        return [read_job(job_id, settings)]
    jobs = in_order(list_jobs(settings))
    return [job for job in jobs if job.active or job.ready or job.job_id in told]


def _line(job: JobState) -> str:
    left = "" if job.eta_seconds is None else f"  {job.eta_seconds:.0f} s left"
    return (
        f"{job.job_id}  {job.kind.name}  {job.status}  {counted(job)}{left}  {job.message}".rstrip()
    )


def _exit_code(job: JobState) -> int:
    if job.status == "failed":
        return job.exit_code or 1
    if job.status == "cancelled":
        return EXIT_CANCELLED
    return EXIT_INTERRUPTED if job.status == "interrupted" else 0
