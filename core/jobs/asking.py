"""The hub asked by a process of its own: a page holds no torch, and this check needs it.

    ask_apart("smollm2-135m-instruct", settings).findings

The same as `python -m core pairs check NAME --online`, with whether transformers builds the two
models and how they would fit on this machine's device.
"""

import json
import os
import subprocess
import sys

from core.errors import PairError
from core.jobs.checking import Checked
from core.jobs.jobs import as_environment
from core.pairs.findings import Finding
from core.settings import ROOT, Settings

MOST_SECONDS = 180.0  # a slow line, and a rate-limited hub that is asked again


def ask_apart(pair: str, settings: Settings) -> Checked:
    """Ask, and wait for the answer.

    Raises:
        PairError: what the other process says, or that it came to no end.
    """
    command = [sys.executable, "-m", "core", "pairs", "check", pair, "--online", "--json"]
    environment = {**os.environ, **as_environment(settings)}
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PairError(
            f"The hub was asked about {pair} for {MOST_SECONDS:.0f} s without an end. Try again "
            "later."
        ) from error
    try:
        told = json.loads(done.stdout)
        found = tuple(Finding(**one) for one in told["findings"])
        return Checked(str(told["pair"]), found, None)
    except (ValueError, KeyError, TypeError) as error:
        said = done.stderr.strip().splitlines()
        raise PairError(
            said[-1] if said else f"Nothing was told about {pair}. Try again later."
        ) from error
