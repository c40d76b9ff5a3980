"""A chat template as a factor: the prompts are lm-eval's, byte for byte, and the id says so.

lm-eval's own loop, told to apply the template, asks `PartwayLM`; Partway's loop asks the same
engine. Both must have put the same strings.
"""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.engine.protocol import ScoreRequest
from core.errors import InputError, NotKnown, PairError, TaskError
from core.evals.icl import score_items
from core.evals.plan import icl_spec
from core.lam import Lam
from core.tasks.lmeval import build_task
from core.tasks.suites import Suite, load_suite, prompted_name
from tests.hash_engine import PAIR, HashEngine
from tests.small_suite import write_small_suite

LAM, SHOTS, SEED = Lam(400), 3, 1234
FORMS = ("small_choice", "small_letter", "small_text", "small_cloze", "small_many")
PROMPTS = ("plain", "chat", "chat-turns")


@pytest.fixture(scope="module")
def suites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("suite")
    return write_small_suite(root, items=8, cache=root / "cache", every_shape=True)


def strings(engine: HashEngine) -> list[tuple[str, ...]]:
    return [
        (one.context, one.continuation) if isinstance(one, ScoreRequest) else (one.text,)
        for batch in engine.asked
        for one in batch
    ]


def asked_by_us(suite: Suite, name: str) -> list[tuple[str, ...]]:
    engine, task = HashEngine(), suite.task(name)
    list(score_items(engine, icl_spec(task, PAIR, LAM), task))
    return strings(engine)


def asked_by_lm_eval(folder: Path, name: str, prompt: str) -> list[tuple[str, ...]]:
    from lm_eval.evaluator import evaluate
    from lm_eval.tasks import TaskManager

    from core.evals.lm import PartwayLM

    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    loaded = TaskManager(include_defaults=False, include_path=str(folder)).load([name])
    loaded["tasks"][name].set_config(key="num_fewshot", value=SHOTS)
    loaded["tasks"][name].set_fewshot_seed(seed=SEED)
    engine = HashEngine()
    chat = {"apply_chat_template": True, "fewshot_as_multiturn": prompt == "chat-turns"}
    told: dict[str, Any] = {} if prompt == "plain" else chat
    evaluate(PartwayLM("hashes", LAM, engine), loaded, bootstrap_iters=0, **told)
    return strings(engine)


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("name", FORMS)
def test_prompts_are_lm_evals_byte_for_byte(suites: Path, name: str, prompt: str) -> None:
    suite = load_suite(prompted_name("small", prompt), suites)
    ours = asked_by_us(suite, name)
    folder = suite.task(name).definition.parent
    assert sorted(ours) == sorted(asked_by_lm_eval(folder, name, prompt))
    turns = {"plain": 0, "chat": 1, "chat-turns": SHOTS + 1}[prompt]
    assert all(context.count("<user>") == turns for context, *_ in ours)


def test_every_way_of_putting_a_task_is_a_run_of_its_own(suites: Path) -> None:
    specs = {
        prompt: icl_spec(
            load_suite(prompted_name("small", prompt), suites).task("small_choice"), PAIR, LAM
        )
        for prompt in PROMPTS
    }
    assert len({spec.run_id for spec in specs.values()}) == 3
    assert {prompt: spec.prompt.form for prompt, spec in specs.items()} == {
        "plain": "completion",
        "chat": "chat",
        "chat-turns": "chat-turns",
    }
    assert specs["chat"].prompt.chat_template == PAIR.chat_template
    assert specs["plain"].prompt.chat_template is None


def test_the_suites_name_says_it_and_is_enough_to_ask_again(suites: Path) -> None:
    suite = load_suite("small:chat-turns", suites)
    assert suite.name == "small:chat-turns" and "examples as turns" in suite.title
    assert {task.prompt for task in suite.tasks} == {"chat-turns"}
    assert prompted_name("small", "plain") == "small"


def test_what_cannot_be_put_so_is_refused_in_a_sentence(suites: Path) -> None:
    task = load_suite("small:chat", suites).task("small_choice")
    with pytest.raises(PairError, match="no chat template, so small_choice"):
        icl_spec(task, replace(PAIR, chat_template=None), LAM)
    with pytest.raises(TaskError, match="a loaded pair has to render"):
        build_task(task)
    with pytest.raises(NotKnown, match="always put as chats"):
        load_suite("small-instructions:chat", suites)
    with pytest.raises(InputError, match="cannot be put as 'poem'"):
        prompted_name("small", "poem")
