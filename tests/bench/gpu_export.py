"""The section `export` of `tests/bench/gpu.py`: a pair of that size in files, out and in again.

    write both parents in shards · load them by name, planned and taken · write λ = 0.37 as a
    checkpoint · hold every tensor of it against the live model · load it with transformers alone

The 8b shape takes 48 GB of disk (two parents and the export); where that is not free, or the
disk writes less than half a gigabyte a second, eight of its layers stand in and the line says so.
"""

import gc
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor
from transformers import AutoModelForCausalLM, LlamaForCausalLM

from core.engine.device import give_back_cached
from core.engine.memory_words import memory_words
from core.engine.torch_engine import TorchEngine
from core.jobs.export_order import Export
from core.jobs.exporting import export_now
from core.lam import Lam
from core.merge.endpoints import same_bits
from core.pairs.checkpoint import INDEX, weight_files
from core.pairs.registry import PairEntry
from core.settings import Settings, read_settings
from tests.bench.gpu_state import State, allocated, fastest, say
from tests.bench.made_pair import SHAPES, empty_model
from tests.tiny_pair import make_tokenizer, write_registry

LAM = Lam(370)
GB = 1e9
SHARD_BYTES = 5_000_000_000
COPIES = 3  # base, instruct and the export
SLOW = 0.5 * GB  # bytes a second; below it the full size takes minutes
PROBE_BYTES = 2**30
BLOCK = 1_000_003  # a prime, so that no two rows begin alike
NAME = "made"
SHARE_APART = 1e-4  # of the values may be rounded otherwise


@dataclass(frozen=True, slots=True)
class _Made:
    settings: Settings
    folder: Path
    weights_bytes: int


def export(state: State) -> None:
    """Everything above, each step with its time."""
    state.forget()
    with tempfile.TemporaryDirectory(dir=os.environ.get("PARTWAY_BENCH_DISK")) as scratch:
        made = _written(Path(scratch), _shape(Path(scratch), state), state)
        engine = TorchEngine(made.settings)
        began = time.perf_counter()
        plan = engine.memory_plan(NAME)
        say(f"looked at, hashed  {time.perf_counter() - began:8.1f} s; {plan.form}: {plan.why}")
        before, began = allocated(state.device), time.perf_counter()
        loaded = engine.load(NAME)
        say(f"loaded             {time.perf_counter() - began:8.1f} s, end points bit for bit")
        say(f"memory             {memory_words(loaded.memory) if loaded.memory else 'not told'}")
        say(f"                   {(allocated(state.device) - before) / GB:.3f} GB by torch's count")
        began = time.perf_counter()
        out = made.folder / "out"
        done = export_now(Export(NAME, LAM, out, SHARD_BYTES), made.settings, lambda _: None)
        took = time.perf_counter() - began
        say(f"λ = {LAM} written   {took:8.1f} s  {done.size_bytes / took / GB:6.2f} GB/s "
            f"of {done.size_bytes / GB:.2f} GB, in {len(weight_files(out))} files, "
            f"hashing and card included")  # fmt: skip
        _compare(engine, out)
        _again(engine, out, state)
        engine.close()


def _shape(folder: Path, state: State) -> str:
    """The state's, or eight layers of it where the disk is too small or too slow."""
    if state.shape != "8b":
        return state.shape
    free, speed = shutil.disk_usage(folder).free, _speed(folder)
    needed = COPIES * 2 * SHAPES["8b"].parameters
    say(f"disk               {free / GB:8.1f} GB free, {speed / GB:.2f} GB/s written")
    return "8b" if needed * 1.05 < free and speed > SLOW else "8b, 8 layers"


def _speed(folder: Path) -> float:
    """Bytes a second until they are on the disk."""
    piece, path = os.urandom(2**20) * 64, folder / "probe"
    began = time.perf_counter()
    with path.open("wb") as target:
        for _ in range(PROBE_BYTES // len(piece)):
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    took = time.perf_counter() - began
    path.unlink()
    return PROBE_BYTES / took


def _written(folder: Path, shape: str, state: State) -> _Made:
    """Both parents as a hub would give them: bfloat16, in shards, with an index."""
    model = empty_model(SHAPES[shape], torch.bfloat16)
    began = time.perf_counter()
    for side in ("base", "instruct"):
        total = _write_parent(folder / side, model, changed=side == "instruct")
    took = time.perf_counter() - began
    say(f"{shape}: {sum(t.numel() for t in model.state_dict().values()) / 1e9:.2f} G parameters")
    say(f"both parents       {took:8.1f} s  {2 * total / took / GB:6.2f} GB/s written")
    entry = PairEntry(NAME, NAME, str(folder / "base"), str(folder / "instruct"))
    known = {
        "PARTWAY_PAIRS": str(write_registry(folder / "pairs.toml", entry)),
        "PARTWAY_STATE": str(folder / "state"),
        "PARTWAY_RESULTS": str(folder / "results"),
        "PARTWAY_DEVICE": str(state.device),
    }
    return _Made(read_settings(known), folder, total)


def _write_parent(folder: Path, model: LlamaForCausalLM, *, changed: bool) -> int:
    model.config.architectures = ["LlamaForCausalLM"]
    model.config.dtype = "bfloat16"
    model.config.save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)
    places: dict[str, str] = {}
    total = 0
    for number, tensors in enumerate(_in_shards(model, changed), 1):
        name = f"model-{number:05d}.safetensors"
        save_file(tensors, folder / name, {"format": "pt"})
        places.update(dict.fromkeys(tensors, name))
        total += sum(tensor.nbytes for tensor in tensors.values())
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": places}))
    return total


def _in_shards(model: LlamaForCausalLM, changed: bool) -> Iterator[dict[str, Tensor]]:
    block = torch.empty(BLOCK).normal_(generator=torch.Generator().manual_seed(0))
    change = 0.002 * block.roll(BLOCK // 3) if changed else 0 * block
    shard: dict[str, Tensor] = {}
    held = 0
    for name, empty in model.state_dict().items():
        numbers = (0.02 * block + change + ("norm" in name)).bfloat16()
        shard[name] = numbers.repeat(-(-empty.numel() // BLOCK))[: empty.numel()].view(empty.shape)
        held += shard[name].nbytes
        if held > SHARD_BYTES - 2**30:
            yield shard
            shard, held = {}, 0
    if shard:
        yield shard


def _compare(engine: TorchEngine, out: Path) -> None:
    """Every tensor in the files against the live model at that λ.

    The files are written by the CPU and the live copy by the GPU, whose float32 arithmetic may
    fuse what the other rounds: values that differ are counted, and may be few.
    """
    merged = engine.resident(NAME).merged
    merged.set_lam(LAM)
    live, same, other, began = merged.model.state_dict(), 0, 0, time.perf_counter()
    for file in weight_files(out):
        with safe_open(file, framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118  no mapping
                written = opened.get_tensor(name).to(merged.device)
                equal = same_bits(written, live[name])
                same += equal
                other += 0 if equal else int((written != live[name]).sum())
    total = sum(tensor.numel() for tensor in live.values())
    say(
        f"against live       {time.perf_counter() - began:8.1f} s, {same} of {len(live)} tensors "
        f"have the same bits; {other:,} of {total:,} values differ"
    )
    if other > SHARE_APART * total:
        raise AssertionError(f"{other / total:.2%} of the values differ")


def _again(engine: TorchEngine, out: Path, state: State) -> None:
    """Transformers alone loads it; its logits beside those of the live model."""
    ids = torch.arange(6, 6 + 64, device=state.device).view(1, -1)
    with torch.inference_mode():
        live = engine.resident(NAME).at(LAM)(input_ids=ids, use_cache=False).logits
    began = time.perf_counter()
    model = AutoModelForCausalLM.from_pretrained(out, dtype=torch.bfloat16, use_safetensors=True)
    model = model.to(state.device).eval()
    took = time.perf_counter() - began
    with torch.inference_mode():
        found = model(input_ids=ids, use_cache=False).logits
    told = f"differ by {float((found - live).abs().max()):.3g} at most"
    told = "are the live model's bit for bit" if torch.equal(found, live) else told
    del model
    gc.collect()
    give_back_cached(state.device)
    say(f"loaded elsewhere   {took:8.1f} s by transformers; its logits {told}")
    lams = [Lam(t) for t in range(100, 150)]
    (writing,) = fastest([lambda: engine.resident(NAME).at(lams.pop())], state.device)
    say(
        f"instead of it      {1000 * writing:8.1f} ms: the same λ written into the live copy, "
        f"{took / writing:.0f} times faster than only loading the export"
    )
