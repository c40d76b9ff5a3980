"""A made-up store of 100,000 item rows for the ledger's bench: numbers for timing, no results.

    write_made_ledger(folder, items=385)      # 20 tasks × 385 items × 13 λ = 100,100 rows

Prompts are as long as five-shot prompts are (1.5 kB, own examples apart), choices are four, one
task in five is written. The pair's name and every text say that it is made up.
"""

from pathlib import Path
from random import Random

from core.canon import text_hash
from core.lam import INSTRUCT, Lam, parse_grid
from core.spec import Decoding, JudgmentSpec, PairIdentity, PromptSettings, RunSpec, TaskIdentity
from core.store.codec import line_id
from core.store.environment import Environment, read_environment
from core.store.records import GenerationRecord, IclRecord, JudgmentRecord
from core.store.runs import RunStore
from core.store.sweeps import Sweep, SweepReference, TaskLine

GRID = parse_grid("0:1:0.1,1.1,1.2")
TASKS = 20
WORDS = [
    "river",
    "lamp",
    "stone",
    "copper",
    "window",
    "orchard",
    "letter",
    "winter",
    "harbour",
    "candle",
    "meadow",
    "engine",
]
CATEGORIES = ("General knowledge", "Commonsense", "Reading", "Symbols")
EXAMPLES = "\n\n".join(
    f"Question: a made-up question about the {word} and the {word}, number {at}?\nAnswer: {word}"
    for at, word in enumerate(WORDS)
)


def write_made_ledger(folder: Path, items: int, parents: PairIdentity) -> int:
    """Write the runs and the sweep's file; returns the number of item rows."""
    store, environment = RunStore(folder), read_environment("cpu")
    lines = []
    for number in range(TASKS):
        name, written = f"made_up_{number:02}", number % 5 == 4
        metric = "exact_match" if written else "acc"
        for lam in GRID:
            spec = _spec(parents, lam, name)
            records = [_record(name, item, lam, metric) for item in range(items)]
            with store.open(spec, environment) as run:
                run.append(records, {text_hash(_text(r.item)): _text(r.item) for r in records})
                run.finish({"n": len(records)})
        line = line_id(_spec(parents, INSTRUCT, name))
        form = "G" if written else "MC"
        lines.append(TaskLine(line, name, CATEGORIES[number % 4], form, 5, metric, None))
    for lam in GRID:
        _write_answers(store, environment, parents, lam)
    store.write_sweep(_sweep(parents, tuple(lines)))
    return TASKS * items * len(GRID)


def _write_answers(
    store: RunStore, environment: Environment, parents: PairIdentity, lam: Lam
) -> None:
    """A line is shown as the pair's own only with answers to instructions that were judged."""
    spec, one = _answers_spec(parents, lam), _answers_spec(parents, INSTRUCT)
    with store.open(spec, environment) as run:
        said = GenerationRecord("made-up", "made-up", text_hash("made up"), "made up", 2, 2, "stop")
        run.append([said], {text_hash("made up"): "made up"})
        run.finish({"n": 1})
    verdicts = JudgmentSpec(spec.run_id, one.run_id, "verifier", "1")
    with store.open(verdicts, environment) as run:
        run.append([JudgmentRecord("made-up", 1.5, 1.0, 1.0, True)])
        run.finish({"n": 1})


def _spec(parents: PairIdentity, lam: Lam, task: str) -> RunSpec:
    identity = TaskIdentity(task, "1", text_hash(task))
    return RunSpec("icl", parents, lam, "float32", identity, PromptSettings(shots=5))


def _answers_spec(parents: PairIdentity, lam: Lam) -> RunSpec:
    identity = TaskIdentity("made-up", "1", text_hash("made-up"))
    chat = PromptSettings(form="chat", chat_template=text_hash("made up"))
    return RunSpec("generations", parents, lam, "float32", identity, chat, Decoding(8))


def _text(item: str) -> str:
    first, second = Random(item).sample(WORDS, 2)
    return (
        f"{EXAMPLES}\n\nQuestion: a made-up question about the {first} beside the {second}, "
        f"which is item {item}?\nAnswer:"
    )


def _record(task: str, number: int, lam: Lam, metric: str) -> IclRecord:
    item = f"{task}-{number:04}"
    own, here = Random(item), Random(f"{item}@{lam}")
    right = own.random() + 0.25 * here.random() < 0.9 - 0.4 * lam.value
    choices = tuple(f" {word}" for word in own.sample(WORDS, 4))
    logprobs = tuple(-1.0 - here.random() - (at == 0) * (-1 if right else 1) for at in range(4))
    taken = choices[logprobs.index(max(logprobs))]
    written = metric == "exact_match"
    return IclRecord(
        item=item,
        task=task,
        prompt=text_hash(_text(item)),
        choices=() if written else choices,
        logprobs=() if written else logprobs,
        prediction=choices[0] if right else taken if taken != choices[0] else choices[1],
        target=choices[0],
        correct=right,
        metrics={metric: float(right)},
        tokens=340,
        finish="stop" if written else None,
    )


def _sweep(parents: PairIdentity, lines: tuple[TaskLine, ...]) -> Sweep:
    one = _answers_spec(parents, INSTRUCT)
    return Sweep(
        pair=parents,
        dtype="float32",
        grid=GRID,
        icl_suite="made-up",
        instruction_suite="made-up",
        limit=None,
        tasks=lines,
        generations_line=line_id(one),
        references=(SweepReference("lam:1", one.run_id, "λ=1 (made up)"),),
        judge="verifier",
        judge_version="1",
        created="2030-01-01T00:00:00+00:00",
    )
