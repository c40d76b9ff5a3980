"""`python -m core doctor`: what this machine has, and what is missing.

Exits 0 when everything needed is there, 1 when something is not. Imports no torch: the
device is told by a short process of its own (`core/engine/device.py`).
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

from core.commands.output import columns, say, show_json
from core.commands.verbs import Verbs, add_results, add_verb, with_results
from core.engine.memory_words import memory_words
from core.engine.room import as_size
from core.engine.supervisor import engine_state
from core.errors import PartwayError
from core.pairs.preflight import check_pair
from core.pairs.registry import read_registry
from core.settings import ROOT, Settings
from core.store.runs import RunStore

NEEDED_PYTHON = (3, 11)
TORCH_SECONDS = 60.0
UNTRIED_GPU = "Partway's own tests ran on one H100, else on CPUs"
UNTRIED_APPLE = "Apple GPU, untried"
SPREAD = "too large a pair for one is spread over all of them, which is untried on real GPUs"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination."""

    what: str
    well: bool
    told: str


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = add_verb(verbs, "doctor", "Say what this machine can run.", "python -m core doctor")
    add_results(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Examine and print."""
    settings = with_results(settings, options)
    findings = [
        _python(),
        *_packages(),
        *_devices(settings),
        *_engine(settings),
        _results(settings),
        *_embedded_pairs(settings),
    ]
    if options.json:
        show_json([asdict(finding) for finding in findings])
    else:
        rows = [("ok" if f.well else "MISSING", f.what, f.told) for f in findings]
        say(columns(("", "WHAT", ""), rows))
    return 0 if all(finding.well for finding in findings) else 1


def _python() -> Finding:
    wanted = ".".join(map(str, NEEDED_PYTHON))
    well = sys.version_info >= NEEDED_PYTHON
    return Finding("python", well, f"{platform.python_version()} (needed: {wanted} or later)")


def _packages() -> list[Finding]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return [_package(name, version) for name, version in pinned.items()]


def _package(name: str, pinned: str) -> Finding:
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name, False, f"not installed: pip install {name}=={pinned}")
    same = found.partition("+")[0] == pinned
    return Finding(name, True, found if same else f"{found} (tested with {pinned})")


def _devices(settings: Settings) -> list[Finding]:
    """What a short process with torch says; this one imports none."""
    if settings.device == "fake":
        return [Finding("device", True, "fake (PARTWAY_DEVICE): made-up answers, no model")]
    command = [sys.executable, "-m", "core.engine.device"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=TORCH_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return [Finding("device", False, f"torch does not start ({type(error).__name__})")]
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        return [Finding("device", False, last[0] if last else "torch does not start")]
    found = json.loads(done.stdout)
    return [_device(found), _memory(found, settings), _threads(found["threads"], settings)]


def _device(found: dict[str, Any]) -> Finding:
    name = str(found["device"])
    if name == "cpu":
        return Finding("device", True, name)
    gpus = ", ".join(found["gpus"])
    told = f"{name} ({gpus}; {UNTRIED_GPU})" if gpus else f"{name} ({UNTRIED_APPLE})"
    return Finding("device", True, f"{told}; {SPREAD}" if found["others"] else told)


def _memory(found: dict[str, Any], settings: Settings) -> Finding:
    free = found["free_bytes"]
    told = "not told by the system" if free is None else f"{as_size(free)} free"
    if settings.engine_bytes is not None:
        told += f", pairs may take {as_size(settings.engine_bytes)} (PARTWAY_ENGINE_BYTES)"
    return Finding("memory", True, f"{told} on {found['device']}")


def _threads(count: int, settings: Settings) -> Finding:
    told = f"{count} (PARTWAY_THREADS)" if settings.threads else f"{count} of {os.cpu_count()}"
    return Finding("threads", True, told)


def _engine(settings: Settings) -> list[Finding]:
    """The engine's process, and of each pair in its memory what it was planned to take and took."""
    state = engine_state(settings)
    told = state.message or f"{state.status}, {state.device or 'no device yet'}"
    found = [Finding("engine", state.status != "failed", told)]
    for loaded in state.host.pairs if state.host is not None else ():
        held = memory_words(loaded.memory) if loaded.memory else "its weights are held elsewhere"
        found.append(Finding(f"{loaded.identity.name}, loaded", True, held))
    return found


def _results(settings: Settings) -> Finding:
    try:
        RunStore(settings.results).check_writable()
    except PartwayError as error:
        return Finding("results", False, str(error))
    return Finding("results", True, f"{settings.results} can be written")


def _embedded_pairs(settings: Settings) -> list[Finding]:
    found = []
    for entry in read_registry(settings).values():
        if entry.embedded:
            try:
                report = check_pair(entry, settings, download=False)
                told = f"{report.parameters:,} parameters, {report.dtype}"
                found.append(Finding(entry.name, True, told))
            except PartwayError as error:
                found.append(Finding(entry.name, False, str(error)))
    return found
