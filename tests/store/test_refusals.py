"""A results folder that cannot be used: one sentence, and nothing has changed."""

import errno
import os
from pathlib import Path

import pytest

from core.errors import NameRefused, StoreError
from core.store import files
from core.store.runs import RunStore
from tests.store.made_runs import HERE, icl_record, icl_spec

BAD_IDS = ("", "..", "../" + "a" * 17, "a" * 19, "A" * 20, "a" * 21, "a" * 20 + "\n", "g" * 20)
NOBODY = 65534


@pytest.mark.parametrize("run_id", BAD_IDS)
def test_an_id_that_is_no_id_never_becomes_a_path(tmp_path: Path, run_id: str) -> None:
    (tmp_path / "runs").mkdir()
    store = RunStore(tmp_path / "results")
    for read in (store.is_complete, store.records, store.summary, store.spec, store.prompts):
        with pytest.raises(NameRefused, match="20 hex digits"):
            read(run_id)
    assert not (tmp_path / "results").exists()


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    place = tmp_path / "results"
    place.write_text("a file")
    with pytest.raises(StoreError, match=r"not a folder.*PARTWAY_RESULTS"):
        RunStore(place).check_writable()
    assert place.read_text() == "a file"


def test_a_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _forbid_writing(tmp_path, monkeypatch)
    with pytest.raises(StoreError, match=r"read-only.*PARTWAY_RESULTS") as caught:
        RunStore(tmp_path).check_writable()
    assert str(tmp_path) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(StoreError, match="read-only file system"):
        RunStore(tmp_path).check_writable()
    assert list(tmp_path.iterdir()) == []


def test_a_writable_folder_is_left_as_it_was(tmp_path: Path) -> None:
    RunStore(tmp_path).check_writable()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_keeps_what_was_flushed(tmp_path: Path) -> None:
    store, spec = RunStore(tmp_path), icl_spec()
    records = tmp_path / "runs" / spec.run_id / "records.jsonl"
    with store.open(spec, HERE) as run:
        run.append([icl_record("1")])
        kept = records.read_bytes()
        records.rename(tmp_path / "aside")
        records.symlink_to("/dev/full")
        with pytest.raises(StoreError, match=r"disk.*is full"):
            run.append([icl_record("2")])
        assert run.done == {"1"}
    records.unlink()
    (tmp_path / "aside").rename(records)
    with store.open(spec, HERE) as run:
        assert run.done == {"1"}
    assert records.read_bytes() == kept


def test_a_whole_file_is_replaced_or_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "summary.json"
    files.write_whole(path, "former")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="full"):
        files.write_whole(path, "latter")
    assert path.read_text() == "former"
    assert [one.name for one in tmp_path.iterdir()] == ["summary.json"]


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    store, spec = RunStore(tmp_path), icl_spec()
    with store.open(spec, HERE) as run:
        run.append([icl_record("1")])
        run.finish({"n": 1})
    path = tmp_path / "runs" / spec.run_id / "records.jsonl"
    path.write_bytes(b"no json\n" + path.read_bytes())
    with pytest.raises(StoreError, match=r"records\.jsonl cannot be read"):
        store.records(spec.run_id)


def _forbid_writing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the right to write away; root may write anywhere, so root is told no by the call."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        return

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "write_bytes", refuse)
