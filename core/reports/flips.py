"""Everything that pages ask about items along λ, under one name: `api.flips`.

    ledger = api.flips.ledger("tinyworld", "lam:1", "few-shot")
    view = api.flips.look(ledger, api.flips.Asked(group="gained"))
    api.flips.open_item(ledger, int(view.rows[0]))

A part of the pages' door (`core.api`): settings come from the environment, importing it is
cheap. Not here: how any of it is made (`ledger*.py` beside this file).
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from core.pairs.registry import find_pair
from core.reports.joined import sweeps_of
from core.reports.ledger import MARKS, OFS, Ledger, LedgerTask, Mark, Of, read_ledger
from core.reports.ledger_files import answers_csv, answers_parquet, items_csv
from core.reports.ledger_groups import GROUPS, WORDS, Group
from core.reports.ledger_item import (
    CheckLine,
    OpenItem,
    SaidRun,
    at_lam,
    flip_words,
    margin_words,
    mark_words,
    open_item,
)
from core.reports.ledger_text import asked_words, end_of_prompt, prepare, prompt_of
from core.reports.ledger_view import CELLS, SORTS, Asked, Cell, Crossed, Sort, View, look
from core.reports.ledger_words import crossed_words, group_sizes, headline, notes
from core.reports.parents import parents_here
from core.settings import PUBLISHED, read_settings
from core.store.runs import RunStore

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.lam import Lam

__all__ = [
    "CELLS",
    "GROUPS",
    "MARKS",
    "OFS",
    "SORTS",
    "WORDS",
    "Asked",
    "Cell",
    "CheckLine",
    "Crossed",
    "Group",
    "Ledger",
    "LedgerTask",
    "Mark",
    "Of",
    "OpenItem",
    "SaidRun",
    "Sort",
    "View",
    "answers_csv",
    "answers_parquet",
    "asked_words",
    "at_lam",
    "choices_figure",
    "crossed_words",
    "end_of_prompt",
    "flip_words",
    "group_sizes",
    "groups_figure",
    "headline",
    "items_csv",
    "ledger",
    "look",
    "margin_words",
    "mark_words",
    "notes",
    "open_item",
    "prompt_of",
]


def ledger(pair_name: str, reference: str, of: Of, measurement: str = "") -> Ledger | None:
    """The ledger of the line that the Trade-off page shows; None where it has no such item.

    `measurement` is a key; empty: the best one.

    Raises:
        NotKnown: no such pair, no line with that reference, no such measurement.
        StoreError: a broken file.
    """
    settings = read_settings()
    store = RunStore(settings.results, also=(PUBLISHED,))
    quick = not sweeps_of(store, pair_name)
    here = parents_here(find_pair(pair_name, settings), settings, quick)
    found = read_ledger(store, pair_name, of, reference, here.identity, measurement)
    if found is not None:
        prepare(found)
    return found


@lru_cache(16)  # opening items does not change it
def groups_figure(ledger: Ledger, view: View, lam: "Lam") -> "tuple[go.Figure, str]":
    """What each λ's accuracy is made of, group by group, and in words."""
    from core.figures import flips

    return flips.groups(ledger, view, lam), flips.in_words(ledger, view)


def choices_figure(item: OpenItem, lam: "Lam") -> "tuple[go.Figure, str]":
    """The log-likelihoods of an item's choices over λ, and in words."""
    from core.figures import item_curve

    return item_curve.item_curve(item, lam), flip_words(item)
