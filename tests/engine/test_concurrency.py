"""Sixteen clients at once over HTTP, each with its own λ, length and patience.

Every answer must be the one computed alone, whatever else runs, and whoever goes away.
"""

import random
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from core.engine.client import HostClient
from core.engine.protocol import Chunk, Form, Prompt, ScoreRequest
from core.engine.torch_engine import TorchEngine
from core.lam import Lam
from core.settings import Settings
from core.spec import Decoding
from tests.engine.served import serving
from tests.private_settings import settings_for

PAIR = "tinyworld"
CLIENTS, ROUNDS = 16, 3
LAMS = tuple(Lam(t) for t in (0, 250, 500, 650, 1000, 1200))
KINDS = ("score", "generate", "stream", "stream many", "cancel")
TEXTS = (
    "Q: What colour is the sky?\nA:",
    "The cat sat on the mat and then it",
    "Question: 3 + 4 =",
    "Once there was a small town by a river where every morning people",
    "x",
)


@dataclass(frozen=True)
class Wish:
    """What one client asks for, once."""

    kind: str
    lam: Lam
    text: str
    decoding: Decoding


def wishes(client: int) -> list[Wish]:
    draw = random.Random(client)
    return [
        Wish(
            kind=KINDS[(client + round_) % len(KINDS)],
            lam=draw.choice(LAMS),
            text=draw.choice(TEXTS) * draw.choice((1, 1, 3)),
            decoding=Decoding(
                draw.choice((1, 7, 20)), temperature=draw.choice(("0", "0.9")), seed=client
            ),
        )
        for round_ in range(ROUNDS)
    ]


def ask(engine: TorchEngine | HostClient, wish: Wish) -> Any:
    prompt = Prompt(wish.text)
    if wish.kind == "score":
        return engine.score(PAIR, wish.lam, [ScoreRequest(wish.text, t) for t in (" a", " the b")])
    if wish.kind == "generate":
        two = [prompt, Prompt("and so on and on until")]
        return engine.generate(PAIR, wish.lam, two, wish.decoding)
    if wish.kind == "stream many":
        form: Form = "blended" if wish.decoding.seed % 2 else "materialised"
        pieces = list(engine.stream_many(PAIR, [wish.lam, Lam(400)], prompt, wish.decoding, form))
        return text_of(pieces, 0), text_of(pieces, 1)
    stream = engine.stream(PAIR, wish.lam, prompt, wish.decoding)
    if wish.kind == "cancel":
        with closing(stream):  # type: ignore[type-var]
            next(stream, None)
        return None
    return text_of(stream, 0)


def text_of(pieces: Iterable[Any], row: int) -> str:
    chunks = [one for one in pieces if isinstance(one, Chunk) and one.row == row]
    return "".join(chunk.text for chunk in chunks)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("many")
    return settings_for(folder, folder / "pairs.toml")


def test_every_client_gets_the_answer_computed_alone(settings: Settings) -> None:
    alone = TorchEngine(settings)
    asked = {client: wishes(client) for client in range(CLIENTS)}
    expected = {client: [ask(alone, wish) for wish in asked[client]] for client in asked}
    found: dict[int, Any] = {client: [] for client in asked}
    together = threading.Barrier(CLIENTS)

    def run(client: int, url: str, token: str) -> None:
        own = HostClient(url, token)
        together.wait(60)
        for wish in asked[client]:
            found[client].append(ask(own, wish))

    with serving(lambda: TorchEngine(settings)) as (host, state):
        host.load(PAIR)
        threads = [
            threading.Thread(target=run, args=(client, host.url, host._token)) for client in asked
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(180)
        for client, answers in expected.items():
            assert found[client] == answers, f"client {client}: {asked[client]}"
        assert {wish.kind for own in asked.values() for wish in own} == set(KINDS)
        until = time.monotonic() + 10
        while state.queue_length and time.monotonic() < until:
            time.sleep(0.02)
        assert state.queue_length == 0


def test_clients_at_one_lam_share_forwards_over_http(settings: Settings) -> None:
    """Eight streams over HTTP at one λ, and one at another: fewer forwards, the same texts."""
    alone = TorchEngine(settings)
    decoding = [Decoding(60, temperature="0.8", seed=seed) for seed in range(8)]
    lams = [LAMS[3]] * 8 + [LAMS[1]]
    expected = [
        text_of(alone.stream(PAIR, lam, Prompt(TEXTS[n % 5]), decoding[n % 8]), 0)
        for n, lam in enumerate(lams)
    ]
    served = TorchEngine(settings)
    rows: list[int] = []
    found: dict[int, str] = {}
    together = threading.Barrier(len(lams))

    def run(number: int, url: str, token: str) -> None:
        own = HostClient(url, token)
        together.wait(60)
        prompt = Prompt(TEXTS[number % 5])
        found[number] = text_of(own.stream(PAIR, lams[number], prompt, decoding[number % 8]), 0)

    with serving(lambda: served) as (host, _):
        host.load(PAIR)
        served.resident(PAIR).model.register_forward_pre_hook(
            lambda module, given, named: rows.append(len(named["input_ids"])), with_kwargs=True
        )
        threads = [
            threading.Thread(target=run, args=(n, host.url, host._token)) for n in range(len(lams))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    assert [found[number] for number in range(len(lams))] == expected
    assert max(rows) > 2  # they met
