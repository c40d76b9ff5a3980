"""How long judges take over 805 generated prompts, as many as AlpacaEval has.

    python -m tests.bench.judges              # about two minutes on two cores

Prompts come from the embedded world's own makers, answers from the embedded pair at λ = 0.7 and
1. Every judge runs end to end: questions in both orders, answers kept on the disk, the summary
written. Prints seconds, questions and tokens; what the embedded pair thinks is no result.
"""

import sys
import tempfile
import time
from pathlib import Path
from random import Random

from core.demo.chats import MAKERS
from core.demo.chats_exchange import Draw, drawn
from core.engine.protocol import Engine, Message
from core.engine.torch_engine import TorchEngine
from core.jobs.judging import WantedSet, judge_set
from core.judges.named import Opener, open_asker, parse_judge
from core.judges.pairwise import PairwiseJudge
from core.lam import INSTRUCT, Lam
from core.settings import read_settings
from core.spec import Decoding, JudgmentSpec
from core.store.environment import read_environment
from core.store.runs import RunStore
from core.tasks.instructions import Instruction

PROMPTS, PAIR, CANDIDATE = 805, "tinyworld", Lam(700)
JUDGES = ("longest", "first", f"local:{PAIR}@1")


def instructions(count: int) -> tuple[Instruction, ...]:
    """So many different instructions of every kind."""
    draw = Draw(Random("bench of judges"), held_out=True)
    found: dict[tuple[str | None, str], Instruction] = {}
    kinds = list(MAKERS)
    for number in range(100 * count):
        kind = kinds[number % len(kinds)]
        made = drawn(MAKERS[kind][1], draw)
        key = made.system, made.instruction
        name = f"i{len(found)}"
        made_item = Instruction(name, made.instruction, made.system, kind, (), None, None)
        found.setdefault(key, made_item)
        if len(found) == count:
            break
    return tuple(found.values())


def answers(engine: Engine, lam: Lam, items: tuple[Instruction, ...]) -> dict[str, str]:
    """The pair's answers at one λ."""
    told = [
        [*([Message("system", item.system)] if item.system else []),
         Message("user", item.instruction)]
        for item in items
    ]  # fmt: skip
    prompts = [engine.render_chat(PAIR, turns) for turns in told]
    said = engine.generate(PAIR, lam, prompts, Decoding(96))
    return {item.id: one.text for item, one in zip(items, said, strict=True)}


def main() -> None:
    """Print one line a judge."""
    settings = read_settings()
    engine = TorchEngine(settings)
    items = instructions(PROMPTS)
    started = time.perf_counter()
    ours, theirs = answers(engine, CANDIDATE, items), answers(engine, INSTRUCT, items)
    sys.stdout.write(f"answers, 2 × {PROMPTS}: {time.perf_counter() - started:.1f} s\n")
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        for name in JUDGES:
            asker = open_asker(parse_judge(name), Opener(settings, lambda: engine))
            who = asker.identity
            spec = JudgmentSpec("ours", "theirs", who.name, who.version, who.prompt_hash)
            wanted = WantedSet(spec, items, ours, theirs)
            started = time.perf_counter()
            judge_set(
                wanted,
                lambda memory, asker=asker: PairwiseJudge(asker, memory),  # type: ignore[misc]
                store,
                read_environment("cpu"),
            )
            seconds = time.perf_counter() - started
            asked = store.summary(spec.run_id)["asked"]
            sys.stdout.write(
                f"{name}: {seconds:.1f} s for {asked['questions']} questions, "
                f"{asked['tokens_read']:,} tokens read, {asked['failed']} failed\n"
            )


if __name__ == "__main__":
    main()
