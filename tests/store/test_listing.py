"""Whatever comes, goes or is completed is seen at the next look, remembered or not."""

import os
import shutil
import time
from pathlib import Path

import pytest

from core.store import listing
from core.store.listing import complete_folders


@pytest.fixture(params=["just changed", "long ago"])
def parent(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder of runs: fresh ones are looked at anew, old ones are remembered."""
    for at in range(3):
        run(tmp_path, at, complete=at < 2)
    if request.param == "long ago":
        age(tmp_path)
    complete_folders(tmp_path)
    return tmp_path


def run(parent: Path, at: int, complete: bool = True) -> Path:
    folder = parent / f"{at:020x}"
    folder.mkdir()
    if complete:
        (folder / "summary.json").write_text("{}")
    return folder


def age(parent: Path) -> None:
    before = time.time() - 60
    os.utime(parent, (before, before))


def names(parent: Path) -> list[int]:
    return [int(Path(folder).name, 16) for folder, _ in complete_folders(parent)]


def test_only_runs_with_a_summary_are_complete(parent: Path) -> None:
    (parent / "not-a-run").mkdir()
    assert names(parent) == [0, 1]


def test_a_run_completed_later_is_seen_though_its_folder_was_there(parent: Path) -> None:
    (parent / f"{2:020x}" / "summary.json").write_text("{}")
    assert names(parent) == [0, 1, 2]


def test_a_new_run_and_a_deleted_one_are_seen(parent: Path) -> None:
    run(parent, 7)
    shutil.rmtree(parent / f"{0:020x}")
    assert names(parent) == [1, 7]


def test_a_run_measured_again_has_another_stamp(parent: Path) -> None:
    before = dict(complete_folders(parent))
    folder = parent / f"{1:020x}"
    shutil.rmtree(folder)
    run(parent, 1)
    os.utime(folder / "summary.json", ns=(5, 5))
    after = dict(complete_folders(parent))
    assert after[str(folder)] == 5 != before[str(folder)]


def test_what_is_complete_is_not_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, 0)
    age(tmp_path)
    assert names(tmp_path) == [0]

    def refuse(*_: object) -> None:
        raise AssertionError("looked again")

    monkeypatch.setattr(listing, "_stamp", refuse)
    assert names(tmp_path) == [0]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert complete_folders(tmp_path / "none") == ()
