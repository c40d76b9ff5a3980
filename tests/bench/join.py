"""Several clients at one λ: joined in one batch against taking turns, tokens a second.

    python -m tests.bench.join [--clients 8] [--tokens 64] [--threads 1] [--pair random]

On the embedded pair and on a random bfloat16 pair made on the spot (by default 133 million
parameters, which write a quarter of the tokens). Both ways run by turns in this process and the
fastest of some runs is kept: the engine alone, as the queue steps it, and (embedded pair) a host
with a client thread each over HTTP. Prompts, lengths and seeds differ; all answers are equally
long. The last line shows what would be gained by scoring the requests of several clients in one:
it is why scores are not joined. Ratios are by the clock and in processor time, which other
programs disturb less. It asserts nothing; the load of the machine is printed beside it.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

import torch
from transformers.utils import logging as transformers_logging

from core.engine.protocol import Chunk, Prompt, ScoreRequest
from core.engine.resident import Resident
from core.engine.torch_engine import TorchEngine
from core.engine.writer import Desk, Urgency, Writer
from core.lam import Lam
from core.spec import Decoding
from tests.bench.many_lams import AIMS, both_pairs
from tests.engine.served import serving

LAM = Lam(650)
TEXTS = (
    "The river runs past a small town and the people there say that it never stops. " * 2,
    "Question: who lives in the small town by the river?\nAnswer:",
    "Every morning the",
    "People say that there was once a",
)
SCORERS, SCORED = 4, 256  # clients that score, and the requests of each
SHARE_OF_TOKENS = {"tinyworld": 1, "random": 4}


@dataclass(frozen=True, slots=True)
class Run:
    """One way, once."""

    seconds: float
    processor: float
    tokens: int
    texts: tuple[str, ...]

    @property
    def speed(self) -> float:
        """Tokens a second, of all clients together."""
        return self.tokens / self.seconds


class _Apart(Desk):
    """Nobody meets anybody: every request is written by itself."""

    def at(self, resident: Resident, lam: Lam, urgency: Urgency) -> Writer:
        return Writer(resident, lam)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--hidden", type=int, default=896)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pair", choices=[*AIMS], action="append", help="default: both")
    asked = parser.parse_args()
    transformers_logging.disable_progress_bar()
    with both_pairs(asked) as engine:
        for pair in asked.pair or AIMS:
            measure_pair(engine, pair, asked)


def measure_pair(engine: TorchEngine, pair: str, asked: argparse.Namespace) -> None:
    """All tables of one pair."""
    asked = argparse.Namespace(**vars(asked))
    asked.tokens //= SHARE_OF_TOKENS[pair]
    loaded = engine.load(pair)
    endless = replace(engine.resident(pair), stop_ids=frozenset())  # all answers equally long
    engine._residents.adopt(pair, endless)
    say(
        f"\n{pair}: {loaded.parameters / 1e6:.1f} M parameters, {loaded.dtype}, {loaded.device}, "
        f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f}; "
        f"{asked.clients} clients at λ = {LAM}, {asked.tokens} tokens each"
    )
    _compare(engine, "engine alone", asked, lambda: _stepped(engine, pair, asked))
    if pair == "tinyworld":
        with serving(lambda: engine) as (client, _):
            url, token = client.url, client._token
            _compare(engine, "over HTTP", asked, lambda: _served(url, token, pair, asked))
    _scores(engine, pair, asked)


def _compare(
    engine: TorchEngine, title: str, asked: argparse.Namespace, write: Callable[[], Run]
) -> None:
    desks = {"taking turns": _Apart(), "joined": Desk()}
    found: dict[str, list[Run]] = {way: [] for way in desks}
    for _ in range(asked.runs):
        for way, desk in desks.items():
            engine._desk = desk
            found[way].append(write())
    turns, joined = (max(runs, key=lambda run: run.speed) for runs in found.values())
    least = [min(run.processor for run in runs) for runs in found.values()]
    same = sum(a == b for a, b in zip(turns.texts, joined.texts, strict=True))
    say(
        f"  {title:14} taking turns {turns.speed:8.0f} tokens/s   joined {joined.speed:8.0f} "
        f"tokens/s   {joined.speed / turns.speed:.2f} and {least[0] / least[1]:.2f} times; "
        f"{same} of {asked.clients} texts the same"
    )


def _prompt(number: int) -> Prompt:
    return Prompt(TEXTS[number % len(TEXTS)])


def _decoding(number: int, tokens: int) -> Decoding:
    return Decoding(tokens, temperature="0.8" if number % 2 else "0", seed=number)


def _stepped(engine: TorchEngine, pair: str, asked: argparse.Namespace) -> Run:
    """A step of each in turn, as the host's queue gives them."""
    streams: dict[int, Generator[Chunk, None, None]] = {
        number: engine.stream_steps(pair, LAM, _prompt(number), _decoding(number, asked.tokens))
        for number in range(asked.clients)
    }
    texts, counts = [""] * asked.clients, [0] * asked.clients
    began, busy = time.perf_counter(), time.process_time()
    while streams:
        for number, stream in list(streams.items()):
            chunk = next(stream, None)
            if chunk is None:
                del streams[number]
                continue
            texts[number] += chunk.text
            counts[number] = max(counts[number], chunk.tokens)
    took = time.perf_counter() - began, time.process_time() - busy
    return Run(*took, sum(counts), tuple(texts))


def _served(url: str, token: str, pair: str, asked: argparse.Namespace) -> Run:
    """A thread a client, all beginning at once."""
    from core.engine.client import HostClient

    texts, counts = [""] * asked.clients, [0] * asked.clients
    together = threading.Barrier(asked.clients + 1)

    def ask(number: int) -> None:
        client = HostClient(url, token)
        together.wait()
        for chunk in client.stream(pair, LAM, _prompt(number), _decoding(number, asked.tokens)):
            texts[number] += chunk.text
            counts[number] = chunk.tokens

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(asked.clients)]
    for thread in threads:
        thread.start()
    together.wait()
    began, busy = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began, time.process_time() - busy
    return Run(*took, sum(counts), tuple(texts))


def _scores(engine: TorchEngine, pair: str, asked: argparse.Namespace) -> None:
    """A few-shot batch a client, one after another and all in one request."""
    shots = "".join(f"Q: what is {n} and {n + 1}?\nA: {2 * n + 1}\n" for n in range(12))
    mine: list[list[ScoreRequest]] = [
        [
            ScoreRequest(f"{shots}Q: what is {client} and {n}?\nA:", f" {client + n}")
            for n in range(SCORED // SHARE_OF_TOKENS[pair])
        ]
        for client in range(SCORERS)
    ]
    ways: tuple[Callable[[], Any], ...] = (
        lambda: [engine.score(pair, LAM, requests) for requests in mine],
        lambda: engine.score(pair, LAM, [one for requests in mine for one in requests]),
    )
    runs = [[_took(act) for act in ways] for _ in range(asked.runs)]
    (apart, apart_busy), (one, one_busy) = (
        tuple(min(run[way][kind] for run in runs) for kind in (0, 1)) for way in (0, 1)
    )
    say(
        f"  scoring        {SCORERS} × {len(mine[0])} requests one after another {apart:.2f} s   "
        f"all in one {one:.2f} s   {apart / one:.2f} and {apart_busy / one_busy:.2f} times"
    )


def _took(act: Callable[[], Any]) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    began, busy = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - began, time.process_time() - busy


def say(line: str) -> None:
    """One line, as soon as it is known."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
