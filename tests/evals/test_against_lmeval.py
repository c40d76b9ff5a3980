"""The oracle is lm-eval itself: same requests, same answers, same metrics, item by item.

lm-eval loads the same YAML with its own task manager and its own `datasets` loader, and
runs its own evaluator over the same engine; ours goes through `score_items`.
"""

import logging
from typing import Any

import pytest

from core.engine.protocol import Prompt, ScoreRequest
from core.evals.icl import score_items
from core.evals.plan import icl_spec
from core.lam import Lam
from core.spec import Decoding
from core.store.records import IclRecord
from core.tasks.suites import Suite, load_suite
from tests.hash_engine import PAIR, HashEngine
from tests.small_suite import write_small_suite

LAM = Lam(400)
SEED = 1234
SHOTS = 3
FORMS = ("small_choice", "small_letter", "small_text", "small_cloze", "small_many")


def lm_over(engine: HashEngine) -> Any:
    """lm-eval's model interface over our engine."""
    from lm_eval.api.model import LM

    class Model(LM):  # type: ignore[misc]
        def loglikelihood(self, requests: list[Any]) -> list[tuple[float, bool]]:
            asked = [ScoreRequest(*request.args) for request in requests]
            return [(one.logprob, one.greedy) for one in engine.score("p", LAM, asked)]

        def generate_until(self, requests: list[Any]) -> list[str]:
            answers = []
            for context, kwargs in (request.args for request in requests):
                decoding = Decoding(kwargs["max_gen_toks"], stop=tuple(kwargs["until"]))
                answers += engine.generate("p", LAM, [Prompt(context)], decoding)
            return [answer.text for answer in answers]

        def loglikelihood_rolling(self, requests: list[Any]) -> list[float]:
            raise AssertionError("no task of these tests asks for rolling likelihoods")

    return Model()


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    root = tmp_path_factory.mktemp("suite")
    written = write_small_suite(root, items=15, cache=root / "cache", every_shape=True)
    return load_suite("small", written)


@pytest.fixture(scope="module")
def samples(suite: Suite) -> dict[str, list[dict[str, Any]]]:
    """What lm-eval logs for every item of every task."""
    from lm_eval.evaluator import evaluate
    from lm_eval.tasks import TaskManager

    folder = suite.tasks[0].definition.parent
    manager = TaskManager(include_defaults=False, include_path=str(folder))
    loaded = manager.load([task.name for task in suite.tasks])
    for task in loaded["tasks"].values():  # as `lm_eval --num_fewshot` sets them
        task.set_config(key="num_fewshot", value=SHOTS)
        task.set_fewshot_seed(seed=SEED)
    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    found = evaluate(lm_over(HashEngine()), loaded, bootstrap_iters=0)
    return dict(found["samples"])


def ours(suite: Suite, name: str) -> tuple[list[IclRecord], HashEngine]:
    task, engine = suite.task(name), HashEngine()
    assert (task.shots, task.fewshot_seed) == (SHOTS, SEED)
    batches = score_items(engine, icl_spec(task, PAIR, LAM), task, batch_items=4)
    return [one for batch in batches for one in batch.records], engine  # type: ignore[misc]


def asked_strings(engine: HashEngine) -> list[tuple[str, ...]]:
    return [
        (one.context, one.continuation) if isinstance(one, ScoreRequest) else (one.text,)
        for batch in engine.asked
        for one in batch
    ]


@pytest.mark.parametrize("name", FORMS)
def test_requests_and_metrics_are_lm_evals(
    suite: Suite, samples: dict[str, list[dict[str, Any]]], name: str
) -> None:
    records, engine = ours(suite, name)
    filters = sorted({sample["filter"] for sample in samples[name]})
    for kept in filters:
        theirs = [sample for sample in samples[name] if sample["filter"] == kept]
        theirs.sort(key=lambda sample: sample["doc_id"])
        requests = [
            tuple(part for part in arguments if isinstance(part, str))
            for sample in theirs
            for arguments in sample["arguments"]
        ]
        assert asked_strings(engine) == requests
        for record, sample in zip(records, theirs, strict=True):
            assert record.item == sample["doc"]["id"]
            for metric in sample["metrics"]:
                key = metric if len(filters) == 1 else f"{metric},{kept}"
                assert record.metrics[key] == sample[metric], (record.item, key)
    assert any(record.correct for record in records), "the comparison must see both outcomes"
    assert not all(record.correct for record in records)


def test_raw_answers_are_kept(suite: Suite, samples: dict[str, list[dict[str, Any]]]) -> None:
    records, _ = ours(suite, "small_choice")
    theirs = {sample["doc"]["id"]: sample for sample in samples["small_choice"]}
    for record in records:
        logged = [float(response[0][0]) for response in theirs[record.item]["resps"]]
        assert list(record.logprobs) == logged
