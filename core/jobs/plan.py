"""What a sweep is asked to do, and in which order its λ are measured.

Not here: which runs follow from it (`work.py`), and running them (`sweep.py`).
"""

from dataclasses import dataclass
from typing import Any

from core.errors import InputError
from core.lam import BASE, INSTRUCT, Lam

ICL_SUITE = "tinyworld-icl"
INSTRUCTION_SUITE = "tinyworld-instructions"


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """A pair, λ values, two suites; `limit` takes the first items of each task (a trial)."""

    pair: str
    grid: tuple[Lam, ...]
    icl_suite: str = ICL_SUITE
    instruction_suite: str = INSTRUCTION_SUITE
    limit: int | None = None
    reference: str | None = None  # beside λ=1: PAIR@λ, or the path of an outputs file
    judges: tuple[str, ...] = ()  # by name, beside the verifier
    template: str | None = None  # path of a person's own prompt for judges
    spend: str | None = None  # dollars that judges may cost

    def __post_init__(self) -> None:
        if not self.grid:
            raise InputError("The sweep has no λ. Give a grid such as 0:1:0.1.")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; λ as decimal text."""
        return {
            "pair": self.pair,
            "grid": [str(lam) for lam in self.grid],
            "icl_suite": self.icl_suite,
            "instruction_suite": self.instruction_suite,
            "limit": self.limit,
            "reference": self.reference,
            "judges": list(self.judges),
            "template": self.template,
            "spend": self.spend,
        }


def plan_from_json(content: dict[str, Any]) -> SweepPlan:
    """The inverse of `SweepPlan.to_json`."""
    grid = tuple(Lam.parse(lam) for lam in content["grid"])
    return SweepPlan(**{**content, "grid": grid, "judges": tuple(content.get("judges", ()))})


def coarse_first(grid: tuple[Lam, ...]) -> tuple[Lam, ...]:
    """End points first, then always the λ farthest from all measured ones.

    So a curve over the whole range appears early and fills in. λ=1 comes first of all: it is
    what the others are compared with.
    """
    left = sorted(set(grid))
    chosen = [lam for lam in (INSTRUCT, BASE) if lam in left]
    chosen += [lam for lam in (left[0], left[-1]) if lam not in chosen]
    chosen = list(dict.fromkeys(chosen))
    left = [lam for lam in left if lam not in chosen]
    away = {lam: min(_apart(lam, one) for one in chosen) for lam in left}
    while left:
        farthest = max(left, key=away.__getitem__)
        chosen.append(farthest)
        left.remove(farthest)
        away |= {lam: min(away[lam], _apart(lam, farthest)) for lam in left}
    return tuple(chosen)


def _apart(one: Lam, other: Lam) -> int:
    return abs(one.thousandths - other.thousandths)
