"""The device and the threads the engine takes when nobody says otherwise."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.engine import device
from core.engine.device import choose_device, usable_threads
from core.settings import Settings, read_settings


@pytest.fixture
def settings() -> Settings:
    return replace(read_settings({}), device=None)


def pretend(patch: pytest.MonkeyPatch, free: list[int], *, mps: bool = False) -> None:
    """As if the machine had GPUs with so many bytes free."""
    patch.setattr(torch.cuda, "is_available", lambda: bool(free))
    patch.setattr(torch.cuda, "device_count", lambda: len(free))
    patch.setattr(torch.cuda, "mem_get_info", lambda number: (free[number], 100))
    patch.setattr(torch.backends.mps, "is_available", lambda: mps)
    patch.setattr(torch, "empty", lambda *size, device: None)


@pytest.mark.parametrize(
    ("free", "mps", "asked", "expected"),
    [
        ([], False, None, "cpu"),
        ([], True, None, "mps"),
        ([70], False, None, "cuda:0"),
        ([10, 70, 70, 30], False, None, "cuda:1"),
        ([10, 70], False, "cuda", "cuda:1"),
        ([10, 70], False, "cuda:0", "cuda:0"),
        ([10, 70], False, "cpu", "cpu"),
    ],
)
def test_the_freest_gpu_unless_one_is_named(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    free: list[int],
    mps: bool,
    asked: str | None,
    expected: str,
) -> None:
    pretend(monkeypatch, free, mps=mps)
    assert choose_device(replace(settings, device=asked)) == torch.device(expected)


@pytest.mark.parametrize(
    ("quota", "threads"),
    [("max 100000", 6), ("200000 100000", 2), ("150000 100000", 2), ("5000 100000", 1)],
)
def test_no_more_threads_than_the_process_was_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quota: str, threads: int
) -> None:
    (tmp_path / "cpu.max").write_text(quota + "\n")
    monkeypatch.setattr(device, "CGROUP_CPU", tmp_path / "cpu.max")
    monkeypatch.setattr(torch, "get_num_threads", lambda: 32)
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(6)), raising=False)
    assert usable_threads() == threads
