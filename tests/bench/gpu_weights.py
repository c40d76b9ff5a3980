"""Sections of `tests/bench/gpu.py` about weights: copying, writing λ, exactness, memory."""

import gc
import tempfile
import time
from pathlib import Path

import torch

from core.engine.device import free_bytes, give_back_cached
from core.engine.torch_engine import TorchEngine
from core.lam import BASE, INSTRUCT, Lam
from core.merge.blended import build_steps, finish, owners_of
from core.merge.endpoints import check_endpoints, same_bits
from core.pairs.registry import PairEntry
from core.settings import read_settings
from tests.bench.gpu_state import State, allocated, fastest, peak, reset_peak, say
from tests.bench.large_pair import write_large_pair
from tests.bench.made_pair import make_pair, make_streamed
from tests.tiny_pair import write_registry

LAM = Lam(370)
GB = 1e9
COPIED_BYTES, BUS_BYTES = 4 * 1024**3, 1024**3
STREAMED_SHAPE = {"8b": "8b, 8 layers"}  # pinning 32 GB would take the minute
MILLIONS = 500  # parameters of the pair in files


def copy(state: State) -> None:
    """Device to device, host to device, device to host."""
    device = state.device
    state.copied = _copied(2**24 if state.tiny else COPIED_BYTES, device)
    say(f"on the device      {state.copied / GB:8.0f} GB/s, read and written")
    if device.type != "cuda":
        say("host and device: there is no bus to measure")
        return
    pinned = torch.ones(BUS_BYTES, dtype=torch.uint8, pin_memory=True)
    there = torch.empty(BUS_BYTES, dtype=torch.uint8, device=device)
    to, back = fastest(
        [lambda: there.copy_(pinned, non_blocking=True), lambda: pinned.copy_(there)], device
    )
    state.bus = BUS_BYTES / to
    say(f"pinned host to it  {state.bus / GB:8.1f} GB/s; back {BUS_BYTES / back / GB:.1f} GB/s")


def _copied(size: int, device: torch.device) -> float:
    source, target = (torch.ones(size, dtype=torch.uint8, device=device) for _ in "ab")
    (took,) = fastest([lambda: target.copy_(source)], device)
    return 2 * size / took


def write(state: State) -> None:
    """λ between the ends reads two copies and writes one."""
    merged, weights = state.resident.merged, state.resident.loaded.weights_bytes
    half = weights // 2
    source, target = (torch.ones(half, dtype=torch.uint8, device=state.device) for _ in "ab")
    lams = [Lam(t) for t in range(100, 150)]
    writing, at_end, copying = fastest(
        [
            lambda: merged.set_lam(lams.pop()),
            lambda: merged.set_lam(INSTRUCT),
            lambda: target.copy_(source),
        ],
        state.device,
    )
    speed, copied = 3 * weights / writing, 2 * half / copying
    say(f"λ written          {1000 * writing:8.2f} ms  {speed / GB:6.0f} GB/s")
    say(f"an end copied      {1000 * at_end:8.2f} ms  {2 * weights / at_end / GB:6.0f} GB/s")
    say(f"plain copying                    {copied / GB:6.0f} GB/s")
    say(f"λ against copying  {speed / copied:8.2f}     (aim ≥ 0.8)")


def exact(state: State) -> None:
    """The three promises on every tensor, then on all of them together."""
    merged = state.resident.merged
    check_endpoints(merged)
    say(f"end points and one λ between: bit for bit on all {len(merged.slots)} tensors")
    merged.set_lam(LAM)
    first = [slot.live.to("cpu" if state.device.type != "cuda" else state.device, copy=True)
             for slot in merged.slots]  # fmt: skip
    for before in (Lam(900), BASE, INSTRUCT, Lam(371), Lam(-500), Lam(2000)):
        merged.set_lam(before)
        merged.set_lam(LAM)
        same = all(same_bits(s.live, one) for s, one in zip(merged.slots, first, strict=True))
        if not same:
            raise AssertionError(f"λ={LAM} after λ={before} has other bits than before")
    say(f"λ={LAM} has the same bits after six other λ")
    del first
    give_back_cached(state.device)
    reset_peak(state.device)
    for lam in (Lam(50), LAM, Lam(650), Lam(900), Lam(1200)):
        say(f"λ={lam!s:5} differs from float64, rounded once, in {_off(state, lam):.5%} of weights")


def _off(state: State, lam: Lam) -> float:
    merged = state.resident.merged
    merged.set_lam(lam)
    slot = max(merged.slots[1:-2] or merged.slots, key=lambda slot: slot.live.numel())
    base, instruct = slot.base.double(), slot.instruct.double()
    expected = torch.lerp(base, instruct, lam.value).to(slot.live.dtype)
    return float((expected != slot.live).float().mean())


def paired(state: State) -> None:
    """No live copy: the made pair's own parents, each module merged when it computes."""
    live = state.resident
    owners = owners_of(live.merged)
    began = time.perf_counter()
    blended = finish(build_steps(live.merged, owners))
    ids = torch.arange(6, 6 + 64, device=state.device).view(1, -1)
    with torch.inference_mode():
        for lam in (BASE, LAM, INSTRUCT):
            found = blended.at([lam], merge_from=1)(input_ids=ids).logits
            if not torch.equal(found, live.at(lam)(input_ids=ids).logits):
                raise AssertionError(f"λ={lam} differs from the live copy")
    say(f"bit for bit the live copy at λ = 0, 0.37, 1 ({time.perf_counter() - began:.1f} s)")

    def forward(model: torch.nn.Module, width: int) -> None:
        with torch.inference_mode():
            model(input_ids=ids[:, :width], use_cache=False, logits_to_keep=1)

    for width in (1, 64):
        ours, theirs = fastest(
            [
                lambda: forward(blended.at([LAM], merge_from=1), width),  # noqa: B023
                lambda: forward(live.at(LAM), width),  # noqa: B023
            ],
            state.device, 3,
        )  # fmt: skip
        say(
            f"{width:4} tokens         {1000 * ours:8.1f} ms, with a live copy "
            f"{1000 * theirs:.1f} ms"
        )
    weights = live.loaded.weights_bytes
    say(
        f"held: 2 × {weights / GB:.2f} + {blended.scratch_bytes / GB:.2f} GB instead of "
        f"3 × {weights / GB:.2f}"
    )


def memory(state: State) -> None:
    """What the sections before took, against what the plan counts, and what comes back."""
    device, copies = state.device, 3 * state.resident.loaded.weights_bytes
    say(f"three copies       {copies / GB:8.2f} GB planned, {allocated(device) / GB:.2f} allocated")
    say(f"the most at once   {peak(device) / GB:8.2f} GB, answers and scores included")
    state.forget()
    free = free_bytes(device)
    say(f"after unloading    {allocated(device) / GB:8.2f} GB allocated, {free or 0:,} bytes free")


def streamed(state: State) -> None:
    """λ written from pinned host memory: both parents cross the bus."""
    state.forget()
    shape = STREAMED_SHAPE.get(state.shape, state.shape)
    source = make_pair(shape, state.device, torch.bfloat16)
    began = time.perf_counter()
    made = make_streamed(source, shape)
    weights = made.loaded.weights_bytes
    say(f"{weights / GB:.2f} GB a parent copied to the host and pinned: "
        f"{time.perf_counter() - began:.1f} s")  # fmt: skip
    for lam in (LAM, BASE, INSTRUCT, Lam(1300)):
        source.merged.set_lam(lam)
        made.merged.set_lam(lam)
        for one, other in zip(made.merged.slots, source.merged.slots, strict=True):
            if not same_bits(one.live, other.live):
                raise AssertionError(f"streamed λ={lam} has other bits in {one.name}")
    say("the bits of the resident form at λ = 0.37, 0, 1, 1.3")
    lams = [Lam(t) for t in range(100, 150)]
    writing, at_end = fastest(
        [lambda: made.merged.set_lam(lams.pop()), lambda: made.merged.set_lam(BASE)],
        state.device, 3,
    )  # fmt: skip
    say(f"λ written          {1000 * writing:8.1f} ms  {2 * weights / writing / GB:5.1f} GB/s")
    say(f"an end             {1000 * at_end:8.1f} ms  {weights / at_end / GB:5.1f} GB/s")
    if state.bus:
        say(f"λ against the bus  {2 * weights / writing / state.bus:8.2f}")


def files(state: State) -> None:
    """Loaded by its name, as any pair is; peak and return of memory."""
    state.forget()
    device, millions = state.device, 1 if state.tiny else MILLIONS
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        began = time.perf_counter()
        entry = write_large_pair(folder, millions * 10**6)
        say(f"written to disk in {time.perf_counter() - began:.1f} s")
        for form in ("resident", "streamed"):
            gc.collect()
            give_back_cached(device)
            _load(folder, entry.name, form, state)


def _load(folder: Path, name: str, form: str, state: State) -> None:
    device, before = state.device, allocated(state.device)
    registry = _registry(folder)
    known = {"PARTWAY_PAIRS": str(registry), "PARTWAY_STATE": str(folder / "state"),
             "PARTWAY_DEVICE": str(device)}  # fmt: skip
    engine = TorchEngine(read_settings(known))
    if form == "streamed":
        weights = engine.memory_plan(name).weights_bytes
        budget = str(2 * weights)
        engine = TorchEngine(read_settings({**known, "PARTWAY_ENGINE_BYTES": budget}))
    plan = engine.memory_plan(name)
    if plan.form != form:
        raise AssertionError(f"planned {plan.form}: {plan.why}")
    reset_peak(device)
    began = time.perf_counter()
    loaded = engine.load(name)
    took = time.perf_counter() - began
    held, most = allocated(device) - before, peak(device) - before
    say(
        f"{form:9} {loaded.parameters / 1e6:.0f} M on {loaded.device} in {took:.1f} s: planned "
        f"{plan.device_bytes / GB:.3f} GB, held {held / GB:.3f}, most {most / GB:.3f}"
    )
    engine.unload(name)
    gc.collect()
    give_back_cached(device)
    left = allocated(device) - before
    say(f"{'':9} after unloading {left:,} bytes are left")
    if left > 2**20:
        raise AssertionError(f"{left:,} bytes did not come back")


def _registry(folder: Path) -> Path:
    """A registry that knows the pair in this folder."""
    entry = PairEntry("large", "large", str(folder / "base"), str(folder / "instruct"))
    return write_registry(folder / "pairs.toml", entry)
