"""A pair looked at before anything is downloaded, and its download.

    check_online("smollm2-135m-instruct", settings).findings
    fetch_parents("smollm2-135m-instruct", settings, report)

Hub parents are asked for and read by their headers; parents in folders are read where they lie.
What the hub says of a commit is kept (core/pairs/verified.py).
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import PairError
from core.jobs.progress import Progress, Report
from core.pairs.checkpoint import Checkpoint, read_checkpoint
from core.pairs.download import SPARE_BYTES, bytes_to_fetch, fetch
from core.pairs.findings import Finding, can_be_merged, look_at_hub, look_over, merged_sizes
from core.pairs.hub_model import ask_hub
from core.pairs.registry import PairEntry, find_pair
from core.pairs.remote import read_remote
from core.pairs.sizes import Sizes
from core.pairs.verified import keep
from core.settings import Settings

Fit = Callable[[Checkpoint], str | None]  # what should be known; refuses with a PairError


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that was found of a pair."""

    pair: str
    findings: tuple[Finding, ...]
    sizes: Sizes | None  # of one merged model; None where there is none

    @property
    def can_be_merged(self) -> bool:
        """Whether nothing refuses."""
        return can_be_merged(self.findings)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        found = [asdict(one) for one in self.findings]
        return {"pair": self.pair, "can_be_merged": self.can_be_merged, "findings": found}


def check_online(name: str, settings: Settings, fit: Fit | None = None) -> Checked:
    """Look at both parents; a few hundred kilobytes each where they are on the hub.

    `fit` says whether a parent's tensors are those of its config (core/merge/fit.py: torch).

    Raises:
        NotKnown: no such pair.  PairError: a parent cannot be looked at at all.
    """
    entry = find_pair(name, settings)
    hub = [
        finding
        for source in dict.fromkeys((entry.base, entry.instruct))
        if not Path(source).is_absolute()
        for finding in _asked(source, settings)
    ]
    entry = find_pair(name, settings)  # at the commits that the hub has just told
    base = _look(entry.base, entry.base_revision)
    instruct = _look(entry.instruct, entry.instruct_revision)
    fits = [] if fit is None else fit_findings((base, instruct), fit)
    found = (*look_over(base, instruct), *fits, *hub, *_disk(entry))
    return Checked(
        entry.name, found, merged_sizes(base, instruct) if can_be_merged(found) else None
    )


def fetch_parents(name: str, settings: Settings, report: Report) -> None:
    """Fetch what is not here; a cut download is gone on with.

    Raises:
        NotKnown: no such pair.  PairError: no room, or the hub refuses, fails, or is not there.
    """
    entry = find_pair(name, settings)
    sources = {entry.base: entry.base_revision, entry.instruct: entry.instruct_revision}
    for source, revision in sources.items():
        if not Path(source).is_absolute():
            fetch(source, revision, _Told(source, report))


def fit_findings(parents: tuple[Checkpoint, Checkpoint], fit: Fit) -> list[Finding]:
    """Whether each parent's tensors are those of its config, and which its model does not use."""
    found = []
    for parent, side in zip(parents, ("base", "instruct"), strict=True):
        try:
            told = fit(parent)
        except PairError as error:
            found.append(Finding("red", "model", str(error)))
            continue
        words = told or f"transformers builds the {side} from its config, with all its tensors."
        found.append(Finding("amber" if told else "green", "model", words))
    return found


def _asked(source: str, settings: Settings) -> tuple[Finding, ...]:
    model = ask_hub(source)
    keep(model, source, settings)
    return look_at_hub(source, model)


def _look(source: str, revision: str | None) -> Checkpoint:
    return (
        read_checkpoint(Path(source))
        if Path(source).is_absolute()
        else read_remote(source, revision)
    )


def _disk(entry: PairEntry) -> list[Finding]:
    sources = {entry.base: entry.base_revision, entry.instruct: entry.instruct_revision}
    hub = {s: revision for s, revision in sources.items() if not Path(s).is_absolute()}
    if not hub:
        return []
    from huggingface_hub import constants

    needed = sum(bytes_to_fetch(source, revision) for source, revision in hub.items())
    place = Path(constants.HF_HUB_CACHE)
    free = shutil.disk_usage(next(p for p in (place, *place.parents) if p.exists())).free
    words = f"{needed:,} bytes are to be fetched, and {free:,} are free where downloads are kept."
    return [Finding("green" if needed + SPARE_BYTES <= free else "red", "disk", words)]


class _Told:
    """Bytes as a job's progress, with the time left at the rate so far."""

    def __init__(self, source: str, report: Report) -> None:
        self._source, self._report, self._began = source, report, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        left = (time.monotonic() - self._began) * (total - done) / done if done else None
        self._report(Progress("fetching", done, total, left, f"Fetching {self._source} (bytes)."))
