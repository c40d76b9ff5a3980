"""What a reasoning study is asked to do: a pair, λ, a benchmark, ways of asking, graders.

Not here: which runs follow from it and running them (`reasoning_work.py`, `reasoning_run.py`).
"""

from dataclasses import asdict, dataclass
from typing import Any

from core.errors import InputError
from core.lam import Lam
from core.spec import Style

BENCHMARK = "tinyworld-reasoning"
STYLES: dict[str, Style] = {
    "direct": "direct",
    "zero-shot-cot": "zero-shot-cot",
    "few-shot-cot": "few-shot-cot",
}
GRADERS = ("rules", "math-verify")


@dataclass(frozen=True, slots=True)
class ReasoningPlan:
    """`parts` empty means every part of the benchmark; `n` None as the protocols say."""

    pair: str
    grid: tuple[Lam, ...]
    benchmark: str = BENCHMARK
    parts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ("zero-shot-cot",)
    protocols: tuple[str, ...] = ("symmetric",)
    n: int | None = None
    max_new_tokens: int | None = None
    limit: int | None = None
    graders: tuple[str, ...] = GRADERS
    extractor: str = "rules"  # or model:PAIR@λ, or server:MODEL

    def __post_init__(self) -> None:
        if not self.grid:
            raise InputError("The study has no λ. Give a grid such as 0,0.5,1.")
        if not self.styles or not self.protocols or not self.graders:
            raise InputError("The study needs at least one style, one protocol and one grader.")
        unknown = [style for style in self.styles if style not in STYLES]
        if unknown:
            known = ", ".join(STYLES)
            raise InputError(f"There is no style {unknown[0][:40]!r}. Choose from: {known}.")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; λ as decimal text."""
        content = asdict(self)
        content["grid"] = [str(lam) for lam in self.grid]
        return {k: list(v) if isinstance(v, tuple) else v for k, v in content.items()}


def reasoning_plan_from_json(content: dict[str, Any]) -> ReasoningPlan:
    """The inverse of `ReasoningPlan.to_json`."""
    told: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in content.items()}
    told["grid"] = tuple(Lam.parse(lam) for lam in content["grid"])
    return ReasoningPlan(**told)
