"""What a judging of stored answers is asked to do; the answers themselves are never made again.

Not here: finding the answers and judging them (`judge_stored.py`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from core.errors import InputError
from core.judges.named import JudgeName, JudgeOptions, parse_judge
from core.judges.spending import parse_limit
from core.lam import Lam
from core.spec import Order

VERIFIER = "verifier"


@dataclass(frozen=True, slots=True)
class JudgePlan:
    """A pair's stored answers, judges by name; without λ or reference all that are stored."""

    pair: str
    judges: tuple[str, ...]
    lams: tuple[Lam, ...] = ()
    reference: str | None = None  # a reference's name in the sweep, such as "lam:1"
    template: str | None = None  # path of a person's own prompt
    spend: str | None = None  # dollars, of one run
    order: Order = "both"
    suite: str | None = None  # of instructions; None: the one measured best

    def __post_init__(self) -> None:
        if not self.judges:
            raise InputError("No judge was named. Give one such as --judge longest.")
        if self.order not in get_args(Order):
            raise InputError(f"There is no order {self.order!r}. Use both or official.")
        if self.spend is not None:
            parse_limit(self.spend)

    @property
    def names(self) -> tuple[JudgeName, ...]:
        """The judges, each once.

        Raises:
            NotKnown: no judge of that name.
        """
        return tuple(dict.fromkeys(parse_judge(text) for text in self.judges))

    @property
    def options(self) -> JudgeOptions:
        """What judges that read a prompt or cost money are given."""
        return JudgeOptions(None if self.template is None else Path(self.template), self.spend)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "pair": self.pair,
            "judges": list(self.judges),
            "lams": [str(lam) for lam in self.lams],
            "reference": self.reference,
            "template": self.template,
            "spend": self.spend,
            "order": self.order,
            "suite": self.suite,
        }


def judge_plan_from_json(content: dict[str, Any]) -> JudgePlan:
    """The inverse of `JudgePlan.to_json`."""
    return JudgePlan(
        **{
            **content,
            "judges": tuple(content["judges"]),
            "lams": tuple(Lam.parse(lam) for lam in content["lams"]),
            "order": cast(Order, content["order"]),
        }
    )
