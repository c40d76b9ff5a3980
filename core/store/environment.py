"""Where a run was made: versions, device, platform, commit. Kept beside the run (env.json).

Not part of a run's id, but of the comparability guard: `differences` names what two runs do
not share. Holds nothing about the person or the machine's name.
"""

import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from typing import Any

from core.settings import ROOT

PACKAGES = ("torch", "transformers", "tokenizers", "lm-eval", "datasets", "numpy")
GIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Environment:
    """One process's surroundings; times are ISO 8601 in UTC."""

    device: str
    python: str
    platform: str
    packages: dict[str, str | None]
    threads: int | None = None
    prefixes_shared: bool | None = None  # scoring computed common beginnings once; None: unknown
    commit: str | None = None
    dirty: bool | None = None
    started: str | None = None
    finished: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def read_environment(
    device: str, threads: int | None = None, prefixes_shared: bool | None = None
) -> Environment:
    """This process's environment; what is given is the engine's."""
    commit, dirty = _git()
    return Environment(
        device=device,
        threads=threads,
        prefixes_shared=prefixes_shared,
        python=platform.python_version(),
        platform=f"{platform.system()}-{platform.machine()}",
        packages={name: _version(name) for name in PACKAGES},
        commit=commit,
        dirty=dirty,
    )


def started_now(environment: Environment) -> Environment:
    """The same surroundings with the clock's time as the start."""
    return replace(environment, started=now())


def now() -> str:
    """UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def comparable(content: Mapping[str, Any]) -> dict[str, str]:
    """What has to be equal for two runs to be compared without a note."""
    packages = {f"{name}": str(version) for name, version in content["packages"].items()}
    device = str(content["device"]).split(":")[0]
    return {"device": device, "platform": str(content.get("platform", "unknown")), **packages}


@cache
def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@cache
def _git() -> tuple[str | None, bool | None]:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        return None, None
    commit = _git_output("rev-parse", "HEAD")
    changes = _git_output("status", "--porcelain", "--untracked-files=no")
    return commit or None, None if changes is None else bool(changes)


def _git_output(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments],
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
