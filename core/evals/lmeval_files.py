"""A pair at one λ in lm-eval's own files: results_*.json, and samples_*.jsonl for each task.

    write_lmeval(tasks, "tinyworld@0.7", folder)     → the files, below folder/<model>/

lm-eval computes the numbers (`replay.py`) and its EvaluationTracker writes the files, so that
its table, its viewers and `datasets` read them like any other results. What Partway adds
stands under "config": the pair, λ, and both parents' content hashes.
"""

from collections.abc import Sequence
from datetime import datetime
from math import fsum
from pathlib import Path
from typing import Any

from core.errors import StoreError
from core.evals.replay import StoredTask, evaluate_stored
from core.store.files import told_plainly

SOURCE = "partway"


def write_lmeval(tasks: Sequence[StoredTask], folder: Path) -> tuple[Path, ...]:
    """Write the files and return them, the results first.

    Raises:
        TaskError, StoreError: as `evaluate_stored`; or the folder cannot be written.
    """
    from lm_eval.loggers import EvaluationTracker

    found = evaluate_stored(tasks)
    samples = found.pop("samples")
    spec = tasks[0].spec
    model = f"{spec.pair.name}@{spec.lam}"
    tracker = EvaluationTracker(output_path=str(folder))
    about = tracker.general_config_tracker
    about.log_experiment_args(
        model_source=SOURCE,
        model_args={"model": model},
        system_instruction=spec.prompt.system,
        chat_template=None,
        fewshot_as_multiturn=spec.prompt.form == "chat-turns",
    )
    about.chat_template_sha = spec.prompt.chat_template  # the text itself is the pair's
    # Not the time of this export: that of the measuring, where the records say it.
    about.total_evaluation_time_seconds = _seconds(tasks)
    about.log_end_time = lambda: None
    with told_plainly(folder):
        folder.mkdir(parents=True, exist_ok=True)
    tracker.save_results_aggregated({**found, **_about(tasks)}, samples)
    for name, rows in samples.items():
        tracker.save_results_samples(name, rows)
    return _written(folder / about.model_name_sanitized, tracker, samples)


def _written(folder: Path, tracker: Any, samples: dict[str, Any]) -> tuple[Path, ...]:
    """The tracker only logs what it could not write, so the files are looked for."""
    stamp = getattr(tracker, "date_id", None)
    names = [f"results_{stamp}.json", *(f"samples_{name}_{stamp}.jsonl" for name in samples)]
    files = tuple(folder / name for name in names)
    lost = [file.name for file in files if not file.is_file()]
    if lost:
        raise StoreError(
            f"{', '.join(lost[:3])} could not be written into {folder}. Check that the folder can "
            "be written and that the disk is not full."
        )
    return files


def _seconds(tasks: Sequence[StoredTask]) -> str | None:
    spent = [record.seconds for one in tasks for record in one.records]
    known = [seconds for seconds in spent if seconds is not None]
    return str(round(fsum(known), 3)) if len(known) == len(spent) else None


def _about(tasks: Sequence[StoredTask]) -> dict[str, Any]:
    """What `simple_evaluate` adds beside the numbers, as far as it is known of the runs."""
    spec, environment = tasks[0].spec, tasks[0].environment
    packages = environment.get("packages") or {}
    started = min(str(one.environment.get("started") or "") for one in tasks)
    return {
        "config": {
            "model": SOURCE,
            "model_args": {
                "pair": spec.pair.name,
                "lambda": str(spec.lam),
                "base": spec.pair.base,
                "instruct": spec.pair.instruct,
            },
            "model_dtype": spec.dtype,
            "batch_size": None,
            "batch_sizes": [],
            "device": environment.get("device"),
            "use_cache": None,
            "limit": spec.task.limit,
            "gen_kwargs": None,
            "fewshot_seed": spec.prompt.fewshot_seed,
            "data": {one.task.name: one.spec.task.data for one in tasks},
        },
        "git_hash": environment.get("commit"),
        "date": datetime.fromisoformat(started).timestamp() if started else None,
        "transformers_version": packages.get("transformers"),
        "lm_eval_version": packages.get("lm-eval"),
    }
