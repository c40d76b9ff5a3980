"""Bradley–Terry: from "this one was better than that one" to the chance of beating one of them.

Player i beats j with probability 1/(1 + e^(s_j − s_i)) (Bradley & Terry 1952). A draw counts as
half a win for each, the usual rule. The strengths are choix's maximum likelihood (I-LSR).

A finite maximum exists only between players that have beaten each other, directly or in a ring
(Ford 1957). Where wins lead only one way, the likelihood grows without end towards a chance of
1 or 0: as a value that is absent, with the reason; in a resample it is what it tends to, 1 or 0.
Where no wins lead from one to the other, nothing is known of them.

Intervals: percentile bootstrap over units (prompts), because answers to one prompt are voted on
several times. Whoever looks at all players and picks those that stand out needs the second kind,
which hold all of them at once in 95 % of the resamples: percentiles so far out, the same for
every player, that no more than 5 % of the resamples leave any of them (balanced simultaneous
sets, Beran 1988). Not here: λ, votes, files.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.stats.bootstrap import drawn_weights
from core.stats.span import LEVEL, Span

Floats = NDArray[np.float64]
RESAMPLES = 1000
FEWEST_GAMES = 5  # of a player, before its chance is told
FEWEST_UNITS = 5  # before an interval is
MOST_UNDEFINED = 0.025  # of the resamples
MOST_ROUNDS, SETTLED = 10_000, 1e-6  # of the fit; how far strengths may still move
UNLINKED = "no chain of votes links the two"
ALWAYS = "it never lost what links the two, so no finite value fits best"
NEVER = "it never won what links the two, so no finite value fits best"
FEW_UNITS = f"fewer than {FEWEST_UNITS} prompts"
LOOSE = "too many resamples leave the two without a link"


@dataclass(frozen=True, slots=True)
class Game:
    """One comparison: 1 where the first player won, 0 the second, ½ a draw."""

    first: int
    second: int
    outcome: float
    unit: int  # games of one unit are drawn together


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance that a player beats the chosen one, 0–1; None with the reason."""

    games: int
    value: float | None
    interval: Span | None = None
    reason: str | None = None  # why there is no value, or no interval
    together: Span | None = None  # holds together with those of all others that have one


def chances(players: int, against: int, games: Sequence[Game]) -> tuple[Chance, ...]:
    """For every player the chance of beating `against`, whose own is ½ by definition."""
    units, tables = _tables(players, games)
    whole = tables.sum(axis=0)
    played = (whole + whole.T).sum(axis=1)
    found = limit_chances(whole, against)
    drawn = _drawn(tables, against) if units >= FEWEST_UNITS else None
    each = [
        Chance(round(played[at]), 0.5)
        if at == against
        else _chance(round(played[at]), float(found[at]), None if drawn is None else drawn[:, at])
        for at in range(players)
    ]
    return tuple(each if drawn is None else _together(each, drawn))


def _together(each: Sequence[Chance], drawn: Floats) -> list[Chance]:
    """The same with intervals that hold all of them at once."""
    having = [at for at, chance in enumerate(each) if chance.interval is not None]
    draws = drawn[:, having]
    draws = draws[~np.isnan(draws).any(axis=1)]
    if not having or len(draws) < (1 - MOST_UNDEFINED) * len(drawn):
        return list(each)
    tail = _joint_tail(draws)
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    spans = {at: Span(float(low[n]), float(high[n])) for n, at in enumerate(having)}
    return [replace(chance, together=spans.get(at)) for at, chance in enumerate(each)]


def _joint_tail(draws: Floats) -> float:
    """The tail that each player's percentiles leave out, so that all hold in `LEVEL` of the draws.

    A draw's depth is how far out its outermost player lies, as a share of the draws; equal draws,
    such as several chances of 1, lie as deep as the middle of them.
    """
    count = len(draws)
    ordered = np.sort(draws, axis=0)
    depth = np.ones(count)
    for own, values in zip(ordered.T, draws.T, strict=True):
        below = np.searchsorted(own, values, "left") + np.searchsorted(own, values, "right")
        share = below / (2 * count)
        depth = np.minimum(depth, np.minimum(share, 1 - share))
    return float(np.quantile(depth, 1 - LEVEL))


def limit_chances(wins: Floats, against: int) -> Floats:
    """Chance of each player against one, from a table of wins (players × players).

    1 and 0 are limits without a finite maximum; NaN where nothing links the two.
    """
    leads = _leads(wins > 0)
    there, back = leads[:, against], leads[against, :]
    found = np.where(there & ~back, 1.0, np.where(back & ~there, 0.0, np.nan))
    ring = np.flatnonzero(there & back)  # includes `against`
    found[ring] = _within(wins[np.ix_(ring, ring)], int(np.flatnonzero(ring == against)[0]))
    return found


def _within(wins: Floats, against: int) -> Floats:
    """Chances among players that all lead to each other."""
    if len(wins) == 1:
        return np.array([0.5])
    import choix  # brings scipy, which would cost a page a second of imports

    try:
        strengths = choix.ilsr_pairwise_dense(wins, max_iter=MOST_ROUNDS, tol=SETTLED)
    except RuntimeError:  # did not settle
        return np.full(len(wins), np.nan)
    found: Floats = 1 / (1 + np.exp(strengths[against] - strengths))
    return found


def _leads(beaten: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """leads[i, j]: a chain of wins goes from i to j; everyone leads to itself."""
    leads = beaten | np.eye(len(beaten), dtype=bool)
    for _ in range(len(beaten).bit_length()):
        leads = (leads.astype(np.int64) @ leads.astype(np.int64)) > 0
    return leads


def _tables(players: int, games: Sequence[Game]) -> tuple[int, Floats]:
    """Wins of each unit: (units × players × players)."""
    names = {unit: at for at, unit in enumerate(dict.fromkeys(game.unit for game in games))}
    tables = np.zeros((max(len(names), 1), players, players))
    for game in games:
        table = tables[names[game.unit]]
        table[game.first, game.second] += game.outcome
        table[game.second, game.first] += 1 - game.outcome
    return len(names), tables


def _drawn(tables: Floats, against: int) -> Floats:
    """(resamples × players) chances of resampled units; one unit fewer is drawn than there are,
    as everywhere here (see `bootstrap.py`).
    """
    units, players = tables.shape[0], tables.shape[1]
    flat = tables.reshape(units, -1)
    parts = [weights @ flat for weights in drawn_weights(units, 0, RESAMPLES, units - 1)]
    resampled = np.concatenate(parts).reshape(-1, players, players)
    return np.array([limit_chances(wins, against) for wins in resampled])


def _chance(games: int, value: float, drawn: Floats | None) -> Chance:
    if games < FEWEST_GAMES:
        return Chance(games, None, reason=f"only {games} votes; {FEWEST_GAMES} are needed")
    if np.isnan(value) or value in (0.0, 1.0):
        reason = UNLINKED if np.isnan(value) else ALWAYS if value else NEVER
        return Chance(games, None, reason=reason)
    if drawn is None:
        return Chance(games, value, reason=FEW_UNITS)
    defined = drawn[~np.isnan(drawn)]
    if len(defined) < (1 - MOST_UNDEFINED) * len(drawn):
        return Chance(games, value, reason=LOOSE)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Chance(games, value, Span(float(low), float(high)))
