"""lm-eval's own `local-completions` model runs tasks through the host and agrees with the engine.

Two oracles meet: lm-eval counts tokens with the pair's own tokenizer and reads `echo` with
log-probabilities over HTTP; our engine scores the same requests in process. A tokenizer that adds
a first token by itself, as tinyworld's does, needs lm-eval's `add_bos_token=True` for the same.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.engine.protocol import Prompt, ScoreRequest
from core.engine.torch_engine import TorchEngine
from core.lam import BASE, INSTRUCT, Lam
from core.settings import Settings
from core.spec import Decoding
from tests.engine.served import TOKEN, serving
from tests.small_suite import write_jsonl

CONTEXT_LENGTH = 256  # of the tiny pair
CHOICE = """\
task: river_choice
dataset_path: json
dataset_kwargs: {{data_files: {{test: "{data}"}}, cache_dir: "{cache}"}}
test_split: test
output_type: multiple_choice
doc_to_text: "The river {{{{where}}}}. It never"
doc_to_choice: ends
doc_to_target: label
metric_list:
  - {{metric: acc, aggregation: mean, higher_is_better: true}}
metadata: {{version: 1}}
"""
PLACES = ("runs past a town", "stops", "is small and people say that", "says", "ran there, λ")
ENDS = ["stops", "runs past the town", "says that", "λ"]


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A choice task of lm-eval whose choices differ in length."""
    from lm_eval.tasks import TaskManager

    folder = tmp_path_factory.mktemp("task")
    rows = [{"where": place, "ends": ENDS, "label": at % 4} for at, place in enumerate(PLACES)]
    write_jsonl(folder / "data.jsonl", rows)
    text = CHOICE.format(data=folder / "data.jsonl", cache=folder / "cache")
    (folder / "river_choice.yaml").write_text(text)
    manager = TaskManager(include_defaults=False, include_path=str(folder))
    return manager.load(["river_choice"])


@pytest.fixture(scope="module")
def url(tiny_settings: Settings) -> Iterator[str]:
    with serving(lambda: TorchEngine(tiny_settings)) as (host, _):
        host.load("tiny")
        yield f"{host.url}/v1/completions"


def model(url: str, lam: Lam, tokenizer: Path, **more: Any) -> Any:
    from lm_eval.api.registry import get_model

    return get_model("local-completions")(
        model=f"tiny@{lam}",
        base_url=url,
        tokenizer=str(tokenizer),
        tokenizer_backend="huggingface",
        max_length=CONTEXT_LENGTH,
        header={"Authorization": f"Bearer {TOKEN}"},
        max_retries=1,
        **more,
    )


@pytest.fixture(scope="module")
def tokenizer(tiny_settings: Settings) -> Path:
    return tiny_settings.pairs_file.parent / "instruct"


@pytest.mark.parametrize("lam", [BASE, Lam(650), INSTRUCT])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_choice_task_scores_as_in_process(
    task: Any, url: str, tokenizer: Path, tiny_engine: TorchEngine, lam: Lam, batch_size: int
) -> None:
    from lm_eval.evaluator import evaluate

    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    far = model(url, lam, tokenizer, batch_size=batch_size)
    samples = evaluate(far, task, bootstrap_iters=0)["samples"]["river_choice"]
    assert len(samples) == len(PLACES)
    for sample in samples:
        requests = [ScoreRequest(*arguments) for arguments in sample["arguments"]]
        scores = tiny_engine.score("tiny", lam, requests)
        found = [(float(logprob), bool(greedy)) for ((logprob, greedy),) in sample["resps"]]
        assert [greedy for _, greedy in found] == [score.greedy for score in scores]
        assert [logprob for logprob, _ in found] == pytest.approx(
            [score.logprob for score in scores], abs=1e-3
        )


def test_a_generating_request_is_answered_as_in_process(
    url: str, tokenizer: Path, tiny_engine: TorchEngine
) -> None:
    from lm_eval.api.instance import Instance

    texts = ["the river runs past", "people say"]
    given = {"until": ["\n\n", "zz"], "max_gen_toks": 20, "do_sample": False}
    asked = [
        Instance("generate_until", {}, (text, dict(given)), at) for at, text in enumerate(texts)
    ]
    found = model(url, Lam(650), tokenizer).generate_until(asked)
    decoding = Decoding(20, stop=("\n\n", "zz", "<|eos|>"))
    prompts = [Prompt(text) for text in texts]
    expected = tiny_engine.generate("tiny", Lam(650), prompts, decoding)
    assert found == [answer.text for answer in expected]
