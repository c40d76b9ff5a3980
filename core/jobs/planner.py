"""The process that works a plan out: python -m core.jobs.planner STATE/plans/<key>.

Writes what is known after each part, so that whoever looks sees it grow. Ends on SIGTERM at
once: nothing of it is a result. Started by `core.jobs.planning.begin`.
"""

import logging
import sys
import time
from pathlib import Path

from core.engine.opening import open_engine
from core.errors import PartwayError
from core.jobs.estimate import Estimate
from core.jobs.estimating import Means, estimate
from core.jobs.plan import plan_from_json
from core.jobs.planning import ESTIMATE, FAILED, PROGRESS, REQUEST, at_work
from core.settings import PUBLISHED, Settings, read_settings
from core.store.files import read_json, write_json
from core.store.runs import RunStore

SECONDS_BETWEEN = 0.2
logger = logging.getLogger(__name__)


def work_out(folder: Path, settings: Settings) -> int:
    """Work out the plan of that folder; returns the exit code."""
    with at_work(folder):
        return _work_out(folder, settings)


def _work_out(folder: Path, settings: Settings) -> int:
    plan = plan_from_json(read_json(folder / REQUEST)["plan"])
    store = RunStore(settings.results, (PUBLISHED,))
    try:
        estimate(plan, Means(settings, store, "host", open_engine), _Teller(folder).tell)
    except PartwayError as error:
        write_json(folder / FAILED, {"message": str(error)}, durable=False)
        return error.exit_code
    except Exception as error:
        logger.exception("the plan could not be worked out")
        told = f"The planner met a bug ({type(error).__name__}). The log is {folder / 'log'}."
        write_json(folder / FAILED, {"message": told}, durable=False)
        return 1
    return 0


class _Teller:
    """Puts progress on the disk now and then, and the estimate whenever it has grown."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._at = folder, 0.0
        self._known: Estimate | None = None

    def tell(self, known: Estimate, message: str, done: int, total: int) -> None:
        if known != self._known:
            self._known = known
            write_json(self._folder / ESTIMATE, known.to_json(), durable=False)
        if total and done and time.monotonic() - self._at < SECONDS_BETWEEN:
            return
        self._at = time.monotonic()
        told = {"message": message, "done": done, "total": total}
        write_json(self._folder / PROGRESS, told, durable=False)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    sys.exit(work_out(Path(sys.argv[1]), read_settings()))
