"""Whose runs are these? The identity of a pair's parents as they are on this machine now.

A pair that was trained again keeps its name and is another pair, so a page asks for runs of
exactly these parents. Reads headers and hashes once for each state of the files; loads
nothing, fetches nothing.
"""

from dataclasses import dataclass
from functools import lru_cache

from core.errors import InputError, PairError
from core.pairs.fingerprint import FileMark, file_marks, unhashed_bytes
from core.pairs.locate import locate
from core.pairs.preflight import check_pair
from core.pairs.registry import PairEntry
from core.settings import Settings
from core.spec import PairIdentity

KEPT_PAIRS = 32
QUICK_BYTES = 2_000_000_000  # about two seconds of hashing


@dataclass(frozen=True, slots=True)
class Parents:
    """The parents' identity; None with the reason where it cannot be had here.

    None without a reason: it was not looked for.
    """

    identity: PairIdentity | None
    reason: str | None = None


def parents_here(entry: PairEntry, settings: Settings, quick: bool = False) -> Parents:
    """Look at the parents' files; milliseconds once their hashes are known.

    `quick` leaves files alone that take long to hash the first time.
    """
    try:
        marks = _marks(entry)
        if quick and sum(unhashed_bytes(marks, settings.state)) > QUICK_BYTES:
            return Parents(None)
        return Parents(_identity(entry, settings, marks))
    except (PairError, InputError, OSError) as error:
        return Parents(None, str(error))


def _marks(entry: PairEntry) -> tuple[FileMark, ...]:
    base = locate(entry.base, entry.base_revision, download=False)
    instruct = locate(entry.instruct, entry.instruct_revision, download=False)
    return (*file_marks(base), *file_marks(instruct))


@lru_cache(KEPT_PAIRS)
def _identity(entry: PairEntry, settings: Settings, marks: tuple[FileMark, ...]) -> PairIdentity:
    """`marks` is what the answer rests on: it changes with the files."""
    return check_pair(entry, settings, download=False).identity
