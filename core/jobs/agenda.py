"""Which run comes next for whom, when several engines measure one sweep.

An engine keeps its λ, since writing another one into the live model costs; a λ of a pair that
it holds goes before one that it would have to load; who has nothing left takes from the end of
the λ with the most runs left. Plain data: no engine, no threads.
"""

from collections import deque
from collections.abc import Collection, Iterable

from core.jobs.work import Step
from core.lam import Lam
from core.spec import PairIdentity

Point = tuple[PairIdentity, Lam]


class Agenda:
    """The runs that are not measured yet, and who is at which."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._left: dict[Point, deque[Step]] = {}
        for step in {step.run_id: step for step in steps}.values():
            self._left.setdefault(_point(step), deque()).append(step)
        self._at: dict[int, Point] = {}  # where each engine's live model is
        self._first: dict[Point, int] = {}  # who came to a λ before all others
        self._under_way: dict[int, Step] = {}

    @property
    def finished(self) -> bool:
        """Nothing is left, and nobody is at anything that could come back."""
        return not self._under_way and not any(self._left.values())

    def take(self, engine: int, holds: Collection[PairIdentity]) -> Step | None:
        """The engine's next run; None when there is nothing for it now."""
        point = self._choose(engine, holds)
        if point is None:
            return None
        first = self._first.setdefault(point, engine)  # the others come from the end
        step = self._left[point].popleft() if first == engine else self._left[point].pop()
        self._at[engine], self._under_way[engine] = point, step
        return step

    def done(self, engine: int) -> None:
        """The engine has measured what it took."""
        del self._under_way[engine]

    def give_back(self, engine: int) -> None:
        """The engine is lost: what it was at is anybody's."""
        step = self._under_way.pop(engine)
        self._left[_point(step)].appendleft(step)
        del self._at[engine]

    def _choose(self, engine: int, holds: Collection[PairIdentity]) -> Point | None:
        open_points = [point for point, steps in self._left.items() if steps]
        if (own := self._at.get(engine)) in open_points:
            return own
        free = [point for point in open_points if point not in self._at.values()]
        near = [point for point in free if point[0] in holds]
        if near or free:
            return (near or free)[0]
        return max(open_points, key=lambda point: len(self._left[point]), default=None)


def _point(step: Step) -> Point:
    return step.spec.pair, step.spec.lam
