"""Entities written one a line as "name, KIND": precision and recall over an item's set.

Used by classic_ner.yaml through lm-eval's `!function`. Names are compared without regard to
case and spaces, kinds (PER, ORG, LOC) exactly.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Entities = frozenset[tuple[str, str]]


def process_results(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, float]:
    """lm-eval's hook: the item's metrics from the one answer."""
    wanted, said = read_entities(str(doc["answer"])), read_entities(results[0])
    return {"entity_f1": entity_f1(wanted, said), "exact_match": float(wanted == said)}


def read_entities(text: str) -> Entities:
    """Every line that has a name, a comma and a kind; other lines say nothing."""
    found = (line.rpartition(",") for line in text.split("\n"))
    pairs = ((" ".join(name.split()).casefold(), kind.strip().upper()) for name, _, kind in found)
    return frozenset((name, kind) for name, kind in pairs if name and kind)


def entity_f1(wanted: Entities, said: Entities) -> float:
    """Harmonic mean of precision and recall; 1 where nothing is wanted and nothing is said."""
    if not wanted and not said:
        return 1.0
    return 2 * len(wanted & said) / (len(wanted) + len(said))
