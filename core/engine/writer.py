"""Everyone who writes at one λ of one pair, joined into as few batches as can be.

    writer = desk.at(resident, lam, "interactive")     # the same one for all who ask meanwhile
    writer.add(rows); writer.advance(rows); …; writer.remove(rows)

A request adds its rows and asks for one forward after the other; whichever request asks, the
rows of all that share the batch move on, and the others find their tokens written when they
look. Rows that come late are read by a forward of their own and then stand in the running
batch. Nothing is ever joined over two λ, two pairs, or over people and batches, whose work has
not the same urgency. Callers see to it that one thread at a time is in here.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal
from weakref import WeakValueDictionary

from core.engine.decode_batch import Batch
from core.engine.out_of_memory import halves, ran_out, without_frames
from core.engine.portions import read_together
from core.engine.resident import Resident
from core.engine.row import Row, open_rows
from core.errors import EngineError
from core.lam import Lam

Urgency = Literal["interactive", "batch"]


class Writer:
    """The rows of all requests at one λ."""

    def __init__(self, resident: Resident, lam: Lam) -> None:
        self.resident, self.lam = resident, lam
        self._waiting: list[list[Row]] = []  # to be read; what stands together is read together
        self._batches: list[Batch] = []
        self._tight = False  # memory has run out: one batch at a time

    def add(self, rows: Sequence[Row]) -> None:
        """Hand in rows; they are read by a later `advance`."""
        self._waiting.append(list(rows))

    def advance(self, rows: Sequence[Row]) -> None:
        """One forward: read what waits, else write one more token of the batch of these rows.

        What goes wrong is noted in the rows that it concerns (`Row.failed`).
        """
        if self._waiting and not (self._tight and self._batches):
            self._read(Batch(self.resident, self.lam, self._next_to_read()))
            return
        wanted = set(map(id, open_rows(rows)))
        own = (one for one in self._batches if any(id(row) in wanted for row in one.rows))
        batch = next(own, self._batches[0])  # rows that wait need the others to come to an end
        self._attempt((batch,), batch.step)

    def remove(self, rows: Sequence[Row]) -> None:
        """Nobody wants these rows any more; a batch of no others gives its memory back now."""
        for row in rows:
            row.wanted = False
        self._waiting = [left for group in self._waiting if (left := open_rows(group))]
        self._drop_finished()

    def _next_to_read(self) -> list[Row]:
        """Those that have waited longest, and who can be read with them at no more cost."""
        chosen, *others = self._waiting
        self._waiting = []
        for group in others:
            texts = ([row.tokens for row in rows] for rows in (chosen, group))
            if not self._tight and read_together(self.resident, *texts):
                chosen = chosen + group
            else:
                self._waiting.append(group)
        return sorted(chosen, key=lambda row: -len(row.tokens))

    def _read(self, batch: Batch) -> None:
        self._batches.append(batch)
        self._attempt((batch,), batch.start)
        others = [other for other in self._batches if other is not batch]
        if len(others) == len(self._batches):
            return  # it has failed, or there was one token to be written
        host = next((other for other in others if other.has_room_for(batch)), None)
        if host is not None:
            self._attempt((host, batch), partial(host.join, batch))
            self._batches = [one for one in self._batches if one is not batch]

    def _attempt(self, batches: tuple[Batch, ...], act: Callable[[], None]) -> None:
        """Do it; where it fails, the batches are gone and their rows wait or have failed."""
        try:
            act()
            return self._drop_finished()
        except Exception as error:
            told = without_frames(error)
        self._batches = [batch for batch in self._batches if batch not in batches]
        groups = [batch.give_up() for batch in batches]
        if not ran_out(told):
            self._fail([row for rows in groups for row in rows], told)
        elif len(groups) == 1:
            self._make_smaller(groups[0], told)
        else:
            self._wait_again(groups)

    def _make_smaller(self, rows: list[Row], error: Exception) -> None:
        """Halves, one after the other; a single row fails unless others can give way to it."""
        if len(rows) == 1 and self._batches:
            return self._wait_again([rows])
        try:
            parts = halves(rows, self.resident, error)
        except EngineError as too_large:
            return self._fail(rows, without_frames(too_large))
        self._wait_again([list(part) for part in parts])

    def _wait_again(self, groups: list[list[Row]]) -> None:
        self._tight = True
        self._waiting[:0] = groups

    def _fail(self, rows: Sequence[Row], error: Exception) -> None:
        for row in rows:
            row.failed = error

    def _drop_finished(self) -> None:
        self._batches = [batch for batch in self._batches if batch.running]
        self._tight = self._tight and bool(self._batches or self._waiting)


class Desk:
    """Where requests at the same λ find each other; a writer lasts as long as one of them."""

    def __init__(self) -> None:
        self._writers: WeakValueDictionary[tuple[int, Lam, Urgency], Writer]
        self._writers = WeakValueDictionary()

    def at(self, resident: Resident, lam: Lam, urgency: Urgency) -> Writer:
        """The writer of this λ, shared with all who hold it already."""
        key = (id(resident), lam, urgency)  # the writer holds the resident: its id stays its own
        writer = self._writers.get(key)
        if writer is None:
            writer = self._writers[key] = Writer(resident, lam)
        return writer
