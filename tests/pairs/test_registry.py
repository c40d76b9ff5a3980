"""The registry: what ships, what a person adds, and what an unknown name is told."""

from collections import Counter
from dataclasses import astuple
from pathlib import Path

import pytest

from core.errors import InputError, NameRefused, NotKnown
from core.pairs.adding import NewPair, add_pair
from core.pairs.hub_model import HubModel
from core.pairs.registry import find_pair, read_registry
from core.pairs.usual import FOR_ANY_PAIR, Usual
from core.pairs.verified import keep
from core.settings import ROOT, Settings
from core.tasks.overview import icl_suites, instruction_suites
from core.tasks.problems.benchmark import list_benchmarks
from tests.private_settings import settings_for

PLAIN = '[[pair]]\nname = "x"\nbase = "a"\ninstruct = "b"\n'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path, tmp_path / "pairs.toml")


def test_the_embedded_pair_comes_first_and_lies_in_the_project(settings: Settings) -> None:
    first = next(iter(read_registry(settings).values()))
    assert first.name == "tinyworld" and first.embedded
    assert Path(first.base).is_relative_to(ROOT)


def test_the_listed_hub_pairs_say_that_they_are_unverified(settings: Settings) -> None:
    others = [entry for entry in read_registry(settings).values() if not entry.embedded]
    assert len(others) >= 30
    assert all("unverified" in entry.note and entry.base_revision is None for entry in others)
    assert all(entry.base.count("/") == entry.instruct.count("/") == 1 for entry in others)
    assert len({(entry.base, entry.instruct) for entry in others}) == len(others)
    groups = Counter(entry.group for entry in others)
    assert groups["partial-adaptation"] == 18 and groups["starter"] >= 10


def test_the_models_of_the_reasoning_study_are_all_there(settings: Settings) -> None:
    """Eight pairs; two of them stand among the eighteen."""
    known = {entry.base for entry in read_registry(settings).values()}
    assert known >= {
        "Qwen/Qwen3-0.6B-Base",
        "HuggingFaceTB/SmolLM3-3B-Base",
        "meta-llama/Llama-3.2-3B",
        "Qwen/Qwen3-8B-Base",
        "Qwen/Qwen3-14B-Base",
        "meta-llama/Meta-Llama-3-70B",
        "deepseek-ai/DeepSeek-V3.1-Base",
        "moonshotai/Kimi-K2-Base",
    }


def test_a_checked_commit_is_used_from_then_on(settings: Settings) -> None:
    model = HubModel("allenai/OLMo-2-0425-1B", "a" * 40, "apache-2.0", False, 1, 2)
    keep(model, "allenai/OLMo-2-0425-1B", settings)
    entry = find_pair("olmo-2-0425-1b-instruct", settings)
    assert (entry.base_revision, entry.instruct_revision) == ("a" * 40, None)


def test_a_pair_that_was_added_is_there_and_what_stood_in_the_file_stays(
    settings: Settings, tmp_path: Path
) -> None:
    settings.pairs_file.write_text('# mine\n[[pair]]\nname = "old"\nbase = "a"\ninstruct = "b"\n')
    folder = tmp_path / 'a base, "quoted"'
    folder.mkdir()
    add_pair(NewPair("new", str(folder), "org/model", 'λ \\ "note"'), settings)
    entry = find_pair("new", settings)
    assert (entry.base, entry.instruct) == (str(folder), "org/model")
    assert entry.note == 'λ \\ "note"' and entry.group == "yours"
    assert find_pair("old", settings).base == str(tmp_path / "a")
    assert settings.pairs_file.read_text().startswith("# mine\n")


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (NewPair("tinyworld", "org/a", "org/b"), "already"),
        (NewPair("../x", "org/a", "org/b"), r"\.\./x"),
        (NewPair("x", "", "org/b"), "A parent is missing"),
        (NewPair("x", "/no/such/folder", "org/b"), "'/no/such/folder'"),
        (NewPair("x", "org/a", "org/a"), "both"),
        (NewPair("x", "not a hub id", "org/b"), "no hub id"),
        (NewPair("x", "org/../b", "org/b"), "no hub id"),
        (NewPair("x", "~nobody-of-that-name/a", "org/b"), "home of a user"),
        (NewPair("x", "/" + "a" * 300, "org/b"), "no path of a folder"),
        (NewPair("x", "org/a", "org/b", "\udcff"), "no readable text"),
    ],
)
def test_what_cannot_be_added_is_told_and_nothing_is_written(
    new: NewPair, said: str, settings: Settings
) -> None:
    with pytest.raises(InputError, match=said):
        add_pair(new, settings)
    assert not settings.pairs_file.exists()


def test_an_adapter_alone_is_no_model_and_the_command_is_told(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "an adapter"
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(InputError, match=r"holds a LoRA adapter.*pairs add x --base org/a .*'"):
        add_pair(NewPair("x", "org/a", str(folder)), settings)


def test_a_file_that_could_not_be_read_with_one_more_pair_is_left_as_it_is(
    settings: Settings,
) -> None:
    before = 'pair = [ {name = "a", base = "/a", instruct = "/b"} ]\n'
    settings.pairs_file.write_text(before)
    with pytest.raises(InputError, match="left as it is"):
        add_pair(NewPair("new", "org/a", "org/b"), settings)
    assert settings.pairs_file.read_text() == before


def test_odd_notes_revisions_pages_of_the_hub_and_a_linked_file(
    settings: Settings, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.toml"
    kept.write_text(PLAIN)
    settings.pairs_file.symlink_to(kept)
    page = "https://huggingface.co/org/model"
    add_pair(NewPair("new", f"{page}/", "org/model@v1.0", "a\x7f\x01\u2028 é"), settings)
    entry = find_pair("new", settings)
    assert (entry.base, entry.base_revision) == ("org/model", None)
    assert (entry.instruct, entry.instruct_revision) == ("org/model", "v1.0")
    assert entry.note == "a\x7f\x01 é"
    assert settings.pairs_file.is_symlink() and "new" in kept.read_text()


def test_a_pair_of_ones_own_is_found_relative_to_its_registry(settings: Settings) -> None:
    settings.pairs_file.write_text('[[pair]]\nname = "mine"\nbase = "a"\ninstruct = "b"\n')
    entry = find_pair("mine", settings)
    assert entry.base == str(settings.pairs_file.parent / "a")
    assert entry.title == "mine"


def test_an_unknown_pair_is_told_close_names(settings: Settings) -> None:
    with pytest.raises(NotKnown, match=r"'tinywrld'.*tinyworld"):
        find_pair("tinywrld", settings)


@pytest.mark.parametrize(
    "text",
    [
        "not toml [",
        "pair = 3",
        '[[pair]]\nname = "x"\n',
        "pair = [1]",
        b"\xff\xfe",
        '[[pairs]]\nname = "x"\nbase = "a"\ninstruct = "b"\n',
        PLAIN + PLAIN,
        PLAIN + 'revision = "main"\n',
        PLAIN + "base_revision = 5\n",
        PLAIN + 'embedded = "no"\n',
        '[[pair]]\nname = "x"\nbase = ""\ninstruct = "b"\n',
        '[[pair]]\nname = "x"\nbase = "~nobody-of-that-name/a"\ninstruct = "b"\n',
        f'[[pair]]\nname = "x"\nbase = "/{"a" * 300}"\ninstruct = "b"\n',
        '[[pair]]\nname = "x"\nbase = "/a\\u0000b"\ninstruct = "b"\n',
    ],
)
def test_a_broken_registry_is_one_sentence(settings: Settings, text: str | bytes) -> None:
    settings.pairs_file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=str(settings.pairs_file)):
        read_registry(settings)


def test_a_name_cannot_become_a_path(settings: Settings) -> None:
    settings.pairs_file.write_text('[[pair]]\nname = "../x"\nbase = "a"\ninstruct = "b"\n')
    with pytest.raises(NameRefused, match=r"\.\./x"):
        read_registry(settings)


def test_only_the_embedded_pairs_are_asked_about_their_made_up_world(settings: Settings) -> None:
    settings.pairs_file.write_text(
        '[[pair]]\nname = "own"\nbase = "a"\ninstruct = "b"\nicl_suite = "mine"\n'
    )
    found = read_registry(settings)
    assert found["own"].usual == Usual(icl_suite="mine")
    for entry in found.values():
        told = astuple(entry.usual)
        assert entry.embedded == all(name.startswith("tinyworld") for name in told)
        assert entry.embedded == any("tinyworld" in name for name in told)
    assert find_pair("tinyworld~attention", settings).usual == found["tinyworld"].usual
    shipped = {suite.name for suite in (*icl_suites(), *instruction_suites())}
    for usual in (FOR_ANY_PAIR, found["tinyworld"].usual):
        assert {usual.icl_suite, usual.instruction_suite} <= shipped
        assert usual.benchmark in list_benchmarks(settings)
