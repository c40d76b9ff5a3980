"""Which registered pairs could be loaded from this machine as it is; nothing is downloaded."""

from core.errors import PartwayError
from core.pairs.locate import locate
from core.pairs.registry import PairEntry, read_registry
from core.settings import Settings


def usable_pairs(settings: Settings) -> tuple[str, ...]:
    """Names of the pairs whose parents both lie here; reads folders, so call it in a thread."""
    return tuple(name for name, entry in read_registry(settings).items() if _here(entry))


def _here(entry: PairEntry) -> bool:
    sides = ((entry.base, entry.base_revision), (entry.instruct, entry.instruct_revision))
    try:
        for source, revision in sides:
            locate(source, revision, download=False)
    except PartwayError:
        return False
    return True
