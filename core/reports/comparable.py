"""What a reader must know before comparing points: other machines, libraries, item counts."""

from collections import Counter
from collections.abc import Mapping

from core.reports.joined import Joined
from core.store.environment import comparable
from core.store.records import IclRecord
from core.store.runs import RunStore, Stored


def notes(store: RunStore, joined: Joined) -> tuple[str, ...]:
    """Plain sentences; empty when all points can be compared as they are."""
    found = [*_environments(store, joined), *_unequal_items(store, joined)]
    if joined.sweep.limit is not None:
        found.append(
            f"Only the first {joined.sweep.limit} items of each task were measured "
            "(a trial run with --limit)."
        )
    return tuple(found)


def _environments(store: RunStore, joined: Joined) -> list[str]:
    by_lam: dict[str, dict[str, str]] = {}
    for group in (*joined.tasks, joined.generations):
        for lam, run in group.items():
            by_lam.setdefault(lam, {}).update(comparable(store.environment_of(run)))
    names = sorted({name for values in by_lam.values() for name in values})
    return [note for name in names if (note := _difference(name, by_lam))]


def _difference(name: str, by_lam: Mapping[str, Mapping[str, str]]) -> str | None:
    held = {lam: values.get(name, "unknown") for lam, values in by_lam.items()}
    usual = Counter(held.values()).most_common(1)[0][0]
    others = {lam: value for lam, value in held.items() if value != usual}
    if not others:
        return None
    told = ", ".join(f"λ={lam} with {value}" for lam, value in sorted(others.items()))
    return (
        f"Most points were measured with {name} {usual}, but {told}: "
        "small differences may come from that."
    )


def _unequal_items(store: RunStore, joined: Joined) -> list[str]:
    found = []
    for line, by_lam in zip(joined.sweep.tasks, joined.tasks, strict=True):
        items = {lam: _items(store, run) for lam, run in by_lam.items()}
        if len(set(items.values())) > 1:
            common = frozenset.intersection(*items.values())
            largest = max(len(held) for held in items.values())
            found.append(
                f"In {line.task} only {len(common)} of {largest} items were measured at every λ; "
                "differences use the items that both sides have."
            )
    return found


def _items(store: RunStore, run: Stored) -> frozenset[str]:
    records = store.records_of(run)
    return frozenset(record.item for record in records if isinstance(record, IclRecord))
