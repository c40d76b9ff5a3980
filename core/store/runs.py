"""The results folder: open a run to write it, read what is complete.

    store = RunStore(settings.results, also=(PUBLISHED,))
    with store.open(spec, environment) as run: …
    store.is_complete(run_id) · store.records(run_id) · store.summary(run_id)

Reads look into `results` first, then into `also` (which is never written). A finished run
never changes, so what was read once is kept in memory by its path and time stamp. Not a
database and no index on disk: the folders are the truth.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.errors import NameRefused, NotKnown, StoreError
from core.spec import RunSpec
from core.store.codec import Kind, Record, Spec, kind_of, line_id, record_from_json, spec_from_json
from core.store.environment import Environment
from core.store.files import read_json, read_lines, told_plainly, write_json
from core.store.listing import RUN_ID, Complete, complete_folders
from core.store.prompts import read_prompts
from core.store.sweeps import Sweep, sweep_from_json
from core.store.writer import ENVIRONMENT, RECORDS, SPEC, SUMMARY, RunWriter

FOLDERS: dict[Kind, str] = {
    "icl": "runs",
    "generations": "generations",
    "judgments": "judgments",
    "reasoning": "reasoning",
    "extractions": "extractions",
    "grades": "grades",
}
SWEEPS = "sweeps"
_CACHED_RUNS = 4096
_CACHED_LISTINGS = 16
_CACHED_NAMES = 65_536  # of runs known by place and spec alone: fewer than are stored is none


_WHERE = {"filmstrip id": "History, or python -m core filmstrip list"}


def checked_id(run_id: str, what: str = "run id") -> str:
    """Return the id if it is twenty hex digits, so that it can become a path.

    Raises:
        NameRefused: anything else.
    """
    if not RUN_ID.fullmatch(run_id):
        where = _WHERE.get(what, "python -m core sweep --json")
        raise NameRefused(
            f"The {what} {run_id[:60]!r} is not made of 20 hex digits. Take one from: {where}."
        )
    return run_id


@dataclass(frozen=True, slots=True)
class Stored:
    """A complete run's place and spec."""

    run_id: str
    kind: Kind
    folder: Path
    spec: Spec
    line: str | None  # None for verdicts
    stamp: int  # changes when the run was deleted and measured again


@dataclass(frozen=True, slots=True)
class RunStore:
    """Results on disk under `results`, and read-only ones under `also`."""

    results: Path
    also: tuple[Path, ...] = ()

    @property
    def _roots(self) -> tuple[Path, ...]:
        return (self.results, *(root for root in self.also if root != self.results))

    def check_writable(self) -> None:
        """Prove that results can be written, before any work starts.

        Raises:
            StoreError: read-only, no folder, or a full disk; nothing was changed.
        """
        with told_plainly(self.results):
            self.results.mkdir(parents=True, exist_ok=True)
            probe = self.results / f".probe-{os.getpid()}.tmp"
            try:
                probe.write_bytes(b"\0" * 4096)
            finally:
                probe.unlink(missing_ok=True)

    def open(self, spec: Spec, environment: Environment) -> RunWriter:
        """A writer for the run, to be used in a `with` statement.

        Raises (on entering): RunLocked, StoreError.
        """
        folder = self.results / FOLDERS[kind_of(spec)] / checked_id(spec.run_id)
        return RunWriter(self.results, folder, spec, environment)

    def is_complete(self, run_id: str) -> bool:
        """True when the run has its summary, here or among the published results."""
        return self._find(run_id) is not None

    def complete_ids(self) -> frozenset[str]:
        """Every complete run, here and published: one look instead of one for each run asked."""
        folders = (root / name for root in self._roots for name in FOLDERS.values())
        return frozenset(Path(p).name for folder in folders for p, _ in complete_folders(folder))

    def summary(self, run_id: str) -> dict[str, Any]:
        """A complete run's summary.json.

        Raises:
            NotKnown: no complete run of that id.
        """
        return dict(_json_once(*_stamped(self._need(run_id)[1] / SUMMARY)))

    def environment(self, run_id: str) -> dict[str, Any]:
        """A complete run's env.json."""
        return dict(_json_once(*_stamped(self._need(run_id)[1] / ENVIRONMENT)))

    def spec(self, run_id: str) -> Spec:
        """What a complete run was asked to be."""
        kind, folder = self._need(run_id)
        return _spec_once(kind, *_stamped(folder / SPEC))

    def records(self, run_id: str) -> tuple[Record, ...]:
        """A complete run's records, in the order in which they were written."""
        kind, folder = self._need(run_id)
        return _records_once(kind, *_stamped(folder / RECORDS))

    def begun(self, spec: Spec) -> tuple[Record, ...]:
        """What is on the disk of a run that is not complete; nothing of one that is."""
        if self.is_complete(spec.run_id):
            return ()
        return self.so_far(kind_of(spec), spec.run_id)

    def so_far(self, kind: Kind, run_id: str) -> tuple[Record, ...]:
        """What is on the disk of a run of ours, complete or not; a torn last line is left out."""
        folder = self.results / FOLDERS[kind] / checked_id(run_id)
        return tuple(record_from_json(kind, row) for row in read_lines(folder / RECORDS))

    def records_of(self, run: Stored) -> tuple[Record, ...]:
        """The records of a run that `complete` or `lines` found, without looking for it again."""
        return _records_once(run.kind, *_stamped(run.folder / RECORDS))

    def environment_of(self, run: Stored) -> dict[str, Any]:
        """The env.json of such a run."""
        return dict(_json_once(*_stamped(run.folder / ENVIRONMENT)))

    def prompts(self, run_id: str) -> dict[str, str]:
        """The texts of a run's prompts by hash (all prompts of its line)."""
        spec = self.spec(run_id)
        if not isinstance(spec, RunSpec):
            return {}
        line = line_id(spec)
        return {h: t for root in reversed(self._roots) for h, t in read_prompts(root, line).items()}

    def complete(self, kind: Kind) -> Iterator[Stored]:
        """Every complete run of a kind, each id once."""
        return iter(_complete_once(kind, self._listed(kind)))

    def _listed(self, kind: Kind) -> tuple[Complete, ...]:
        return tuple(complete_folders(root / FOLDERS[kind]) for root in self._roots)

    def folders(self, kind: Kind) -> Iterator[Path]:
        """The folder of every run of a kind, complete or begun."""
        for root in self._roots:
            yield from sorted(path for path in (root / FOLDERS[kind]).glob("*") if path.is_dir())

    def lines(self, kind: Kind) -> Mapping[str, Mapping[str, Stored]]:
        """Complete runs by line id, then by λ's text (for `icl` and `generations`)."""
        return _lines_once(kind, self._listed(kind))

    def write_sweep(self, sweep: Sweep) -> None:
        """Keep the sweep's file; one that is there already is left as it is."""
        if not any(self._sweep_path(root, sweep.sweep_id).is_file() for root in self._roots):
            write_json(self._sweep_path(self.results, sweep.sweep_id), sweep.to_json())

    def sweeps(self) -> tuple[Sweep, ...]:
        """Every sweep, the newest last."""
        paths: dict[str, Path] = {}
        for root in reversed(self._roots):
            paths.update({path.stem: path for path in (root / SWEEPS).glob("*.json")})
        named = ((name, *_stamped(path)) for name, path in paths.items() if RUN_ID.fullmatch(name))
        return _sweeps_once(tuple(sorted(named)))

    def _sweep_path(self, root: Path, sweep_id: str) -> Path:
        return root / SWEEPS / f"{checked_id(sweep_id, 'sweep id')}.json"

    def _find(self, run_id: str) -> tuple[Kind, Path] | None:
        checked_id(run_id)
        for root in self._roots:
            for kind, name in FOLDERS.items():
                folder = root / name / run_id
                if (folder / SUMMARY).is_file():
                    return kind, folder
        return None

    def _need(self, run_id: str) -> tuple[Kind, Path]:
        found = self._find(run_id)
        if found is None:
            raise NotKnown(
                f"There is no complete run {run_id} in {self.results}. "
                "Measure it with: python -m core sweep."
            )
        return found


@lru_cache(_CACHED_LISTINGS)
def _complete_once(kind: Kind, listed: tuple[Complete, ...]) -> tuple[Stored, ...]:
    found: dict[str, Stored] = {}
    for folder, stamp in (one for root in listed for one in root):
        stored = _stored_once(kind, folder, stamp)
        found.setdefault(stored.run_id, stored)
    return tuple(found.values())


@lru_cache(_CACHED_LISTINGS)
def _lines_once(kind: Kind, listed: tuple[Complete, ...]) -> Mapping[str, Mapping[str, Stored]]:
    found: dict[str, dict[str, Stored]] = {}
    for stored in _complete_once(kind, listed):
        if isinstance(stored.spec, RunSpec) and stored.line is not None:
            found.setdefault(stored.line, {})[str(stored.spec.lam)] = stored
    return MappingProxyType(found)


@lru_cache(_CACHED_NAMES)
def _stored_once(kind: Kind, path: str, stamp: int) -> Stored:
    folder = Path(path)
    spec = spec_from_json(kind, read_json(folder / SPEC))
    line = line_id(spec) if isinstance(spec, RunSpec) else None
    return Stored(folder.name, kind, folder, spec, line, stamp)


def _stamped(path: Path) -> tuple[str, int]:
    try:
        return str(path), path.stat().st_mtime_ns
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read ({error.strerror}). Delete its folder and measure it again."
        ) from error


@lru_cache(_CACHED_NAMES)
def _json_once(path: str, stamp: int) -> dict[str, Any]:
    content: dict[str, Any] = read_json(Path(path))
    return content


@lru_cache(_CACHED_RUNS)
def _spec_once(kind: Kind, path: str, stamp: int) -> Spec:
    return spec_from_json(kind, read_json(Path(path)))


@lru_cache(_CACHED_RUNS)
def _records_once(kind: Kind, path: str, stamp: int) -> tuple[Record, ...]:
    return tuple(record_from_json(kind, row) for row in read_lines(Path(path)))


@lru_cache(_CACHED_LISTINGS)
def _sweeps_once(named: tuple[tuple[str, str, int], ...]) -> tuple[Sweep, ...]:
    """By time, then by name, which is the sweep's id."""
    known = [(_sweep_once(path, stamp), name) for name, path, stamp in named]
    ordered = sorted(known, key=lambda one: (one[0].created, one[1]))
    return tuple(sweep for sweep, _ in ordered)


@lru_cache(_CACHED_RUNS)
def _sweep_once(path: str, stamp: int) -> Sweep:
    return sweep_from_json(read_json(Path(path)))
