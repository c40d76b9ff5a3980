"""A disk that fills up while a job runs or waits: one sentence, and nothing is lost."""

import errno
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import StoreError
from core.jobs import steering
from core.jobs.job_folder import job_folder
from core.jobs.jobs import advance, list_jobs, read_job, start_job
from core.jobs.sweep import run_sweep
from core.settings import Settings
from core.store.runs import RunStore
from tests.jobs.noted_workers import gone, run_here
from tests.jobs.sweep_world import FilesEngine, contents, silent, small_plan


@pytest.mark.parametrize("at", ["records.jsonl", "events.jsonl", "summary.json", "spec.json"])
def test_a_full_disk_is_one_sentence_and_the_job_is_retried_without_a_loss(
    settings: Settings, held: list[int], monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    job = start_job(small_plan("0,1"), settings)
    gone(held)
    disk = FullDisk(at, 3, job_folder(job, settings) / "reserve")
    with monkeypatch.context() as broken:
        broken.setattr(Path, "open", disk.opening(Path.open))
        broken.setattr(tempfile, "mkstemp", disk.making(tempfile.mkstemp))
        assert run_here(job, settings) == "failed"
    state = read_job(job, settings)
    assert (state.status, state.exit_code) == ("failed", StoreError.exit_code)
    assert "is full. Free some space" in state.message and "is kept" in state.message
    steering.retry(job, settings)
    gone(held)
    assert run_here(job, settings) == "finished"
    whole = RunStore(settings.results.parent / "whole")
    run_sweep(small_plan("0,1"), FilesEngine(settings), whole, silent)
    assert contents(settings.results) == contents(whole.results)


def test_a_queue_on_a_full_disk_stays_as_it_is(
    settings: Settings, held: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = start_job(small_plan(), settings), start_job(small_plan("0"), settings)
    gone(held)

    def full(*_: object) -> None:
        raise StoreError("The disk that holds results is full. Free some space.")

    monkeypatch.setattr(RunStore, "check_writable", full)
    with pytest.raises(StoreError, match="is full"):
        advance(settings)
    assert [read_job(job, settings).status for job in (first, second)] == ["queued", "queued"]
    with pytest.raises(StoreError, match="is full"):
        start_job(small_plan("1"), settings)
    assert len(list_jobs(settings)) == 2


class FullDisk:
    """No space for a third line or file of that name, until the reserve is given back."""

    def __init__(self, name: str, at: int, reserve: Path) -> None:
        self._name, self._left, self._reserve = name, at, reserve

    def _refuse(self, name: str) -> None:
        if self._name not in name:
            return
        self._left -= 1
        if self._left <= 0 and self._reserve.exists():
            raise OSError(errno.ENOSPC, "No space left on device")

    def opening(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Path, *given: Any, **named: Any) -> Any:
            if given and "a" in given[0]:
                self._refuse(path.name)
            return real(path, *given, **named)

        return opened

    def making(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def made(**named: Any) -> Any:
            self._refuse(named["prefix"])
            return real(**named)

        return made
