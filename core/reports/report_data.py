"""What a report says of a pair, read from stored runs: the same line, draws and words as a page.

    read_part(Wanted(("tinyworld",)), "tinyworld", settings).line.at(lam)

Nothing is computed here that a page computes otherwise: each value comes from the function the
Trade-off page calls. Not here: how it is written (`report.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import InputError
from core.lam import Lam
from core.pairs.registry import find_pair
from core.reports.asked import Asked
from core.reports.choosing import PREFERRED_RATE, Choice, choose
from core.reports.comparing import compared
from core.reports.honesty import Honesty
from core.reports.joined import other_parents
from core.reports.judging import read_honesty
from core.reports.measurements import measurements
from core.reports.own_line import own_line, parents_of
from core.reports.own_strips import identity_of, is_of, own_strips, shelf_of
from core.reports.points import TradeOff
from core.reports.provenance import Provenance, read_provenance
from core.reports.sentences import Side
from core.reports.together import Joint
from core.reports.trade_off import available
from core.settings import PUBLISHED, Settings
from core.spec import PairIdentity
from core.store.filmstrip import Filmstrip
from core.store.runs import RunStore

MOST_PAIRS, MOST_STRIPS = 4, 3
# Fixed before anything was measured: picking the best-looking λ would be a claim.
PREFERRED = Lam(800)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the report is about; what is left out is chosen as a page chooses it."""

    pairs: tuple[str, ...]
    lam: Lam | None = None
    side: Side = "win_rate"
    reference: str | None = None
    rate: float = PREFERRED_RATE  # few-shot points that one point of following is worth
    strips: tuple[str, ...] = ()  # kept filmstrips to show, by id
    measurement: str = ""  # of the first pair, where it was measured in several ways

    def __post_init__(self) -> None:
        if not 1 <= len(set(self.pairs)) <= MOST_PAIRS or len(set(self.pairs)) < len(self.pairs):
            named = ", ".join(self.pairs) or "no pair"
            raise InputError(
                f"A report is about 1 to {MOST_PAIRS} pairs, each named once, not {named}."
            )


@dataclass(frozen=True, slots=True)
class Part:
    """Everything that stands in the report about one pair."""

    line: TradeOff
    lam: Lam
    joint: Joint
    choice: Choice | None  # at the stated worth; None where λ are not compared
    honesty: Mapping[Lam, Honesty]
    verdict_runs: Mapping[Lam, str]
    made: Provenance
    strips: tuple[Filmstrip, ...]


def preferred(line: TradeOff | None) -> Lam:
    """λ = 0.8, or the measured λ nearest to it."""
    if line is None or not line.points or line.at(PREFERRED):
        return PREFERRED
    away = [(abs(p.lam.thousandths - PREFERRED.thousandths), p.lam) for p in line.points]
    return min(away)[1]


def read_part(wanted: Wanted, pair: str, settings: Settings) -> Part:
    """Read one pair; about a second where nothing is remembered.

    Raises:
        NotKnown: no such pair, reference or filmstrip.  InputError: nothing was measured.
        StoreError: a broken results file.
    """
    store = RunStore(settings.results, also=(PUBLISHED,))
    entry = find_pair(pair, settings)
    here = parents_of(store, entry, settings).identity
    known = [one.name for one in available(store, pair, here)]
    reference = wanted.reference or next(iter(known), None)
    asked = Asked(measurement=wanted.measurement if pair == wanted.pairs[0] else "")
    line = own_line(store, entry, reference, settings, asked) if reference and known else None
    if line is None:
        raise InputError(_nothing(store, pair, here))
    joint = compared(line, wanted.side)
    found = [(point.lam, read_honesty(store, line, point.lam, here)) for point in line.points]
    return Part(
        line=line,
        lam=wanted.lam or preferred(line),
        joint=joint,
        choice=choose(joint.together, wanted.rate) if joint.together else None,
        honesty={lam: one for lam, one in found if one is not None},
        verdict_runs=_verdict_runs(store, line, here),
        made=read_provenance(store, line, entry.usual),
        strips=_strips(wanted, store, line, settings),
    )


def _nothing(store: RunStore, pair: str, here: PairIdentity | None) -> str:
    other = None if here is None else other_parents(store, pair, here)
    told = f"Nothing was measured of {pair} yet, so there is nothing to report."
    return f"{told} {other or f'Run: python -m core sweep --pair {pair} --grid 0:1:0.1'}"


def _verdict_runs(store: RunStore, line: TradeOff, here: PairIdentity | None) -> dict[Lam, str]:
    found = measurements(store, line.pair, line.reference, here)
    joined = next((one.joined for one in found if one.key == line.key), None)
    runs = {} if joined is None else joined.judgments
    return {Lam.parse(lam): run.run_id for lam, run in runs.items()}


def _strips(
    wanted: Wanted, store: RunStore, line: TradeOff, settings: Settings
) -> tuple[Filmstrip, ...]:
    """Those asked for; else the newest kept one of each kind, of these very parents."""
    if wanted.strips:
        asked = [shelf_of(settings).read(strip_id) for strip_id in wanted.strips]
        own = identity_of(store, line)
        return tuple(strip for strip in asked if is_of(strip, own))
    found: dict[str, Filmstrip] = {}
    for strip in own_strips(store, line, settings):
        found.setdefault(strip.kind, strip)
    return tuple(found.values())[:MOST_STRIPS]
