"""λ by parts of the model: which weights move along the line, and how far.

    path = parse_path("attention")           # λ moves attention only, the rest stays at the base
    path = parse_path("gradient0..1")        # from 0 · λ in the first layer to 1 · λ in the last
    path.value("model.layers.3.mlp.up_proj.weight", Lam(500), layers=8)

Written behind a pair's name as `tinyworld~attention`, this makes a line of its own with its own
identity: at λ = 1 stands not the instruct parent but what the path leads to. Items are joined
by `-`: names of parts (embeddings, attention, mlp, norms, other), `layersA..B` (both counted
from 0), `gradientA..B…` (anchors spread evenly over the layers, as mergekit's lists are), and
`rest1`, which keeps what does not move at the instruct parent. Not here: the arithmetic.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from core.errors import InputError
from core.lam import Lam

Kind = Literal["embeddings", "attention", "mlp", "norms", "other"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MARK = "~"  # between a pair's name and its path
_NUMBER = re.compile(r"(?:^|\.)(\d+)(?=\.)")
_LAYERS = re.compile(r"layers(\d+)(?:\.\.(\d+))?")
_ANCHOR = r"\d+(?:\.\d{1,3})?"
_GRADIENT = re.compile(rf"gradient({_ANCHOR}(?:\.\.{_ANCHOR})+)")
_REST = re.compile(r"rest([01])")
_WORDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    # Norms first: some lie inside of attention.
    ("norms", ("norm", "ln_", "ln1", "ln2")),
    ("embeddings", ("embed", "wte", "wpe", "lm_head", "output.weight")),
    ("attention", ("attn", "attention")),
    ("mlp", ("mlp", "feed_forward", "ffn", "expert", "moe", "router")),
)


def kind_of(name: str) -> Kind:
    """The part of the model that a tensor belongs to, by its name."""
    lower = name.lower()
    return next((kind for kind, words in _WORDS if any(w in lower for w in words)), "other")


def layer_of(name: str) -> int | None:
    """The number of the layer that a tensor belongs to; None outside of the layers."""
    found = _NUMBER.search(name)
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class PartPath:
    """Which weights move with λ; numbers in thousandths."""

    kinds: tuple[Kind, ...] = ()  # none: all
    layers: tuple[int, int] | None = (
        None  # first and last that move; None: all, and what is outside
    )
    gradient: tuple[int, ...] = ()
    rest: int = 0  # where the others stay

    def value(self, name: str, lam: Lam, layers: int) -> float:
        """The λ of one tensor; `layers` is how many the model has.

        Exact where λ and the anchors are: 0 and 1 come out as 0.0 and 1.0.
        """
        if not self.moves(name):
            return float(self.rest)
        share = self._share(name, layers)
        # One division of whole numbers: 1000 · 1000 / 1000000 is 1.0, not nearly.
        return lam.thousandths * share / 1_000_000 if share != 1000 else lam.value

    def moves(self, name: str) -> bool:
        """Whether λ reaches this tensor."""
        if self.kinds and kind_of(name) not in self.kinds:
            return False
        layer = layer_of(name)
        if self.layers is None:
            return True
        return layer is not None and self.layers[0] <= layer <= self.layers[1]

    def _share(self, name: str, layers: int) -> float:
        if not self.gradient:
            return 1000
        layer = layer_of(name)
        if layer is None:  # before the first layer, or behind the last
            first = kind_of(name) == "embeddings" and not _behind(name)
            return self.gradient[0] if first else self.gradient[-1]
        at = (layer / (layers - 1) if layers > 1 else 1.0) * (len(self.gradient) - 1)
        left = min(int(at), len(self.gradient) - 2)
        low, high = self.gradient[left], self.gradient[left + 1]
        return low + (at - left) * (high - low)

    def refuse_foreign(self, names: Iterable[str], layers: int, pair: str) -> None:
        """Say so when the path names what the model does not have.

        Raises:
            InputError: there are fewer layers, or nothing moves.
        """
        if self.layers is not None and self.layers[1] >= layers:
            raise InputError(
                f"{pair} has layers 0 to {layers - 1}, and the path asks for "
                f"{self.layers[0]} to {self.layers[1]}. Choose layers that are there."
            )
        if not any(map(self.moves, names)):
            raise InputError(
                f"On the line {pair} nothing moves: no tensor of the model is among its parts. "
                "Choose parts that are there (`pairs weights NAME` lists them)."
            )

    def in_words(self) -> str:
        """What moves and what stays, in a sentence."""
        what = _listed(self.kinds) if self.kinds else "every weight"
        if self.layers is not None:
            first, last = self.layers
            where = f"layer {first}" if first == last else f"layers {first} to {last}"
            what += f" in {where}"
        moved = f"λ moves {what}"
        if self.gradient:
            anchors = " to ".join(_decimal(anchor) for anchor in self.gradient)
            moved += f", times {anchors} from the first layer to the last"
        if not self.kinds and self.layers is None:
            return f"{moved}."
        return f"{moved}; the rest stays at the {'instruct parent' if self.rest else 'base'}."

    def __str__(self) -> str:
        """As it is written behind a pair's name; equal paths are written alike."""
        items: list[str] = list(self.kinds)
        if self.layers is not None:
            first, last = self.layers
            items.append(f"layers{first}" if first == last else f"layers{first}..{last}")
        if self.gradient:
            items.append("gradient" + "..".join(_decimal(anchor) for anchor in self.gradient))
        if self.rest:
            items.append(f"rest{self.rest}")
        return "-".join(items)


def parse_path(text: str) -> PartPath:
    """Read a path as it is written behind a pair's name.

    Raises:
        InputError: an item that is none, or one twice, or nothing that moves differently.
    """
    kinds: list[Kind] = []
    layers, gradient, rest = None, None, None
    for item in text.split("-"):
        if item in KINDS and item not in kinds:
            kinds.append(item)
        elif layers is None and (found := _LAYERS.fullmatch(item)):
            layers = (int(found[1]), int(found[2] or found[1]))
        elif gradient is None and (found := _GRADIENT.fullmatch(item)):
            gradient = tuple(round(float(one) * 1000) for one in found[1].split(".."))
        elif rest is None and (found := _REST.fullmatch(item)):
            rest = int(found[1])
        else:
            raise _refused(text, f"{item[:40]!r} is no part, or stands there twice")
    if layers is not None and layers[0] > layers[1]:
        raise _refused(text, f"layers {layers[0]} to {layers[1]} are none")
    if not kinds and layers is None and gradient is None:
        raise _refused(text, "it moves everything alike")
    if gradient is not None and any(anchor > 2000 for anchor in gradient):
        raise _refused(text, "an anchor of a gradient is 0 to 2")
    ordered = tuple(kind for kind in KINDS if kind in kinds)
    return PartPath(ordered, layers, gradient or (), rest or 0)


def split_name(name: str) -> tuple[str, PartPath | None]:
    """A pair's name and the path behind it, if there is one.

    Raises:
        InputError: what stands behind the mark is no path.
    """
    pair, mark, text = name.partition(MARK)
    return (pair, parse_path(text)) if mark else (pair, None)


def _behind(name: str) -> bool:
    return any(word in name for word in ("lm_head", "embed_out", "output.weight"))


def _listed(kinds: tuple[Kind, ...]) -> str:
    return kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} and {kinds[-1]}"


def _decimal(thousandths: int) -> str:
    return f"{thousandths / 1000:g}"


def _refused(text: str, why: str) -> InputError:
    return InputError(
        f"The path {text[:60]!r} cannot be read: {why}. Write parts ({', '.join(KINDS)}), "
        "layersA..B, gradientA..B and rest1, joined by '-', for example attention-layers0..3."
    )
