"""The registry: what ships, what a person adds, and what an unknown name is told."""

from pathlib import Path

import pytest

from core.errors import InputError, NameRefused, NotKnown
from core.pairs.registry import find_pair, read_registry
from core.settings import ROOT, Settings
from tests.private_settings import settings_for


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path, tmp_path / "pairs.toml")


def test_the_embedded_pair_comes_first_and_lies_in_the_project(settings: Settings) -> None:
    first = next(iter(read_registry(settings).values()))
    assert first.name == "tinyworld" and first.embedded
    assert Path(first.base).is_relative_to(ROOT)


def test_the_listed_hub_pairs_say_that_they_are_unverified(settings: Settings) -> None:
    others = [entry for entry in read_registry(settings).values() if not entry.embedded]
    assert len(others) == 18
    assert all("guess" in entry.note and entry.base_revision is None for entry in others)
    assert all(entry.base.count("/") == 1 for entry in others)


def test_a_pair_of_ones_own_is_found_relative_to_its_registry(settings: Settings) -> None:
    settings.pairs_file.write_text('[[pair]]\nname = "mine"\nbase = "a"\ninstruct = "b"\n')
    entry = find_pair("mine", settings)
    assert entry.base == str(settings.pairs_file.parent / "a")
    assert entry.title == "mine"


def test_an_unknown_pair_is_told_close_names(settings: Settings) -> None:
    with pytest.raises(NotKnown, match=r"'tinywrld'.*tinyworld"):
        find_pair("tinywrld", settings)


@pytest.mark.parametrize(
    "text", ["not toml [", "pair = 3", '[[pair]]\nname = "x"\n', "pair = [1]", b"\xff\xfe"]
)
def test_a_broken_registry_is_one_sentence(settings: Settings, text: str | bytes) -> None:
    settings.pairs_file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=str(settings.pairs_file)):
        read_registry(settings)


def test_a_name_cannot_become_a_path(settings: Settings) -> None:
    settings.pairs_file.write_text('[[pair]]\nname = "../x"\nbase = "a"\ninstruct = "b"\n')
    with pytest.raises(NameRefused, match=r"\.\./x"):
        read_registry(settings)
