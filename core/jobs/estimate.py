"""A sweep before it runs, in tokens, seconds, calls, dollars and bytes; plain data.

Every number that is not known is None and says why. Two-sided numbers are (lowest, highest).
Not here: how they are found (`counting.py`, `probe.py`, `judge_cost.py`), and what they came to
in the end (`account.py`).
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from core.engine.room import MemoryPlan, plan_from_json

PLANS = "plans"  # the folder below STATE in which they are kept
Stage = Literal["few-shot", "answers", "judging"]
STAGES: tuple[Stage, ...] = ("few-shot", "answers", "judging")
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class StageEstimate:
    """One stage's work that is not stored yet."""

    stage: Stage
    runs: int  # with something left to do
    items: int | None
    stored: int  # items of the whole plan that are there and will not be computed again
    read: int | None = None  # tokens asked, each request by itself, exact
    computed: int | None = None  # about so many go through the model
    written: Span | None = None  # tokens: no fewer and no more
    likely: Span | None = None  # tokens: as the stored answers at the nearest λ were
    seconds: Span | None = None
    timed_by: str = ""  # what the seconds rest on, or why there are none


@dataclass(frozen=True, slots=True)
class JudgeEstimate:
    """One judge beside the checks."""

    judge: str
    calls: Span  # questions
    stored: int  # answers that are there already, of questions that are known
    read: Span | None = None  # tokens, as the pair's tokenizer counts them
    written: Span | None = None
    dollars: Span | None = None
    why: str = ""  # why there is no price, or on what it rests


@dataclass(frozen=True, slots=True)
class DiskEstimate:
    """What the results will take, and what there is."""

    needed: int  # bytes, about
    free: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """All of it; parts that are still being found out are absent."""

    stages: tuple[StageEstimate, ...]
    judges: tuple[JudgeEstimate, ...] = ()
    runs: int = 0  # of the whole plan, stored ones and references' among them
    verdicts_left: int = 0  # sets by the instructions' own checks; they take moments
    verdicts_stored: int = 0
    memory: MemoryPlan | None = None
    memory_why: str = "not known yet"
    disk: DiskEstimate | None = None
    device: str | None = None  # on which the seconds were tried
    made: str = ""  # UTC
    whole: bool = False  # nothing more is being found out
    problems: tuple[str, ...] = field(default=())  # why it cannot run as it is

    @property
    def runs_stored(self) -> int:
        """Runs that are there and will not be computed again."""
        return self.runs - sum(stage.runs for stage in self.stages)

    def stage(self, name: Stage) -> StageEstimate | None:
        """One stage."""
        return next((one for one in self.stages if one.stage == name), None)

    @property
    def seconds(self) -> Span | None:
        """Of all stages that take an engine; None while one of them is not known."""
        known = [one.seconds for one in self.stages if one.items]
        there = [span for span in known if span is not None]
        if len(there) < len(known):
            return None
        return sum(low for low, _ in there), sum(high for _, high in there)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def estimate_from_json(content: dict[str, Any]) -> Estimate:
    """The inverse of `Estimate.to_json`; fields of other versions are left out."""
    given = _known(Estimate, content)
    memory, disk = given.get("memory"), given.get("disk")
    return Estimate(
        **{
            **given,
            "stages": tuple(
                StageEstimate(**_spans(_known(StageEstimate, one))) for one in given["stages"]
            ),
            "judges": tuple(
                JudgeEstimate(**_spans(_known(JudgeEstimate, one))) for one in given["judges"]
            ),
            "memory": memory and plan_from_json(memory),
            "disk": disk and DiskEstimate(**_known(DiskEstimate, disk)),
            "problems": tuple(given.get("problems", ())),
        }
    )


def _known(kind: type[Any], content: dict[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in content.items() if name in names}


def _spans(content: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in content.items()}
