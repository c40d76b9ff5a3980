"""The shape of a judged line: per judge and λ the verdicts, and the outputs they are about.

Only shapes; `core/reports/judging.py` fills them from stored runs.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core.judges.metrics import credit
from core.lam import Lam
from core.reports.honesty import Honesty
from core.reports.points import Measure
from core.spec import Order
from core.store.records import JudgmentRecord

if TYPE_CHECKING:  # comparisons are made of these shapes
    from core.reports.two_judges import KindRow, TwoJudges

Verdict = Literal["win", "draw", "loss", "missing"]
VERDICTS: tuple[Verdict, ...] = ("win", "draw", "loss", "missing")
DECIDED: tuple[Verdict, ...] = ("win", "draw", "loss")
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Text:
    """One output, and whether it was cut at the limit of its length (None: not known)."""

    text: str
    cut: bool | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One instruction, both outputs, one judge's verdict from the candidate's side."""

    item: str
    kind: str
    instruction: str
    ours: Text | None
    theirs: Text | None
    record: JudgmentRecord
    cluster: str | None = None

    @property
    def verdict(self) -> Verdict:
        """Win, draw or loss of the candidate; missing where there is none."""
        return verdict_of(self.record)

    @property
    def flipped(self) -> bool:
        """Whether turning the order round changed the winner."""
        record = self.record
        if record.reference_first is None or record.candidate_first is None:
            return False
        return _sign(1.5 - record.reference_first) != _sign(record.candidate_first - 1.5)


@dataclass(frozen=True, slots=True)
class JudgedPoint:
    """One judge at one λ."""

    lam: Lam
    by_definition: bool  # the candidate is the reference itself: 50, and no verdicts
    counts: tuple[int, int, int, int]  # as VERDICTS
    rate: Measure
    honesty: Honesty
    compared: tuple[Compared, ...]

    def by_kind(self) -> "tuple[KindRow, ...]":
        """The verdicts by kind of instruction."""
        from core.reports import two_judges

        return two_judges.by_kind(self.compared)

    def beside(self, other: "JudgedPoint") -> "TwoJudges":
        """Where this judge and another agree about the same outputs."""
        from core.reports import two_judges

        return two_judges.compare_judges(self, other)


@dataclass(frozen=True, slots=True)
class JudgeLine:
    """One judge over λ; `stored` False: a control that is computed here and now."""

    name: str  # unique on the page
    judge: str
    version: str
    prompt_hash: str | None
    order: Order
    stored: bool
    points: tuple[JudgedPoint, ...]

    def at(self, lam: Lam) -> JudgedPoint | None:
        """The judged point at exactly this λ."""
        return next((point for point in self.points if point.lam == lam), None)


@dataclass(frozen=True, slots=True)
class OutputsPoint:
    """The outputs at one λ, whatever a judge thinks of them."""

    lam: Lam
    n: int
    mean_characters: float
    out_of_tokens: int  # cut because the model did not stop
    empty: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair's outputs over λ against one reference, with every judge that has spoken."""

    pair: str
    suite: str
    reference: str
    reference_label: str
    judges: tuple[JudgeLine, ...]
    outputs: tuple[OutputsPoint, ...]

    def judge(self, name: str) -> JudgeLine | None:
        """The judge of that name."""
        return next((line for line in self.judges if line.name == name), None)


def verdict_of(record: JudgmentRecord) -> Verdict:
    """Win, draw or loss of the candidate; missing where there is none."""
    value = credit(record)
    if value is None:
        return "missing"
    return "win" if value > HALF else "loss" if value < HALF else "draw"


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
