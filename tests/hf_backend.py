"""lm-eval's own HF backend over the very weights that our engine holds at some λ.

The oracle of the scoring tests and the peer of `python -m tests.bench.icl`. It computes every
request by itself, with no prefix shared, and is asked through lm-eval's own interface.
"""

import copy
import logging
from collections.abc import Sequence
from typing import Any

from core.engine.torch_engine import TorchEngine
from core.lam import Lam


def hf_backend(engine: TorchEngine, pair: str, lam: Lam, batch_size: int = 1) -> Any:
    """An `HFLM` with a copy of the weights at λ, so that the engine may go on to others."""
    from lm_eval.models.huggingface import HFLM

    for name in ("lm_eval", "accelerate"):
        logging.getLogger(name).setLevel(logging.ERROR)
    resident = engine.resident(pair)
    model = copy.deepcopy(resident.at(lam))
    return HFLM(
        pretrained=model,
        tokenizer=copy.deepcopy(resident.encoder.tokenizer),
        batch_size=batch_size,
        device=str(resident.device),
    )


def instances(kind: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
    """lm-eval's requests with these arguments."""
    from lm_eval.api.instance import Instance

    return [Instance(kind, {}, given, number) for number, given in enumerate(arguments)]
