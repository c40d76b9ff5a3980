"""Kept answers to one prompt that these very parents gave, for whoever shows some of them.

    own_strips(store, line, settings)      complete filmstrips of the line's pair, newest first

A pair that was trained again keeps its name and is another pair: its former answers stay out.
"""

from collections.abc import Iterator

from core.reports.points import TradeOff
from core.settings import PUBLISHED, Settings
from core.spec import PairIdentity
from core.store.filmstrip import Filmstrip
from core.store.filmstrips import FilmstripStore, Wanted
from core.store.runs import RunStore


def own_strips(store: RunStore, line: TradeOff, settings: Settings) -> Iterator[Filmstrip]:
    """Those of this pair alone that ended by themselves and differ along λ; read one by one."""
    shelf, own = shelf_of(settings), identity_of(store, line)
    for head in shelf.search(Wanted(pair=line.pair)).heads:
        if head.complete and head.differs and len(head.pairs) == 1:
            strip = shelf.read(head.strip_id)
            if is_of(strip, own):
                yield strip


def shelf_of(settings: Settings) -> FilmstripStore:
    """Yours and those that ship."""
    return FilmstripStore(settings.results, also=(PUBLISHED,))


def identity_of(store: RunStore, line: TradeOff) -> PairIdentity | None:
    """Whose answers belong to the line."""
    return next((one.pair for one in store.sweeps() if one.sweep_id == line.sweep_id), None)


def is_of(strip: Filmstrip, own: PairIdentity | None) -> bool:
    """Whether these parents answered any of it."""
    return own is not None and any(
        (column.pair.base, column.pair.instruct) == (own.base, own.instruct)
        for column in strip.asked.columns
    )
