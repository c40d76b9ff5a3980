"""Bits of two computations are compared here, so both use one thread.

With several, the libraries may split the same sum differently from one call to the next, and
the last bit of a logit then differs between two runs of one and the same model.
"""

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
