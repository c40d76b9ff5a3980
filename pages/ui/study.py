"""What the Reasoning page looks at: a benchmark, a protocol, a way of asking, a grader.

Every choice stands in the URL. Not here: the charts (`reasoning_*.py` beside this).
"""

from dataclasses import dataclass

import streamlit as st

from core import api
from core.api import reasoning
from core.lam import Lam
from pages.ui import choices

BENCH, PROTOCOL, STYLE, GRADER, LOOK = "bench", "protocol", "style", "grader", "look"
_PREFERRED_PROTOCOL, _PREFERRED_STYLE = "symmetric", "few-shot-cot"


@dataclass(frozen=True, slots=True)
class Study:
    """The choices, and the runs among which they choose."""

    runs: tuple[reasoning.ReasoningRun, ...]
    bench: str
    protocol: reasoning.ReasoningProtocol
    style: str
    grader: str

    def line(self, part: str) -> dict[Lam, reasoning.Answers]:
        """Answers of a part in the chosen way, by λ; those that this grader did not grade aside."""
        own = [
            run
            for run in self.runs
            if (run.benchmark, run.part, run.setting.style) == (self.bench, part, self.style)
            and self.grader in run.grades
        ]
        found = {lam: reasoning.run_at(own, self.protocol, lam) for lam in reasoning.lams_of(own)}
        return {lam: reasoning.answers(run, self.grader) for lam, run in found.items() if run}

    @property
    def parts(self) -> dict[str, str]:
        """Part → its role, the original first."""
        own = [run for run in self.runs if run.benchmark == self.bench]
        found = {run.part: reasoning.role_of(run) for run in own}
        order = ("original", "perturbed", "shifted")
        return dict(sorted(found.items(), key=lambda one: (order.index(one[1]), one[0])))

    @property
    def original(self) -> str:
        """The part that others are changes of."""
        return next(iter(self.parts))


def choose(runs: tuple[reasoning.ReasoningRun, ...]) -> Study:
    """Four lists in a row; what the URL says goes first."""
    bench = choices.seed(BENCH, list(reasoning.benchmarks_of(runs)))
    own = [run for run in runs if run.benchmark == bench]
    protocols = {one.name: one for one in reasoning.known_protocols() if _ends(own, one)}
    protocols = protocols or {one.name: one for one in reasoning.known_protocols()}
    styles = [
        style for style in reasoning.STYLE_WORDS if any(r.setting.style == style for r in own)
    ]
    protocol = choices.seed(PROTOCOL, _first(list(protocols), _PREFERRED_PROTOCOL))
    style = choices.seed(STYLE, _first(styles, _PREFERRED_STYLE))
    grader = choices.seed(GRADER, list(reasoning.GRADERS))
    titles = {one.name: one.title for one, _ in reasoning.known_benchmarks()}
    with st.container(key="choices-row"):
        columns = st.columns(4, gap="medium")
    with columns[0]:
        names = {name: titles.get(name, name) for name in reasoning.benchmarks_of(runs)}
        choices.pick(BENCH, "Benchmark", names, bench)
    with columns[1]:
        choices.pick(PROTOCOL, "Protocol", {name: name for name in protocols}, protocol)
    with columns[2]:
        words = {one: reasoning.STYLE_WORDS[one].capitalize() for one in styles}
        choices.pick(STYLE, "Way of asking (below)", words, style)
    with columns[3]:
        choices.pick(GRADER, "Graded by", {one: one for one in reasoning.GRADERS}, grader)
    return Study(runs, bench, protocols[protocol], style, grader)


def _ends(runs: list[reasoning.ReasoningRun], protocol: reasoning.ReasoningProtocol) -> bool:
    """Whether both parents were measured by the protocol."""
    return all(reasoning.run_at(runs, protocol, lam) for lam in (api.Lam(0), api.Lam(1000)))


def _first(names: list[str], preferred: str) -> list[str]:
    return sorted(names, key=lambda name: name != preferred)
