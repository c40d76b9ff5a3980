"""`python -m core export`: the folder, its card, its recipe, and what is refused."""

import json
from pathlib import Path

import pytest

from core.commands.cli import main
from core.errors import InputError
from core.pairs.recipe import read_recipe
from core.settings import read_settings
from tests.tiny_pair import write_registry, write_tiny_pair


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESULTS", "STATE"):
        monkeypatch.setenv(f"PARTWAY_{name}", str(tmp_path / name.lower()))
    registry = write_registry(tmp_path / "pairs.toml", write_tiny_pair(tmp_path / "parents"))
    monkeypatch.setenv("PARTWAY_PAIRS", str(registry))


def export(out: Path, *more: str) -> int:
    return main(["export", "--out", str(out), *more])


def test_a_recipe_writes_the_same_bytes_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(tmp_path / "a", "--pair", "tiny", "--lam", "0.37", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    recipe = read_recipe(tmp_path / "a" / "partway.json")
    assert told["export_id"] == recipe.export_id and told["measured"] is False
    assert export(tmp_path / "b", "--recipe", str(tmp_path / "a" / "partway.json")) == 0
    for name in told["files"]:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert "Nothing was measured at this λ." in (tmp_path / "a" / "README.md").read_text()


def test_the_card_of_a_measured_lambda_names_numbers_and_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(tmp_path / "out", "--pair", "tinyworld", "--lam", "0.7", "--json") == 0
    assert json.loads(capsys.readouterr().out)["measured"] is True
    text = (tmp_path / "out" / "README.md").read_text()
    runs = [one.strip("`") for one in text.partition("Runs: ")[2].partition(".\n")[0].split(", ")]
    published = read_settings().results.parent  # made-up folders hold none of them
    assert published != Path("results") and len(runs) == 13
    assert all((Path("results/published/runs") / run).is_dir() for run in runs[:-1])
    assert "macro mean over 12 tasks of tinyworld-icl" in text and "base_model:" not in text
    assert str(Path.home()) not in text and str(tmp_path) not in text


def test_a_changed_recipe_or_changed_parents_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(tmp_path / "a", "--pair", "tiny", "--lam", "0.37") == 0
    recipe = tmp_path / "a" / "partway.json"
    told = json.loads(recipe.read_text())
    recipe.write_text(json.dumps({**told, "lambda": "0.38"}))
    with pytest.raises(InputError, match="was changed"):
        read_recipe(recipe)
    recipe.write_text(json.dumps(told))
    file = tmp_path / "parents" / "base" / "generation_config.json"
    file.write_text(file.read_text() + " ")
    capsys.readouterr()
    assert export(tmp_path / "b", "--recipe", str(recipe)) == 2
    said = capsys.readouterr().err
    assert "no longer those of the recipe" in said and not (tmp_path / "b").exists()


def test_a_recipe_knows_its_parents_without_the_registry(tmp_path: Path) -> None:
    assert export(tmp_path / "a", "--pair", "tiny~mlp", "--lam", "0.37") == 0
    (tmp_path / "pairs.toml").write_text("")
    recipe = tmp_path / "a" / "partway.json"
    assert export(tmp_path / "b", "--recipe", str(recipe)) == 0
    weights = [tmp_path / name / "model.safetensors" for name in "ab"]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    assert read_recipe(tmp_path / "b" / "partway.json") == read_recipe(recipe)


def test_the_card_of_a_line_of_parts_promises_no_instruct_model_at_its_end(tmp_path: Path) -> None:
    assert export(tmp_path / "out", "--pair", "tiny~norms-rest1", "--lam", "1") == 0
    text = (tmp_path / "out" / "README.md").read_text()
    assert "λ moves norms; the rest stays at the instruct parent." in text
    assert "λ = 1 the instruct model" not in text and "parents' own bits" not in text
    assert "ends of the line by content" in text
    for line in text.partition("```\n")[2].partition("```")[0].splitlines():
        assert " HERE/" in line  # what is printed runs from one place


@pytest.mark.parametrize(
    ("more", "said", "code"),
    [
        ((), "needs --pair and --lam", 2),
        (("--pair", "tiny", "--lam", "3"), "out of range", 2),
        (("--pair", "tiny~other", "--lam", "1"), "nothing moves", 2),
        (("--pair", "tiny", "--lam", "1", "--out", "a\0b"), "no path of a folder", 2),
        (("--pair", "tiny", "--lam", "1", "--out", "a" * 300), "no path of a folder", 2),
        (("--pair", "tiny", "--lam", "1", "--out", "a" * 250), "File name too long", 5),
        (("--pair", "nobody", "--lam", "1"), "no pair named 'nobody'", 2),
        (("--pair", "tiny", "--lam", "1", "--shard-gb", "0"), "--shard-gb 0.0", 2),
        (("--recipe", "nothing.json"), "cannot be read", 2),
        (("--recipe", "x", "--lam", "1"), "names pair and λ itself", 2),
    ],
)
def test_what_cannot_be_exported_is_told_in_a_sentence(
    more: tuple[str, ...], said: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(tmp_path / "out", *more) == code
    told = capsys.readouterr()
    assert said in told.err and "Traceback" not in told.err and not (tmp_path / "out").exists()
