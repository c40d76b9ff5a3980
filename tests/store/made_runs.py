"""Specs and records for tests of the store; the numbers mean nothing."""

from core.canon import text_hash
from core.lam import Lam
from core.spec import Decoding, PairIdentity, PromptSettings, RunSpec, TaskIdentity
from core.store.environment import read_environment
from core.store.records import GenerationRecord, IclRecord

HERE = read_environment("cpu", threads=1)
PAIR = PairIdentity("made", text_hash("base"), text_hash("instruct"))


def icl_spec(lam: str = "0.3", task: str = "capitals") -> RunSpec:
    identity = TaskIdentity(task, "1", text_hash(task))
    return RunSpec("icl", PAIR, Lam.parse(lam), "float32", identity, PromptSettings(shots=5))


def answer_spec(lam: str = "0.3") -> RunSpec:
    identity = TaskIdentity("orders", "1", text_hash("orders"))
    settings = PromptSettings(form="chat", chat_template=text_hash("template"))
    return RunSpec("generations", PAIR, Lam.parse(lam), "float32", identity, settings, Decoding(8))


def icl_record(item: str, correct: bool = True, prompt: str = "a prompt") -> IclRecord:
    return IclRecord(
        item=item,
        task="capitals",
        prompt=text_hash(prompt),
        choices=(" Rome", " Oslo"),
        logprobs=(-0.5, -1.25),
        prediction=" Rome",
        target=" Rome" if correct else " Oslo",
        correct=correct,
        metrics={"acc": float(correct)},
        tokens=12,
    )


def answer_record(item: str, output: str = "Gladly.") -> GenerationRecord:
    return GenerationRecord(item, "orders", text_hash("a prompt"), output, 2, 9, "stop", "c1")
