"""Writing one run: lock, continue after the last whole line, flush per batch, finish last.

    with store.open(spec, environment) as run:
        for batch in …:                      # items in run.done are left out by the caller
            run.append(batch.records, batch.prompts)
        run.finish(summary)

A run without summary.json is not complete and is gone on with. Nothing is ever rewritten, but
for verdicts that a judge failed to give and that were asked for again.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.spec import RunSpec, spec_to_json
from core.store.codec import Kind, Record, Spec, kind_of, line_id, record_from_json, record_to_json
from core.store.environment import Environment, now, started_now
from core.store.files import (
    append_lines,
    drop_torn_line,
    encode_line,
    read_json,
    read_lines,
    write_json,
    write_whole,
)
from core.store.lock import FolderLock
from core.store.prompts import add_prompts

SPEC, ENVIRONMENT, RECORDS, SUMMARY = "spec.json", "env.json", "records.jsonl", "summary.json"


class RunWriter:
    """The one process that writes a run; a context manager."""

    def __init__(self, results: Path, folder: Path, spec: Spec, environment: Environment) -> None:
        self._results, self._folder, self._spec = results, folder, spec
        self._environment = environment
        self._lock = FolderLock(folder)
        self._kind: Kind = kind_of(spec)
        self._records: list[Record] = []

    def __enter__(self) -> Self:
        self._lock.take(f"run {self._spec.run_id}")
        try:
            self._prepare()
        except BaseException:
            self._lock.give_back()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.give_back()

    @property
    def folder(self) -> Path:
        """Where the run is kept."""
        return self._folder

    @property
    def complete(self) -> bool:
        """True once summary.json is there (another process may have finished the run)."""
        return (self._folder / SUMMARY).is_file()

    @property
    def done(self) -> frozenset[str]:
        """Ids of the items whose records are on disk."""
        return frozenset(record.item for record in self._records)

    @property
    def records(self) -> tuple[Record, ...]:
        """Every record on disk, those of earlier attempts first."""
        return tuple(self._records)

    def append(self, records: Sequence[Record], prompts: Mapping[str, str] | None = None) -> None:
        """Put a batch on the disk; an item that is there already is left out."""
        done = self.done
        fresh = [record for record in records if record.item not in done]
        if isinstance(self._spec, RunSpec):
            add_prompts(self._results, line_id(self._spec), prompts or {})
        append_lines(self._folder / RECORDS, [record_to_json(record) for record in fresh])
        self._records.extend(fresh)

    def rewrite(self, records: Sequence[Record]) -> None:
        """Replace all records in one step: those of a judge that failed on some are completed."""
        lines = b"".join(encode_line(record_to_json(record)) for record in records)
        write_whole(self._folder / RECORDS, lines.decode())
        self._records = list(records)

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write the summary, which makes the run complete."""
        environment = read_json(self._folder / ENVIRONMENT)
        # Not durable, twice: a sweep makes hundreds of runs, and no number depends on it.
        write_json(self._folder / ENVIRONMENT, {**environment, "finished": now()}, durable=False)
        write_json(self._folder / SUMMARY, dict(summary))

    def _prepare(self) -> None:
        if self.complete:
            return
        if not (self._folder / SPEC).is_file():
            write_json(
                self._folder / ENVIRONMENT, started_now(self._environment).to_json(), durable=False
            )
            write_json(self._folder / SPEC, spec_to_json(self._spec))
        drop_torn_line(self._folder / RECORDS)
        rows = read_lines(self._folder / RECORDS)
        self._records = [record_from_json(self._kind, row) for row in rows]
