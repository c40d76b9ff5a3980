"""`python -m core doctor`: what this machine has, and what is missing.

Exits 0 when everything needed is there, 1 when something is not. Imports no torch: the
device is told by the engine when one runs, else by asking a short process of its own.
"""

import argparse
import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib import metadata

from core.commands.output import columns, say, show_json
from core.commands.verbs import Verbs, add_results, add_verb, with_results
from core.engine.supervisor import engine_state
from core.errors import PartwayError
from core.pairs.preflight import check_pair
from core.pairs.registry import read_registry
from core.settings import ROOT, Settings
from core.store.runs import RunStore

NEEDED_PYTHON = (3, 11)
TORCH_SECONDS = 60.0
ASK_TORCH = "import torch; print('cuda' if torch.cuda.is_available() else 'cpu')"


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
        _device(settings),
        _threads(settings),
        _engine(settings),
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


def _device(settings: Settings) -> Finding:
    if settings.device:
        return Finding("device", True, f"{settings.device} (PARTWAY_DEVICE)")
    command = [sys.executable, "-c", ASK_TORCH]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TORCH_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("device", False, f"torch does not start ({type(error).__name__})")
    return Finding("device", True, done.stdout.strip())


def _threads(settings: Settings) -> Finding:
    given = settings.threads
    told = f"{given} (PARTWAY_THREADS)" if given else f"{os.cpu_count()} (all cores)"
    return Finding("threads", True, told)


def _engine(settings: Settings) -> Finding:
    state = engine_state(settings)
    told = state.message or f"{state.status}, {state.device or 'no device yet'}"
    return Finding("engine", state.status != "failed", told)


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
