"""What a worker hands to the work of its job: where it lies, its engine, whom it tells.

Every kind of work is a function `(plan, desk) -> last word` (`sweep_job.py`, `study_job.py`,
`batch_job.py`, `export_job.py`). Not here: locks, signals, the queue (`worker.py`).
"""

from dataclasses import dataclass
from pathlib import Path

from core.engine.protocol import Engine
from core.jobs.events import EventLog
from core.jobs.prepare import OpenEngine
from core.jobs.progress import Report
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """One job's."""

    folder: Path
    settings: Settings
    engine: str
    open_it: OpenEngine
    events: EventLog
    report: Report  # obeys what a person wants, after it has told

    def open_engine(self) -> Engine:
        """The job's engine; another one where the last has died.

        Raises:
            EngineUnavailable, InputError: it does not come up, or there is none of that name.
        """
        return self.open_it(self.engine, self.settings)
