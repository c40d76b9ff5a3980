"""The engine on a GPU, with a random 8B-shaped pair in bfloat16 that is made on the device.

    python -m tests.bench.gpu [--shape 8b] [--only write,many] [--seconds 280]
    PARTWAY_DEVICE=cpu python -m tests.bench.gpu --shape tiny       the same lines anywhere

Each section prints as soon as it is done; one that fails says why and the next one begins; the
exit code is then 1. Ratios are taken in one run. It needs torch, transformers and about 60 GB
of the device's memory for 8b, and nothing of the pages, the host or lm-eval.

    copy      what the device and its bus can copy
    write     a λ written into the live weights, against copying
    exact     end points bit for bit, no trace of the λ before, rounding against float64
    decode    one answer at a time by merged weights
    many      8 and 11 λ at once, against one after another and against one
    read      prompts of 8 λ: blended, through merged modules, by the live copy
    equal     blended against merged: log-probabilities and greedy tokens, bfloat16 and float32
    score     few-shot likelihoods, the prefix shared and not
    share     what sharing a prefix changes in bfloat16, with float32 as the measure
    paired    without a live copy: bits, speed and memory
    memory    what all that took, and what comes back
    streamed  parents in pinned host memory, against the bus
    files     loading from files, against the memory plan; unloading
    export    a pair of that size in files: loaded by name, a λ written out and read back
    half      the same answer alone and in a batch, float32 and bfloat16
"""

import argparse
import sys
import time
import traceback
from collections.abc import Callable

import torch
import transformers
from transformers.utils import logging as transformers_logging

from core.engine.device import choose_device, free_bytes, use_threads
from core.settings import read_settings
from tests.bench import gpu_answers, gpu_export, gpu_weights
from tests.bench.gpu_state import State, say
from tests.bench.made_pair import SHAPES

SECTIONS: dict[str, Callable[[State], None]] = {
    "copy": gpu_weights.copy,
    "write": gpu_weights.write,
    "exact": gpu_weights.exact,
    "decode": gpu_answers.decode,
    "many": gpu_answers.many,
    "read": gpu_answers.read,
    "equal": gpu_answers.equal,
    "score": gpu_answers.score,
    "share": gpu_answers.share,
    "paired": gpu_weights.paired,
    "memory": gpu_weights.memory,
    "streamed": gpu_weights.streamed,
    "files": gpu_weights.files,
    "export": gpu_export.export,
    "half": gpu_answers.half,
}


def main() -> int:
    """Every section wanted; 1 when one failed or was not begun."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--shape", choices=SHAPES, default="8b")
    parser.add_argument("--only", default=",".join(SECTIONS))
    parser.add_argument("--seconds", type=float, default=280.0, help="begin no section later")
    given = parser.parse_args()
    settings = read_settings()
    use_threads(settings)
    transformers_logging.disable_progress_bar()
    state = State(choose_device(settings), given.shape)
    describe(state.device)
    failed = [name for name in given.only.split(",") if not run(name, state, given.seconds)]
    say(f"\n{state.elapsed:.0f} s in all; failed or not begun: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def describe(device: torch.device) -> None:
    """What this is measured on."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)
    free = free_bytes(device)
    free_text = "unknown" if free is None else f"{free / 1e9:.1f} GB"
    say(
        f"{name}; {free_text} free; torch {torch.__version__}, transformers "
        f"{transformers.__version__}, {torch.get_num_threads()} threads"
    )


def run(name: str, state: State, seconds: float) -> bool:
    """One section; False when it failed or there is no time for it."""
    say(f"\n== {name} (at {state.elapsed:.0f} s)")
    if state.elapsed > seconds:
        say(f"not begun: {seconds:.0f} s are over")
        return False
    began = time.perf_counter()
    try:
        SECTIONS[name](state)
    except Exception as error:  # the next section may still say something
        say(f"FAILED: {type(error).__name__}: {error}")
        traceback.print_exc(file=sys.stdout)
        state.forget()
        return False
    say(f"   ({time.perf_counter() - began:.1f} s)")
    return True


if __name__ == "__main__":
    sys.exit(main())
