"""What is refused before a sweep is spread over a cluster, each in a sentence; no cluster runs."""

import importlib.util
import socket
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from core.engine.fingerprint import code_fingerprint
from core.engine.opening import open_engine, sweep_engine
from core.engine.ray_cluster import RAY_VERSION, connect
from core.engine.ray_fleet import Slots, slots
from core.engine.ray_sight import Sight, refuse_unlike
from core.errors import EngineError, EngineUnavailable, InputError
from core.jobs.jobs import as_environment
from core.settings import ROOT, Settings, ray_address, read_settings
from core.store.environment import read_environment

PLACE = "127.0.0.1:6379"
needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed"
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def settings(**given: str) -> Settings:
    return read_settings(given)


def test_without_ray_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match=rf"pip install ray=={RAY_VERSION}, or leave out --ray"):
        open_engine("ray:local", settings())


def test_the_version_named_is_the_one_tested() -> None:
    assert f"\nray=={RAY_VERSION}\n" in (ROOT / "tests" / "requirements.txt").read_text()
    assert f"ray=={RAY_VERSION}" in (ROOT / "README.md").read_text()
    try:
        assert version("ray") == RAY_VERSION
    except PackageNotFoundError:
        pytest.skip("Ray is not installed")


@needs_ray
def test_a_cluster_without_a_token_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"no token for the cluster in .*auth_token"):
        connect(PLACE, None)
    token = home / ".ray" / "auth_token"
    token.parent.mkdir()
    token.write_text("t" * 64)
    token.chmod(0o644)
    with pytest.raises(InputError, match=r"read by others .*: chmod 600 "):
        connect(PLACE, None)
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    with pytest.raises(InputError, match="'disabled' would leave the cluster open"):
        connect("local", 1)


@needs_ray
def test_where_nothing_listens_it_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_TOKEN", "t" * 64)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(EngineUnavailable, match=f"127.0.0.1:{port}.*Connection refused"):
        connect(f"127.0.0.1:{port}", None)


@pytest.mark.parametrize("text", ["hello", "ray://head:10001", "head", "head:port", ":6379"])
def test_an_address_that_is_none(text: str) -> None:
    with pytest.raises(InputError, match="is no address of a Ray cluster"):
        read_settings({"PARTWAY_RAY_ADDRESS": text})


def test_the_settings_reach_a_job_and_name_its_engine() -> None:
    given = settings(PARTWAY_RAY_ADDRESS=PLACE, PARTWAY_RAY_ACTORS="3")
    assert read_settings(as_environment(given)).ray_actors == 3
    assert sweep_engine("host", given) == f"ray:{PLACE}"
    assert sweep_engine("host", settings()) == "host"
    assert [ray_address(text) for text in ("auto", "local", "")] == ["auto", "local", None]


def test_one_gpu_by_number_is_no_place_for_many() -> None:
    with pytest.raises(InputError, match="'cuda:1' names one GPU"):
        open_engine("ray:local", settings(PARTWAY_DEVICE="cuda:1"))


def test_an_actor_takes_a_gpu_or_as_many_cpus_as_it_has_threads() -> None:
    mixed = {"CPU": 16.0, "GPU": 2.0, "memory": 1e9}
    assert slots(mixed, settings()) == Slots(2, 1, 1, "cuda")
    assert slots(mixed, settings(PARTWAY_DEVICE="cpu")) == Slots(16, 1, 0, "cpu")
    four = settings(PARTWAY_THREADS="4")
    assert slots({"CPU": 18.0}, four) == Slots(4, 4, 0, "cpu")
    assert slots({"CPU": 18.0}, replace(four, ray_actors=2)) == Slots(2, 4, 0, "cpu")
    with pytest.raises(EngineUnavailable, match="2 GPUs, so it cannot hold 3 engines"):
        slots(mixed, settings(PARTWAY_RAY_ACTORS="3"))
    with pytest.raises(EngineUnavailable, match="0 GPUs"):
        slots({"CPU": 2.0}, settings(PARTWAY_DEVICE="cuda"))


def sight(**given: str | bool) -> Sight:
    told = Sight("10.0.0.7", 1, code_fingerprint(), "NVIDIA H100", True, read_environment(""))
    return replace(told, **given)  # type: ignore[arg-type]


def test_one_curve_is_measured_by_engines_that_are_alike() -> None:
    refuse_unlike(sight(), sight())
    with pytest.raises(EngineError, match=r"10\.0\.0\.7 asks nobody for a token"):
        refuse_unlike(sight(guarded=False), sight())
    with pytest.raises(EngineError, match=r"other code of Partway"):
        refuse_unlike(sight(code="0" * 20), sight())
    with pytest.raises(EngineError, match=r"two kinds: NVIDIA A100 .* and NVIDIA H100"):
        refuse_unlike(sight(), sight(hardware="NVIDIA A100"))


def test_versions_are_compared_with_the_driver_and_with_each_other() -> None:
    first, here = sight(), read_environment("")
    older = replace(here, packages=here.packages | {"transformers": "4.0"})
    with pytest.raises(EngineError, match=r"differs from this machine in transformers \(4\.0 and"):
        refuse_unlike(replace(first, environment=older), first)
    build = replace(here, packages=here.packages | {"torch": "2.13.0+cu130"})
    gpu = replace(first, environment=build)
    refuse_unlike(gpu, gpu)  # a head node without a GPU has another build of torch
    with pytest.raises(EngineError, match=r"differs from 10\.0\.0\.7 in torch \(2\.13\.0\+cu130"):
        refuse_unlike(gpu, first)
