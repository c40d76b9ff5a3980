"""What a page says of its own job while that waits for its turn or is stopped on the way."""

from core import api

_WAITS = "Waiting for its turn: one job runs at a time. The Evaluate page shows the queue."
_SAID = {
    "queued": _WAITS,
    "interrupted": "Its worker ended without a word; it goes on when it is its turn.",
    "starting": "Starting…",
    "pausing": "Pausing after this batch.",
    "cancelling": "Ending.",
}


def waiting(job: api.JobState) -> str | None:
    """A sentence; None for a job that runs or has ended."""
    return _SAID.get(job.status) if job.under_way else None
