"""Is that process still the one that was started? Pids are used again, so the start counts.

Linux tells a process's start in /proc; elsewhere `ps` does. A zombie (ended, not yet waited
for by its parent) is not alive.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_STATE, _START = 0, 19  # fields of /proc/PID/stat after the command's closing bracket
PS_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """A process by pid and time of start, as the system writes it."""

    pid: int
    start: str


def mark_of(pid: int) -> ProcessMark | None:
    """The living process of that pid, or None."""
    start = _start_from_proc(pid) if Path("/proc/self/stat").exists() else _start_from_ps(pid)
    return None if start is None else ProcessMark(pid, start)


def own_mark() -> ProcessMark:
    """This process."""
    mark = mark_of(os.getpid())
    return mark or ProcessMark(os.getpid(), "unknown")


def is_alive(mark: ProcessMark) -> bool:
    """True while that very process runs."""
    return mark_of(mark.pid) == mark


def _start_from_proc(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the command itself may hold spaces and brackets
    return None if fields[_STATE] in "ZX" else fields[_START]


def _start_from_ps(pid: int) -> str | None:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PS_SECONDS, check=False)
    state, _, start = done.stdout.strip().partition(" ")
    return None if done.returncode or state.startswith("Z") else start.strip()
