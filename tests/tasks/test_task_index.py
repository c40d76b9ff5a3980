"""Any lm-eval name: groups, tags and patterns expand, unknown ones come with the nearest."""

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from core import api
from core.errors import InputError, TaskError
from core.settings import Settings, read_settings
from core.tasks.lmeval import lmeval_names
from core.tasks.suites import load_suite
from core.tasks.task_index import LAYOUT, all_names, expand, index_is_kept
from core.tasks.task_yaml import lmeval_tasks
from core.tasks.typed import typed_name

FOLDERS = ("arc", "mmlu/default", "squadv2", "gsm8k", "wikitext", "openbookqa", "hellaswag")


@pytest.fixture(scope="module")
def kept() -> str:
    """What lm-eval's own walk finds in a few of its folders (all of them take too long here)."""
    root = lmeval_tasks()
    tasks: dict[str, str] = {}
    groups: dict[str, str] = {}
    tags: dict[str, list[str]] = {}
    for folder in FOLDERS:
        found = lmeval_names(root / folder)
        for into, part in zip((tasks, groups), found[:2], strict=True):
            into |= {name: f"{folder}/{path}" for name, path in part.items()}
        tags |= found[2]
    told = {"tasks": tasks, "groups": groups, "tags": tags}
    return json.dumps({"layout": LAYOUT, "root": str(root), **told})


@pytest.fixture
def settings(kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PARTWAY_STATE", str(tmp_path))
    (tmp_path / f"lm-eval-{version('lm-eval')}.json").write_text(kept)
    return read_settings()


def names(name: str, settings: Settings) -> list[str]:
    return [ref.name for ref in expand(name, settings)]


def test_a_task_a_group_a_tag_and_a_pattern(settings: Settings) -> None:
    assert index_is_kept(settings)
    assert names("arc_easy", settings) == ["arc_easy"]
    assert len(names("mmlu", settings)) == 57
    assert len(names("mmlu_stem", settings)) == 19
    assert set(names("ai2_arc", settings)) == {"arc_easy", "arc_challenge"}
    assert names("arc_*", settings) == ["arc_challenge", "arc_challenge_chat", "arc_easy"]
    assert {"mmlu", "mmlu_stem", "arc_easy", "ai2_arc"} <= set(all_names(settings))


def test_an_unknown_name_comes_with_the_nearest(settings: Settings) -> None:
    with pytest.raises(TaskError, match="Did you mean hellaswag"):
        expand("hellswag", settings)
    with pytest.raises(TaskError, match="icl list"):
        expand("qqqqqqqq", settings)
    with pytest.raises(TaskError, match="pattern"):
        expand("qqq*", settings)


def test_typed_names_are_a_suite_as_lm_eval_defines_it(settings: Settings) -> None:
    suite = load_suite(typed_name("arc_easy, mmlu_anatomy", 3))
    assert suite.name == "lm-eval:arc_easy,mmlu_anatomy@3"
    easy, anatomy = suite.tasks
    assert (easy.form, easy.metric, easy.shots, easy.version) == ("MC", "acc_norm", 3, "1.0")
    assert (anatomy.form, anatomy.metric, anatomy.category) == ("FMC", "acc", "mmlu")
    assert load_suite(suite.name) == suite
    [own] = load_suite(typed_name("gsm8k")).tasks
    assert (own.form, own.shots, own.metric) == ("G", 5, "exact_match,strict-match")


@pytest.mark.parametrize("text", ["", "a b;c", "../arc", "arc_easy,,piqa"])
def test_odd_names_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        typed_name(text)


def test_shots_are_a_number() -> None:
    with pytest.raises(InputError, match="101"):
        typed_name("arc_easy", 101)
    with pytest.raises(InputError, match="many"):
        load_suite("lm-eval:arc_easy@many")


@pytest.mark.parametrize(
    ("name", "said"), [("squadv2", "written in Python"), ("wikitext", "perplexity")]
)
def test_what_cannot_be_run_says_why(name: str, said: str, settings: Settings) -> None:
    with pytest.raises(TaskError, match=said):
        load_suite(typed_name(name))


def own_folder(tmp_path: Path) -> tuple[Path, Callable[[str, str], None]]:
    folder = tmp_path / "tasks"

    def write(name: str, text: str) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    return folder, write


def test_your_own_tasks_groups_and_suites_go_first(settings: Settings, tmp_path: Path) -> None:
    folder, write = own_folder(tmp_path)  # STATE/tasks
    assert settings.tasks == folder
    write("mine.yaml", "{task: mine, tag: ours, dataset_path: a/b, test_split: test}")
    write("both.yaml", "{group: both, task: [mine, {task: arc_easy, num_fewshot: 7}]}")
    assert names("ours", settings) == ["mine"]
    assert names("both", settings) == ["mine", "arc_easy"]
    assert [task.shots for task in load_suite("lm-eval:both").tasks] == [0, 7]
    write(
        "suites/own.toml",
        'name = "own"\nkind = "icl"\ntitle = "t"\ndescription = "d"\nfolder = "."\n'
        + "".join(
            f'[[tasks]]\nname = "{name}"\nform = "MC"\ncategory = "c"\nshots = 1\n'
            'metric = "acc"\nversion = "1"\n'
            for name in ("mine", "openbookqa")
        ),
    )
    mine, book = load_suite("own").tasks
    assert mine.definition == folder / "mine.yaml"
    assert book.definition == lmeval_tasks() / "openbookqa" / "openbookqa.yaml"


def test_a_suite_that_names_a_group_says_how_to_take_it(settings: Settings, tmp_path: Path) -> None:
    _, write = own_folder(tmp_path)
    write(
        "suites/own.toml",
        'name = "own"\nkind = "icl"\ntitle = "t"\ndescription = "d"\n[[tasks]]\n'
        'name = "mmlu"\nform = "MC"\ncategory = "c"\nshots = 1\nmetric = "acc"\nversion = "1"\n',
    )
    with pytest.raises(TaskError, match="--icl-task mmlu"):
        load_suite("own")


def test_a_page_can_offer_names_and_tasks(settings: Settings) -> None:
    assert api.task_names_known()
    assert "mmlu_stem" in api.task_names()
    assert api.nearest_tasks("arc_esy")[0] == "arc_easy"
    assert [task.name for task in api.few_shot_tasks("ai2_arc")] == ["arc_challenge", "arc_easy"]
    assert len(api.few_shot_tasks("icl-classic")) == 21
    assert api.typed_suite("arc_easy", 5) == "lm-eval:arc_easy@5"
    assert {"icl-classic", "tinyworld-icl"} <= {suite.name for suite in api.few_shot_suites()}
