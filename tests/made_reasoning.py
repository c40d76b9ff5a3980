"""Stored reasoning that was never generated: pools with a given table of right and wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.lam import Lam
from core.spec import (
    Decoding,
    ExtractionSpec,
    GradeSpec,
    PairIdentity,
    Pooling,
    PromptForm,
    PromptSettings,
    Reasoning,
    RunSpec,
    Style,
    TaskIdentity,
)
from core.store.environment import read_environment
from core.store.reasoning import ExtractionRecord, GradeRecord, PoolRecord
from core.store.runs import RunStore

PAIR = PairIdentity("tinyworld", "b" * 20, "i" * 20)
Table = Sequence[Sequence[bool]]


@dataclass(frozen=True)
class Made:
    """Where a made-up run stands."""

    part: str = "original"
    style: Style = "few-shot-cot"
    pooling: Pooling = "samples"
    temperature: str = "0.7"
    form: PromptForm = "completion"
    deltas: Sequence[Sequence[float | None]] | None = None
    twin: str | None = None  # the original's answer, given by every wrong answer


def write_run(store: RunStore, lam: int, right: Table, made: Made = Made()) -> str:
    """One complete, extracted and graded run; item i of every part is of the family f<i>."""
    n = len(right[0])
    spec = RunSpec(
        kind="reasoning",
        pair=PAIR,
        lam=Lam(lam),
        dtype="float32",
        task=TaskIdentity(f"tinyworld-reasoning/{made.part}", "1", "d" * 20),
        prompt=PromptSettings(form=made.form),
        decoding=Decoding(96, temperature=made.temperature),
        reasoning=Reasoning(made.style, "text", made.pooling, n, "w" * 64),
    )
    environment = read_environment("cpu")
    names = [f"{made.part}-{at}" for at in range(len(right))]
    with store.open(spec, environment) as run:
        pools = [_pool(name, at, n, made) for at, name in enumerate(names)]
        run.append(pools, {"p": "Question: ?\nAnswer:"})
        run.finish({"n": len(right)})
    extraction = ExtractionSpec(spec.run_id, "rules", "1")
    with store.open(extraction, environment) as run:
        run.append(
            [
                _found(name, own, at, made)
                for at, (name, own) in enumerate(zip(names, right, strict=True))
            ]
        )
        run.finish({"n": len(right)})
    for grader in ("rules", "math-verify"):
        grading = GradeSpec(extraction.run_id, grader, "1", "t" * 20)
        with store.open(grading, environment) as run:
            run.append([_graded(name, own, made) for name, own in zip(names, right, strict=True)])
            run.finish({"n": len(right)})
    return spec.run_id


def _pool(name: str, at: int, n: int, made: Made) -> PoolRecord:
    branched = made.pooling == "branches"
    return PoolRecord(
        name, "t", "p", 5, tuple(f"The answer is {k}." for k in range(n)), (10,) * n, ("stop",) * n,
        cluster=f"f{at}", category="even" if at % 2 == 0 else "odd",
        firsts=tuple("abcdefgh"[:n]) if branched else (),
        first_logprobs=(-0.5,) * n if branched else (),
        seconds=0.5,
    )  # fmt: skip


def _found(name: str, own: Sequence[bool], at: int, made: Made) -> ExtractionRecord:
    answers = tuple("right" if one else f"wrong {k}" for k, one in enumerate(own))
    deltas = () if made.deltas is None else tuple(made.deltas[at])
    return ExtractionRecord(name, answers, ("stated",) * len(own), ((14, 15),) * len(own),
                            deltas=deltas)  # fmt: skip


def _graded(name: str, own: Sequence[bool], made: Made) -> GradeRecord:
    as_twin = tuple(not one for one in own) if made.twin else ()
    return GradeRecord(name, "right", tuple(own), (), made.twin, as_twin)
