"""The measured line of the parents that are on this machine: what every page and report shows.

    own_line(store, find_pair("tinyworld", settings), "lam:1", settings)

Not the numbers (`trade_off.py`); here is only whose they are.
"""

from dataclasses import replace

from core.pairs.registry import PairEntry
from core.reports.asked import ALL, Asked
from core.reports.joined import sweeps_of
from core.reports.parents import Parents, parents_here
from core.reports.points import TradeOff
from core.reports.trade_off import read_trade_off
from core.settings import Settings
from core.store.runs import RunStore

UNCHECKED = (
    "These results were measured elsewhere or earlier: they cannot be held against the parents, "
    "because those cannot be read on this machine."
)


def parents_of(store: RunStore, entry: PairEntry, settings: Settings) -> Parents:
    """Who the pair's parents are now; large files are hashed only if this name was measured."""
    return parents_here(entry, settings, not sweeps_of(store, entry.name))


def own_line(
    store: RunStore, entry: PairEntry, reference: str, settings: Settings, asked: Asked = ALL
) -> TradeOff | None:
    """The line, or None when there is none.

    Where the parents are not here (or cannot be merged), that of the parents measured last,
    with a note that says so.

    Raises:
        NotKnown: no win rates against that reference, no such measurement.
    """
    here = parents_of(store, entry, settings)
    line = read_trade_off(store, entry.name, reference, here.identity, asked)
    if line is None or here.reason is None:
        return line
    return replace(line, notes=(f"{UNCHECKED} {here.reason}", *line.notes))
