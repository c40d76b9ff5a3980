"""Whoever waits for a pair hears how far it is; what trying it showed is not tried again."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from core.engine.host_state import HostState
from core.engine.host_status import status_from_json, status_to_json
from core.engine.loading_now import STAGES, LoadingNow, LoadingWatch
from core.engine.resident import Resident
from core.engine.sharing_probe import sharing_is_exact
from core.engine.stepwise import StepwiseFake
from core.engine.torch_engine import TorchEngine
from core.settings import Settings
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry, write_tiny_pair


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    entry = write_tiny_pair(tmp_path, dtype=torch.bfloat16)
    return settings_for(tmp_path, write_registry(tmp_path / "pairs.toml", entry))


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the pairs for which sharing was tried."""
    names: list[str] = []
    real = sharing_is_exact

    def noted(resident: Resident) -> bool:
        names.append(resident.loaded.identity.name)
        return real(resident)

    monkeypatch.setattr("core.engine.loading.sharing_is_exact", noted)
    return names


def test_every_step_is_heard_and_comes_to_its_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[LoadingNow] = []
    real = LoadingWatch.stage

    def noted(watch: LoadingWatch, name: str, total: int) -> None:
        ended.extend([now] if (now := watch.now()) is not None else [])
        real(watch, name, total)

    monkeypatch.setattr(LoadingWatch, "stage", noted)
    engine = TorchEngine(settings)
    assert engine.loading is None
    engine.load("tiny")
    assert engine.loading is None
    counted = [one for one in ended if one.total]
    assert [one.stage for one in counted][-2:] == list(STAGES)[1:-1]
    assert all(one.pair == "tiny" and one.done == one.total for one in counted[-2:])


def test_the_words_hold_the_time_left_of_the_step() -> None:
    clock = [10.0]
    watch = LoadingWatch(now=lambda: clock[0])
    watch.begin("mine")
    watch.stage("reading", 400)
    told = [words(watch)]
    watch.add(100)
    clock[0] += 3
    told.append(words(watch))
    step = "step 2 of 4, reading both parents"
    assert told == [step, f"{step}: 25 %, about 9 s left of it"]
    watch.end()
    assert watch.now() is None


def words(watch: LoadingWatch) -> str:
    now = watch.now()
    assert now is not None
    return now.words()


def test_the_hosts_status_carries_it() -> None:
    state = HostState(lambda: StepwiseFake(), "", "", "")
    status = replace(state.describe(), loading=LoadingNow("mine", "reading", 1, 2, 3.0))
    again = status_from_json(json.loads(json.dumps(status_to_json(status))))
    state.stop()
    assert again == status
    older = asdict(status) | {"at_work": [], "pairs": []}
    older.pop("loading")  # a host of before this field
    assert status_from_json(older).loading is None


def test_what_was_tried_once_is_known_until_something_differs(
    settings: Settings, tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = TorchEngine(settings).load("tiny").prefixes_shared
    assert TorchEngine(settings).load("tiny").prefixes_shared == shares
    assert tried == ["tiny"]
    monkeypatch.setattr("core.engine.probe_memory.code_fingerprint", lambda: "other")
    TorchEngine(settings).load("tiny")
    assert tried == ["tiny"] * 2
    (settings.state / "sharing-tried.json").write_text("{torn")
    TorchEngine(settings).load("tiny")
    assert tried == ["tiny"] * 3
