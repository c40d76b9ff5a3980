"""How long several λ of one prompt take at once, one after another, and against a single one.

    python -m tests.bench.many_lams [--threads 1] [--tokens 64] [--pair random] [--hidden 896]

On the embedded pair and on a random bfloat16 pair made on the spot (by default 133 million
parameters). Prints seconds for whole answers, prompt included, the fastest of some runs: wall
clock, and processor time, which other programs on the machine disturb less; and processor time
for one more token of every row, which is what decoding costs. It asserts nothing: it measures
this machine as it is (the load is printed beside it).
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM
from transformers.utils import logging as transformers_logging

from core.engine.protocol import Answers, Form, Prompt
from core.engine.torch_engine import TorchEngine
from core.lam import Lam
from core.pairs.registry import PairEntry
from core.settings import Settings, read_settings
from core.spec import Decoding
from tests.tiny_pair import make_tokenizer, write_registry

COUNTS = (8, 11)
TEXT = "The river runs past a small town and the people there say that it never stops. " * 2
HEADER = (
    f"{'':24}{'wall s':>9}{'CPU s':>9}{'× one':>7}{'speed-up':>10}"
    f"{'CPU ms a token':>16}{'× one':>7}{'speed-up':>10}"
)
AIMS = {"tinyworld": "aim: 11 at once ≤ 3 × one", "random": "aim: at once ≥ 2 × faster"}


@dataclass(frozen=True, slots=True)
class Took:
    """The fastest of some runs."""

    wall: float
    processor: float
    token: float  # processor seconds for one more token of every row
    texts: tuple[str, ...]  # of every row


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--hidden", type=int, default=896)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pair", choices=[*AIMS], action="append", help="default: both")
    asked = parser.parse_args()
    transformers_logging.disable_progress_bar()
    with both_pairs(asked) as engine:
        for pair in asked.pair or AIMS:
            measure_pair(engine, pair, asked.tokens, asked.runs)


def measure_pair(engine: TorchEngine, pair: str, tokens: int, runs: int) -> None:
    """A table for one pair."""

    def fastest(lams: Sequence[Lam], form: Form | None) -> Took:
        first = [_run(engine, pair, lams, Decoding(1), form) for _ in range(runs + 1)][1:]
        whole = [_run(engine, pair, lams, Decoding(tokens), form) for _ in range(runs)]
        processor = min(run.processor for run in whole)
        token = (processor - min(run.processor for run in first)) / (tokens - 1)
        wall = min(run.wall for run in whole)
        return replace(whole[0], wall=wall, processor=processor, token=token)

    loaded = engine.load(pair)
    endless = replace(engine.resident(pair), stop_ids=frozenset())  # all rows equally long
    engine._residents.adopt(pair, endless)
    _say(
        f"\n{pair}: {loaded.parameters / 1e6:.1f} M parameters, {loaded.dtype}, {loaded.device}, "
        f"{torch.get_num_threads()} threads, {tokens} tokens, load {os.getloadavg()[0]:.1f}; "
        f"{AIMS[pair]}"
    )
    _say(HEADER)
    one = fastest([Lam(500)], None)
    _line("one λ", one, one, one)
    for count in COUNTS:
        lams = [Lam(1000 * number // (count - 1)) for number in range(count)]
        after = fastest(lams, "materialised")
        _line(f"{count} λ, one after another", after, one, after)
        at_once = fastest(lams, "blended")
        _line(f"{count} λ at once", at_once, one, after)
        chosen = next(engine.stream_many(pair, lams, Prompt(TEXT), Decoding(1)))
        assert isinstance(chosen, Answers)
        same = sum(a == b for a, b in zip(after.texts, at_once.texts, strict=True))
        _say(f"    {same} of {count} texts are the same in both forms. {chosen.why}")


def _run(
    engine: TorchEngine, pair: str, lams: Sequence[Lam], decoding: Decoding, form: Form | None
) -> Took:
    wall, processor = time.perf_counter(), time.process_time()
    texts = [""] * len(lams)
    for piece in engine.stream_many(pair, lams, Prompt(TEXT), decoding, form):
        if not isinstance(piece, Answers):
            texts[piece.row] += piece.text
    took = time.perf_counter() - wall, time.process_time() - processor
    return Took(*took, 0.0, tuple(texts))


def _line(name: str, took: Took, one: Took, after: Took) -> None:
    whole = f"{took.processor / one.processor:7.2f}{after.processor / took.processor:10.2f}"
    token = (
        f"{took.token * 1000:16.2f}{took.token / one.token:7.2f}{after.token / took.token:10.2f}"
    )
    _say(f"{name:24}{took.wall:9.3f}{took.processor:9.3f}{whole}{token}")


@contextmanager
def both_pairs(asked: argparse.Namespace) -> Iterator[TorchEngine]:
    """An engine that knows the embedded pair and a random one made on the spot."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        registry = write_registry(here / "pairs.toml", _write_random_pair(here, asked))
        engine = TorchEngine(_settings(here, registry, asked.threads))
        yield engine
        engine.close()


def _settings(folder: Path, registry: Path, threads: int) -> Settings:
    return read_settings(
        {
            "PARTWAY_RESULTS": str(folder / "results"),
            "PARTWAY_STATE": str(folder / "state"),
            "PARTWAY_PAIRS": str(registry),
            "PARTWAY_THREADS": str(threads),
        }
    )


def _write_random_pair(folder: Path, asked: argparse.Namespace) -> PairEntry:
    config = LlamaConfig(
        vocab_size=8192,
        hidden_size=asked.hidden,
        intermediate_size=asked.hidden * 11 // 4,
        num_hidden_layers=asked.layers,
        num_attention_heads=asked.hidden // 64,
        max_position_embeddings=1024,
        bos_token_id=0,
        eos_token_id=1,
    )
    tokenizer = make_tokenizer()
    for seed, name in enumerate(("base", "instruct")):
        torch.manual_seed(seed)
        LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
        GenerationConfig(eos_token_id=1, bos_token_id=0).save_pretrained(folder / name)
    return PairEntry("random", "random", str(folder / "base"), str(folder / "instruct"))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
