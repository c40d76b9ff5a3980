"""What a sweep file says: which pair, suites and settings answer one question over λ.

A sweep names lines (a run's content without λ), not only runs: a λ that is measured later
under the same settings belongs to the same curve.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from core.canon import content_id
from core.lam import Lam
from core.spec import PairIdentity


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One ICL task of the sweep, with what a table needs to show it."""

    line: str  # id of the run's content without λ
    task: str
    category: str
    form: str
    shots: int
    metric: str
    chance: float | None  # 0–1
    measures_context: bool = False


@dataclass(frozen=True, slots=True)
class SweepReference:
    """What win rates are measured against."""

    name: str  # "lam:1", "model:<pair>@<λ>" or "outputs:<name>"
    source: str  # run id of generations, or "file:" + sha256 of the outputs
    label: str
    given: str = ""  # as a person gave it; empty for those that every sweep has


@dataclass(frozen=True, slots=True)
class Sweep:
    """A question over λ; the file's name is `sweep_id`."""

    pair: PairIdentity
    dtype: str
    grid: tuple[Lam, ...]
    icl_suite: str
    instruction_suite: str
    limit: int | None
    tasks: tuple[TaskLine, ...]
    generations_line: str
    references: tuple[SweepReference, ...]
    judge: str
    judge_version: str
    runs: dict[str, tuple[str, ...]] = field(default_factory=dict)  # λ → run ids
    created: str = ""
    judges: tuple[str, ...] = ()  # those named beside `judge`; empty in files from before

    @property
    def sweep_id(self) -> str:
        """Twenty hex digits over what was asked; the time does not count."""
        lines = [task.line for task in self.tasks]
        asked = [self.generations_line, self.judge, self.judge_version]
        references = [[one.name, one.source] for one in self.references]
        grid = [str(lam) for lam in self.grid]
        whole: list[Any] = [self.icl_suite, self.instruction_suite, lines, asked, references, grid]
        return content_id([*whole, list(self.judges)] if self.judges else whole)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; λ as decimal text."""
        content = asdict(self)
        content["grid"] = [str(lam) for lam in self.grid]
        content["runs"] = {lam: list(ids) for lam, ids in self.runs.items()}
        return content


def sweep_from_json(content: dict[str, Any]) -> Sweep:
    """The inverse of `Sweep.to_json`."""
    return Sweep(
        pair=PairIdentity(**content["pair"]),
        dtype=content["dtype"],
        grid=tuple(Lam.parse(lam) for lam in content["grid"]),
        icl_suite=content["icl_suite"],
        instruction_suite=content["instruction_suite"],
        limit=content["limit"],
        tasks=tuple(TaskLine(**task) for task in content["tasks"]),
        generations_line=content["generations_line"],
        references=tuple(map(_reference, content["references"])),
        judge=content["judge"],
        judge_version=content["judge_version"],
        runs={lam: tuple(ids) for lam, ids in content["runs"].items()},
        created=content["created"],
        judges=tuple(content.get("judges", ())),
    )


def _reference(content: dict[str, Any]) -> SweepReference:
    """Labels of files from before have no space around "="; the id does not count them."""
    return SweepReference(**content | {"label": content["label"].replace("λ=", "λ = ")})
