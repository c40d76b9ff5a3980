"""What an export is asked to write: one λ of a pair, into a folder.

Not here: looking whether it may be written (`export_plan.py`) and writing it (`exporting.py`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.lam import Lam
from core.pairs.recipe import Recipe

DEFAULT_SHARD_BYTES = 5_000_000_000


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be written; `recipe` is what it has to be made by, if there is one."""

    pair: str
    lam: Lam
    out: Path
    shard_bytes: int = DEFAULT_SHARD_BYTES
    recipe: Recipe | None = None  # of a terminal alone: no job is asked for one

    @property
    def grid(self) -> tuple[Lam, ...]:
        """Its one λ."""
        return (self.lam,)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "pair": self.pair,
            "lambda": str(self.lam),
            "out": str(self.out),
            "shard_bytes": self.shard_bytes,
        }


def export_from_json(content: dict[str, Any]) -> Export:
    """The inverse of `Export.to_json`."""
    return Export(
        pair=str(content["pair"]),
        lam=Lam.parse(content["lambda"]),
        out=Path(content["out"]),
        shard_bytes=int(content["shard_bytes"]),
    )
