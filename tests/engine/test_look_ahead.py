"""What several λ need is found out while nobody waits, and nothing of it holds a pair back."""

import gc
import threading
import weakref
from pathlib import Path

import pytest

from core.engine import look_ahead, many_choice
from core.engine.many_choice import FEW, MANY, choose_form, is_known
from core.engine.protocol import Answers, Chunk, Prompt
from core.engine.torch_engine import TorchEngine
from core.engine.work_queue import INTERACTIVE, Work, WorkQueue
from core.lam import Lam, parse_grid
from core.settings import Settings
from core.spec import Decoding
from tests.private_settings import settings_for
from tests.tiny_architectures import ARCHITECTURES, write_architecture_pair
from tests.tiny_pair import write_registry

PROMPT = Prompt("the river runs past")


def test_after_looking_ahead_no_request_tries_or_measures(
    tiny_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = TorchEngine(tiny_settings)
    assert not engine.look_ahead()  # nothing is loaded
    engine.load("tiny")
    steps = 0
    while engine.look_ahead():
        steps += 1
    assert steps > 10  # each of them a forward or less
    assert is_known(engine.resident("tiny"))
    monkeypatch.setattr(many_choice, "_try_steps", None)
    monkeypatch.setattr(many_choice, "_measure_steps", None)
    for count in (2, 3, 7, 11, 15):
        answers, _ = choose_form(engine.resident("tiny"), count, None)
        told = "on cpu," if count in (FEW, MANY) else f"on cpu at {FEW} and {MANY} λ,"
        assert told in answers.why and f"all {count} λ" in answers.why


def test_answers_between_two_steps_are_those_of_any_moment(tiny_settings: Settings) -> None:
    engine, grid = TorchEngine(tiny_settings), parse_grid("0:1:0.25")
    expected = [TorchEngine(tiny_settings).generate("tiny", Lam(650), [PROMPT], Decoding(6))]
    engine.load("tiny")
    told: list[Answers | Chunk] = []
    while engine.look_ahead():
        assert engine.generate("tiny", Lam(650), [PROMPT], Decoding(6)) == expected[0]
        if not told:  # a request that comes too early finds out by itself
            told = list(engine.stream_many("tiny", grid, PROMPT, Decoding(2)))
    assert isinstance(told[0], Answers)


def test_a_pair_that_leaves_is_not_held_by_what_was_begun(tiny_settings: Settings) -> None:
    engine = TorchEngine(tiny_settings)
    engine.load("tiny")
    for _ in range(3):
        assert engine.look_ahead()
    left = weakref.ref(engine.resident("tiny").merged)
    assert engine.unload("tiny")
    gc.collect()
    assert left() is None
    assert not engine.look_ahead()


def test_a_failure_is_not_tried_again_and_again(
    tiny_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(resident: object) -> None:
        raise RuntimeError("out of memory")

    engine = TorchEngine(tiny_settings)
    engine.load("tiny")
    monkeypatch.setattr(look_ahead, "find_out_steps", fail)
    assert engine.look_ahead()
    assert not engine.look_ahead()


def test_a_pair_that_cannot_be_blended_is_known_too(tmp_path: Path) -> None:
    config = ARCHITECTURES["mamba: a running state"][0]
    registry = write_registry(tmp_path / "pairs.toml", write_architecture_pair(tmp_path, config))
    engine = TorchEngine(settings_for(tmp_path, registry))
    engine.load("odd")
    while engine.look_ahead():
        pass
    assert is_known(engine.resident("odd"))


def test_the_queue_looks_ahead_only_while_nothing_waits() -> None:
    told: list[object] = []
    done, left = threading.Event(), [3]

    def idle() -> bool:
        told.append("idle")
        if left[0] == 3:  # work comes in during the first step
            queue.put(Work(lambda: iter(()), INTERACTIVE, lambda event: told.append(event[0])))  # type: ignore[arg-type,return-value]
        left[0] -= 1
        if not left[0]:
            done.set()
        return left[0] > 0

    queue = WorkQueue(lambda: None, idle)
    queue.start()
    assert done.wait(5)
    queue.stop(5)
    assert told[:3] == ["idle", "result", "idle"]
