"""Exports in a process of their own: planned, written, cancelled and gone on with."""

import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InputError, NameRefused, NotKnown, PairError, StoreError
from core.jobs import jobs, steering, worker
from core.jobs.export_order import Export
from core.jobs.export_plan import ExportPlan, checked_folder, plan_export
from core.jobs.exporting import export_now
from core.jobs.exports import (
    ExportState,
    list_exports,
    read_export,
    start_export,
)
from core.jobs.job_folder import job_folder
from core.jobs.progress import Progress
from core.jobs.steered import LOOK_SECONDS
from core.lam import Lam
from core.merge import place
from core.merge.partial import PartialFolder
from core.merge.place import partial_folder
from core.merge.shards import Shard
from core.settings import Settings
from core.store.files import write_json
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry, write_tiny_pair

LAM = Lam(370)
SECONDS = 90.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A private registry with one random pair, whose weights take several files."""
    registry = write_registry(tmp_path / "pairs.toml", write_tiny_pair(tmp_path / "parents"))
    return settings_for(tmp_path, registry)


def plan(settings: Settings, folder: Path | str, pair: str = "tiny") -> ExportPlan:
    return plan_export(pair, LAM, str(folder), settings)


def in_pieces(plan: ExportPlan) -> Export:
    assert plan.export is not None and plan.refused is None
    return replace(plan.export, shard_bytes=30_000)


def ended(job_id: str, settings: Settings) -> ExportState:
    end = time.monotonic() + SECONDS
    while (state := read_export(job_id, settings)).job.under_way and time.monotonic() < end:
        time.sleep(0.05)
    return state


@pytest.mark.parametrize("pair", ["tiny", "tiny~attention"])
def test_the_plan_is_what_is_written(pair: str, settings: Settings, tmp_path: Path) -> None:
    ahead = plan(settings, tmp_path / "out", pair)
    assert not (tmp_path / "out").exists() and ahead.kept_bytes == 0
    done = export_now(in_pieces(ahead), settings, lambda _: None)
    assert (done.size_bytes, done.export_id) == (ahead.weights_bytes, ahead.export_id)
    again = plan(settings, tmp_path / "out", pair)
    assert again.refused is not None and "lies in" in again.refused


def test_a_process_of_its_own_writes_it(settings: Settings, tmp_path: Path) -> None:
    ahead = plan(settings, tmp_path / "out")
    job_id = start_export(in_pieces(ahead), settings)
    state = ended(job_id, settings)
    assert state.job.status == "done" and state.done is not None
    assert state.done.export_id == ahead.export_id
    assert (tmp_path / "out" / "partway.json").is_file()
    assert state.job.done == state.job.total == ahead.weights_bytes
    assert [one.job_id for one in list_exports(settings)] == [job_id]


def test_a_cancelled_one_keeps_whole_files_and_goes_on(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(jobs, "launch", lambda command, *_: commands.append(command))
    ahead = plan(settings, tmp_path / "out")
    job_id = start_export(in_pieces(ahead), settings)
    assert commands[0][:3] == [sys.executable, "-m", "core.jobs.worker"]
    with pytest.raises(InputError, match="cannot be paused"):
        steering.pause(job_id, settings)
    folder = Path(commands[0][3])
    take = PartialFolder.take

    def cancel_at_second(self: PartialFolder, shard: Shard, tensors: object) -> None:
        take(self, shard, tensors)  # type: ignore[arg-type]
        if shard.name.startswith("model-00002"):
            steering.cancel(job_id, settings)
            time.sleep(2 * LOOK_SECONDS)

    with monkeypatch.context() as patched:
        patched.setattr(PartialFolder, "take", cancel_at_second)
        assert worker.run_job(folder, settings).event == "cancelled"
    state = read_export(job_id, settings)
    assert state.job.status == "cancelled" and state.done is None
    assert "Every file that was whole is kept" in state.job.message
    assert not (tmp_path / "out").exists()
    kept = plan(settings, tmp_path / "out")
    assert 0 < kept.kept_bytes < kept.weights_bytes
    assert kept.needed_bytes == kept.weights_bytes - kept.kept_bytes + place.SPARE_BYTES
    assert start_export(in_pieces(ahead), settings) == job_id
    assert worker.run_job(folder, settings).event == "finished"
    done = read_export(job_id, settings).done
    assert done is not None and done.kept_bytes == kept.kept_bytes
    steering.cancel(job_id, settings)  # harmless now
    assert read_export(job_id, settings).job.status == "done"


def test_one_that_was_killed_as_it_ended_is_found_whole(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "launch", lambda *_: None)
    job_id = start_export(in_pieces(plan(settings, tmp_path / "out")), settings)
    folder = job_folder(job_id, settings)
    assert worker.run_job(folder, settings).event == "finished"
    first = read_export(job_id, settings).done
    events = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "events.jsonl").write_bytes(b"".join(events[:-1]))  # as if it had not come so far
    (folder / "done.json").unlink()
    assert worker.run_job(folder, settings).event == "finished"
    second = read_export(job_id, settings).done
    assert first is not None and second is not None
    assert second == replace(first, kept_bytes=first.size_bytes, seconds=second.seconds)


def test_an_export_of_an_earlier_version_is_read(settings: Settings, tmp_path: Path) -> None:
    folder = settings.results / "exports" / ("ab" * 10)
    order = Export("tiny", LAM, tmp_path / "out").to_json() | {"expected": None}
    write_json(folder / "job.json", {"export": order, "created": "2026-01-01T00:00:00+00:00"})
    (folder / "events.jsonl").write_text('{"event":"started"}\n{"event":"finished"}\n')
    (state,) = list_exports(settings)
    assert (state.job_id, state.job.status, state.export.lam) == (folder.name, "done", LAM)
    assert read_export(folder.name, settings) == state


def test_time_left_does_not_count_what_was_there(settings: Settings, tmp_path: Path) -> None:
    told: list[Progress] = []
    export_now(in_pieces(plan(settings, tmp_path / "out")), settings, told.append)
    assert told[0].done == 0 and told[0].eta_seconds is None
    assert told[-1].done == told[-1].total and told[-1].eta_seconds == 0


BAD_FOLDERS = {
    "": "Give the folder",
    "relative/folder": "must be a whole path",
    "/tmp/../etc/partway": "without '..'",
    "/": "is a whole disk",
    "/tmp/a\x00b": "is no path",
    "/tmp/" + "x" * 2000: "is no path",
}


@pytest.mark.parametrize("folder", BAD_FOLDERS)
def test_a_folder_that_is_none_is_one_sentence(folder: str, settings: Settings) -> None:
    with pytest.raises(InputError, match=BAD_FOLDERS[folder]) as caught:
        checked_folder(folder, settings)
    assert "\n" not in str(caught.value)
    assert plan(settings, folder).refused == str(caught.value)


def test_places_that_hold_something_are_refused_before_anything_is_written(
    settings: Settings, tmp_path: Path
) -> None:
    for inside in (settings.results, settings.state):
        assert "keeps its own files" in (plan(settings, inside / "x").refused or "")
    assert "parent's own folder" in (plan(settings, tmp_path / "parents/base/x").refused or "")
    mine = partial_folder(tmp_path / "out")
    mine.mkdir()
    (mine / "thesis.txt").write_text("mine")
    assert "holds what no export wrote" in (plan(settings, tmp_path / "out").refused or "")
    with pytest.raises(StoreError, match="holds what no export wrote"):
        export_now(Export("tiny", LAM, tmp_path / "out"), settings, lambda _: None)
    assert (mine / "thesis.txt").read_text() == "mine"
    (tmp_path / "file").write_text("x")
    assert "is a file" in (plan(settings, tmp_path / "file/out").refused or "")


def test_two_hundred_gigabytes_on_twenty(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 20 * 10**9
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Use", (), {"free": free}))
    monkeypatch.setattr("core.jobs.export_plan._weights_bytes", lambda *_: 200 * 10**9)
    refused = plan(settings, tmp_path / "out").refused
    assert refused is not None and "20,000,000,000 free" in refused and "200,0" in refused
    assert not (tmp_path / "out").exists()


def test_two_writers_of_one_folder(settings: Settings, tmp_path: Path) -> None:
    shards = (Shard("model.safetensors", ()),)
    first = PartialFolder(tmp_path / "out", "a" * 20, shards)
    with first.opened():
        other = PartialFolder(tmp_path / "out", "b" * 20, shards)
        with pytest.raises(StoreError, match="Another process is writing"), other.opened():
            raise AssertionError("two at once")
        assert (first.folder / place.PROGRESS).is_file()  # the second one has taken nothing away
    with other.opened():
        pass


def test_an_unknown_export_or_pair_is_told(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(NameRefused):
        read_export("../../etc", settings)
    with pytest.raises(NotKnown, match="no job"):
        read_export("0" * 20, settings)
    with pytest.raises(NotKnown, match="no pair named"):
        plan(settings, tmp_path / "out", "nobody")
    shutil.rmtree(tmp_path / "parents" / "base")
    with pytest.raises(PairError, match="does not exist"):
        plan(settings, tmp_path / "out")
    assert os.listdir(tmp_path / "parents") == ["instruct"]
