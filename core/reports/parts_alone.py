"""What each part of the model does when λ moves it alone, beside the base and the whole line.

    read_parts(store, "tinyworld", settings)

Reads what `python -m core sweep --pair tinyworld~attention --grid 1` and the like measured; a
part that nobody measured is told with the command that does. Differences between parts are not
compared here: the rows stand on the same items, but each with its own interval.
"""

from dataclasses import dataclass

from core.lam import BASE, INSTRUCT, Lam
from core.pairs.parts import KINDS, MARK, parse_path
from core.pairs.registry import find_pair
from core.reports.parents import parents_here
from core.reports.points import Measure
from core.reports.trade_off import available, read_trade_off
from core.settings import Settings
from core.store.runs import RunStore


@dataclass(frozen=True, slots=True)
class PartAlone:
    """One row: what moved to λ, and what was measured then; None where nothing was."""

    pair: str
    lam: Lam
    label: str
    words: str
    icl: Measure | None
    followed: Measure | None

    @property
    def command(self) -> str:
        """What measures it."""
        return f"python -m core sweep --pair '{self.pair}' --grid {self.lam}"


def read_parts(store: RunStore, pair: str, settings: Settings) -> tuple[PartAlone, ...]:
    """Base, each part alone at λ = 1, other paths that were measured, and the instruct parent.

    Raises:
        NotKnown: no such pair.  StoreError: a broken results file.
    """
    kinds = [kind for kind in KINDS if kind != "other"]
    others = [path for path in _measured(store, pair) if path not in kinds]
    return (
        _row(store, settings, pair, BASE, "nothing (base)"),
        *(_row(store, settings, f"{pair}{MARK}{path}", INSTRUCT, path) for path in kinds),
        *(_row(store, settings, f"{pair}{MARK}{path}", INSTRUCT, path) for path in others),
        _row(store, settings, pair, INSTRUCT, "everything (instruct)"),
    )


def _measured(store: RunStore, pair: str) -> list[str]:
    start = f"{pair}{MARK}"
    names = {sweep.pair.name for sweep in store.sweeps() if sweep.pair.name.startswith(start)}
    return sorted(name.removeprefix(start) for name in names)


def _row(store: RunStore, settings: Settings, name: str, lam: Lam, label: str) -> PartAlone:
    path = name.partition(MARK)[2]
    words = parse_path(path).in_words() if path else ""
    icl, followed = _values(store, settings, name, lam)
    return PartAlone(name, lam, label, words, icl, followed)


def _values(
    store: RunStore, settings: Settings, name: str, lam: Lam
) -> tuple[Measure | None, Measure | None]:
    # None: its files are not here, or not hashed yet; what is stored under its name is shown.
    content = parents_here(find_pair(name, settings), settings, quick=True).identity
    references = available(store, name, content)
    if not references:
        return None, None
    line = read_trade_off(store, name, references[0].name, content)
    point = line.at(lam) if line else None
    return (point.icl, point.pass_rate) if point else (None, None)
