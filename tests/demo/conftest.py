"""The whole training streams of the shipped pair, made again once for all who look at them."""

import pytest

from core.demo.overlap import Overlap, overlap


@pytest.fixture(scope="session")
def whole_streams() -> Overlap:
    """What they share with the suites, and their hashes."""
    return overlap()
