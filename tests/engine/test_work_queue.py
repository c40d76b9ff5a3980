"""The one worker: interactive work first, fair turns, and work that is dropped when unwanted."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from core.engine.work_queue import BATCH, INTERACTIVE, Event, Work, WorkQueue
from core.errors import EngineError, InputError


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


def put(queue: WorkQueue, start: Callable[[], Generator[Any, None, Any]], priority: int) -> Work:
    work = Work(start, priority, Listener())
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
