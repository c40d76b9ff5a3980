"""Everything a page asks about filmstrips that are kept: lists, texts, files, deletion.

    api.history.search(api.history.Wanted("rivers")).heads · api.history.read(strip_id)

A part of the pages' door (`core.api`): settings come from the environment, importing it is cheap.
"""

import json
from collections.abc import Sequence

from core.lam import Lam
from core.reports.strip_exports import Sides, as_comparator, as_csv, as_html, as_json
from core.settings import PUBLISHED, read_settings
from core.store.filmstrip import Filmstrip, Head
from core.store.filmstrips import FilmstripStore, Listed, Wanted
from core.store.votes import VoteStore

__all__ = ["Filmstrip", "Head", "Lam", "Listed", "Sides", "Wanted"]
MOST_TOGETHER = 1000  # filmstrips in one file
# The tool's scale goes from −1.5 to 1.5, but a smallest score of 1 or more makes it take the
# scores for another scale, and its histogram breaks where all people chose A.
CHOSEN = 0.75


def search(wanted: Wanted) -> Listed:
    """What is kept and fits, the newest first."""
    return _shelf().search(wanted)


def read(strip_id: str) -> Filmstrip:
    """One filmstrip.

    Raises:
        NameRefused: no id.  NotKnown: none of that id.
    """
    return _shelf().read(strip_id)


def delete(strip_id: str) -> None:
    """Remove one of your own.

    Raises:
        NotKnown: none of that id.  StoreError: it ships with the project.
    """
    _shelf().delete(strip_id)


def html_file(strip: Filmstrip) -> str:
    """One page to send to somebody."""
    return as_html(strip)


def json_file(strip: Filmstrip) -> str:
    """Everything that is kept of it."""
    return json.dumps(as_json(strip), ensure_ascii=False, indent=1) + "\n"


def csv_file(strips: Sequence[Filmstrip]) -> str:
    """A row a column."""
    return as_csv(strips)


def comparator_file(strips: Sequence[Filmstrip], sides: Sides) -> str:
    """For LLM Comparator, with people's votes as scores where there are any.

    Raises:
        InputError: the sides are the same, or no filmstrip has both.
    """
    content = as_comparator(strips, sides, _scores(strips, sides))
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def read_all(heads: Sequence[Head]) -> tuple[Filmstrip, ...]:
    """The first thousand of a list."""
    shelf = _shelf()
    return tuple(shelf.read(head.strip_id) for head in heads[:MOST_TOGETHER])


def _scores(strips: Sequence[Filmstrip], sides: Sides) -> dict[str, list[float]]:
    """0.75 where a person chose the left side, −0.75 the right, 0 the same or both bad."""
    columns = {c.name: c for strip in strips for c in strip.asked.columns}
    left, right = columns.get(sides.left), columns.get(sides.right)
    scores: dict[str, list[float]] = {}
    if left is None or right is None or left.pair != right.pair:
        return scores
    for vote in VoteStore(read_settings().results).standing(left.pair):
        if {vote.first, vote.second} == {left.lam, right.lam}:
            outcome = 0.5 if vote.outcome is None else vote.outcome
            toward_left = outcome if vote.first == left.lam else 1 - outcome
            scores.setdefault(vote.prompt, []).append(CHOSEN * (2 * toward_left - 1))
    return scores


def _shelf() -> FilmstripStore:
    return FilmstripStore(read_settings().results, (PUBLISHED,))
