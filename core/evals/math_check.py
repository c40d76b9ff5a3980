r"""math-verify as a grader, in a process of its own with a hard time-out.

    with MathVerify() as grader:
        grader.check("\\frac{1}{2}", "0.5")      Verdict(correct=True)

Its own time limits need the main thread and cannot end work inside a C routine (a huge power, a
runaway simplification), so a process is asked over a pipe and ended when it is silent for too
long; the next question starts another. Memory is bounded too. A question that could not be
decided is a verdict without an answer, with its reason, never a "wrong".
"""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from types import TracebackType
from typing import IO, Any, Self

from core.errors import TaskError
from core.settings import ROOT
from core.tasks.problems.problem import AnswerKind

GRADER = "math-verify"
SECONDS = 8.0  # of silence over one question, before its process is ended
START_SECONDS = 90.0  # imports sympy, on a busy machine
KINDS: frozenset[AnswerKind] = frozenset({"number", "math", "integer"})
NOT_ITS = "math-verify does not grade answers of this kind"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an answer is right; None with the reason where nobody can say."""

    correct: bool | None
    reason: str | None = None


def version() -> str:
    """The installed math-verify.

    Raises:
        TaskError: it is not installed.
    """
    try:
        return metadata.version("math-verify")
    except metadata.PackageNotFoundError as error:
        raise TaskError(
            "math-verify is not installed. Install requirements.txt, or grade by rules alone: "
            "python -m core reasoning grade --grader rules."
        ) from error


class MathVerify:
    """Asks the process; a context manager that ends it. One thread at a time."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()
        self._known: dict[tuple[str, str], Verdict] = {}
        version()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def check(self, gold: str, answer: str) -> Verdict:
        """One answer; the same question is asked once."""
        key = gold, answer
        if key not in self._known:
            self._known[key] = self._ask(gold, answer)
        return self._known[key]

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None

    def _ask(self, gold: str, answer: str) -> Verdict:
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps([gold, answer]) + "\n")
            process.stdin.flush()
            told = json.loads(self._lines.get(timeout=self._seconds))
        except queue.Empty:
            self.close()
            return Verdict(None, f"math-verify took longer than {self._seconds:g} s")
        except (OSError, ValueError):
            self.close()
            return Verdict(None, "math-verify's process ended")
        return Verdict(told["correct"], told["reason"])

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._lines = queue.Queue()
        command: Sequence[str] = [sys.executable, "-m", "core.evals.math_check_process"]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
            encoding="utf-8",
        )
        reader = threading.Thread(
            target=_pump, args=(self._process.stdout, self._lines), daemon=True, name="math-verify"
        )
        reader.start()
        try:
            if json.loads(self._lines.get(timeout=START_SECONDS)) != "ready":
                raise ValueError("something else than ready")
        except (queue.Empty, ValueError) as error:
            self.close()
            raise TaskError(
                "math-verify does not start. Try it alone: python -m core.evals.math_check_process."
            ) from error
        return self._process


def _pump(pipe: IO[str] | Any, lines: "queue.Queue[str]") -> None:
    """Lines of the process, until it ends; an empty one then says so."""
    try:
        for line in pipe:
            lines.put(line)
    except ValueError:  # closed while it was read
        pass
    lines.put("")
