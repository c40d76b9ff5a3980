"""How often the intervals of blind tasting hold the truth, and how long a fit takes.

    python -m tests.bench tasting --times 25

Simulated people choose by known strengths of six λ; every vote has a prompt of its own. Prints,
for so many votes, the share of intervals that hold the true chance of beating λ = 1, and the share
of sittings in which the wider ones, meant to hold together, all do.
"""

import argparse
import time
from collections.abc import Sequence

import numpy as np

from core.stats.bradley_terry import Chance, Game, chances
from core.stats.span import Span

STRENGTHS = np.linspace(-1.5, 0.2, 6)
AGAINST = 5
VOTES = (40, 100, 300)


def sitting(votes: int, seed: int) -> list[Game]:
    """Votes on pairs drawn evenly."""
    random = np.random.default_rng([votes, seed])
    games = []
    for unit in range(votes):
        first, second = (int(player) for player in random.choice(len(STRENGTHS), 2, replace=False))
        chance = 1 / (1 + np.exp(STRENGTHS[second] - STRENGTHS[first]))
        games.append(Game(first, second, float(random.random() < chance), unit))
    return games


def holds(at: int, span: Span | None) -> bool | None:
    """Whether the interval holds the truth; None without an interval."""
    if span is None:
        return None
    truth = 1 / (1 + np.exp(STRENGTHS[AGAINST] - STRENGTHS[at]))
    return bool(span.low <= truth <= span.high)


def all_hold(found: Sequence[Chance]) -> bool | None:
    """Whether all that are meant together do; None where there are none."""
    told = [holds(at, one.together) for at, one in enumerate(found) if one.together is not None]
    return all(told) if told else None


def main() -> None:
    """Print a line for each number of votes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--times", type=int, default=25)
    times = parser.parse_args().times
    print("votes  intervals  hold the truth  without one  all together  seconds a fit")
    for votes in VOTES:
        began, told, whole = time.perf_counter(), [], []
        for seed in range(times):
            found = chances(len(STRENGTHS), AGAINST, sitting(votes, seed))
            told += [holds(at, one.interval) for at, one in enumerate(found) if at != AGAINST]
            whole += [held] if (held := all_hold(found)) is not None else []
        seconds = (time.perf_counter() - began) / times
        having = [one for one in told if one is not None]
        share = 100 * sum(having) / len(having) if having else float("nan")
        missing = len(told) - len(having)
        joint = 100 * sum(whole) / len(whole) if whole else float("nan")
        print(
            f"{votes:5}  {len(having):9}  {share:12.0f} %  {missing:11}  {joint:10.0f} %  "
            f"{seconds:13.2f}"
        )


if __name__ == "__main__":
    main()
