"""A trade-off made by hand, in the shape of a measured one: numbers for tests, not results."""

from dataclasses import replace

from core.lam import Lam, parse_grid
from core.reports.following import Following, Quantity, Seen
from core.reports.points import Interval, Measure, Point, TaskScore, TradeOff
from core.reports.views import ALL_TASKS, FewShot, Group, Reading, View
from core.reports.yardstick import Made

GRID = parse_grid("0:1:0.1,1.1,1.2")
ICL = (88.0, 87.6, 87.0, 86.1, 84.8, 82.5, 79.0, 74.2, 68.0, 61.5, 55.0, 46.0, 38.0)
PASS = (1.0, 1.5, 2.5, 6.0, 14.0, 33.0, 58.0, 78.0, 87.5, 91.0, 90.0, 87.0, 82.0)
WIN = (5.5, 5.8, 6.0, 8.0, 12.0, 22.0, 35.0, 44.0, 48.5, 51.0, 50.0, 48.0, 45.0)
TASKS = (
    ("capital of a country", "general knowledge", "MC"),
    ("sort of thing", "general knowledge", "FMC"),
    ("what comes of it", "commonsense", "MC"),
    ("which is heavier", "commonsense", "FMC"),
    ("opposite word", "language understanding", "G"),
    ("past tense", "language understanding", "G"),
    ("sentiment with new labels", "language understanding", "MC"),
    ("reverse letters", "symbolic reasoning", "G"),
    ("next number", "symbolic reasoning", "MC"),
    ("who has the ball", "reading comprehension", "MC"),
    ("where is it now", "reading comprehension", "G"),
    ("profit or loss", "finance", "MC"),
)
METHOD = "bootstrap by item within task, 2000"


def made_trade_off(pair: str = "tinyworld", reference: str = "lam:1") -> TradeOff:
    label = "λ = 1" if reference == "lam:1" else "the shipped reference outputs"
    return TradeOff(
        pair=pair,
        sweep_id="5eed5eed5eed5eed5eed",
        icl_suite="tinyworld-icl",
        instruction_suite="tinyworld-instructions",
        reference=reference,
        reference_label=label,
        judge="verifier",
        dtype="float32",
        points=tuple(
            _point(lam, icl, win, passed, reference)
            for lam, icl, win, passed in zip(GRID, ICL, WIN, PASS, strict=True)
        ),
        few_shot=_few_shot(),
        following=_following(reference),
        made=Made(few_shot=tuple((name, (("data", "made"),)) for name, _, _ in TASKS)),
        key="5eed5eed",
    )


def _following(reference: str) -> Following:
    lengths = tuple(60.0 - 2 * win / 5 for win in WIN)
    values: dict[Quantity, tuple[float, ...]] = {
        "win_rate": WIN, "pass_rate": PASS, "length": lengths, "cut": PASS[::-1],
    }  # fmt: skip
    fifty = reference == "lam:1"
    return Following(GRID, {q: _seen(v, fifty and q == "win_rate") for q, v in values.items()})


def _seen(values: tuple[float, ...], fifty: bool) -> Seen:
    one = values[10]
    absolute = tuple(_measure(value, 200) for value in values)
    if fifty:
        own = Measure(50.0, 200, reason="50 by definition")
        absolute = (*absolute[:10], own, *absolute[11:])
    return {
        "absolute": absolute,
        "corrected": absolute,
        "difference": tuple(_difference(value - one, 200) for value in values),
        "fractional": tuple(_difference(100 * (value - one) / one, 200) for value in values),
    }


def _few_shot() -> FewShot:
    categories = dict.fromkeys(category for _, category, _ in TASKS)
    names = {c: tuple(name for name, other, _ in TASKS if other == c) for c in categories}
    groups = [_group(name, tasks, 1.5 * at) for at, (name, tasks) in enumerate(names.items())]
    return FewShot(_group(ALL_TASKS, tuple(name for name, _, _ in TASKS), 0.0), tuple(groups))


def _group(name: str, tasks: tuple[str, ...], shift: float) -> Group:
    base = ICL[10] + shift
    values: dict[View, list[float]] = {
        "absolute": [icl + shift for icl in ICL],
        "difference": [icl - ICL[10] for icl in ICL],
        "fractional": [100 * (icl - ICL[10]) / base for icl in ICL],
        "corrected": [(icl + shift - 25) / 0.75 for icl in ICL],
    }
    n = 100 * len(tasks)
    return Group(
        name,
        tasks,
        {
            view: tuple(
                Reading(lam, _difference(value, n), _difference(value, len(tasks), 9.0))
                for lam, value in zip(GRID, read, strict=True)
            )
            for view, read in values.items()
        },
    )


def without(trade_off: TradeOff, lam: Lam) -> TradeOff:
    return replace(trade_off, points=tuple(p for p in trade_off.points if p.lam != lam))


def _measure(value: float, n: int, half: float = 2.2) -> Measure:
    low, high = max(value - half, 0.0), min(value + half, 100.0)
    return Measure(value, n, Interval(low, high, METHOD))


def _difference(value: float, n: int, half: float = 2.6) -> Measure:
    return Measure(value, n, Interval(value - half, value + half, METHOD))


def _point(lam: Lam, icl: float, win: float, passed: float, reference: str) -> Point:
    by_definition = lam.is_instruct and reference == "lam:1"
    win_rate = (
        Measure(50.0, 200, reason="50 by definition") if by_definition else _measure(win, 200)
    )
    return Point(
        lam=lam,
        icl=_measure(icl, 1200),
        icl_difference=_difference(icl - ICL[10], 1200),
        win_rate=win_rate,
        win_rate_difference=_difference(win - WIN[10], 200),
        pass_rate=_measure(passed, 200, 4.0),
        pass_rate_difference=_difference(passed - PASS[10], 200, 4.4),
        wins=20,
        draws=150,
        losses=30,
        missing=0,
        tasks=tuple(_task(lam, icl, at) for at in range(len(TASKS))),
        generations_run=f"{lam.thousandths:020d}",
    )


def _task(lam: Lam, icl: float, at: int) -> TaskScore:
    name, category, form = TASKS[at]
    shift = 1.5 * (at - 5.5)
    return TaskScore(
        task=name,
        category=category,
        form=form,
        shots=5,
        metric="exact_match" if form == "G" else "acc",
        chance=None if form == "G" else 25.0,
        score=_measure(min(icl + shift, 100.0), 100, 8.0),
        difference=_difference(icl - ICL[10], 100, 9.0),
        run_id=f"{at:04d}{lam.thousandths:016d}",
    )
