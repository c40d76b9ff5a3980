"""How a line over λ was made: the command that repeats it, when, with what, how often.

Read from the runs' own env.json, so it says what was, not what is installed now.
"""

from dataclasses import dataclass
from typing import Any

from core.pairs.usual import Usual
from core.reports.points import TradeOff
from core.store.runs import RunStore


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a reader needs to repeat or to distrust a measurement."""

    command: str
    sweep_id: str
    runs: int
    first: str | None  # ISO 8601, UTC
    last: str | None
    devices: tuple[str, ...]
    packages: tuple[str, ...]  # "torch 2.13.0"
    commits: tuple[str, ...]
    methods: tuple[str, ...]  # how the intervals were made


def read_provenance(store: RunStore, line: TradeOff, usual: Usual) -> Provenance:
    """Join what the line's runs say about themselves."""
    run_ids = _run_ids(line)
    made = [store.environment(run_id) for run_id in run_ids if store.is_complete(run_id)]
    started = sorted(str(one["started"]) for one in made if one.get("started"))
    finished = sorted(str(one["finished"]) for one in made if one.get("finished"))
    return Provenance(
        command=_command(line, usual),
        sweep_id=line.sweep_id,
        runs=len(run_ids),
        first=started[0] if started else None,
        last=finished[-1] if finished else None,
        devices=_distinct(one.get("device") for one in made),
        packages=_distinct(text for one in made for text in _packages(one)),
        commits=_distinct(str(one["commit"])[:12] for one in made if one.get("commit")),
        methods=_distinct(_methods(line)),
    )


def _run_ids(line: TradeOff) -> tuple[str, ...]:
    found = [task.run_id for point in line.points for task in point.tasks]
    found += [point.generations_run for point in line.points if point.generations_run]
    return tuple(dict.fromkeys(found))


def _grid(line: TradeOff) -> str:
    return ",".join(str(point.lam) for point in line.points)


def _packages(environment: dict[str, Any]) -> list[str]:
    packages: dict[str, str | None] = environment.get("packages") or {}
    return [f"{name} {version}" for name, version in packages.items() if version]


def _command(line: TradeOff, usual: Usual) -> str:
    """The whole command; what is usual for the pair is left out."""
    given = {
        "--pair": line.pair,
        "--grid": _grid(line),
        "--icl-suite": None if line.icl_suite == usual.icl_suite else line.icl_suite,
        "--instruction-suite": None
        if line.instruction_suite == usual.instruction_suite
        else line.instruction_suite,
        "--reference": _reference(line),
    }
    return "python -m core sweep " + " ".join(f"{k} {v}" for k, v in given.items() if v is not None)


def _reference(line: TradeOff) -> str | None:
    """None for those that every sweep has."""
    kind, _, name = line.reference.partition(":")
    if line.reference in ("lam:1", "outputs:reference"):
        return None
    return {"lam": f"{line.pair}@{name}", "model": name}.get(kind, "FILE.json")


def _methods(line: TradeOff) -> list[str]:
    measures = [m for p in line.points for m in (p.icl, p.icl_difference, p.win_rate, p.pass_rate)]
    return [measure.interval.method for measure in measures if measure.interval]


def _distinct(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(value) for value in values if value))
