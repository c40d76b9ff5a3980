"""A page's questions about pairs: what there is, what was found of one, and adding your own.

Files and headers alone; the hub is asked only by `ask`, which waits for a process of its own.
Settings come from the environment.
"""

from pathlib import Path

from core.errors import PairError
from core.jobs.asking import ask_apart
from core.jobs.checking import Checked
from core.pairs.adding import NewPair, add_pair
from core.pairs.checkpoint import read_checkpoint
from core.pairs.findings import Finding, look_over
from core.pairs.locate import locate
from core.pairs.registry import PairEntry
from core.pairs.verified import Verified, read_verified
from core.settings import read_settings

__all__ = [
    "Checked",
    "Finding",
    "NewPair",
    "Verified",
    "add",
    "ask",
    "findings",
    "verified",
    "where",
]


def findings(entry: PairEntry) -> tuple[Finding, ...] | None:
    """What the files on this machine say; None where a parent of the hub is not here."""
    folders, told = [], []
    for source, revision in (
        (entry.base, entry.base_revision),
        (entry.instruct, entry.instruct_revision),
    ):
        try:
            folders.append(locate(source, revision, download=False))
        except PairError as error:
            told += [Finding("red", "files", str(error))] if Path(source).is_absolute() else []
    if told or len(folders) < 2:
        return tuple(told) or None
    try:
        base, instruct = (read_checkpoint(folder) for folder in folders)
        return look_over(base, instruct)
    except PairError as error:
        return (Finding("red", "files", str(error)),)


def ask(pair: str) -> Checked:
    """Ask the hub for what is there, without weights; what it says of the commit is kept.

    Raises:
        PairError: the hub refuses or does not answer, with the next step.
    """
    return ask_apart(pair, read_settings())


def add(new: NewPair) -> PairEntry:
    """Write a pair into the person's own file.

    Raises:
        InputError: it cannot be used as it was given.
    """
    return add_pair(new, read_settings())


def verified() -> dict[str, Verified]:
    """What the hub said of models, by id."""
    return read_verified(read_settings())


def where() -> Path:
    """The person's own pairs file."""
    return read_settings().pairs_file
