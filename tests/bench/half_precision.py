"""How often an answer is the same alone and among others, in float32 and in bfloat16.

    python -m tests.bench.half_precision [--tokens 48] [--prompts 32]

In float32 the promise is exact; in bfloat16 a batch of another shape is rounded otherwise, so
two tokens that are nearly tied may change places. Measured on the embedded pair, as it is and
as a copy in bfloat16: each prompt alone against all of them in one batch, against requests of
its own that join a running batch one step after the other, and several λ at once against each λ
alone. It asserts nothing.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from core.engine.decoding import decode_steps
from core.engine.protocol import Answers, Chunk, Prompt
from core.engine.row import Order
from core.engine.torch_engine import TorchEngine
from core.engine.writer import Writer
from core.lam import Lam, parse_grid
from core.pairs.registry import PairEntry
from core.settings import ROOT
from core.spec import Decoding
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry

WORDS = ("The river", "Question: who", "A small town", "People say that", "Every morning the", "In")
LAM = Lam(600)
GRID = parse_grid("0:1:0.1")
PAIR = ROOT / "core" / "demo" / "pair"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--prompts", type=int, default=32)
    asked = parser.parse_args()
    transformers_logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), asked.prompts, asked.tokens, "cpu", _say)


def measure(folder: Path, count: int, tokens: int, device: str, say: Callable[[str], None]) -> None:
    """Four lines: both dtypes, greedy and sampled."""
    prompts = [Prompt(f"{WORDS[i % len(WORDS)]}{' the' * (i // 6)}") for i in range(count)]
    for dtype in (torch.float32, torch.bfloat16):
        engine = _engine(folder / str(dtype), dtype, device)
        for temperature in ("0", "0.8"):
            decoding = Decoding(tokens, temperature=temperature, seed=1)
            told = f"{str(dtype).rpartition('.')[2]:9} temperature {temperature:4}"
            say(
                f"{told} {_in_a_batch(engine, prompts, decoding)} the same in a batch, "
                f"{_joined(engine, prompts, decoding)} joining one by one, "
                f"{_at_once(engine, prompts[0], decoding)} at {len(GRID)} λ at once"
            )


def _in_a_batch(engine: TorchEngine, prompts: Sequence[Prompt], decoding: Decoding) -> str:
    resident = engine.resident("made")
    together = engine.generate("made", LAM, prompts, decoding)
    same = 0
    for row, prompt in enumerate(prompts):  # alone, but drawing from (seed, row) as before
        order = Order(row, tuple(resident.encoder.encode_prompt(prompt)))
        *_, answers = decode_steps(Writer(resident, LAM), [order], decoding)
        same += answers[row].text == together[row].text
    return f"{same} of {len(prompts)}"


def _joined(engine: TorchEngine, prompts: Sequence[Prompt], decoding: Decoding) -> str:
    alone = [
        "".join(chunk.text for chunk in engine.stream("made", LAM, prompt, decoding))
        for prompt in prompts
    ]
    texts, waiting = [""] * len(prompts), list(enumerate(prompts))
    streams: dict[int, Generator[Chunk, None, None]] = {}
    while waiting or streams:
        if waiting:
            row, prompt = waiting.pop(0)
            streams[row] = engine.stream_steps("made", LAM, prompt, decoding)
        for row, stream in list(streams.items()):
            chunk = next(stream, None)
            if chunk is None:
                del streams[row]
            else:
                texts[row] += chunk.text
    return f"{sum(a == b for a, b in zip(texts, alone, strict=True))} of {len(prompts)}"


def _at_once(engine: TorchEngine, prompt: Prompt, decoding: Decoding) -> str:
    texts = [""] * len(GRID)
    for piece in engine.stream_many("made", GRID, prompt, decoding, "blended"):
        if not isinstance(piece, Answers):
            texts[piece.row] += piece.text
    alone = [engine.generate("made", lam, [prompt], decoding)[0].text for lam in GRID]
    return f"{sum(a == b for a, b in zip(texts, alone, strict=True))} of {len(GRID)}"


def _engine(folder: Path, dtype: torch.dtype, device: str) -> TorchEngine:
    for name in ("base", "instruct"):
        source = PAIR / f"tinyworld-{name}"
        model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype)
        model.save_pretrained(folder / name)
        AutoTokenizer.from_pretrained(source).save_pretrained(folder / name)
    entry = PairEntry("made", "made", str(folder / "base"), str(folder / "instruct"))
    settings = settings_for(folder, write_registry(folder / "pairs.toml", entry))
    return TorchEngine(replace(settings, device=device))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
