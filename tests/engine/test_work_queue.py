"""The one worker: interactive work first, fair turns, and work that is dropped when unwanted."""

import logging
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from core.engine.work_queue import BATCH, INTERACTIVE, Event, Work, WorkQueue
from core.errors import EngineError, InputError, PartwayError


@pytest.fixture
def queue() -> Iterator[WorkQueue]:
    made = WorkQueue(lambda: None)
    made.start()
    yield made
    made.stop(5)


class Listener:
    """Collects what the worker tells, and waits for the end."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.times: list[float] = []
        self._ended = threading.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self.times.append(time.monotonic())
        if event[0] != "step":
            self._ended.set()

    def wait(self) -> Event:
        assert self._ended.wait(10)
        return self.events[-1]


def counting(steps: int, seconds: float = 0.0) -> Callable[[], Generator[int, None, str]]:
    def start() -> Generator[int, None, str]:
        for number in range(steps):
            time.sleep(seconds)
            yield number
        return "done"

    return start


def put(
    queue: WorkQueue,
    start: Callable[[], Generator[Any, None, Any]],
    priority: int,
    together: str | None = None,
) -> Work:
    work = Work(start, priority, Listener(), together)
    queue.put(work)
    return work


def heard(work: Work) -> Listener:
    assert isinstance(work.tell, Listener)
    return work.tell


def test_steps_are_told_and_then_the_result(queue: WorkQueue) -> None:
    work = put(queue, counting(3), BATCH)
    assert heard(work).wait() == ("result", "done")
    assert heard(work).events == [("step", 0), ("step", 1), ("step", 2), ("result", "done")]


def test_a_conversation_waits_for_one_step_of_a_batch_only(queue: WorkQueue) -> None:
    batch = put(queue, counting(100, 0.02), BATCH)
    time.sleep(0.1)
    asked = time.monotonic()
    talk = put(queue, counting(3), INTERACTIVE)
    heard(talk).wait()
    assert heard(talk).times[0] - asked < 1.0  # the batch takes two seconds
    assert not heard(batch)._ended.is_set()
    batch.cancelled.set()


def test_equal_work_takes_turns(queue: WorkQueue) -> None:
    works = [put(queue, counting(15, 0.02), INTERACTIVE) for _ in range(2)]
    for work in works:
        heard(work).wait()
    first, second = (heard(work).times for work in works)
    assert first[0] < second[-1] and second[0] < first[-1]


def logged(log: list[str], name: str, steps: int) -> Callable[[], Generator[int, None, None]]:
    def start() -> Generator[int, None, None]:
        for number in range(steps):
            log.append(name)
            time.sleep(0.002)
            yield number

    return start


def test_work_that_is_together_has_a_step_each_in_every_round(queue: WorkQueue) -> None:
    log: list[str] = []
    hold = put(queue, counting(1, 0.1), INTERACTIVE)  # until all of them wait
    works = [put(queue, logged(log, name, 200), BATCH, "a") for name in "xyz"]
    for work in (hold, *works):
        heard(work).wait()
    rounds = ["".join(log[at : at + 3]) for at in range(0, len(log), 3)]
    assert set(rounds) == {"xyz"}


def test_who_comes_late_shares_the_turn_that_is_running(queue: WorkQueue) -> None:
    log: list[str] = []
    first = put(queue, logged(log, "x", 150), BATCH, "a")
    time.sleep(0.05)
    second = put(queue, logged(log, "y", 100), BATCH, "a")
    for work in (first, second):
        heard(work).wait()
    joined = "".join(log)
    assert "yxyxyxyx" in joined and len(joined) == 250
    assert joined.index("y") < 100  # long before the turn of a batch is over


@pytest.mark.parametrize("others", [1, 8])
def test_work_that_is_together_counts_as_one_beside_others(queue: WorkQueue, others: int) -> None:
    """However many write at one λ, another λ has half of the time."""
    log: list[str] = []
    works = [put(queue, logged(log, "x", 10_000), INTERACTIVE, "a") for _ in range(others)]
    alone = put(queue, logged(log, "o", 10_000), INTERACTIVE, "b")
    time.sleep(1.5)
    for work in (*works, alone):
        work.cancelled.set()
    share = log.count("o") / len(log)
    assert 0.2 < share < 0.8


def test_a_conversation_interrupts_the_round_of_a_batch(queue: WorkQueue) -> None:
    batches = [put(queue, counting(1000, 0.02), BATCH, "a") for _ in range(100)]
    time.sleep(0.1)
    asked = time.monotonic()
    talk = put(queue, counting(1), INTERACTIVE, "a")  # of equal key, but more urgent
    heard(talk).wait()
    assert heard(talk).times[0] - asked < 1.0  # a round takes two seconds
    for work in batches:
        work.cancelled.set()


def test_unwanted_work_stops_within_a_step(queue: WorkQueue) -> None:
    closed = threading.Event()

    def endless() -> Generator[int, None, None]:
        try:
            while True:
                time.sleep(0.005)
                yield 1
        finally:
            closed.set()

    work = put(queue, endless, BATCH)
    time.sleep(0.05)
    work.cancelled.set()
    assert closed.wait(1)
    time.sleep(0.05)
    assert queue.length == 0


class Tensorlike:
    """Something large that a piece of work holds."""


def holding(
    seen: "list[weakref.ref[Tensorlike]]", error: Exception | None = None
) -> Callable[[], Generator[int, None, None]]:
    def start() -> Generator[int, None, None]:
        large = Tensorlike()
        seen.append(weakref.ref(large))
        yield 1
        if error is not None:
            raise error
        while large:
            time.sleep(0.002)
            yield 2

    return start


def gone(seen: "list[weakref.ref[Tensorlike]]") -> bool:
    until = time.monotonic() + 5
    while seen[0]() is not None and time.monotonic() < until:
        time.sleep(0.01)
    return seen[0]() is None


def test_unwanted_work_gives_its_memory_back_at_once(queue: WorkQueue) -> None:
    seen: list[weakref.ref[Tensorlike]] = []
    work = put(queue, holding(seen), BATCH)
    time.sleep(0.05)
    assert seen[0]() is not None
    work.cancelled.set()
    assert gone(seen)


def test_unwanted_work_does_not_wait_for_its_turn(queue: WorkQueue) -> None:
    """A batch was begun, then conversations came that do not end, then it was cancelled."""
    seen: list[weakref.ref[Tensorlike]] = []
    batch = put(queue, holding(seen), BATCH)
    time.sleep(0.05)
    talk = put(queue, counting(10_000, 0.002), INTERACTIVE)
    time.sleep(0.05)
    batch.cancelled.set()
    assert gone(seen)
    assert not heard(talk)._ended.is_set()
    assert queue.length == 1
    talk.cancelled.set()


@pytest.mark.parametrize("error", [InputError("a sentence."), RuntimeError("out of memory")])
def test_failed_work_gives_its_memory_back_though_its_error_is_kept(
    queue: WorkQueue, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "core.engine.work_queue")  # or pytest keeps the frames
    seen: list[weakref.ref[Tensorlike]] = []
    work = put(queue, holding(seen, error), INTERACTIVE)
    kind, told = heard(work).wait()
    error.__traceback__ = None  # this test's own hold on the frames
    assert gone(seen)
    assert kind == "error" and isinstance(told, PartwayError)


@pytest.mark.parametrize("error", [InputError("a sentence."), ValueError("bug")])
def test_a_failure_is_told_and_the_worker_goes_on(queue: WorkQueue, error: Exception) -> None:
    def failing() -> Generator[int, None, None]:
        raise error
        yield 1

    kind, value = heard(put(queue, failing, BATCH)).wait()
    assert kind == "error"
    assert value is error or (isinstance(value, EngineError) and "ValueError" in str(value))
    assert heard(put(queue, counting(1), BATCH)).wait() == ("result", "done")


def test_stopping_tells_those_who_wait() -> None:
    queue = WorkQueue(lambda: None)
    queue.start()
    work = put(queue, counting(1000, 0.01), BATCH)
    time.sleep(0.05)
    queue.stop(5)
    kind, value = heard(work).wait()
    assert kind == "error" and "stopping" in str(value)
