"""The process behind `math_check.py`: one question a line on stdin, one verdict a line on stdout.

    python -m core.evals.math_check_process        then type: ["1/2", "0.5"]

Here math-verify runs on the main thread, where its own time limits work; what they cannot end,
the parent ends. Both sides are put into a math environment, without which LaTeX is not read.
"""

import contextlib
import faulthandler
import json
import os
import sys
from typing import Any

MEMORY_BYTES = 3 * 1024**3
OWN_SECONDS = 4
ALONE_SECONDS = 60.0  # longer than a parent waits


def main() -> None:
    """Answer until stdin ends."""
    _bound_memory()
    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        import math_verify  # noqa: F401  # imported before it says that it is ready

        _tell(out, "ready")
        with open(os.devnull, "w") as nowhere:
            for line in sys.stdin:
                gold, answer = json.loads(line)
                # Where the parent is gone nobody ends what hangs. This watch needs no interpreter
                # lock, so it ends the process in the middle of a power as well.
                faulthandler.dump_traceback_later(ALONE_SECONDS, exit=True, file=nowhere)
                _tell(out, _verdict(gold, answer))
                faulthandler.cancel_dump_traceback_later()


def _verdict(gold: str, answer: str) -> dict[str, Any]:
    from math_verify import parse, verify

    try:
        wanted = parse(_in_math(gold), parsing_timeout=OWN_SECONDS)
        given = parse(_in_math(answer), parsing_timeout=OWN_SECONDS)
        if not wanted:
            return {"correct": None, "reason": "math-verify cannot read the right answer"}
        found = verify(wanted, given, timeout_seconds=OWN_SECONDS) if given else False
        return {"correct": bool(found), "reason": None}
    except MemoryError:
        return {"correct": None, "reason": "math-verify ran out of memory"}
    except RecursionError:
        return {"correct": None, "reason": "math-verify met too deep an expression"}
    except Exception as error:  # sympy raises whatever its parts raise
        return {"correct": None, "reason": f"math-verify failed ({type(error).__name__})"}


def _in_math(text: str) -> str:
    return text if "$" in text or "\\boxed" in text else f"${text}$"


def _tell(out: Any, value: Any) -> None:
    out.write(json.dumps(value) + "\n")
    out.flush()


def _bound_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    except (ImportError, ValueError, OSError):  # not on this platform; the time-out stays
        pass


if __name__ == "__main__":
    main()
