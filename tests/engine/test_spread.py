"""A pair whose layers lie on several devices says what it says on one.

The devices are made up (`tests/pretended.py`): they refuse what CUDA refuses, and compute what the
CPU does. On GPUs: `tests/gpu/test_spread.py`.
"""

import random
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from core.engine.pair_plan import plan_pair
from core.engine.protocol import Answers, Prompt, ScoreRequest
from core.engine.residents import Residents
from core.engine.room import COPIES, GIB, MIB, WORKING_SHARE, PlanForm, Room, plan_from_json
from core.engine.spread_plan import plan_spread
from core.engine.torch_engine import TorchEngine
from core.errors import EngineError
from core.lam import BASE, INSTRUCT, Lam
from core.merge.endpoints import same_bits
from core.merge.spread import Crossing, NotSpreadable, Placement, spread
from core.pairs.registry import PairEntry
from core.pairs.sizes import Sizes
from core.settings import Settings
from core.spec import Decoding
from tests.pretended import Pretended, devices
from tests.private_settings import settings_for
from tests.tiny_architectures import ARCHITECTURES, write_architecture_pair
from tests.tiny_pair import write_registry

# Grouped queries; scaled embeddings and windows; experts; positions in the mask.
TRIED = [
    name
    for name in ARCHITECTURES
    if name.partition(":")[0] in ("llama", "gemma2", "mixtral", "bloom")
]
LAM = Lam(650)
LAMS = (BASE, LAM, INSTRUCT)
SHOTS = "Question: where is the river? Answer: past a small town.\n" * 2
REQUESTS = [
    ScoreRequest(SHOTS + question, choice)
    for question in ("the river", "people say that it")
    for choice in (" town", " never stops")
]
PROMPTS = [Prompt(SHOTS + "the river"), Prompt("people say that"), Prompt("a")]
WRITE = Decoding(max_new_tokens=8, stop=("e",))  # rows end apart, and leave
TWO = "cpu:1,cpu:2"
ENOUGH = 2.95  # times one model: too little for three copies on one device, enough for the layers


def made(name: str, folder: Path) -> Settings:
    config, _ = ARCHITECTURES[name]
    entry = write_architecture_pair(folder, config)
    return settings_for(folder, write_registry(folder / "pairs.toml", entry))


def told(engine: TorchEngine, pair: str = "odd") -> tuple[object, ...]:
    """What it says at one λ, and at several at once."""
    scores = engine.score(pair, LAM, REQUESTS)
    answers = [one.text for one in engine.generate(pair, LAM, PROMPTS, WRITE)]
    texts = dict.fromkeys(range(len(LAMS)), "")
    for piece in engine.stream_many(pair, LAMS, PROMPTS[0], WRITE, "blended"):
        if not isinstance(piece, Answers):
            texts[piece.row] += piece.text
    return scores, answers, texts


def spread_engine(settings: Settings, free: int) -> TorchEngine:
    """On two devices, each with so many bytes free."""
    engine = TorchEngine(replace(settings, device=TWO))
    engine._residents._free = lambda device: free
    return engine


@pytest.mark.parametrize("name", TRIED)
def test_it_says_what_it_says_on_one_device(name: str, tmp_path: Path) -> None:
    settings = made(name, tmp_path)
    alone = TorchEngine(settings)
    expected = told(alone)
    live = alone.resident("odd").merged
    with devices():
        engine = spread_engine(settings, int(ENOUGH * alone.load("odd").weights_bytes))
        plan = engine.memory_plan("odd")
        loaded = engine.load("odd")
        assert (plan.form, loaded.device) == ("spread", "cpu:1+cpu:2")
        assert loaded.endpoints_exact
        assert loaded.prefixes_shared == alone.load("odd").prefixes_shared
        assert told(engine) == expected
        merged = engine.resident("odd").merged
        for lam in (LAM, BASE, LAM):  # the same bits, whichever λ was visited before
            live.set_lam(lam)
            merged.set_lam(lam)
            there = {slot.name: slot.live for slot in merged.slots}
            for slot in live.slots:
                lies = there[slot.name]
                assert isinstance(lies, Pretended) and same_bits(slot.live, lies.bare)
                assert lies.device == torch.device("cpu", 2 if ".1." in slot.name else 1)


def test_one_model_alone_is_spread_too(tmp_path: Path) -> None:
    """A judge is one: a model that is merged with nothing."""
    made(TRIED[0], tmp_path)
    base = str(tmp_path / "base")
    write_registry(tmp_path / "pairs.toml", PairEntry("judge", "judge", base, base))
    settings = settings_for(tmp_path, tmp_path / "pairs.toml")
    alone = TorchEngine(settings)
    expected = alone.score("judge", BASE, REQUESTS)
    with devices():
        engine = spread_engine(settings, int(0.97 * alone.load("judge").weights_bytes))
        assert engine.memory_plan("judge").form == "spread"
        assert engine.score("judge", BASE, REQUESTS) == expected


def test_what_cannot_be_spread_is_held_otherwise_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = made(TRIED[0], tmp_path)

    def not_so(*given: object) -> None:
        raise NotSpreadable("it does not compute so")

    monkeypatch.setattr("core.merge.forms.spread", not_so)
    with devices():
        engine = spread_engine(settings, 10 * MIB)
        weights = engine.memory_plan("odd").weights_bytes
        engine = spread_engine(settings, int(ENOUGH * weights))
        assert engine.load("odd").device == "cpu:1"
        assert engine.memory_plan("odd").form in ("paired", "streamed")
        narrow = spread_engine(settings, weights // 2)
        with pytest.raises(EngineError, match="Nor do 2 devices together hold 3 ×"):
            narrow.load("odd")


def test_a_spread_pair_leaves_both_devices_for_the_next(tmp_path: Path) -> None:
    settings = made(TRIED[0], tmp_path)
    entry = PairEntry("other", "other", str(tmp_path / "base"), str(tmp_path / "instruct"))
    odd = replace(entry, name="odd", title="odd")
    write_registry(settings.pairs_file, odd, entry)
    with devices():
        residents = Residents(replace(settings, device=TWO))
        residents._free = lambda device: GIB
        size = residents.plan("odd").weights_bytes

        def free(device: torch.device) -> int:
            held = sum(one.bytes_on(device) for one in residents._held.values())
            return int(ENOUGH * size) - held

        residents._free = free
        with residents.lease("odd"):
            assert residents.plan("odd").form == "spread"
            with pytest.raises(EngineError):
                residents.get("other")
        assert residents.get("other").loaded.device == "cpu:1+cpu:2"
        assert [one.loaded.identity.name for one in residents.all()] == ["other"]


def rooms(*free: int, budget: int | None = None) -> list[Room]:
    return [Room(f"cuda:{n}", gib * GIB, 500 * GIB, budget) for n, gib in enumerate(free)]


LARGE = Sizes(total=140 * GIB, layers=(GIB + 3 * GIB // 4,) * 78, largest=2 * GIB)


@pytest.mark.parametrize(
    ("sizes", "there", "form", "counts"),
    [
        (LARGE, rooms(80, 80, 80, 80, 80, 80, 80, 80), "spread", 6),
        (LARGE, rooms(141, 141, 141, 141), "spread", 4),
        (LARGE, rooms(192, 80, 192, 192), "spread", 3),  # the smallest is not needed
        (LARGE, rooms(141), "refused", 0),
        (LARGE, rooms(160), "streamed", 0),
        (LARGE, rooms(160, 160), "streamed", 0),
        (LARGE, rooms(80, 80), "refused", 0),
        (LARGE, rooms(500, 500), "resident", 0),
        (LARGE, rooms(160, 160, 160, budget=400 * GIB), "streamed", 0),
        (Sizes(16 * GIB, (GIB // 2,) * 32, GIB), rooms(40, 40), "spread", 2),
        (Sizes(16 * GIB, (), GIB), rooms(40, 40), "paired", 0),  # nothing to share out
        (Sizes(25 * GIB, (GIB // 4,) * 4, 12 * GIB), rooms(70, 70), "paired", 0),
    ],
)
def test_the_fewest_devices_that_hold_it(
    sizes: Sizes, there: list[Room], form: str, counts: int
) -> None:
    without: tuple[PlanForm, ...] = () if form == "paired" else ("paired",)
    plan = plan_pair(sizes, there, COPIES, without)
    assert (plan.form, len(plan.shares)) == (form, counts)


def test_every_share_fits_with_room_to_work_in() -> None:
    draw = random.Random(5)
    for _ in range(300):
        layers = tuple(draw.randrange(1, 4 * GIB) for _ in range(draw.randrange(2, 40)))
        sizes = Sizes(sum(layers) + draw.randrange(4 * GIB), layers, 4 * GIB)
        there = rooms(*(draw.randrange(1, 200) for _ in range(draw.randrange(2, 6))))
        plan = plan_spread(sizes, there)
        if plan is None:
            continue
        free = {room.device: room.free or 0 for room in there}
        assert plan.shares[0].device == "cuda:0"  # where text goes in
        assert sum(share.layers for share in plan.shares) == len(layers)
        assert sum(share.device_bytes for share in plan.shares) == plan.device_bytes
        for share in plan.shares:
            assert share.layers and share.device_bytes <= free[share.device]
            model = share.device_bytes // COPIES
            assert share.device_bytes + model // WORKING_SHARE <= free[share.device] + len(layers)
        assert plan_from_json(asdict(plan)) == plan


def test_a_mask_crosses_once_a_forward() -> None:
    with devices():
        with pytest.raises(RuntimeError, match="on the same device"):
            torch.zeros(4, device="cpu:1") + torch.zeros(4, device="cpu:2")
        crossing = Crossing(torch.device("cpu", 2))
        mask = torch.zeros(4, device="cpu:1")
        first = crossing.take({"mask": mask, "cos": (mask, 3)}, keep=True)
        again = crossing.take({"mask": mask}, keep=True)
        assert first["mask"] is again["mask"] is first["cos"][0] and first["cos"][1] == 3
        mask.fill_(1)  # the next forward has another in the same place
        crossing.forget()
        assert crossing.take(mask, keep=True).tolist() == [1, 1, 1, 1]


def test_layers_that_the_plan_did_not_count_are_refused(tmp_path: Path) -> None:
    made(TRIED[0], tmp_path)
    from core.merge.parents import load_parent

    model = load_parent(tmp_path / "base", torch.float32)
    with devices(), pytest.raises(NotSpreadable, match="2 layers, and its files name 3"):
        spread(model, Placement((torch.device("cpu", 1), torch.device("cpu", 2)), (2, 1)))
