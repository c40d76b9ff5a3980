"""A page's questions about a pair's weights: where they changed, and what each part does alone.

Settings come from the environment. Weights are read by `look`, in a process of its own.
"""

from dataclasses import dataclass

from core.figures.literature import Drawn
from core.jobs.diary import Diary
from core.jobs.looking import read_look, start_looking, stop_looking
from core.pairs.anatomy import Anatomy, read_anatomy
from core.pairs.parts import Kind, kind_of, layer_of
from core.pairs.registry import find_pair
from core.reports.parents import parents_here
from core.reports.parts_alone import PartAlone, read_parts
from core.settings import PUBLISHED, read_settings
from core.store.runs import RunStore

__all__ = [
    "Diary",
    "Drawn",
    "PartAlone",
    "Seen",
    "figure",
    "look",
    "looking",
    "parts",
    "rows",
    "seen",
    "sentence",
    "stop",
]


WORDS: dict[Kind, str] = {
    "embeddings": "the embeddings",
    "attention": "attention",
    "mlp": "the MLP",
    "norms": "the norms",
    "other": "other tensors",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """An anatomy, or the reason why there is none."""

    anatomy: Anatomy | None
    reason: str | None = None  # None beside no anatomy: nobody has looked


def seen(pair: str) -> Seen:
    """What was found for the parents that lie here now.

    Raises:
        StoreError: the file is damaged.
    """
    settings = read_settings()
    found = parents_here(find_pair(pair, settings), settings, quick=True)
    if found.identity is None:  # without a reason: too large to be hashed for a look at a page
        return Seen(None, found.reason)
    return Seen(read_anatomy(found.identity, settings))


def look(pair: str) -> None:
    """Begin to read both parents' weights; `looking` says how far it is.

    Raises:
        NotKnown: no such pair.  StoreError: the state folder cannot be written.
    """
    start_looking(pair, read_settings())


def looking(pair: str) -> Diary | None:
    """How far the newest look is; None where none was begun."""
    return read_look(pair, read_settings())


def stop(pair: str) -> None:
    """End the look."""
    stop_looking(pair, read_settings())


def parts(pair: str) -> tuple[PartAlone, ...]:
    """Base, each part alone at λ = 1, other paths that were measured, the instruct parent."""
    settings = read_settings()
    return read_parts(RunStore(settings.results, (PUBLISHED,)), pair, settings)


def figure(anatomy: Anatomy) -> Drawn:
    """The map of changes, and the same in words."""
    from core.figures.anatomy import in_words, weights_map

    return Drawn(weights_map(anatomy), in_words(anatomy))


def sentence(anatomy: Anatomy) -> str:
    """Where most of the change lies, and which part is furthest from where it was."""
    whole, parts = anatomy.whole(), anatomy.by_kind()
    if not whole.relative:
        return "The parents' weights are the same: there is nothing between them."
    largest = max(parts, key=lambda kind: parts[kind].share or 0)
    furthest = max(parts, key=lambda kind: parts[kind].relative or 0)
    of_numbers = parts[largest].elements / whole.elements
    return (
        f"Tuning moved the weights by {whole.relative:.2g} times their norm (cosine "
        f"{whole.cosine:.2f}). {100 * (parts[largest].share or 0):.0f} % of the change lies in "
        f"{WORDS[largest]}, with {100 * of_numbers:.0f} % of the numbers; relative to its size "
        f"{WORDS[furthest]} moved furthest ({parts[furthest].relative:.2g})."
    )


def rows(anatomy: Anatomy) -> list[dict[str, str | int | float | None]]:
    """One row a tensor, in the file's order."""
    return [
        {
            "Tensor": tensor.name,
            "Part": kind_of(tensor.name),
            "Layer": layer_of(tensor.name),
            "Numbers": tensor.elements,
            "Change / base": (change := anatomy.of(tensor)).relative,
            "Cosine": change.cosine,
            "Share of change (%)": None if change.share is None else 100 * change.share,
            "Unchanged (%)": None if change.equal is None else 100 * change.equal,
        }
        for tensor in anatomy.tensors
    ]
