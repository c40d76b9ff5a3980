"""A λ grid as a person writes it: ranges, numbers, and "finer around what was best so far".

    read_grid("0:1:0.1,1.2", asked, settings, store).lams
    read_grid("refine:0.02", asked, settings, store).notes      # which λ, and why

`refine[:STEP[:AROUND]]` looks at the stored sweep of this pair and these suites. AROUND is what
one win-rate point is worth in few-shot points (default 1: the ★ of the Trade-off page), or
`few-shot` or `win-rate`, for the best on that side alone. The best is picked from the data, so it
is a set: all λ that cannot be told from it. The grid goes from the measured neighbour below each of
them to the one above it. Not here: what the set is (`core/stats/best.py`, `worth.py`).
"""

import math
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from core.errors import InputError, NotKnown
from core.lam import Lam, format_thousandths, parse_grid, parse_step, repeated
from core.pairs.registry import find_pair
from core.settings import Settings
from core.store.runs import RunStore

if TYPE_CHECKING:
    from core.reports.joined import Joined

REFINE = "refine"
DEFAULT_STEP = "0.02"
DEFAULT_AROUND = "1"
SIDES = ("few-shot", "win-rate")
REFERENCE = "lam:1"
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose stored sweep a refined grid is computed from."""

    pair: str
    icl_suite: str
    instruction_suite: str
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """The λ, ascending, and what a person should know about how they came to be."""

    lams: tuple[Lam, ...]
    notes: tuple[str, ...] = ()


def read_grid(text: str, asked: Asked, settings: Settings, store: RunStore) -> Grid:
    """The λ of a grid; one with a `refine` in it reads what is stored (about a second).

    Raises:
        LambdaError: an entry is no λ, or a range goes down or never arrives.
        NotKnown: nothing is stored that could be refined.  InputError: nothing is left to refine.
    """
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    finer = [entry for entry in entries if _is_refine(entry)]
    plain = ",".join(entry for entry in entries if not _is_refine(entry))
    if not finer:
        return Grid(parse_grid(text), _twice(text))
    refined = [_refined(entry, asked, settings, store) for entry in dict.fromkeys(finer)]
    given = parse_grid(plain) if plain else ()
    lams = sorted({*given, *chain.from_iterable(one.lams for one in refined)})
    notes = chain.from_iterable(one.notes for one in refined)
    return Grid(tuple(lams), (*(_twice(plain) if plain else ()), *notes))


def _is_refine(entry: str) -> bool:
    return entry.partition(":")[0].strip().casefold() == REFINE


def _twice(text: str) -> tuple[str, ...]:
    found = repeated(text)
    if not found:
        return ()
    return (f"λ = {_listed(found)} stands more than once in the grid; each λ is measured once.",)


def _refined(entry: str, asked: Asked, settings: Settings, store: RunStore) -> Grid:
    step, around = _parts(entry)
    thousandths = parse_step(step, entry)
    measured, best, why = _best(around, entry, asked, settings, store)
    reaches = _reaches(measured, best)
    steps = {Lam(one) for low, high in reaches for one in _between(low, high, thousandths)}
    fresh = steps - set(measured)
    where = " and ".join(f"from {low} to {high}" for low, high in reaches)
    if not fresh:
        raise InputError(
            f"The grid {entry!r} holds no λ that is not measured: {why}, and {where} "
            f"every step of {format_thousandths(thousandths)} is there. {_finer(thousandths)}"
        )
    inside = {lam for lam in measured if any(low <= lam <= high for low, high in reaches)}
    told = (
        f"Refined around {why}: steps of {format_thousandths(thousandths)} {where}, "
        f"the measured λ beside it; {len(fresh)} of them are not measured yet."
    )
    return Grid(tuple(sorted(fresh | inside)), (told,))


def _reaches(measured: tuple[Lam, ...], best: tuple[Lam, ...]) -> list[tuple[Lam, Lam]]:
    """From the measured neighbour below to the one above; those that touch are one."""
    found: list[tuple[Lam, Lam]] = []
    for one in best:
        low = max((lam for lam in measured if lam < one), default=one)
        high = min((lam for lam in measured if lam > one), default=one)
        if found and low <= found[-1][1]:
            low = found.pop()[0]
        found.append((low, high))
    return found


def _between(low: Lam, high: Lam, step: int) -> range:
    return range(low.thousandths, high.thousandths + 1, step)


def _parts(entry: str) -> tuple[str, str]:
    parts = [part.strip() for part in entry.split(":")]
    if len(parts) > 3:
        raise InputError(
            f"The λ grid {entry[:60]!r} is not refine:STEP:AROUND. Give one such as refine:0.02 "
            "or refine:0.02:few-shot."
        )
    given = dict(enumerate(parts))
    return given.get(1) or DEFAULT_STEP, given.get(2) or DEFAULT_AROUND


def _finer(thousandths: int) -> str:
    if thousandths == 1:
        return "There is no finer λ."
    return f"Give a finer step, such as {REFINE}:{format_thousandths(thousandths // 2)}."


def _best(
    around: str, entry: str, asked: Asked, settings: Settings, store: RunStore
) -> tuple[tuple[Lam, ...], tuple[Lam, ...], str]:
    """The measured λ, those tied with the best, and that in words."""
    from core.reports.choosing import choose
    from core.reports.together import together
    from core.reports.trade_off import line_of

    rate = None if around in SIDES else _rate(around, entry)
    line = line_of(store, _stored(entry, asked, settings, store))
    joint = together(line.items, "win_rate")
    compared = joint.together
    if compared is None:
        raise NotKnown(
            f"The grid {entry!r} has no best λ to refine: {joint.reason}. "
            "Measure a coarse grid first, such as 0:1:0.1."
        )
    if rate is not None:
        members = choose(compared, rate).members
        why = f"λ* = {_listed(members)} (one win-rate point worth {rate:g} few-shot points; "
    else:
        tied = compared.best_icl if around == SIDES[0] else compared.best_follow
        members = tuple(compared.lams[at] for at in tied.members)
        what = "few-shot accuracy" if around == SIDES[0] else "win rate"
        why = f"the best {what} at λ = {_listed(members)} ("
    alone = "better than every other" if len(members) == 1 else "they cannot be told apart"
    return compared.lams, members, f"{why}{alone}, of {len(compared.lams)} measured λ)"


def _rate(around: str, entry: str) -> float:
    try:
        rate = float(around)
    except ValueError:
        rate = math.nan
    if math.isfinite(rate) and rate >= 0:
        return rate
    raise InputError(
        f"{around[:40]!r} in the λ grid {entry[:60]!r} is nothing to refine around. Give how many "
        f"few-shot points a win-rate point is worth, such as 1, or {' or '.join(SIDES)}."
    )


def _stored(entry: str, asked: Asked, settings: Settings, store: RunStore) -> "Joined":
    from core.reports.joined import join_sweep, sweeps_of
    from core.reports.parents import parents_here

    content = parents_here(find_pair(asked.pair, settings), settings).identity
    wanted = (asked.icl_suite, asked.instruction_suite, asked.limit)
    same = [
        sweep
        for sweep in sweeps_of(store, asked.pair, content)
        if (sweep.icl_suite, sweep.instruction_suite, sweep.limit) == wanted
    ]
    if not same:
        trial = "" if asked.limit is None else f" with the first {asked.limit} items"
        raise NotKnown(
            f"The grid {entry!r} has nothing to refine: no sweep of {asked.pair} over "
            f"{asked.icl_suite} and {asked.instruction_suite}{trial} is stored. "
            "Measure a coarse grid first, such as 0:1:0.1."
        )
    return join_sweep(store, same[-1], REFERENCE)


def _listed(lams: tuple[Lam, ...]) -> str:
    shown = ", ".join(map(str, lams[:SHOWN]))
    return shown if len(lams) <= SHOWN else f"{shown} and {len(lams) - SHOWN} more"
