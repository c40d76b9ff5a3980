"""Stored records as a model that lm-eval can ask: its own loop, our measured answers.

Nothing is computed: every request is answered from the record of its item, and a request that
was never put is refused. So what lm-eval then makes of it (metrics, means, standard errors,
samples) is lm-eval's, over answers that were measured. Not here: files (`lmeval_files.py`).
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any

from core.canon import text_hash
from core.errors import StoreError, TaskError
from core.evals.plan import task_identity
from core.spec import RunSpec
from core.store.codec import LOGPROB_DECIMALS
from core.store.records import IclRecord
from core.tasks.lmeval import fresh_task, item_ids
from core.tasks.suites import SuiteTask

NO_PROCESSES = "DISABLE_MULTIPROC"
BOOTSTRAP = 1000  # of metrics without a formula for their error (perplexity)
HALF_DIGIT = 0.5 * 10**-LOGPROB_DECIMALS


@dataclass(frozen=True, slots=True)
class StoredTask:
    """One complete few-shot run and the task that it belongs to."""

    task: SuiteTask
    spec: RunSpec
    records: tuple[IclRecord, ...]
    environment: Mapping[str, Any]
    prompts: Mapping[str, str] = field(default_factory=dict)  # hash → text, for chats

    @property
    def chat(self) -> bool:
        """True where the items were put through the chat template."""
        return self.spec.prompt.form != "completion"


def evaluate_stored(tasks: Sequence[StoredTask]) -> dict[str, Any]:
    """lm-eval's results with samples, over what was measured.

    Raises:
        TaskError: a task's files are not those that were measured.  StoreError: a record does
            not answer what lm-eval asks.
    """
    from lm_eval.evaluator import evaluate

    objects = {one.task.name: _fresh(one) for one in tasks}
    places = {one.task.name: _by_place(one) for one in tasks}
    model, spec = _model(places), tasks[0].spec
    with _in_this_process():
        found: dict[str, Any] = evaluate(
            model,
            {"tasks": objects},
            limit=spec.task.limit,
            bootstrap_iters=BOOTSTRAP,
            apply_chat_template=tasks[0].chat,
            fewshot_as_multiturn=spec.prompt.form == "chat-turns",
        )
    for one in tasks:
        _compare(one, places[one.task.name], found["samples"][one.task.name])
    return found


@contextmanager
def _in_this_process() -> Iterator[None]:
    """lm-eval would start a process for every core, and print among results, for one number."""
    before = os.environ.get(NO_PROCESSES)
    os.environ[NO_PROCESSES] = "1"
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if before is None:
            del os.environ[NO_PROCESSES]
        else:
            os.environ[NO_PROCESSES] = before


def _fresh(stored: StoredTask) -> Any:
    """lm-eval's task object as the run had it, its sampler at the beginning."""
    now = task_identity(stored.task, stored.spec.task.limit)
    if now != stored.spec.task:
        raise TaskError(
            f"The files or the data of {stored.task.name} are not those that were measured "
            f"(run {stored.spec.run_id}). Put them back, or measure again."
        )
    return fresh_task(stored.task)


def _by_place(stored: StoredTask) -> dict[int, IclRecord]:
    """Place in the data → record; lm-eval counts items, a record names them."""
    records = {record.item: record for record in stored.records}
    ids = item_ids(stored.task)
    return {at: records[one] for at, one in enumerate(ids) if one in records}


def _model(records: Mapping[str, Mapping[int, IclRecord]]) -> Any:
    from lm_eval.api.model import LM

    class Replay(LM):  # type: ignore[misc]
        """Answers from records alone."""

        def loglikelihood(self, requests: list[Any]) -> list[tuple[float, bool]]:
            return [_likelihood(_record(records, one), one.idx) for one in requests]

        def generate_until(self, requests: list[Any]) -> list[str]:
            return [_text(_record(records, one)) for one in requests]

        tokenizer_name = "partway"

        def apply_chat_template(self, chat_history: Any, add_generation_prompt: bool = True) -> str:
            # Any text will do: what was put is on the disk and takes its place (`_compare`).
            return json.dumps([chat_history, add_generation_prompt], default=str)

        def loglikelihood_rolling(self, requests: list[Any]) -> list[float]:
            raise TaskError("Perplexity tasks are not measured, so there is nothing to export.")

    return Replay()


def _record(records: Mapping[str, Mapping[int, IclRecord]], request: Any) -> IclRecord:
    record = records[request.task_name].get(request.doc_id)
    if record is None:
        raise StoreError(
            f"Item {request.doc_id} of {request.task_name} has no record. Measure the task again."
        )
    return record


def _likelihood(record: IclRecord, choice: int) -> tuple[float, bool]:
    if choice >= len(record.logprobs):
        raise StoreError(
            f"The records of {record.task} hold no likelihoods of the choices alone, which its "
            "metric acc_mutual_info needs. Leave this task out of the export."
        )
    logprob = record.logprobs[choice]
    # Two choices that differ in the sixth decimal are equal on the disk; the one that was
    # chosen stays the chosen one.
    if record.choices[choice] == record.prediction and record.logprobs.count(logprob) > 1:
        logprob += HALF_DIGIT
    return logprob, choice in (record.greedy or ())


def _text(record: IclRecord) -> str:
    return record.prediction if record.output is None else record.output


def _compare(
    stored: StoredTask, by_place: Mapping[int, IclRecord], samples: Sequence[dict[str, Any]]
) -> None:
    """What lm-eval makes of it must be what was measured; what is not known says so."""
    several = len({sample["filter"] for sample in samples}) > 1
    for sample in samples:
        record = by_place[sample["doc_id"]]
        if stored.chat:
            _put_back_prompt(stored, record, sample)
        else:
            _same_prompt(record, sample)
        for metric in sample["metrics"]:
            name = f"{metric},{sample['filter']}" if several else metric
            measured = record.metrics.get(name)
            if measured is not None and abs(measured - float(sample[metric])) > 1e-6:
                raise StoreError(
                    f"lm-eval finds {name} = {sample[metric]} for item {record.item!r} of "
                    f"{record.task}, and {measured} was measured. Measure the task again."
                )
        if record.choices and record.greedy is None:
            sample["resps"] = [[(one[0][0], None)] for one in sample["resps"]]
            sample["filtered_resps"] = [(one[0], None) for one in sample["filtered_resps"]]


def _put_back_prompt(stored: StoredTask, record: IclRecord, sample: dict[str, Any]) -> None:
    """The very text that was put, instead of messages that nobody rendered here."""
    from lm_eval.utils import hash_string

    text = stored.prompts.get(record.prompt)
    if text is None:
        raise StoreError(
            f"The prompt of item {record.item!r} of {record.task} is not kept, and only a loaded "
            "pair can render it again. Measure the task again."
        )
    arguments = sample["arguments"]
    one = len({each[0] for each in arguments}) == 1
    texts = [text] * len(arguments) if one else json.loads(text)
    put = [(context, *each[1:]) for context, each in zip(texts, arguments, strict=True)]
    sample["arguments"], sample["prompt_hash"] = put, hash_string(texts[0])


def _same_prompt(record: IclRecord, sample: Mapping[str, Any]) -> None:
    contexts = [arguments[0] for arguments in sample["arguments"]]
    one = len(set(contexts)) == 1
    text = contexts[0] if one else json.dumps(contexts, ensure_ascii=False)
    if text_hash(text) != record.prompt:
        raise TaskError(
            f"Item {record.item!r} of {record.task} was asked with another prompt than its files "
            "give now. Export runs that were prompted as lm-eval prompts by itself."
        )
