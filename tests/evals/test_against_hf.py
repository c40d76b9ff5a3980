"""The oracle is lm-eval's own HF backend on the very weights: same answers, same metrics.

lm-eval evaluates each task twice, once with its HF backend, which computes every request by
itself, and once with `PartwayLM`, whose engine shares what requests have in common. Two pairs:
the embedded one, whose tokenizer puts a token in front, and a random one with a context of 256
tokens, which twenty-five examples do not fit into.
"""

import logging
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.engine.answer import HALF  # of a character; our answers do not end in one
from core.engine.protocol import Engine
from core.engine.torch_engine import TorchEngine
from core.errors import InputError, TaskError
from core.lam import Lam
from tests.engine.served import serving
from tests.hf_backend import hf_backend, instances
from tests.small_suite import write_jsonl

TOLERANCE = 1e-3
IN_FLOAT32 = 3e-7  # lm-eval sums a text's thousands of tokens in float32
LAMS = {"tinyworld": Lam(650), "tiny": Lam(350)}
ITEMS = 20
LONG = (3, 17)  # items whose passage no context here has room for
TEXT = (
    "the river runs past a small town and people there say that it never stops . Every child in "
    "Zürich λ knows why an old lamp hangs near bridges of green stone behind seven white houses"
)
WORDS = TEXT.split()
SHARED = {
    "dataset_path": "json",
    "test_split": "test",
    "fewshot_split": "dev",
    "doc_to_text": "Question: {{asked}}?\nAnswer:",
    "doc_to_target": "label",
    "metadata": {"version": 1},
}
CHOICE = {
    **SHARED,
    "output_type": "multiple_choice",
    "metric_list": [{"metric": "acc"}, {"metric": "acc_norm"}, {"metric": "exact_match"}],
}
LETTERED = "{{asked}}\nA. {{long[0]}}\nB. {{long[1]}}\nC. {{long[2]}}\nAnswer:"
FIXED = {"fewshot_config": {"sampler": "first_n"}}
# name → (shots, what the task's YAML says)
TASKS: dict[str, tuple[int, dict[str, Any]]] = {
    "one_token_choices": (5, {**CHOICE, **FIXED, "doc_to_choice": ["stone", "lamp", "town"]}),
    "long_choices_no_shots": (0, {**CHOICE, "doc_to_choice": "long"}),
    "long_choices_shots_drawn": (3, {**CHOICE, "doc_to_choice": "long"}),
    "twenty_five_shots": (25, {**CHOICE, **FIXED, "doc_to_choice": "short"}),
    "letters": (
        5,
        {**CHOICE, **FIXED, "doc_to_text": LETTERED, "doc_to_choice": ["A", "B", "C"]},
    ),
    "words_that_merge_across_the_border": (
        2,
        {
            **CHOICE,
            "doc_to_text": "{{asked}} the ri",
            "doc_to_choice": ["ver runs past a town", "ver never stops . the lamp", "  ver"],
            "target_delimiter": "",
        },
    ),
    "choices_that_begin_each_other": (
        2,
        {**CHOICE, "doc_to_choice": ["the river", "the river runs", "the river runs past", "the"]},
    ),
    "longer_than_the_context": (
        1,
        {**CHOICE, "doc_to_text": "{{passage}} {{asked}}?", "doc_to_choice": "long"},
    ),
    "choices_in_the_context": (
        2,
        {
            **CHOICE,
            "metric_list": [{"metric": "acc"}],
            "doc_to_text": "label",
            "doc_to_choice": "{{[long[0] + ' and', long[1] + ' and', long[2] + ' and']}}",
            "doc_to_target": "{{asked}}",
        },
    ),
    "generation_with_stop_texts": (
        3,
        {
            **SHARED,
            "output_type": "generate_until",
            "doc_to_target": "{{short[label]}}",
            "generation_kwargs": {"until": ["\n", " the", "."], "max_gen_toks": 12},
            "metric_list": [{"metric": "exact_match"}],
        },
    ),
    "whole_texts": (
        0,
        {
            **SHARED,
            "output_type": "loglikelihood_rolling",
            "doc_to_text": "",
            "doc_to_target": "{{passage}}",
            "metric_list": [{"metric": "word_perplexity"}, {"metric": "byte_perplexity"}],
        },
    ),
}


def rows(count: int, seed: int) -> Iterator[dict[str, Any]]:
    draw = random.Random(seed)

    def words(low: int, high: int) -> str:
        return " ".join(draw.choices(WORDS, k=draw.randint(low, high)))

    for number in range(count):
        yield {
            "asked": f"{number} {words(4, 9)}",
            "passage": words(1000, 1100) if number in LONG else words(1, 60),
            "long": [words(3, 12) for _ in range(3)],
            "short": draw.sample(WORDS, 3),
            "label": draw.randrange(3),
        }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tasks")
    files: dict[str, Any] = {
        "test": rows(ITEMS, 0),
        "dev": [{**row, "passage": "A town."} for row in rows(30, 1)],
    }
    for split, content in files.items():
        write_jsonl(folder / f"{split}.jsonl", content)
    data = {split: str(folder / f"{split}.jsonl") for split in files}
    where = {"data_files": data, "cache_dir": str(folder / "cache")}
    for name, (shots, config) in TASKS.items():
        told = {"task": name, "dataset_kwargs": where, "num_fewshot": shots, **config}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(told, allow_unicode=True))
    return folder


def evaluated(model: Any, folder: Path, name: str, **options: Any) -> dict[str, Any]:
    """lm-eval's own evaluation of one task, with its samples in the order of the data."""
    from lm_eval.evaluator import evaluate

    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    loaded = manager(folder).load([name])
    loaded["tasks"][name].set_fewshot_seed(seed=1234)
    return sorted_samples(evaluate(model, loaded, bootstrap_iters=0, **options), name)


def sorted_samples(found: dict[str, Any], name: str) -> dict[str, Any]:
    found["samples"][name].sort(key=lambda sample: (sample["doc_id"], sample["filter"]))
    return found


@cache
def manager(folder: Path) -> Any:
    from lm_eval.tasks import TaskManager

    return TaskManager(include_defaults=False, include_path=str(folder))


def partway(pair: str, engine: Engine) -> Any:
    from core.evals.lm import PartwayLM

    return PartwayLM(pair, LAMS[pair], engine)


@pytest.fixture(scope="module", params=LAMS)
def models(request: pytest.FixtureRequest, tiny_engine: TorchEngine) -> tuple[Any, Any]:
    """Ours, and lm-eval's HF backend with the same weights."""
    pair = request.param
    return partway(pair, tiny_engine), hf_backend(tiny_engine, pair, LAMS[pair], 4)


def assert_same(ours: dict[str, Any], theirs: dict[str, Any], name: str) -> None:
    for one, other in zip(ours["samples"][name], theirs["samples"][name], strict=True):
        assert one["arguments"] == other["arguments"], "they were asked the same"
        (numbers, rest), (expected, others) = split(one), split(other)
        assert numbers == pytest.approx(expected, abs=TOLERANCE, rel=IN_FLOAT32)
        for found, wanted in zip(rest, others, strict=True):
            assert wanted in ((found, found + HALF) if isinstance(found, str) else (found,))
        for metric in set(one["metrics"]) - {"word_perplexity", "byte_perplexity"}:
            assert one[metric] == other[metric], (metric, one["doc_id"])
    for metric, value in theirs["results"][name].items():
        if isinstance(value, float):
            assert ours["results"][name][metric] == pytest.approx(value, rel=1e-4), metric


def split(sample: dict[str, Any]) -> tuple[list[float], list[Any]]:
    """The numbers that were answered, and everything else: texts, and what is greedy."""
    answers = [response for (response,) in sample["resps"]]
    if isinstance(answers[0], str):
        return [], answers
    if not isinstance(answers[0], tuple):
        return answers, []
    return [logprob for logprob, _ in answers], [greedy for _, greedy in answers]


@pytest.mark.parametrize("name", TASKS)
def test_every_answer_and_every_metric_are_the_hf_backends(
    models: tuple[Any, Any], folder: Path, name: str
) -> None:
    ours, theirs = (evaluated(model, folder, name) for model in models)
    assert len(theirs["samples"][name]) == ITEMS
    assert_same(ours, theirs, name)


def test_a_host_answers_lm_eval_as_the_engine_in_process(
    tiny_engine: TorchEngine, folder: Path
) -> None:
    names = ["choices_that_begin_each_other", "generation_with_stop_texts", "whole_texts"]
    with serving(lambda: tiny_engine) as (client, _):
        for name in names:
            far = evaluated(partway("tiny", client), folder, name, limit=4)
            near = evaluated(partway("tiny", tiny_engine), folder, name, limit=4)
            assert far["results"] == near["results"]
            assert far["samples"] == near["samples"]


@pytest.mark.parametrize("turns", [False, True])
def test_chats_are_rendered_byte_for_byte(
    models: tuple[Any, Any], folder: Path, turns: bool
) -> None:
    chat = {
        "apply_chat_template": True,
        "fewshot_as_multiturn": turns,
        "system_instruction": "Be brief.",
    }
    for name in ("letters", "generation_with_stop_texts"):
        ours, theirs = (evaluated(model, folder, name, **chat) for model in models)
        assert_same(ours, theirs, name)
        first = str(ours["samples"][name][0]["arguments"])
        assert "Be brief." in first and ("assistant" in first)


def simply(model: Any, folder: Path, **options: Any) -> dict[str, Any]:
    """The first items of one task through lm-eval's front door."""
    from lm_eval.evaluator import simple_evaluate

    found = simple_evaluate(
        model, tasks=["letters"], task_manager=manager(folder), limit=3, **options
    )
    return sorted_samples(dict(found), "letters")


def test_the_model_is_had_by_name_with_its_lam(folder: Path, tiny_engine: TorchEngine) -> None:
    import core.evals.lm  # noqa: F401  # as `python -m core.evals.harness` does

    named = simply(
        "partway", folder, model_args={"pair": "tiny", "lam": 0.35, "engine": tiny_engine}
    )
    ours = evaluated(partway("tiny", tiny_engine), folder, "letters", limit=3)
    assert named["samples"] == ours["samples"]
    assert (named["config"]["pair"], named["config"]["lambda"]) == ("tiny", "0.35")


def test_lm_evals_cache_of_answers_is_refused(
    folder: Path, tiny_engine: TorchEngine, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="does not tell one λ from another"):
        simply(partway("tiny", tiny_engine), folder, use_cache=str(tmp_path / "cache"))


def test_what_cannot_be_asked_is_refused_in_a_sentence(tiny_engine: TorchEngine) -> None:
    model = partway("tiny", tiny_engine)
    with pytest.raises(TaskError, match="the river' is empty"):
        model.loglikelihood(instances("loglikelihood", [("the river", "")]))
    with pytest.raises(TaskError, match="num_beams"):
        model.generate_until(instances("generate_until", [("the", {"num_beams": 4})]))
    with pytest.raises(InputError, match="knows no pretrained"):
        type(model)("tiny", "0.5", tiny_engine, pretrained="x")
