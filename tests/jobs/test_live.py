"""The curve of a job that is not done: from what is flushed, and at last the headline."""

from statistics import mean

import pytest

from core.figures.live import in_words, live
from core.jobs.events import EventLog
from core.jobs.job_folder import job_folder
from core.jobs.jobs import read_job, start_job
from core.jobs.live import so_far
from core.jobs.prepare import planned
from core.jobs.sweep import run_sweep
from core.settings import Settings
from core.store.runs import RunStore
from tests.jobs.sweep_world import FilesEngine, silent, small_plan


class Stopping(FilesEngine):
    """Ends the sweep at its eighth call: two tasks of λ = 1 and a batch of the third are there."""

    def before_call(self) -> None:
        if self.calls == 8:
            raise KeyboardInterrupt


def test_the_curve_grows_to_the_headline_and_its_intervals_shrink(settings: Settings) -> None:
    plan, store = small_plan("0,1"), RunStore(settings.results)
    job = start_job(plan, settings)
    assert so_far(read_job(job, settings), settings) == ()
    log = EventLog(job_folder(job, settings))
    log.write("planned", sweep=planned(plan, settings).sweep().sweep_id)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(plan, Stopping(settings), store, silent)
    (point,) = so_far(read_job(job, settings), settings)
    assert (str(point.lam), point.n, point.tasks, point.of_tasks) == ("1", 28, 3, 3)
    assert point.span is not None and point.span.low < point.value < point.span.high
    figure, words = live((point,), plan.grid), in_words((point,))
    assert figure.layout.xaxis.range == live((), plan.grid).layout.xaxis.range, "nothing moves"
    assert f"{100 * point.value:.1f} %" in words and "n = 28" in words
    run_sweep(plan, FilesEngine(settings), store, silent)
    low, whole = so_far(read_job(job, settings), settings)
    assert (low.n, whole.n, whole.whole) == (36, 36, True)
    (sweep,) = store.sweeps()
    pairs = zip(sweep.runs["1"], sweep.tasks, strict=False)
    told = [store.summary(run)["metrics"][task.metric] for run, task in pairs]
    assert whole.value == pytest.approx(mean(told))
    assert whole.span is not None
    assert whole.span.high - whole.span.low < point.span.high - point.span.low
