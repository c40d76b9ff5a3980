"""Requests at one λ share their forwards, and nobody can tell it by the answers."""

import gc
import random
import weakref
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from core.engine import decode_batch
from core.engine.answer import Answer
from core.engine.protocol import Chunk, Generation, Prompt, Wanted
from core.engine.torch_engine import TorchEngine
from core.errors import EngineError
from core.lam import BASE, INSTRUCT, Lam
from core.settings import Settings
from core.spec import Decoding
from tests.engine.test_out_of_memory import small_memory
from tests.private_settings import settings_for
from tests.tiny_architectures import ARCHITECTURES, write_architecture_pair
from tests.tiny_pair import CONTEXT_LENGTH, write_registry

LAM = Lam(650)
Steps = Generator[Any, None, Any]


@dataclass(frozen=True)
class Wish:
    """What one client asks for."""

    kind: str  # "stream" and "complete" are for people, "generate" for batches
    texts: tuple[str, ...]
    decoding: Decoding
    top: int | None = None

    def steps(self, engine: TorchEngine, lam: Lam, pair: str = "tiny") -> Steps:
        prompts = [Prompt(text) for text in self.texts]
        if self.kind == "stream":
            return engine.stream_steps(pair, lam, prompts[0], self.decoding)
        if self.kind == "generate":
            return engine.generate_steps(pair, lam, prompts, self.decoding)
        return engine.complete_steps(pair, lam, prompts, self.decoding, Wanted(self.top))


WISHES = (
    Wish("stream", ("the river",), Decoding(20)),
    Wish("stream", ("a small town and the river runs past it " * 3,), Decoding(9, seed=1)),
    Wish("stream", ("people say",), Decoding(30, temperature="0.9", top_p="0.9", seed=2)),
    Wish("stream", ("the river",), Decoding(30, temperature="1.4", seed=3, stop=("e", "town"))),
    Wish("complete", ("never", "the river", "x"), Decoding(17, temperature="0.7", seed=4), 3),
    Wish("complete", ("it never stops and " * 5,), Decoding(12, stop=("a",)), 0),
    Wish("complete", ("people",) * 3, Decoding(1, temperature="0.5", seed=9)),
)


class Reading:
    """A client that takes its steps one by one."""

    def __init__(self, steps: Steps) -> None:
        self._steps, self.result, self.ended = steps, None, False
        self._text: dict[int, str] = {}
        self._last: dict[int, Chunk] = {}
        self._tokens: dict[int, list[str]] = {}

    def step(self) -> None:
        try:
            value = next(self._steps)
        except StopIteration as finished:
            self.result, self.ended = finished.value, True
            return
        for chunk in value.values() if isinstance(value, dict) else [value]:
            if isinstance(chunk, Chunk):
                self._text[chunk.row] = self._text.get(chunk.row, "") + chunk.text
                self._tokens.setdefault(chunk.row, []).extend(one.text for one in chunk.chosen)
                self._last[chunk.row] = chunk

    def close(self) -> None:
        self._steps.close()

    def told(self) -> object:
        """Everything but log-probabilities, which a batch of another shape rounds otherwise."""
        if self.result is not None:
            return [(one.text, one.tokens, one.finish) for one in self.result]
        ends = [(row, last.tokens, last.finish) for row, last in self._last.items()]
        return ends, self._text, self._tokens


def read(steps: Steps) -> object:
    reading = Reading(steps)
    while not reading.ended:
        reading.step()
    return reading.told()


def read_all(readings: Sequence[Reading]) -> list[object]:
    """A step of each in turn, as the queue gives them."""
    while any(not one.ended for one in readings):
        for one in readings:
            if not one.ended:
                one.step()
    return [one.told() for one in readings]


@pytest.fixture
def engine(tiny_settings: Settings) -> Iterator[TorchEngine]:
    made = TorchEngine(tiny_settings)
    made.load("tiny")
    yield made
    made.close()


def sizes_of(engine: TorchEngine, pair: str = "tiny") -> list[tuple[int, int]]:
    """Rows and tokens of every forward from now on."""
    seen: list[tuple[int, int]] = []

    def note(module: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        seen.append(tuple(named["input_ids"].shape))

    engine.resident(pair).model.register_forward_pre_hook(note, with_kwargs=True)
    return seen


@pytest.mark.parametrize("sharing", [True, False], ids=["sharing", "plain"])
def test_joined_answers_are_those_computed_alone(engine: TorchEngine, sharing: bool) -> None:
    engine._residents.adopt("tiny", engine.resident("tiny").with_sharing(sharing))
    alone = [read(wish.steps(engine, LAM)) for wish in WISHES]
    seen = sizes_of(engine)
    assert read_all([Reading(wish.steps(engine, LAM)) for wish in WISHES]) == alone
    rows = len({text for wish in WISHES for text in wish.texts})
    assert seen[0][0] == rows  # one forward read what all had asked, equal prompts once
    longest = max(wish.decoding.max_new_tokens for wish in WISHES)
    assert len(seen) <= longest  # and no token took more than one


@pytest.mark.parametrize("seed", range(4))
def test_who_comes_late_joins_the_running_batch(engine: TorchEngine, seed: int) -> None:
    draw = random.Random(seed)
    wishes = draw.sample(WISHES, len(WISHES))
    alone = [read(wish.steps(engine, LAM)) for wish in wishes]
    seen = sizes_of(engine)
    readings: list[Reading] = []
    for wish in wishes:
        readings.append(Reading(wish.steps(engine, LAM)))
        for _ in range(draw.randrange(5)):
            for one in readings:
                if not one.ended:
                    one.step()
    assert read_all(readings) == alone
    writing = [rows for rows, tokens in seen if tokens == 1]
    assert max(writing) > max(len(wish.texts) for wish in wishes)
    assert sum(writing) / len(writing) > 2


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_any_architecture_joins_or_stays_apart_with_its_own_answers(
    name: str, tmp_path: Path
) -> None:
    config, _ = ARCHITECTURES[name]
    registry = write_registry(tmp_path / "pairs.toml", write_architecture_pair(tmp_path, config))
    engine = TorchEngine(settings_for(tmp_path, registry))
    alone = [read(wish.steps(engine, LAM, "odd")) for wish in WISHES]
    seen = sizes_of(engine, "odd")
    readings: list[Reading] = []
    for wish in WISHES:
        readings.append(Reading(wish.steps(engine, LAM, "odd")))
        for one in readings * 2:
            if not one.ended:
                one.step()
    assert read_all(readings) == alone
    joins = max(rows for rows, tokens in seen if tokens == 1) > 3
    assert joins is ("running state" not in name)


def test_requests_of_batches_join_each_other_and_no_conversation(engine: TorchEngine) -> None:
    batches = [
        Wish("generate", ("the river", "a small town"), Decoding(11)),
        Wish("generate", ("people say that " * 4, "x"), Decoding(8, temperature="0.8", seed=5)),
    ]
    alone = [read(wish.steps(engine, LAM)) for wish in (*batches, WISHES[0])]
    seen = sizes_of(engine)
    assert read_all([Reading(wish.steps(engine, LAM)) for wish in (*batches, WISHES[0])]) == alone
    assert {rows for rows, _ in seen} <= {1, 2, 4} and (4, 1) in seen


def test_two_lam_are_never_in_one_batch(engine: TorchEngine) -> None:
    """The same question at three λ at the same time: three batches, three answers."""
    wish = Wish("stream", ("the river runs past a small town",), Decoding(24))
    lams = (BASE, LAM, INSTRUCT)
    alone = [read(wish.steps(engine, lam)) for lam in lams]
    assert len({str(told) for told in alone}) == 3
    seen = sizes_of(engine)
    told = read_all([Reading(wish.steps(engine, lam)) for lam in (*lams, *lams)])
    assert told == alone * 2
    assert {rows for rows, _ in seen} == {1, 2}  # two who ask the same are read once


def test_who_goes_away_leaves_within_a_step_and_the_others_go_on(engine: TorchEngine) -> None:
    alone = [read(wish.steps(engine, LAM)) for wish in WISHES]
    readings = [Reading(wish.steps(engine, LAM)) for wish in WISHES]
    seen = sizes_of(engine)
    for _ in range(4):
        for one in readings:
            one.step()
    (writer,) = engine._desk._writers.values()
    rows, _ = seen[-1]
    readings[1].close()  # the longest prompt, on which all others are padded
    width = seen[-1][1]
    readings[0].step()
    assert seen[-1] == (rows - 1, width)
    (batch,) = writer._batches
    assert batch._cache is not None and batch._mask is not None
    assert len(batch._cache.layers[0].keys) == rows - 1
    assert bool(batch._mask[:, 0].any())  # the columns that only it needed are gone
    del readings[1]
    assert read_all(readings) == [*alone[:1], *alone[2:]]


def test_the_last_one_to_go_frees_everything(engine: TorchEngine) -> None:
    readings = [Reading(wish.steps(engine, LAM)) for wish in WISHES[:3]]
    for one in readings * 4:
        one.step()
    (writer,) = engine._desk._writers.values()
    (batch,) = writer._batches
    cache = weakref.ref(batch._cache)
    del writer, batch
    for one in readings:
        assert cache() is not None
        one.close()
    gc.collect()
    assert cache() is None and not engine._desk._writers


def test_rows_that_would_cost_more_than_they_save_are_written_apart(
    engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode_batch, "LEAST_PADDING_BYTES", 0)
    monkeypatch.setattr(decode_batch, "PADDING_SHARE", 10**9)
    wishes = (WISHES[0], WISHES[1])
    alone = [read(wish.steps(engine, LAM)) for wish in wishes]
    first, second = (Reading(wish.steps(engine, LAM)) for wish in wishes)
    seen = sizes_of(engine)
    for _ in range(3):
        first.step()
    assert read_all([first, second]) == alone
    assert {rows for rows, _ in seen} == {1}


def test_a_finished_row_never_leaves_the_context(tmp_path: Path) -> None:
    """It may stay beside a row that goes on for longer than its own context has room."""
    config, _ = ARCHITECTURES["gpt2: learned positions, tied"]
    registry = write_registry(tmp_path / "pairs.toml", write_architecture_pair(tmp_path, config))
    engine = TorchEngine(settings_for(tmp_path, registry))
    full = tuple([5, 6, 7] * CONTEXT_LENGTH)[: CONTEXT_LENGTH - 2]
    short = [Wish("stream", ("x" * n,), Decoding(60)) for n in range(1, 10)]
    alone = [read(wish.steps(engine, LAM, "odd")) for wish in short]
    long = engine.stream_steps("odd", LAM, Prompt("", tokens=full), Decoding(2))
    readings = [Reading(long), *(Reading(wish.steps(engine, LAM, "odd")) for wish in short)]
    assert read_all(readings)[1:] == alone


@pytest.mark.parametrize("from_call", [0, 1, 6, 13])
@pytest.mark.parametrize("rows", [1, 3])
def test_memory_that_runs_out_makes_smaller_batches_for_all(
    engine: TorchEngine, tiny_engine: TorchEngine, rows: int, from_call: int
) -> None:
    alone = [read(wish.steps(tiny_engine, LAM)) for wish in WISHES]
    sizes = small_memory(engine, rows, from_call=from_call)
    assert read_all([Reading(wish.steps(engine, LAM)) for wish in WISHES]) == alone
    assert max(sizes) > rows


def test_one_text_too_large_fails_alone(engine: TorchEngine) -> None:
    """The row that does not fit ends in a sentence; who shared its batch gets their answers."""
    wishes = (WISHES[0], WISHES[2])
    alone = [read(wish.steps(engine, LAM)) for wish in wishes]

    def refuse(module: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        if named["attention_mask"].shape[1] > 100:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB.")

    engine.resident("tiny").model.register_forward_pre_hook(refuse, with_kwargs=True)
    huge = Wish("stream", ("the river " * 60,), Decoding(4))
    readings = [Reading(wish.steps(engine, LAM)) for wish in (*wishes, huge)]
    for one in readings:
        one.step()
    with pytest.raises(EngineError, match="does not fit into the memory left on cpu"):
        while True:
            readings[2].step()
    assert read_all(readings[:2]) == alone


def test_a_failure_is_told_to_everyone_whom_it_concerns_and_to_nobody_else(
    engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = Answer.add

    def broken(self: Answer, *given: Any, **named: Any) -> None:
        if len(self.tokens) == 3:
            raise ValueError("a bug")
        add(self, *given, **named)

    readings = [Reading(wish.steps(engine, LAM)) for wish in WISHES[:3]]
    other = Reading(WISHES[0].steps(engine, BASE))
    monkeypatch.setattr(Answer, "add", broken)
    for one in readings:
        with pytest.raises(ValueError, match="a bug"):
            while True:
                one.step()
    monkeypatch.undo()
    assert read_all([other]) == [read(WISHES[0].steps(engine, BASE))]
    gc.collect()  # the errors hold their frames in cycles
    assert not engine._desk._writers


def test_threads_of_one_process_join_too(engine: TorchEngine) -> None:
    import threading

    prompts = [[Prompt(f"the river {n}")] for n in range(6)]
    alone = [engine.generate("tiny", LAM, one, Decoding(40)) for one in prompts]
    found: dict[int, list[Generation]] = {}
    together = threading.Barrier(len(prompts))

    def run(number: int) -> None:
        together.wait(30)
        found[number] = engine.generate("tiny", LAM, prompts[number], Decoding(40))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [found[number] for number in range(len(prompts))] == alone
