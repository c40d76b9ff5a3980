"""Where two parents differ: the change of every tensor, and sums by part and by layer.

    anatomy = read_anatomy(identity, settings)        # None: not looked at yet
    anatomy.by_kind()["mlp"].share                    # of the whole change, 0–1

Numbers and the file they are kept in, by the parents' content. Not here: reading the weights
(core/merge/anatomy.py).
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import fsum, sqrt
from pathlib import Path

from core.canon import content_id
from core.errors import StoreError
from core.pairs.parts import KINDS, Kind, kind_of, layer_of
from core.settings import PUBLISHED, Settings
from core.spec import PairIdentity
from core.store.files import write_json

FOLDER, VERSION = "weights", 1


@dataclass(frozen=True, slots=True)
class TensorChange:
    """One tensor, in sums of squares, so that parts add up exactly."""

    name: str
    elements: int
    base_square: float  # Σ base²
    instruct_square: float
    change_square: float  # Σ (instruct − base)²
    equal: int  # numbers that are the same bit for bit in both


@dataclass(frozen=True, slots=True)
class Change:
    """Some tensors together."""

    tensors: int
    elements: int
    relative: float | None  # ‖instruct − base‖ / ‖base‖; None where the base is all zero
    cosine: float | None  # between base and instruct; None where one of them is all zero
    share: float | None  # of Σ (instruct − base)² over the whole model; None where nothing changed
    equal: float | None  # share of numbers that did not change at all


@dataclass(frozen=True, slots=True)
class Anatomy:
    """All tensors of a pair."""

    pair: str
    tensors: tuple[TensorChange, ...]

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return max((n for t in self.tensors if (n := layer_of(t.name)) is not None), default=-1) + 1

    def whole(self) -> Change:
        """Every tensor together."""
        return self._together(self.tensors)

    def by_kind(self) -> dict[Kind, Change]:
        """Each part of the model that there is."""
        return {
            kind: self._together(found)
            for kind in KINDS
            if (found := [t for t in self.tensors if kind_of(t.name) == kind])
        }

    def cell(self, kind: Kind, layer: int | None) -> Change | None:
        """A part within a layer, or outside of all layers; None where there is none."""
        found = [t for t in self.tensors if (kind_of(t.name), layer_of(t.name)) == (kind, layer)]
        return self._together(found) if found else None

    def of(self, tensor: TensorChange) -> Change:
        """One tensor by itself."""
        return self._together((tensor,))

    def _together(self, tensors: Iterable[TensorChange]) -> Change:
        some = tuple(tensors)
        base, instruct, change = (
            fsum(getattr(t, field) for t in some)
            for field in ("base_square", "instruct_square", "change_square")
        )
        total = fsum(t.change_square for t in self.tensors)
        elements = sum(t.elements for t in some)
        # ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b
        dot = (base + instruct - change) / 2
        both = sqrt(base) * sqrt(instruct)
        return Change(
            tensors=len(some),
            elements=elements,
            relative=sqrt(change / base) if base else None,
            cosine=max(-1.0, min(1.0, dot / both)) if both else None,
            share=change / total if total else None,
            equal=sum(t.equal for t in some) / elements if elements else None,
        )


def read_anatomy(identity: PairIdentity, settings: Settings) -> Anatomy | None:
    """What was found for these very parents; None when nobody has looked.

    Raises:
        StoreError: the file is damaged.
    """
    name = _file_name(identity)
    for root in (settings.results, PUBLISHED):
        path = root / FOLDER / name
        if path.is_file():
            return _read(path, identity.name)
    return None


def keep_anatomy(anatomy: Anatomy, identity: PairIdentity, results: Path) -> Path:
    """Write it where `read_anatomy` finds it; returns the file.

    Raises:
        StoreError: it cannot be written.
    """
    path = results / FOLDER / _file_name(identity)
    content = {
        "version": VERSION,
        "base": identity.base,
        "instruct": identity.instruct,
        "tensors": [asdict(tensor) for tensor in anatomy.tensors],
    }
    write_json(path, content)
    return path


def _read(path: Path, pair: str) -> Anatomy:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Anatomy(pair, tuple(TensorChange(**one) for one in content["tensors"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"The file {path} is damaged ({type(error).__name__}). Remove it and look again: "
            f"python -m core pairs weights {pair}."
        ) from error


def _file_name(identity: PairIdentity) -> str:
    return f"{content_id(['anatomy', VERSION, identity.base, identity.instruct])}.json"
