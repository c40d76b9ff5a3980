"""Two people at two λ on one device: each gets the answers of their own λ."""

import threading
from collections.abc import Callable, Generator
from typing import Any

from core.engine.protocol import Prompt, ScoreRequest
from core.engine.torch_engine import TorchEngine
from core.lam import BASE, INSTRUCT, Lam
from core.spec import Decoding

LAMS = (BASE, Lam(350), INSTRUCT)
REQUESTS = [
    ScoreRequest(f"the river runs past a small town and {who}", what)
    for who in ("people", "it", "the river", "a town", "never")
    for what in (" say", " runs past", " stops")
]
PROMPTS = [Prompt("the river runs past"), Prompt("a small town")]
DECODING = Decoding(16, temperature="0.7", seed=1)


def test_steps_at_two_lam_may_alternate(tiny_engine: TorchEngine) -> None:
    """A score, a batch and a stream, one step each in turn, at three λ."""
    expected = (
        tiny_engine.score("tiny", LAMS[0], REQUESTS),
        tiny_engine.generate("tiny", LAMS[1], PROMPTS, DECODING),
        "".join(c.text for c in tiny_engine.stream("tiny", LAMS[2], PROMPTS[0], DECODING)),
    )
    shown: list[str] = []
    steps: dict[int, Generator[Any, None, Any]] = {
        0: tiny_engine.score_steps("tiny", LAMS[0], REQUESTS),
        1: tiny_engine.generate_steps("tiny", LAMS[1], PROMPTS, DECODING),
        2: tiny_engine.stream_steps("tiny", LAMS[2], PROMPTS[0], DECODING),
    }
    results: dict[int, Any] = {}
    while steps:
        for key, work in list(steps.items()):
            try:
                value = next(work)
            except StopIteration as finished:
                results[key] = finished.value
                del steps[key]
            else:
                shown += [value.text] if key == 2 else []
    assert (results[0], results[1], "".join(shown)) == expected


def test_threads_at_two_lam_do_not_mix(tiny_engine: TorchEngine) -> None:
    def answers(lam: Lam) -> tuple[Any, Any]:
        scores = tiny_engine.score("tiny", lam, REQUESTS)
        return scores, tiny_engine.generate("tiny", lam, PROMPTS, DECODING)

    expected = {lam: answers(lam) for lam in LAMS}
    wrong: list[Lam] = []

    def check(lam: Lam) -> Callable[[], None]:
        def run() -> None:
            for _ in range(3):
                if answers(lam) != expected[lam]:
                    wrong.append(lam)

        return run

    threads = [threading.Thread(target=check(lam)) for lam in LAMS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len({scores[0].logprob for scores, _ in expected.values()}) == 3
