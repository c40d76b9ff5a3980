"""Finding, starting and replacing the host: one a state folder, never a stale one.

These start real processes with made-up answers (PARTWAY_DEVICE=fake), each in its own folder.
"""

import json
import os
import signal
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.engine import address
from core.engine.deaths import DEATHS, Deaths, read_deaths
from core.engine.host import main
from core.engine.protocol import Prompt
from core.engine.supervisor import engine_state, ensure_engine, stop_engine
from core.errors import EngineError, EngineUnavailable
from core.lam import Lam
from core.settings import Settings, read_settings
from core.spec import Decoding
from tests.private_settings import settings_for


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = replace(settings_for(tmp_path, tmp_path / "pairs.toml"), device="fake")
    yield made
    stop_engine(made)


def test_nothing_runs_until_it_is_needed(settings: Settings) -> None:
    assert engine_state(settings).status == "absent"
    assert not settings.state.exists()
    assert stop_engine(settings) is False


def test_an_engine_is_started_once_and_outlives_the_call(settings: Settings) -> None:
    client = ensure_engine(settings)
    assert client.load("tinyworld").device == "fake"
    state = engine_state(settings)
    assert (state.status, state.pairs, state.device) == ("ready", ("tinyworld",), "fake")
    assert ensure_engine(settings).url == client.url
    assert engine_state(settings).pid == state.pid
    assert stop_engine(settings) is True
    assert engine_state(settings).status == "absent"
    assert address.read_address(settings.state) is None


def test_the_token_is_for_its_owner_alone(settings: Settings) -> None:
    client = ensure_engine(settings)
    token = settings.state / address.TOKEN
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert client.url.startswith("http://127.0.0.1:")
    assert token.read_text() not in (settings.state / address.ADDRESS).read_text()
    assert token.read_text() not in (settings.state / address.LOG).read_text()


def test_a_dead_engine_is_noticed_and_started_anew(settings: Settings) -> None:
    client = ensure_engine(settings)
    pid = engine_state(settings).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 5
    while engine_state(settings).status != "absent" and time.monotonic() < until:
        time.sleep(0.02)
    assert engine_state(settings).status == "absent"  # its address file is still there
    assert engine_state(settings).died == 1 and "unexpectedly" in engine_state(settings).message
    with pytest.raises(EngineUnavailable):
        client.load("tinyworld")
    assert ensure_engine(settings).load("tinyworld").device == "fake"
    state = engine_state(settings)
    assert state.pid != pid and state.died == 1 and "started anew" in state.message


def test_an_engine_that_is_stopped_has_not_died(settings: Settings) -> None:
    ensure_engine(settings)
    stop_engine(settings)
    assert (engine_state(settings).died, read_deaths(settings.state).count) == (0, 0)


def test_an_engine_that_dies_again_and_again_is_left_alone_for_longer(settings: Settings) -> None:
    now = time.time()
    waits = [Deaths((now,) * count).wait_seconds(now) for count in range(9)]
    assert waits[:2] == [0, 0] and waits == sorted(waits) and 30 <= waits[-1] <= 120
    settings.state.mkdir()
    moments = [now - 900, *(now - age for age in (50, 40, 30, 20, 1))]
    (settings.state / DEATHS).write_text(json.dumps(moments))
    with pytest.raises(EngineUnavailable, match=r"5 times in ten minutes.* start again in"):
        ensure_engine(settings)
    assert address.living_pid(settings.state) is None
    (settings.state / DEATHS).write_text(json.dumps([moment - 60 for moment in moments]))
    assert ensure_engine(settings).load("tinyworld").device == "fake"
    assert engine_state(settings).died == 5


def test_a_token_may_be_given_and_must_be_hard_to_guess(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARTWAY_STATE", str(settings.state))
    for token in ("short", "a token with spaces in it"):
        monkeypatch.setenv("PARTWAY_ENGINE_TOKEN", token)
        assert main([]) == 2
        told = capfd.readouterr().err
        assert "PARTWAY_ENGINE_TOKEN" in told and token not in told
    given = "a-token-that-someone-has-chosen"
    assert address.write_token(settings.state, given) == address.read_token(settings.state) == given


def test_an_engine_with_other_settings_is_replaced(settings: Settings) -> None:
    ensure_engine(settings).load("tinyworld")
    first = engine_state(settings).pid
    ensure_engine(replace(settings, threads=2)).load("tinyworld")
    assert engine_state(settings).pid != first


def test_an_engine_of_other_code_is_replaced(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ensure_engine(settings)
    first = engine_state(settings).pid
    monkeypatch.setattr("core.engine.supervisor._same", lambda health, given: False)
    assert ensure_engine(settings).url != client.url
    assert engine_state(settings).pid != first


def test_many_callers_start_one_engine(settings: Settings) -> None:
    urls: list[str] = []
    threads = [
        threading.Thread(target=lambda: urls.append(ensure_engine(settings).url)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(urls) == 4 and len(set(urls)) == 1


def test_a_second_host_of_the_same_folder_refuses(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ensure_engine(settings)
    monkeypatch.setenv("PARTWAY_STATE", str(settings.state))
    assert main([]) == 3
    assert "already running" in capfd.readouterr().err


def test_an_engine_given_by_address_is_used_and_never_touched(
    settings: Settings, tmp_path: Path
) -> None:
    client = ensure_engine(settings)
    token = address.read_token(settings.state)
    far = replace(settings, state=tmp_path / "elsewhere", engine_url=client.url, engine_token=token)
    assert ensure_engine(far).load("tinyworld").device == "fake"
    assert engine_state(far).status == "ready"
    assert stop_engine(far) is False
    assert not far.state.exists()
    assert engine_state(settings).status == "ready"


def test_a_wrong_token_is_told_and_no_engine_is_started_here(
    settings: Settings, tmp_path: Path
) -> None:
    url = ensure_engine(settings).url
    for token in ("wrong", None):
        far = replace(settings, state=tmp_path / "elsewhere", engine_url=url, engine_token=token)
        with pytest.raises(EngineError, match="Set PARTWAY_ENGINE_TOKEN"):
            ensure_engine(far)
        state = engine_state(far)
        assert state.status == "failed" and "PARTWAY_ENGINE_TOKEN" in state.message
        assert not far.state.exists()


def test_a_remote_engine_that_does_not_answer_is_one_sentence(settings: Settings) -> None:
    far = replace(settings, engine_url="http://127.0.0.1:9", engine_token="x")
    with pytest.raises(EngineUnavailable, match=r"http://127\.0\.0\.1:9 does not answer"):
        ensure_engine(far)
    state = engine_state(far)
    assert state.status == "absent" and "open the tunnel" in state.message
    assert not settings.state.exists()


def test_an_engine_that_cannot_start_says_what_its_log_says(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.engine.host_process.sys.executable", "/bin/false")
    with pytest.raises(EngineUnavailable, match="does not start"):
        ensure_engine(settings, wait_seconds=0.3)


def test_a_state_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    broken = read_settings({"PARTWAY_STATE": str(tmp_path / "file" / "state")})
    with pytest.raises(EngineError, match="Set PARTWAY_STATE"):
        ensure_engine(broken)


def test_a_stream_through_a_started_engine(settings: Settings) -> None:
    client = ensure_engine(settings)
    chunks = list(client.stream("tinyworld", Lam(500), Prompt("hello"), Decoding(6)))
    assert chunks[-1].finish in ("stop", "length")
