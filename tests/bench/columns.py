"""How long eleven columns of Side by side take against one, as the page asks for them.

    python -m tests.bench.columns [--tokens 80] [--runs 5]

Starts an engine host of its own and films the embedded pair through it (`core/jobs/filming.py`),
page and browser left out. Answers end where they end, so "one" is, of the eleven λ asked alone,
the one that takes longest. Prints seconds of wall clock to the first text and to the last, the
fastest of some runs, and ratios within this run. It asserts nothing: it measures this machine as
it is (the load is printed beside it).
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass

from core.engine.protocol import Engine, Message
from core.engine.supervisor import ensure_engine, stop_engine
from core.jobs.filming import Film
from core.jobs.scene import Place, Scene
from core.lam import parse_grid
from core.settings import Settings, read_settings
from core.spec import Decoding

PAIR, TEXT = "tinyworld", "Tell me a story about a cat."
LAMS = parse_grid("0:1:0.1")
LOOK_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds from the question on."""

    first: float
    whole: float
    tokens: int
    form: str


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=80)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({**os.environ, "PARTWAY_STATE": folder})
        try:
            _table(settings, asked.tokens, asked.runs)
        finally:
            stop_engine(settings)


def _table(settings: Settings, tokens: int, runs: int) -> None:
    engine = ensure_engine(settings)
    places = tuple(Place(PAIR, lam) for lam in LAMS)
    for _ in range(2):  # loading, and the measurement that chooses the form
        _film(engine, places, tokens)
    # In turns, so that another program on the machine disturbs both alike.
    both = [
        (_film(engine, places, tokens), [_film(engine, (place,), tokens) for place in places])
        for _ in range(runs)
    ]
    eleven = _fastest([at_once for at_once, _ in both])
    alone = [_fastest([singles[row] for _, singles in both]) for row in range(len(places))]
    one = max(alone, key=lambda took: took.whole)
    after = Took(
        one.first, sum(took.whole for took in alone), sum(took.tokens for took in alone), one.form
    )
    print(f"{PAIR}, at most {tokens} tokens, fastest of {runs}; load {os.getloadavg()[0]:.1f}")
    print(f"{'':28}{'tokens':>8}{'first s':>10}{'whole s':>10}{'× one':>8}  form")
    rows = {"one column": one, "eleven at once": eleven, "eleven one after another": after}
    for name, took in rows.items():
        ratio = took.whole / one.whole
        counts = f"{took.tokens:>8}{took.first:>10.3f}{took.whole:>10.3f}{ratio:>8.1f}"
        print(f"{name:28}{counts}  {took.form}")
    print(f"at once is {after.whole / eleven.whole:.1f} × faster than one after another")


def _film(engine: Engine, places: tuple[Place, ...], tokens: int) -> Took:
    scene = Scene("chat", (Message("user", TEXT),), places, Decoding(tokens))
    film = Film(scene, lambda: engine, lambda strip: None)
    while film.live:
        time.sleep(LOOK_SECONDS)
    takes = film.look()
    if film.problem:
        raise SystemExit(film.problem)
    firsts = [take.first for take in takes if take.first is not None]
    return Took(min(firsts), film.seconds(), sum(t.tokens for t in takes), str(takes[0].form))


def _fastest(found: list[Took]) -> Took:
    whole = min(found, key=lambda took: took.whole)
    return Took(min(took.first for took in found), whole.whole, whole.tokens, whole.form)


if __name__ == "__main__":
    main()
