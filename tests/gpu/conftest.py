"""Tests that need a GPU; they import torch and transformers, and nothing of pages or host.

pytest tests/gpu                              skipped with a reason where there is no GPU
PARTWAY_TEST_DEVICE=cpu pytest tests/gpu      a rehearsal of those that can run anywhere
"""

import os

import pytest
import torch


@pytest.fixture(scope="session")
def device() -> torch.device:
    """The GPU, or what a rehearsal asks for."""
    asked = os.environ.get("PARTWAY_TEST_DEVICE")
    if asked:
        return torch.device(asked)
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device here")
    return torch.device("cuda", torch.cuda.current_device())


@pytest.fixture
def cuda(device: torch.device) -> torch.device:
    """The GPU itself, for what cannot be rehearsed."""
    if device.type != "cuda":
        pytest.skip("only a CUDA device has memory and a bus of its own")
    return device
