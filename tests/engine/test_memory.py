"""Memory: planned by bytes before loading, idle pairs leave first, pairs in use stay."""

import gc
import random
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from core.engine.protocol import Form, Prompt, ScoreRequest
from core.engine.residents import Residents
from core.engine.room import COPIES, GIB, MIB, Room, plan_memory
from core.engine.torch_engine import TorchEngine
from core.errors import EngineError, InputError
from core.lam import Lam
from core.merge import flat
from core.pairs.registry import PairEntry
from core.settings import Settings, read_settings
from core.spec import Decoding
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry, write_tiny_pair

LAM = Lam(650)
REQUESTS = [ScoreRequest("the river", " runs"), ScoreRequest("a small", " town")]
WEIGHTS = 16 * GIB  # of one model of eight thousand million parameters in half precision


def gpu(free: int, host: int = 200 * GIB) -> Room:
    return Room("cuda:0", free, host)


@pytest.mark.parametrize(
    ("room", "form"),
    [
        (gpu(80 * GIB), "resident"),
        (gpu(50 * GIB), "resident"),
        (gpu(48 * GIB), "streamed"),  # no room to work in
        (gpu(24 * GIB), "streamed"),
        (gpu(24 * GIB, host=20 * GIB), "refused"),
        (gpu(16 * GIB), "refused"),
        (Room("cpu", 64 * GIB, 64 * GIB), "resident"),
        (Room("cpu", 24 * GIB, 24 * GIB), "streamed"),
        (Room("cpu", 12 * GIB, 12 * GIB), "refused"),
        (Room("mps", None, None), "resident"),
        (replace(gpu(80 * GIB), budget=48 * GIB), "resident"),
        (replace(gpu(80 * GIB), budget=47 * GIB), "streamed"),
        (replace(gpu(80 * GIB), budget=16 * GIB), "refused"),
        (replace(gpu(10 * GIB), held=48 * GIB), "resident"),  # what is idle will leave
        (replace(gpu(10 * GIB), held=48 * GIB, in_use=48 * GIB), "refused"),
        (replace(gpu(80 * GIB), budget=60 * GIB, held=48 * GIB), "resident"),
        (replace(gpu(32 * GIB), budget=80 * GIB, held=48 * GIB, in_use=48 * GIB), "streamed"),
    ],
)
def test_the_quickest_form_that_fits(room: Room, form: str) -> None:
    """Of a pair that must have a live copy."""
    plan = plan_memory(WEIGHTS, room)
    assert plan.form == form
    if form != "refused":
        assert plan.device_bytes <= (plan.available or plan.device_bytes)


@pytest.mark.parametrize(
    ("room", "form"),
    [
        (gpu(80 * GIB), "resident"),
        (gpu(48 * GIB), "paired"),
        (gpu(36 * GIB, host=0), "paired"),  # both parents, the scratch and room to work in
        (gpu(34 * GIB), "streamed"),
        (gpu(34 * GIB, host=0), "refused"),
        (Room("mps", 40 * GIB, 40 * GIB), "paired"),
        (Room("cpu", 40 * GIB, 40 * GIB), "streamed"),  # its parents need no memory of their own
        (replace(gpu(80 * GIB), budget=33 * GIB), "paired"),
        (replace(gpu(80 * GIB), budget=32 * GIB), "streamed"),
    ],
)
def test_a_pair_that_needs_no_live_copy(room: Room, form: str) -> None:
    plan = plan_memory(WEIGHTS, room, scratch=GIB)
    assert plan.form == form
    if form == "paired":
        assert (plan.device_bytes, plan.host_bytes) == (33 * GIB, 0)
        assert "1.0 GiB" in plan.why and "only the parents are held" in plan.why


def test_a_refusal_holds_the_sum_and_the_next_step() -> None:
    plan = plan_memory(WEIGHTS, gpu(8 * GIB, host=20 * GIB))
    assert "3 × 16.0 GiB = 48.0 GiB on cuda:0" in plan.why
    assert "32.0 GiB of host memory" in plan.why and "8.0 GiB are free" in plan.why
    assert "Choose a smaller pair" in plan.why
    busy = plan_memory(WEIGHTS, replace(gpu(8 * GIB), held=48 * GIB, in_use=48 * GIB))
    assert "48.0 GiB being in use" in busy.why and "Wait until" in busy.why


def test_no_plan_takes_more_than_there_is() -> None:
    draw = random.Random(4)
    for _ in range(2000):
        held = draw.choice([0, draw.randrange(100 * MIB)])
        room = Room(
            device=draw.choice(["cpu", "cuda:0", "mps"]),
            free=draw.choice([None, draw.randrange(1, 200 * MIB)]),
            host_free=draw.choice([None, draw.randrange(1, 200 * MIB)]),
            budget=draw.choice([None, draw.randrange(1, 200 * MIB)]),
            held=held,
            in_use=draw.choice([0, held]),
        )
        scratch = draw.choice([None, draw.randrange(1, 10 * MIB)])
        plan = plan_memory(draw.randrange(1, 100 * MIB), room, scratch=scratch)
        if plan.form == "refused":
            continue
        if room.budget is not None:
            assert room.in_use + plan.device_bytes <= room.budget
        if room.free is not None:
            assert plan.device_bytes < room.free + room.held - room.in_use
        if room.host_free is not None:
            assert plan.host_bytes <= room.host_free


@pytest.mark.parametrize(
    ("text", "amount"), [("24G", 24 * GIB), ("500m", 500 * MIB), ("4096", 4096), ("", None)]
)
def test_the_budget_is_an_amount(text: str, amount: int | None) -> None:
    assert read_settings({"PARTWAY_ENGINE_BYTES": text}).engine_bytes == amount


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5G", "3 GB"])
def test_a_budget_that_is_none_is_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match="PARTWAY_ENGINE_BYTES"):
        read_settings({"PARTWAY_ENGINE_BYTES": text})


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, int]:
    """Settings that know the pairs a, b and c, and the bytes of one of their models."""
    folder = tmp_path_factory.mktemp("pairs")
    entries = []
    for name in "abc":
        entry = write_tiny_pair(folder / name)
        entries.append(PairEntry(name, name, entry.base, entry.instruct))
    settings = settings_for(folder, write_registry(folder / "pairs.toml", *entries))
    return settings, Residents(settings).plan("a").weights_bytes


class Meter:
    """Bytes of the buffers that live now, and the most there ever were at once."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = self.most = 0
        self._allocate = flat.allocate
        for module in ("core.merge.flat", "core.merge.streamed"):
            patch.setattr(f"{module}.allocate", self.allocate)

    def allocate(self, numbers: int, dtype: torch.dtype, device: torch.device) -> Tensor:
        buffer = self._allocate(numbers, dtype, device)
        self.now += buffer.nbytes
        self.most = max(self.most, self.now)
        weakref.finalize(buffer.untyped_storage(), self._free, buffer.nbytes)
        return buffer

    def _free(self, size: int) -> None:
        self.now -= size


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    return Meter(monkeypatch)


def room_for(pairs: tuple[Settings, int], copies: float) -> tuple[Settings, int]:
    settings, weights = pairs
    budget = int(copies * weights * 1.01)  # tensors begin at multiples of 64 bytes
    return replace(settings, engine_bytes=budget), budget


def test_two_pairs_by_turns_in_the_room_of_one(pairs: tuple[Settings, int], meter: Meter) -> None:
    settings, budget = room_for(pairs, COPIES)
    engine = TorchEngine(settings)
    first = {name: engine.score(name, LAM, REQUESTS) for name in "ab"}
    for name in "abbaab":
        assert engine.score(name, LAM, REQUESTS) == first[name]
        assert [pair.identity.name for pair in engine.loaded_pairs()] == [name]
        assert meter.now <= budget
    assert meter.most <= budget
    assert engine.device_bytes <= budget


def test_a_pair_in_use_stays_and_the_other_is_refused(
    pairs: tuple[Settings, int], meter: Meter
) -> None:
    settings, budget = room_for(pairs, COPIES)
    engine = TorchEngine(settings)
    expected = "".join(c.text for c in engine.stream("a", LAM, Prompt("the"), Decoding(20)))
    stream = engine.stream("a", LAM, Prompt("the"), Decoding(20))
    text = next(stream).text
    held = weakref.ref(engine.resident("a").merged)
    for _ in range(3):
        with pytest.raises(EngineError, match=r"being in use by other work.* Wait until"):
            engine.score("b", LAM, REQUESTS)
        with pytest.raises(EngineError, match="in use by 1 request and stays loaded"):
            engine.unload("a")
    assert held() is not None
    assert text + "".join(chunk.text for chunk in stream) == expected
    assert engine.score("b", LAM, REQUESTS)  # now nobody uses it any more
    gc.collect()
    assert held() is None
    assert meter.most <= budget


def test_beside_a_pair_in_use_another_may_fit_with_its_parents_in_their_files(
    pairs: tuple[Settings, int], meter: Meter
) -> None:
    expected = TorchEngine(pairs[0]).score("b", LAM, REQUESTS)
    settings, budget = room_for(pairs, COPIES + 1)
    meter.now = meter.most = 0
    engine = TorchEngine(settings)
    stream = engine.stream("a", LAM, Prompt("the"), Decoding(20))
    next(stream)
    assert engine.score("b", LAM, REQUESTS) == expected
    plans = {name: engine.memory_plan(name).form for name in "abc"}
    assert plans == {"a": "resident", "b": "streamed", "c": "streamed"}
    assert any("mapped into memory" in note for note in engine.load("b").notes)
    assert meter.most <= budget


def test_any_order_of_uses_keeps_to_the_budget(pairs: tuple[Settings, int], meter: Meter) -> None:
    """Leases taken, kept and given back at random: never more bytes than allowed."""
    settings, budget = room_for(pairs, 2 * COPIES)
    residents = Residents(settings)
    draw = random.Random(7)
    kept: dict[str, Iterator[object]] = {}

    def hold(name: str) -> Iterator[object]:
        with residents.lease(name) as resident:
            held = weakref.ref(resident.merged)
            del resident
            yield held
            assert held() is not None  # nobody dropped it

    for _ in range(40):
        name = draw.choice("abc")
        if name in kept:
            assert list(kept.pop(name)) == []
            continue
        steps = hold(name)
        try:
            next(steps)
        except EngineError:
            assert len(kept) == 2
        else:
            kept[name] = steps
        assert meter.most <= budget
        assert residents.device_bytes <= budget


def test_the_one_used_longest_ago_leaves_first(pairs: tuple[Settings, int]) -> None:
    settings, _ = room_for(pairs, 2 * COPIES)
    residents = Residents(settings)
    for name in "abac":
        residents.get(name)
    assert [one.loaded.identity.name for one in residents.all()] == ["a", "c"]


@pytest.mark.parametrize("form", ["materialised", "blended"])
def test_unloading_gives_the_memory_back(
    pairs: tuple[Settings, int], meter: Meter, form: Form
) -> None:
    engine = TorchEngine(pairs[0])
    engine.score("a", LAM, REQUESTS)
    list(engine.stream_many("a", [LAM, Lam(200)], Prompt("the"), Decoding(4), form))
    assert meter.now > 0
    assert engine.unload("a") is True
    assert (meter.now, engine.device_bytes, engine.loaded_pairs()) == (0, 0, ())
    assert engine.unload("a") is False


def test_files_that_change_under_work_are_told_and_not_mixed(
    pairs: tuple[Settings, int], tmp_path: Path
) -> None:
    entry = write_tiny_pair(tmp_path)
    settings = settings_for(tmp_path, write_registry(tmp_path / "pairs.toml", entry))
    engine = TorchEngine(settings)
    stream = engine.stream("tiny", LAM, Prompt("the"), Decoding(20))
    next(stream)
    weights = tmp_path / "instruct" / "model.safetensors"
    weights.write_bytes((tmp_path / "base" / "model.safetensors").read_bytes())
    with pytest.raises(EngineError, match="have changed while work"):
        engine.load("tiny")
    list(stream)
    identity = engine.load("tiny").identity
    assert identity.instruct != TorchEngine(pairs[0]).load("a").identity.instruct
