"""Few-shot scoring: our engine against lm-eval's own HF backend, the same weights and requests.

    python -m tests.bench icl [--only 5-shot] [--items 48] [--batches 1,4] [--model 16m]

Two models in float32: a random Llama of 16 million parameters made on the spot, and the embedded
pair. The HF backend is given a few items at each batch size, and the best rate counts: its time
for an item does not depend on how many there are. Ours is given all items at once, the first of
them the same, so it pays for the prefix once (a real task has more items and pays less). Both
tokenise for themselves; `next λ` is the same task at another λ, whose texts are known by then.
Rates are items a second of processor time, which other programs on the
machine disturb less than the clock; the last column is the largest difference of a
log-likelihood. It asserts nothing.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch

from core.engine.protocol import Score, ScoreRequest
from core.engine.torch_engine import TorchEngine
from core.lam import Lam
from core.settings import read_settings
from tests.bench.icl_shapes import CHOICES, SHAPES, Shape
from tests.bench.made_pair import make_pair
from tests.hf_backend import hf_backend, instances

LAM, NEXT_LAM = Lam(400), Lam(500)
MODELS, MADE = ("16m", "tinyworld"), ("16m",)
PEER_TOKENS = 4000  # about so many are given to the HF backend at each batch size
HEADER = (
    f"{'shape':34}{'tokens':>8}{'HF batch':>10}{'HF':>9}{'ours':>9}{'ratio':>8}"
    f"{'next λ':>9}{'ratio':>8}{'Δ':>10}"
)
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Peer:
    """The HF backend at its best batch size."""

    batch: int
    rate: float  # items a second of processor time
    logprobs: tuple[float, ...]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="shapes whose name holds this text")
    parser.add_argument("--items", type=int, default=48)
    parser.add_argument("--batches", default="1,4", help="the HF backend's batch sizes")
    parser.add_argument("--model", choices=MODELS, action="append", help="default: both")
    asked = parser.parse_args()
    logging.getLogger("transformers").setLevel(logging.ERROR)
    told = {**os.environ, "PARTWAY_THREADS": "1", "PARTWAY_DEVICE": "cpu"}
    engine = TorchEngine(read_settings(told))
    for model in asked.model or MODELS:
        if model in MADE:
            engine._residents.adopt(model, make_pair(model, torch.device("cpu"), torch.float32))
        compare(engine, model, asked)


def compare(engine: TorchEngine, model: str, asked: argparse.Namespace) -> None:
    """A table for one model."""
    loaded = engine.resident(model).loaded
    _say(
        f"\n{model}: {loaded.parameters / 1e6:.1f} M parameters, {loaded.dtype}, one thread, "
        f"load {os.getloadavg()[0]:.1f}; items a second of processor time\n{HEADER}"
    )
    for shape in SHAPES:
        if asked.only in shape.name:
            _line(engine, model, shape, asked)


def _line(engine: TorchEngine, model: str, shape: Shape, asked: argparse.Namespace) -> None:
    requests = shape.requests(asked.items // 4 if shape.drawn else asked.items)
    scores, seconds = _timed(lambda: engine.score(model, LAM, requests))
    if any(score.cut for score in scores):
        _say(f"{shape.name:34}{'':8} is longer than this model's context")
        return
    items = max(1, PEER_TOKENS // scores[0].context_tokens)
    sizes = [int(size) for size in asked.batches.split(",")]
    given = requests[: CHOICES * items]
    peer = max((_peer(engine, model, size, given) for size in sizes), key=lambda one: one.rate)
    _, again = _timed(lambda: engine.score(model, NEXT_LAM, requests))
    rate, later = (len(requests) / CHOICES / took for took in (seconds, again))
    _say(
        f"{shape.name:34}{scores[0].context_tokens:8}{peer.batch:10}{peer.rate:9.2f}{rate:9.2f}"
        f"{rate / peer.rate:8.1f}{later:9.2f}{later / peer.rate:8.1f}"
        f"{_difference(scores, peer):10.1e}"
    )


def _peer(engine: TorchEngine, model: str, batch: int, requests: Sequence[ScoreRequest]) -> Peer:
    backend = hf_backend(engine, model, LAM, batch)
    asked = instances("loglikelihood", [(one.context, one.continuation) for one in requests])
    found, seconds = _timed(lambda: _quietly(backend, asked))
    logprobs = tuple(float(logprob) for logprob, _ in found)
    return Peer(batch, len(requests) / CHOICES / seconds, logprobs)


def _quietly(backend: Any, asked: list[Any]) -> Any:
    return backend.loglikelihood(asked, disable_tqdm=True)


def _difference(scores: Sequence[Score], peer: Peer) -> float:
    return max(abs(one.logprob - other) for one, other in zip(scores, peer.logprobs, strict=False))


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    began = time.process_time()
    found = work()
    return found, time.process_time() - began


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
