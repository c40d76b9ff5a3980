"""Scores a few-shot task at one λ: lm-eval's requests, our engine, lm-eval's metrics.

lm-eval writes the prompts and judges the answers (its filters, its `process_results`);
between the two stands the engine, which shares the prefix that items have in common. So a
number here is the number lm-eval would print (tests/evals/test_against_lmeval.py), and
unlike there every item is kept. Not here: files, and means over items.

    for batch in score_items(engine, spec, suite_task, done=frozenset()):
        run.append(batch.records, batch.prompts)
"""

import copy
import json
import math
import time
from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from functools import partial
from numbers import Real
from typing import Any

from core.canon import text_hash
from core.engine.protocol import Engine, OnProgress, Score
from core.errors import TaskError
from core.evals.batch import BATCH_ITEMS, Batch, in_batches
from core.evals.requests import Renderer, generate_requests, render_history, score_requests
from core.spec import RunSpec
from core.store.records import IclRecord
from core.tasks.lmeval import BuiltTask, Chat, Item, build_task
from core.tasks.suites import SuiteTask

Response = tuple[float, bool] | str
OF_A_DATA_SET = frozenset({"perplexity", "word_perplexity", "byte_perplexity", "bits_per_byte"})


def score_items(
    engine: Engine,
    spec: RunSpec,
    suite_task: SuiteTask,
    done: frozenset[str] = frozenset(),
    on_progress: OnProgress | None = None,
    batch_items: int = BATCH_ITEMS,
) -> Iterator[Batch]:
    """Score every item of the run that is not in `done`, batch by batch.

    Raises:
        TaskError: the task is broken, or lacks the suite's metric.  EngineError: as raised.
    """
    built = build_task(suite_task, chat_of(engine, spec))
    items = built.items[: spec.task.limit]
    left = [item for item in items if item.id not in done]
    finished = len(items) - len(left)
    for part in in_batches(left, batch_items):
        started = time.monotonic()
        answers = _ask(engine, spec, part)
        took = time.monotonic() - started
        yield _batch(built, part, suite_task.metric, answers, took)
        finished += len(part)
        if on_progress is not None:
            on_progress(finished, len(items))


def chat_of(engine: Renderer, spec: RunSpec) -> Chat | None:
    """The pair's template where the run is put through it."""
    if spec.prompt.form == "completion":
        return None
    return Chat(spec.pair.instruct, partial(render_history, engine, spec.pair.name))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the engine said to one request, and what it cost."""

    response: Response
    tokens: int
    context_tokens: int
    cut: int
    finish: str | None = None


def _ask(engine: Engine, spec: RunSpec, items: Sequence[Item]) -> list[list[_Answer]]:
    requests = [instance for item in items for instance in item.instances]
    kinds = {instance.request_type for instance in requests}
    if kinds == {"loglikelihood"}:
        answers = iter(_scores(engine, spec, requests))
    elif kinds == {"generate_until"}:
        answers = iter(_texts(engine, spec, requests))
    else:
        raise TaskError(
            f"The task {spec.task.name} needs {', '.join(sorted(kinds))} requests. "
            "Partway answers multiple_choice, loglikelihood and generate_until tasks."
        )
    return [[next(answers) for _ in item.instances] for item in items]


def _scores(engine: Engine, spec: RunSpec, requests: Sequence[Any]) -> list[_Answer]:
    return [_scored(one) for one in score_requests(engine, spec.pair.name, spec.lam, requests)]


def _scored(score: Score) -> _Answer:
    return _Answer((score.logprob, score.greedy), score.tokens, score.context_tokens, score.cut)


def _texts(engine: Engine, spec: RunSpec, requests: Sequence[Any]) -> list[_Answer]:
    if spec.decoding is None:
        raise TaskError(f"The run of {spec.task.name} has no decoding. Plan it with icl_spec.")
    said = generate_requests(engine, spec.pair.name, spec.lam, requests, spec.decoding)
    return [_Answer(one.text, one.tokens, one.prompt_tokens, one.cut, one.finish) for one in said]


def _batch(
    built: BuiltTask,
    items: Sequence[Item],
    metric: str,
    answers: Sequence[Sequence[_Answer]],
    seconds: float,
) -> Batch:
    filtered = _filtered(built.task, items, answers)
    found = [
        _record(built, item, metric, said, kept)
        for item, said, kept in zip(items, answers, filtered, strict=True)
    ]
    records = _share_time(found, seconds)
    prompts = {
        record.prompt: _prompt_text(item) for record, item in zip(records, items, strict=True)
    }
    return Batch(records, prompts)


def _share_time(records: Sequence[IclRecord], seconds: float) -> tuple[IclRecord, ...]:
    """Items of one batch are computed together, so its time is shared out by their tokens."""
    whole = max(1, sum(record.tokens for record in records))
    return tuple(
        replace(record, seconds=round(seconds * record.tokens / whole, 6)) for record in records
    )


def _filtered(
    task: Any, items: Sequence[Item], answers: Sequence[Sequence[_Answer]]
) -> list[dict[str, list[Any]]]:
    # Copies go in, so that what one λ answered never stays on the requests that the next uses.
    copies = [
        [_answered(instance, answer) for instance, answer in zip(item.instances, said, strict=True)]
        for item, said in zip(items, answers, strict=True)
    ]
    # As lm-eval's `apply_filters`, which reads a list kept on the shared task.
    for ensemble in task._filters:
        ensemble.apply([instance for group in copies for instance in group])
    names = list(copies[0][0].filtered_resps)
    return [
        {name: [instance.filtered_resps[name] for instance in group] for name in names}
        for group in copies
    ]


def _answered(instance: Any, answer: _Answer) -> Any:
    twin = copy.copy(instance)
    twin.resps, twin.filtered_resps = [answer.response], {}
    return twin


def _record(
    built: BuiltTask,
    item: Item,
    metric: str,
    said: Sequence[_Answer],
    kept: dict[str, list[Any]],
) -> IclRecord:
    metrics = _metrics(built.task, item, kept)
    if metric not in metrics:
        raise TaskError(
            f"The task {built.name} has no per-item metric {metric!r}. "
            f"It has {', '.join(sorted(metrics))}."
        )
    choices, logprobs = _choices(built.task, item, said)
    prediction = _prediction(choices, said, kept, metric)
    written = said[0].response if isinstance(said[0].response, str) else None
    return IclRecord(
        item=item.id,
        task=built.name,
        prompt=text_hash(_prompt_text(item)),
        choices=choices,
        logprobs=logprobs,
        prediction=prediction,
        target=_target(built.task, item, choices),
        correct=metrics[metric] == 1.0,
        metrics=metrics,
        tokens=max(one.context_tokens for one in said) + sum(one.tokens for one in said),
        cluster=item.cluster,
        cut=max(one.cut for one in said),
        finish=said[0].finish,
        output=None if written == prediction else written,
        greedy=_greedy(said[: len(choices)]) if choices else None,
        written=None if written is None else said[0].tokens,
    )


def _choices(
    task: Any, item: Item, said: Sequence[_Answer]
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    logprobs = tuple(one.response[0] for one in said if isinstance(one.response, tuple))
    if logprobs and task.config.doc_to_choice is None:  # one text, whose likelihood is asked
        return (str(item.instances[0].args[1]),), logprobs
    choices = tuple(task.doc_to_choice(item.doc)) if logprobs else ()
    return choices, logprobs[: len(choices)]  # mutual information scores each choice once more


def _greedy(said: Sequence[_Answer]) -> tuple[int, ...]:
    return tuple(at for at, one in enumerate(said) if one.response[1])


def _prediction(
    choices: Sequence[str], said: Sequence[_Answer], kept: dict[str, list[Any]], metric: str
) -> str:
    """What the model answers; empty where all that is known is that it writes another text."""
    if not choices:
        return _text(kept, metric)
    if len(said) == 1:
        return choices[0] if said[0].response[1] else ""
    return _chosen(choices, said, metric)


def _metrics(task: Any, item: Item, kept: dict[str, list[Any]]) -> dict[str, float]:
    # With several filters lm-eval names a metric "metric,filter", and so does the suite.
    # Metrics that only exist over a whole data set (f1, mcc: pairs here; perplexity) are left out.
    metrics: dict[str, float] = {}
    for name, responses in kept.items():
        for metric, value in task.process_results(item.doc, responses).items():
            if metric in OF_A_DATA_SET:
                continue
            if isinstance(value, Real) and math.isfinite(float(value)):
                metrics[metric if len(kept) == 1 else f"{metric},{name}"] = float(value)
    return metrics


def _chosen(choices: Sequence[str], said: Sequence[_Answer], metric: str) -> str:
    """As lm-eval decides: the first of the largest."""
    values = _compared(choices, [one.response[0] for one in said], metric.partition(",")[0])
    return choices[values.index(max(values))]


def _compared(choices: Sequence[str], logprobs: Sequence[Any], metric: str) -> list[float]:
    """What the metric compares: by characters, by bytes, against the choice alone, or raw."""
    raw = list(map(float, logprobs[: len(choices)]))
    if metric == "acc_mutual_info":
        return [one - alone for one, alone in zip(raw, logprobs[len(choices) :], strict=True)]
    if metric not in ("acc_norm", "acc_bytes"):
        return raw
    texts: Sequence[Sized] = choices if metric == "acc_norm" else [c.encode() for c in choices]
    # An empty choice can never be the best one: lm-eval divides by its length of zero.
    return [one / len(t) if len(t) else -math.inf for one, t in zip(raw, texts, strict=True)]


def _text(kept: dict[str, list[Any]], metric: str) -> str:
    name = metric.partition(",")[2] or next(iter(kept))
    return str(kept[name][0])


def _target(task: Any, item: Item, choices: Sequence[str]) -> str:
    if task.multiple_input:
        return choices[int(task.doc_to_text(item.doc))]
    target = task.doc_to_target(item.doc)
    if isinstance(target, list):
        return " | ".join(choices[one] if choices else str(one) for one in target)
    return choices[target] if choices and isinstance(target, int) else str(target)


def _prompt_text(item: Item) -> str:
    contexts = [instance.args[0] for instance in item.instances]
    one = len(set(contexts)) == 1
    return contexts[0] if one else json.dumps(contexts, ensure_ascii=False)
