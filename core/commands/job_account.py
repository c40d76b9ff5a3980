"""What `jobs show` says of estimate and actual; nothing for a job that has not begun."""

from dataclasses import asdict
from typing import Any

from core.commands.output import columns
from core.jobs.account import account_of
from core.jobs.account_words import account_rows, account_sentence
from core.settings import PUBLISHED, Settings
from core.store.runs import RunStore

HEAD = ("  STAGE", "", "EXPECTED", "ACTUAL", "")


def account_lines(job_id: str, settings: Settings) -> list[str]:
    """A table and a sentence."""
    account = account_of(job_id, settings, RunStore(settings.results, (PUBLISHED,)))
    rows = account_rows(account) if account else ()
    if account is None or not rows:
        return []
    told = [(f"  {r.stage}", r.what, r.expected, r.actual, r.verdict) for r in rows]
    return [columns(HEAD, told), f"  {account_sentence(account)}"]


def account_json(job_id: str, settings: Settings) -> dict[str, Any] | None:
    """The same for programs."""
    account = account_of(job_id, settings, RunStore(settings.results, (PUBLISHED,)))
    return None if account is None else asdict(account)
