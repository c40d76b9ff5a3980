"""What a page asks of a pair's results: some of its tasks, one of its measurements."""

from dataclasses import dataclass

Tasks = frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is shown of a pair."""

    tasks: Tasks = frozenset()  # empty: all of them
    measurement: str = ""  # a key; empty: the best one


ALL = Asked()
