"""A page's questions about a pair's weights: where they changed, and what each part does alone.

Settings come from the environment. Nothing here reads weights but `look`.
"""

from dataclasses import dataclass

from core.errors import PairError
from core.figures.literature import Drawn
from core.jobs.looking import look_now
from core.pairs.anatomy import Anatomy, read_anatomy
from core.pairs.parts import Kind, kind_of, layer_of
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.reports.parts_alone import PartAlone, read_parts
from core.settings import PUBLISHED, read_settings
from core.store.runs import RunStore

__all__ = ["Drawn", "PartAlone", "Seen", "figure", "look", "parts", "rows", "seen", "sentence"]


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
    try:
        checked = check_pair(find_pair(pair, settings), settings, download=False)
    except PairError as error:
        return Seen(None, str(error))
    return Seen(read_anatomy(checked.identity, settings))


def look(pair: str) -> None:
    """Read both parents' weights now and keep what is found.

    Raises:
        NotKnown, PairError: no such pair, or its parents cannot be read.
        StoreError: the result cannot be written.
    """
    look_now(pair, read_settings(), lambda progress: None)


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
