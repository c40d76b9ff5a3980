"""Writes an invented sweep through the real store, so that pages and reports can be tested.

    write_synthetic_sweep(tmp_path, Invented(grid="0:1:0.1,1.1,1.2"))
    write_synthetic_sweep(tmp_path, Invented(parents=parents_now()))   # what a page shows

The curve's shape is invented (and says nothing about any model): every item has a difficulty,
and a λ gets it right when its skill is above it. Deterministic; no engine, no torch.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from core.canon import text_hash
from core.lam import INSTRUCT, Lam, parse_grid
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import read_settings
from core.spec import (
    Decoding,
    JudgmentSpec,
    Order,
    PairIdentity,
    PromptForm,
    PromptSettings,
    RunSpec,
    TaskIdentity,
)
from core.store.codec import Record, Spec, line_id
from core.store.environment import Environment, read_environment
from core.store.records import GenerationRecord, IclRecord, JudgmentRecord
from core.store.runs import RunStore
from core.store.sweeps import Sweep, SweepReference, TaskLine

JUDGE, JUDGE_VERSION = "verifier", "1"
TASKS = (
    ("capitals", "general knowledge", "MC", 5, "acc", 0.25),
    ("causes", "commonsense", "MC", 5, "acc_norm", 0.5),
    ("grammar", "language understanding", "FMC", 5, "acc", 0.5),
    ("symbols", "symbolic reasoning", "MC", 5, "acc", 0.25),
    ("passages", "reading comprehension", "G", 5, "exact_match", None),
    ("ledgers", "finance", "MC", 5, "acc", 0.5),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The settings that decide what a number means; each may be another one."""

    data: str = ""
    version: str = "1"
    shots: int = 5
    form: PromptForm = "completion"
    dtype: str = "float32"
    tokens: int = 96  # of an answer, at most
    template: str = "template"
    instructions: str = "instructions"  # the data's content
    judge: str = JUDGE
    judge_version: str = JUDGE_VERSION
    judge_prompt: str | None = None
    order: Order = "both"
    outputs: str = "invented reference outputs"

    @property
    def file(self) -> str:
        """The reference's outputs by their hash."""
        return "file:" + text_hash(self.outputs)


USUAL = Asked()
OUTPUTS = USUAL.file


@dataclass(frozen=True, slots=True)
class Invented:
    """What to invent."""

    pair: str = "tinyworld"
    grid: str = "0:1:0.1,1.1,1.2"
    items: int = 40
    instructions: int = 60
    limit: int | None = None
    device: str = "cpu"
    content: str = "invented"
    parents: PairIdentity | None = None  # instead of `pair` and `content`
    asked: Asked = USUAL  # how everything was asked
    packages: tuple[tuple[str, str], ...] = ()  # versions other than those installed
    platform: str | None = None
    tasks: tuple[tuple[str, str, str, int, str, float | None], ...] = TASKS
    suite: str = "tinyworld-icl"
    created: str = "2026-01-01T00:00:00+00:00"


def parents_now(pair: str = "tinyworld") -> PairIdentity:
    """Who the pair's parents are now: a page shows runs of these parents only."""
    settings = read_settings()
    return check_pair(find_pair(pair, settings), settings, download=False).identity


def write_synthetic_sweep(results: Path, what: Invented | None = None) -> RunStore:
    """Write runs, generations, judgments and the sweep's file; return the store."""
    what = what or Invented()
    store = RunStore(results)
    pair = what.parents or PairIdentity(
        what.pair, text_hash(what.content + "b"), text_hash(what.content + "i")
    )
    lams, asked = parse_grid(what.grid), what.asked
    environment = _environment(what)
    for lam in lams:
        for task in what.tasks:
            _write(store, icl_spec(pair, lam, task[0], what.limit, asked), environment, what)
        _write(store, generation_spec(pair, lam, what.limit, asked), environment, what)
    one = generation_spec(pair, INSTRUCT, what.limit, asked)
    for lam in lams:
        candidate = generation_spec(pair, lam, what.limit, asked)
        for reference in (one.run_id, asked.file):
            if reference == asked.file or INSTRUCT in lams or store.is_complete(one.run_id):
                spec = _judgment_spec(candidate, reference, asked)
                records = _verdicts(lam, what.instructions, reference == one.run_id)
                _keep(store, spec, environment, records)
    store.write_sweep(_sweep(pair, lams, what, one))
    return store


def icl_spec(
    pair: PairIdentity, lam: Lam, task: str, limit: int | None = None, asked: Asked = USUAL
) -> RunSpec:
    identity = TaskIdentity(task, asked.version, text_hash(task + asked.data), limit)
    prompt = PromptSettings(form=asked.form, shots=asked.shots)
    return RunSpec("icl", pair, lam, asked.dtype, identity, prompt)


def generation_spec(
    pair: PairIdentity, lam: Lam, limit: int | None = None, asked: Asked = USUAL
) -> RunSpec:
    identity = TaskIdentity("tinyworld-instructions", "1", text_hash(asked.instructions), limit)
    chat = PromptSettings(form="chat", chat_template=text_hash(asked.template))
    return RunSpec("generations", pair, lam, asked.dtype, identity, chat, Decoding(asked.tokens))


def _judgment_spec(candidate: RunSpec, reference: str, asked: Asked) -> JudgmentSpec:
    who = (asked.judge, asked.judge_version, asked.judge_prompt, asked.order)
    return JudgmentSpec(candidate.run_id, reference, *who)


def _environment(what: Invented) -> Environment:
    here = read_environment(what.device)
    packages = {**here.packages, **dict(what.packages)}
    return replace(here, packages=packages, platform=what.platform or here.platform)


def _sweep(pair: PairIdentity, lams: tuple[Lam, ...], what: Invented, one: RunSpec) -> Sweep:
    asked = what.asked
    lines = [
        TaskLine(
            line_id(icl_spec(pair, INSTRUCT, task[0], what.limit, asked)),
            *task[:3], asked.shots, *task[4:],
        )
        for task in what.tasks
    ]  # fmt: skip
    return Sweep(
        pair=pair,
        dtype=asked.dtype,
        grid=lams,
        icl_suite=what.suite,
        instruction_suite="tinyworld-instructions",
        limit=what.limit,
        tasks=tuple(lines),
        generations_line=line_id(one),
        references=(
            SweepReference("lam:1", one.run_id, "λ = 1 (instruct)"),
            SweepReference("outputs:reference", asked.file, "the shipped reference outputs"),
        ),
        judge=asked.judge,
        judge_version=asked.judge_version,
        created=what.created,
    )


def _write(store: RunStore, spec: RunSpec, environment: Environment, what: Invented) -> None:
    if spec.kind == "icl":
        metric = next(task[4] for task in what.tasks if task[0] == spec.task.name)
        _keep(store, spec, environment, _answers(spec, what.items, metric))
    else:
        _keep(store, spec, environment, _texts(spec, what.instructions))


def _keep(store: RunStore, spec: Spec, environment: Environment, records: list[Record]) -> None:
    asked = [r for r in records if isinstance(r, IclRecord | GenerationRecord)]
    prompts = {r.prompt: prompt_text(r.item) for r in asked}
    if store.is_complete(spec.run_id):  # of another sweep that asked the same
        return
    with store.open(spec, environment) as run:
        run.append(records, prompts)
        run.finish({"n": len(records)})


def prompt_text(item: str) -> str:
    return f"Question: what about {item}?\nAnswer:"


def _answers(spec: RunSpec, items: int, metric: str) -> list[Record]:
    skill = 0.95 - 0.45 * max(0.0, spec.lam.value) ** 1.5
    records: list[Record] = []
    for number in range(items):
        item = f"{spec.task.name}-{number}"
        right = _difficulty(item, spec.lam) < skill
        logprobs = (-1.0, -2.0) if right else (-2.0, -1.0)
        records.append(
            IclRecord(
                item=item,
                task=spec.task.name,
                prompt=text_hash(prompt_text(item)),
                choices=() if metric == "exact_match" else (" yes", " no"),
                logprobs=() if metric == "exact_match" else logprobs,
                prediction=" yes" if right else " no",
                target=" yes",
                correct=right,
                metrics={metric: float(right)},
                tokens=24,
            )
        )
    return records


def _texts(spec: RunSpec, instructions: int) -> list[Record]:
    return [
        GenerationRecord(
            item=f"instruction-{number}",
            task=spec.task.name,
            prompt=text_hash(prompt_text(f"instruction-{number}")),
            output=f"An invented answer at λ = {spec.lam}.",
            tokens=8,
            prompt_tokens=16,
            finish="stop",
        )
        for number in range(instructions)
    ]


def _verdicts(lam: Lam, instructions: int, against_one: bool) -> list[Record]:
    records: list[Record] = []
    for number in range(instructions):
        item = f"instruction-{number}"
        mine = 1.0 if _difficulty(item, lam) < _following(lam) else 0.5
        theirs = 1.0
        if against_one:
            theirs = 1.0 if _difficulty(item, INSTRUCT) < _following(INSTRUCT) else 0.5
        preference = 1.5 if mine == theirs else (2.0 if mine > theirs else 1.0)
        records.append(JudgmentRecord(item, preference, mine, theirs, mine == 1.0))
    return records


def _following(lam: Lam) -> float:
    return max(0.02, 0.9 - 2.0 * (lam.value - 0.85) ** 2)


def _difficulty(item: str, lam: Lam) -> float:
    own = Random(item).random()
    return 0.85 * own + 0.15 * Random(f"{item}@{lam}").random()
