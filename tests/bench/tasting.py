"""How often the intervals of blind tasting hold the truth, and how long a fit takes.

    python -m tests.bench tasting --times 25

Simulated people choose by known strengths of six λ; every vote has a prompt of its own. Prints,
for so many votes, the share of intervals that hold the true chance of beating λ = 1.
"""

import argparse
import time

import numpy as np

from core.stats.bradley_terry import Chance, Game, chances

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


def holds(at: int, found: Chance) -> bool | None:
    """Whether the interval holds the truth; None without an interval."""
    if found.interval is None:
        return None
    truth = 1 / (1 + np.exp(STRENGTHS[AGAINST] - STRENGTHS[at]))
    return bool(found.interval.low <= truth <= found.interval.high)


def main() -> None:
    """Print a line for each number of votes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--times", type=int, default=25)
    times = parser.parse_args().times
    print("votes  intervals  hold the truth  without one  seconds a fit")
    for votes in VOTES:
        began, told = time.perf_counter(), []
        for seed in range(times):
            found = chances(len(STRENGTHS), AGAINST, sitting(votes, seed))
            told += [holds(at, one) for at, one in enumerate(found) if at != AGAINST]
        seconds = (time.perf_counter() - began) / times
        having = [one for one in told if one is not None]
        share = 100 * sum(having) / len(having) if having else float("nan")
        missing = len(told) - len(having)
        print(f"{votes:5}  {len(having):9}  {share:12.0f} %  {missing:11}  {seconds:13.2f}")


if __name__ == "__main__":
    main()
