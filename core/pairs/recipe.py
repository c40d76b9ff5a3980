"""How an exported λ was made, as two files that lie beside its weights.

`partway.json` holds what decides every bit and the id that follows from it; `mergekit.yaml` is
the same merge for mergekit. Not here: the card in words (core/reports/export_card.py).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.canon import content_id
from core.errors import InputError
from core.lam import Lam
from core.pairs.parts import MARK, parse_path
from core.pairs.preflight import PairReport
from core.pairs.registry import PairEntry

RECIPE, MERGEKIT = "partway.json", "mergekit.yaml"
_ENDS = "; λ = 0 and λ = 1 are the parents' own bits"
_YAML = """\
# base + λ · (instruct − base) with λ = {lam}; {rounding}.
# mergekit computes the same in {inside} and rounds once, too; {differ}.
{rows}merge_method: task_arithmetic
base_model: {base}
models:
  - model: {instruct}
    parameters:
      weight: {weight}
dtype: {inside}
out_dtype: {dtype}
tokenizer_source: {instruct}
"""

_HALVES = "the two may differ by one rounding\n# in values half-way between two numbers of {dtype}"
_ROWS = """\
# The parents' tables of words have {base} and {instruct} rows. mergekit keeps the tokenizer's, the
# export the larger, so their tables of words are not the same.
"""
_WHOLE = "the two may differ by one unit\n# in the last place"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is needed to write the same weights again."""

    pair: str
    base: str  # a folder or hub id, as the registry names it
    instruct: str
    base_revision: str | None
    instruct_revision: str | None
    base_content: str  # twenty hex digits over weights, config and tokenizer files; where parts
    instruct_content: str  # move alone, of the two ends of their line
    lam: Lam
    dtype: str

    @property
    def rounding(self) -> str:
        """How every number is computed, in words."""
        return (
            f"{self._inside} arithmetic, rounded once to {self.dtype}{'' if self.path else _ENDS}"
        )

    @property
    def _inside(self) -> str:
        return "float64" if self.dtype == "float64" else "float32"

    @property
    def path(self) -> str:
        """Which parts move with λ, as it stands behind the pair's name; empty: all alike."""
        return self.pair.partition(MARK)[2]

    @property
    def entry(self) -> PairEntry:
        """The pair as the recipe itself names it, registered here or not."""
        return PairEntry(
            name=self.pair,
            title=self.pair,
            base=self.base,
            instruct=self.instruct,
            base_revision=self.base_revision,
            instruct_revision=self.instruct_revision,
            path=self.path,
        )

    @property
    def export_id(self) -> str:
        """Twenty hex digits over what decides every weight: the parents' content, λ, dtype."""
        return content_id(
            {
                "export": 1,
                "base": self.base_content,
                "instruct": self.instruct_content,
                "lam": str(self.lam),
                "dtype": self.dtype,
            }
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "export_id": self.export_id,
            "formula": _formula(self.path),
            "rounding": self.rounding,
            "pair": self.pair,
            "base": _parent(self.base, self.base_revision, self.base_content),
            "instruct": _parent(self.instruct, self.instruct_revision, self.instruct_content),
            "lambda": str(self.lam),
            "dtype": self.dtype,
        }

    def mergekit_yaml(self, report: PairReport, values: Mapping[str, float] | None = None) -> str:
        """The same merge for `mergekit-yaml`; `values`: the λ of each tensor, where they differ."""
        rows = report.base_rows, report.instruct_rows
        return _YAML.format(
            lam=self.lam,
            weight=str(self.lam) if values is None else _each(values),
            rounding=self.rounding,
            rows="" if rows[0] == rows[1] else _ROWS.format(base=rows[0], instruct=rows[1]),
            differ=(_WHOLE if self.dtype == self._inside else _HALVES).format(dtype=self.dtype),
            inside=self._inside,
            dtype=self.dtype,
            base=json.dumps(_at(self.base, self.base_revision)),
            instruct=json.dumps(_at(self.instruct, self.instruct_revision)),
        )


def recipe_of(entry: PairEntry, report: PairReport, lam: Lam) -> Recipe:
    """The recipe of one λ of a pair that passed the preflight."""
    return Recipe(
        pair=entry.name,
        base=entry.base,
        instruct=entry.instruct,
        base_revision=entry.base_revision,
        instruct_revision=entry.instruct_revision,
        base_content=report.identity.base,
        instruct_content=report.identity.instruct,
        lam=lam,
        dtype=report.dtype,
    )


def read_recipe(path: Path) -> Recipe:
    """A `partway.json`.

    Raises:
        InputError: it cannot be read, or says another id than what it holds makes.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        base, instruct = told["base"], told["instruct"]
        recipe = Recipe(
            pair=str(told["pair"]),
            base=str(base["source"]),
            instruct=str(instruct["source"]),
            base_revision=base["revision"],
            instruct_revision=instruct["revision"],
            base_content=str(base["content"]),
            instruct_content=str(instruct["content"]),
            lam=Lam.parse(told["lambda"]),
            dtype=str(told["dtype"]),
        )
        said = str(told["export_id"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"The recipe {path} cannot be read ({type(error).__name__}: {error}). "
            f"Give the {RECIPE} of an export."
        ) from error
    if said != recipe.export_id:
        raise InputError(
            f"The recipe {path} says the id {said[:40]!r}, but what it holds makes "
            f"{recipe.export_id}: it was changed. Give the file as it was exported."
        )
    return recipe


def _each(values: Mapping[str, float]) -> str:
    """A list that mergekit reads from above, taking the first name that a tensor's name holds."""
    longest_first = sorted(values, key=len, reverse=True)
    lines = [f"- {{filter: {json.dumps(n)}, value: {values[n]!r}}}" for n in longest_first]
    return "".join(f"\n        {line}" for line in lines)


def _formula(path: str) -> str:
    whole = "base + lambda * (instruct - base)"
    if not path:
        return whole
    return f"{whole}, with a lambda for each tensor: {parse_path(path).in_words()}"


def _parent(source: str, revision: str | None, content: str) -> dict[str, str | None]:
    return {"source": source, "revision": revision, "content": content}


def _at(source: str, revision: str | None) -> str:
    return f"{source}@{revision}" if revision and not Path(source).is_absolute() else source
