"""How often the intervals and sets of core/stats hold the truth, by simulation.

    python -m tests.bench.coverage [--times 400]

Prints one row a setting: what was simulated, how often the truth was inside (or a difference was
claimed), what it should be, and the error of counting so few simulations. About two minutes on
one core. The worlds are invented; nothing here is a result about a model.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from itertools import product
from math import sqrt

from tests.stats.simulated import (
    World,
    best_for_rate_kept,
    best_kept,
    claims_by_holm,
    claims_by_range,
    difference_covered,
    ellipse_covered,
    few_covered,
    flat,
    gains,
    mean_covered,
    rates,
    set_size,
    settled,
)

Row = tuple[str, Callable[[int], float | None], str]
PAIRS = ((0.1, 0.1), (0.1, 0.15), (0.3, 0.3), (0.5, 0.55), (0.9, 0.9))
FEW_SHOT = World(((0.70, 0.69, 0.66, 0.60, 0.50),) * 6, 50)
FOLLOWING = World(((0.20, 0.30, 0.40, 0.50, 0.50),), 200)
SLOPE = tuple(0.5 + 0.01 * step for step in range(11))


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=400)
    times = parser.parse_args().times
    began = time.perf_counter()
    print(f"{'what':<74}{'found':>8}{'±':>7}  should be")
    for name, simulate, aim in (*_intervals(), *_sets(), *_worth()):
        share = simulate(times)
        if share is None:
            print(f"{name:<74}{'none':>8}{'':>7}  {aim}", flush=True)
            continue
        error = f"{2 * sqrt(share * (1 - share) / times):.3f}" if share <= 1 else ""
        print(f"{name:<74}{share:>8.3f}{error:>7}  {aim}", flush=True)
    _print_gains(times)
    print(f"{times} simulations a row; {time.perf_counter() - began:.0f} s")


def _intervals() -> Iterator[Row]:
    for (p, q), agree in product(PAIRS, (0.5, 0.9)):
        yield _difference(p, q, agree, 200, "0.93–0.97")
    for (p, q), agree in product(((0.1, 0.15), (0.5, 0.55)), (0.5, 0.9)):
        yield _difference(p, q, agree, 50, "reported")
    for chance in (0.1, 0.5, 0.9):
        world = World(flat(1, chance, 6), 40)
        yield f"mean over 6 tasks of 40 items, p {chance}", _mean(world), "0.93–0.97"
    yield "mean over 6 tasks of 10 items, p 0.1", _mean(World(flat(1, 0.1, 6), 10)), "reported"
    for passages in (3, 6, 12, 40):
        world = World(flat(1, 0.5, 6), 60, passages=passages)
        yield f"mean over 6 tasks, 60 items in {passages} passages", _mean(world), "reported"
        alone = World(flat(1, 0.5), 120, passages=passages)
        yield f"one task, 120 items in {passages} passages", _few(alone), "reported"
    first, second = World(flat(1, 0.3, 6), 40), World(flat(1, 0.5), 200)
    yield "95 % region of a point, 240 and 200 items", _ellipse(first, second), "0.93–0.97"


def _sets() -> Iterator[Row]:
    equal, hill = World(flat(11, 0.5), 200), World((SLOPE,) * 4, 50)
    yield "11 equal λ: least kept one in the tied set", lambda n: best_kept(equal, n), "≥ 0.95"
    yield (
        "11 equal λ: some λ left out of the tied set",
        lambda n: claims_by_range(equal, n),
        "≤ 0.05",
    )
    yield "11 λ rising by 1 point: the best in the tied set", lambda n: best_kept(hill, n), "≥ 0.95"
    yield "11 λ rising by 1 point: size of the tied set", lambda n: set_size(hill, n), "reported"
    yield (
        "11 equal λ: Holm to a λ fixed beforehand claims a difference",
        lambda n: claims_by_holm(equal, n, True),
        "≤ 0.05",
    )
    yield (
        "11 equal λ: Holm to the best of the same data (not used) claims one",
        lambda n: claims_by_holm(equal, n, False),
        "wrong",
    )


def _worth() -> Iterator[Row]:
    for rate in (0.0, 0.5, 1.0, 3.0):
        yield f"λ* set at r = {rate:g} holds the best λ", _kept(rate), "≥ 0.95"
    first, lost = World(((0.5, 0.6),) * 6, 50), World(((0.5, 0.35),), 200)
    small = World(((0.5, 0.42),), 200)
    yield "exchange rate: given at a loss of 15 points", lambda n: rates(first, lost, n).given, ""
    yield "exchange rate: covered", lambda n: rates(first, lost, n).covered, "0.93–0.97"
    yield "exchange rate: given at a loss of 8 points", lambda n: rates(first, small, n).given, ""
    yield "exchange rate: covered where given", lambda n: rates(first, small, n).covered, "reported"
    asked = World(((0.50, 0.58),), 100, 0.7)
    yield "settled with the items asked for", lambda n: settled(asked, n), "0.80"


def _difference(p: float, q: float, agree: float, items: int, aim: str) -> Row:
    world = World(((p, q),), items, agree)
    name = f"paired difference, n {items}, p {p} and {q}, luck shared {agree}"
    return name, lambda times: difference_covered(world, times), aim


def _mean(world: World) -> Callable[[int], float]:
    return lambda times: mean_covered(world, times)


def _few(world: World) -> Callable[[int], float]:
    return lambda times: few_covered(world, times)


def _ellipse(first: World, second: World) -> Callable[[int], float]:
    return lambda times: ellipse_covered(first, second, times)


def _kept(rate: float) -> Callable[[int], float]:
    return lambda times: best_for_rate_kept(FEW_SHOT, FOLLOWING, rate, times)


def _print_gains(times: int) -> None:
    equal = World(flat(11, 0.5, 6), 50), World(flat(11, 0.5), 200)
    for name, (first, second) in (
        ("11 equal λ", equal),
        ("a real optimum", (FEW_SHOT, FOLLOWING)),
    ):
        found = gains(first, second, 1.0, times)
        print(f"{name}, r = 1: the naive gain is {100 * found.naive_off:+.1f} points off,", end=" ")
        print(f"the crossed one {100 * found.crossed_off:+.1f};", end=" ")
        print(f"its interval holds the truth in {found.covered:.3f}")


if __name__ == "__main__":
    main()
