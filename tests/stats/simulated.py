"""Invented items with a known truth, and how often each method of core/stats finds it.

Every function repeats a measurement `times` over and returns how often the truth was inside (or
how often a difference was claimed). The tests call them small, `python -m tests.bench.coverage`
large. Items are right or wrong with the given chance; two columns agree on an item more often
than by chance (`agree`), as two λ of one line do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.stats.best import tied_with_best
from core.stats.bootstrap import Floats, Table, differences, resampled_means, span_of
from core.stats.draws import Draws, Gap, draw
from core.stats.ellipse import upright
from core.stats.exchange import exchange
from core.stats.few_units import span_by_units
from core.stats.settle import to_settle
from core.stats.sign_flip import holm, sign_flip
from core.stats.worth import best_set, gain, halves

RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class World:
    """Chances (tasks × columns), items a task, and how alike columns and passages are."""

    chances: tuple[tuple[float, ...], ...]
    items: int = 200
    agree: float = 0.5  # share of items on which all columns use the same luck
    passages: int | None = None  # a task's items come in so many passages
    alike: float = 0.5  # share of items whose luck is that of their passage

    @property
    def truth(self) -> Floats:
        """The mean over tasks at each column."""
        mean: Floats = np.mean(np.array(self.chances), axis=0)
        return mean

    def measured(self, generator: np.random.Generator) -> tuple[Table, ...]:
        """One measurement: 0 or 1 an item and column."""
        return tuple(self._task(np.array(row), generator) for row in self.chances)

    def _task(self, chances: Floats, generator: np.random.Generator) -> Table:
        shape = self.items, len(chances)
        groups = None
        shared = generator.random((self.items, 1))
        if self.passages is not None:
            groups = np.arange(self.items) % self.passages
            luck = generator.random((self.passages, 1))[groups]
            shared = np.where(generator.random((self.items, 1)) < self.alike, luck, shared)
        together = generator.random((self.items, 1)) < self.agree
        lucks = np.where(together, shared, generator.random(shape))
        return Table((lucks < chances).astype(float), groups)


def flat(columns: int, chance: float = 0.5, tasks: int = 1) -> tuple[tuple[float, ...], ...]:
    """Chances that are the same everywhere."""
    return ((chance,) * columns,) * tasks


def drawn(world: World, times: int, seed: int, stream: int = 0) -> Iterator[Draws]:
    """Measurements and their draws; a measurement that cannot be drawn is an error here."""
    generator = np.random.default_rng(seed)
    columns = range(len(world.chances[0]))
    for at in range(times):
        found = draw(world.measured(generator), columns, 1000 * at + stream, RESAMPLES)
        assert found is not None
        yield found


def mean_covered(world: World, times: int, seed: int = 1) -> float:
    """How often the interval of the first column's mean holds its truth."""
    spans = (span_of(one.samples[:, 0]) for one in drawn(world, times, seed))
    return _share(span is not None and span.low <= world.truth[0] <= span.high for span in spans)


def few_covered(world: World, times: int, seed: int = 13) -> float:
    """The same for one task by `span_by_units`: t where there are few passages."""
    units, truth = world.passages or world.items, float(world.truth[0])
    spans = (
        span_by_units(float(one.values[0]), one.samples[:, 0], units)
        for one in drawn(world, times, seed)
    )
    return _share(span is not None and span.low <= truth <= span.high for span in spans)


def difference_covered(world: World, times: int, seed: int = 2) -> float:
    """How often the interval of the second column minus the first holds its truth."""
    truth = world.truth[1] - world.truth[0]
    generator, hits = np.random.default_rng(seed), []
    for at in range(times):
        gaps = [differences(table, 0) for table in world.measured(generator)]
        parts = [resampled_means(g, 1000 * at + t, RESAMPLES)[:, 1] for t, g in enumerate(gaps)]
        span = span_of(np.mean(parts, axis=0))
        hits.append(span is not None and span.low - 1e-12 <= truth <= span.high + 1e-12)
    return _share(hits)


def best_kept(world: World, times: int, seed: int = 3) -> float:
    """How often the truly best column is in the tied set (of several, the least kept one)."""
    best = np.flatnonzero(world.truth == world.truth.max())
    sets = [tied_with_best(one.values, one.samples).members for one in drawn(world, times, seed)]
    return min(_share(int(column) in members for members in sets) for column in best)


def set_size(world: World, times: int, seed: int = 3) -> float:
    """How many columns the tied set holds on average."""
    found = drawn(world, times, seed)
    return float(np.mean([len(tied_with_best(d.values, d.samples).members) for d in found]))


def claims_by_range(world: World, times: int, seed: int = 4) -> float:
    """How often some column of equal ones is left out of the tied set."""
    sets = (tied_with_best(one.values, one.samples).members for one in drawn(world, times, seed))
    return _share(len(members) < len(world.truth) for members in sets)


def claims_by_holm(world: World, times: int, fixed: bool, seed: int = 5) -> float:
    """How often Holm finds a difference among equal columns: to the first, or to the best."""
    hits = []
    for one in drawn(world, times, seed):
        against = 0 if fixed else int(np.argmax(one.values))
        others = [column for column in range(len(one.values)) if column != against]
        gaps = [differences(table, against) for table in one.tables]
        p_values = sign_flip(gaps, 999)
        adjusted = holm([p_values[column] for column in others])
        hits.append(any(p is not None and p < 0.05 for p in adjusted))
    return _share(hits)


def ellipse_covered(first: World, second: World, times: int, seed: int = 6) -> float:
    """How often the region of the first column's point holds the true point."""
    hits = []
    for one, two in _both(first, second, times, seed):
        x, y = one.values[0], two.values[0]
        region = upright(x, y, float(one.errors[0]), float(two.errors[0]))
        away = (first.truth[0] - x) / region.across, (second.truth[0] - y) / region.up
        hits.append(away[0] ** 2 + away[1] ** 2 <= 1)
    return _share(hits)


def best_for_rate_kept(first: World, second: World, rate: float, times: int) -> float:
    """How often the λ* set holds the λ that is truly best at this rate."""
    truth = first.truth + rate * second.truth
    best = int(np.argmax(truth))
    return _share(
        best in best_set(one, two, rate).members for one, two in _both(first, second, times, 7)
    )


@dataclass(frozen=True, slots=True)
class Gains:
    """Of the picked λ: how far both gains were off on average, and the interval's coverage."""

    naive_off: float
    crossed_off: float
    covered: float


def gains(first: World, second: World, rate: float, times: int) -> Gains:
    """Gains over the first column against what the picked λ are truly worth."""
    truth = first.truth + rate * second.truth
    truth = truth - truth[0]
    naive, crossed, hits = [], [], []
    for one, two in _both(first, second, times, 8):
        found = gain(one, two, halves(one, two, 50), rate, 0)
        picked = float(np.dot(found.picked, truth))
        best = int(np.argmax(one.values + rate * two.values))
        naive.append(found.naive - truth[best])
        crossed.append(found.crossed - picked)
        span = found.interval
        hits.append(span is not None and span.low <= picked <= span.high)
    return Gains(float(np.mean(naive)), float(np.mean(crossed)), _share(hits))


@dataclass(frozen=True, slots=True)
class Rates:
    """How often an exchange rate was given, and how often its interval held the truth."""

    given: float
    covered: float | None


def rates(first: World, second: World, times: int) -> Rates:
    """The second column against the first: gained in one quantity, lost in the other."""
    truth = (first.truth[1] - first.truth[0]) / (second.truth[0] - second.truth[1])
    found = [
        exchange(one.gap(1, 0), two.gap(0, 1)).interval
        for one, two in _both(first, second, times, 9)
    ]
    spans = [span for span in found if span is not None]
    hits = [span.low <= truth <= span.high for span in spans]
    return Rates(len(spans) / times, _share(hits) if hits else None)


def settled(world: World, times: int, seed: int = 10) -> float:
    """With the items that `to_settle` asks for in the true setting: how often it is settled."""
    large = World(world.chances, 20_000, world.agree).measured(np.random.default_rng(seed))
    tasks = len(large)
    variances = [np.var(table.values[:, 1] - table.values[:, 0], ddof=1) for table in large]
    error = float(np.sqrt(sum(variances) / world.items)) / tasks
    at_size = Gap(float(world.truth[1] - world.truth[0]), error, world.items * tasks)
    more = to_settle(at_size).more_items
    assert more, "this world is settled already"
    grown = World(world.chances, world.items + round(more / tasks), world.agree)
    gaps = (found.gap(1, 0) for found in drawn(grown, times, seed + 1))
    return _share(to_settle(gap).more_items == 0 for gap in gaps)


def _both(first: World, second: World, times: int, seed: int) -> Iterator[tuple[Draws, Draws]]:
    """Measurements of two quantities on different items, drawn independently."""
    return zip(drawn(first, times, seed), drawn(second, times, seed + 500, stream=500), strict=True)


def _share(hits: "Iterator[bool] | Sequence[bool]") -> float:
    return float(np.mean(list(hits)))
