"""Every benchmark in its published schema: kinds of answers, twins, examples, and bad files."""

import json
import shutil
from pathlib import Path

import pytest

from core.errors import NotKnown, TaskError
from core.settings import Settings, read_settings
from core.tasks.problems.benchmark import list_benchmarks, load_benchmark
from core.tasks.problems.load import Loaded, load_problems, where_rows_are
from core.tasks.problems.protocol import read_protocol
from core.tasks.problems.readers import Rows, read_gsm8k, read_medcalc


@pytest.fixture
def settings(hub_copies: Path) -> Settings:
    return read_settings()


def read(name: str, part: str, settings: Settings) -> Loaded:
    return load_problems(load_benchmark(name, settings), part, settings)


def test_every_benchmark_reads_and_names_no_revision_that_nobody_verified(
    settings: Settings,
) -> None:
    for name in list_benchmarks(settings):
        benchmark = load_benchmark(name, settings)
        assert benchmark.revision is None
        for part in benchmark.parts:
            loaded = read(name, part.name, settings)
            assert loaded.problems and loaded.name == f"{name}/{part.name}"
            assert len({one.id for one in loaded.problems}) == len(loaded.problems)


def test_gsm8k_numbers_lose_their_separators_and_solutions_their_marks(settings: Settings) -> None:
    loaded = read("gsm8k", "test", settings)
    assert [one.answer for one in loaded.problems] == ["1200", "-5", "3"]
    assert loaded.problems[0].solution == "It grinds 600*2=1200 sacks."
    eight = loaded.examples_for(loaded.problems[0])
    assert len(eight) == 8 and eight[0].question.startswith("Ada has 2 cups")
    assert loaded.note == "3 rows, where 1,319 were published"


def test_math_has_no_examples_and_says_so(settings: Settings) -> None:
    loaded = read("math-500", "test", settings)
    assert {one.kind for one in loaded.problems} == {"math"}
    assert [one.category for one in loaded.problems] == ["Prealgebra", "Algebra", "Algebra"]
    with pytest.raises(TaskError, match="Choose direct or zero-shot-cot"):
        loaded.examples_for(loaded.problems[0])


def test_gsm_plus_twins_hold_the_seeds_answer_where_it_differs(settings: Settings) -> None:
    seeds, changed = read("gsm-plus", "original", settings), read("gsm-plus", "perturbed", settings)
    assert [one.answer for one in seeds.problems] == ["6", "6"]  # each seed once
    assert [one.answer for one in changed.problems] == ["10", "6", "None", "6000"]
    assert [one.kind for one in changed.problems] == ["number", "number", "text", "number"]
    assert [one.twin_answer for one in changed.problems] == ["6", None, "6", "6"]
    assert {one.family for one in changed.problems} == {one.family for one in seeds.problems}
    assert changed.problems[2].category == "critical thinking"


def test_math_perturb_twins_share_their_seeds_number(settings: Settings) -> None:
    hard = read("math-perturb", "hard", settings)
    assert [one.answer for one in hard.problems] == ["7", "\\frac{1}{2}"]  # a whole number in JSON
    assert [one.twin_answer for one in hard.problems] == ["4", "\\frac{3}{4}"]
    simple = read("math-perturb", "simple", settings)
    assert [one.family for one in simple.problems] == [one.family for one in hard.problems]


def test_math_perturb_without_originals_has_twins_without_their_answers(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = "Kaffaljidhmah2/MATH-Perturb"
    shutil.copytree(Path(str(settings.data)) / repo, tmp_path / "data" / repo)
    (tmp_path / "data" / repo / "math_perturb/math_perturb_original.jsonl").unlink()
    monkeypatch.setenv("PARTWAY_DATA", str(tmp_path / "data"))
    own = read_settings()
    assert [one.twin_answer for one in read("math-perturb", "hard", own).problems] == [None, None]
    with pytest.raises(TaskError, match=r"math_perturb_original\.jsonl, which is not there"):
        read("math-perturb", "original", own)


def test_medcalc_kinds_limits_and_one_example_of_the_same_calculator(settings: Settings) -> None:
    loaded = read("medcalc-bench", "test", settings)
    kinds = [one.kind for one in loaded.problems]
    assert kinds == ["decimal", "integer", "date", "weeks-days"]
    assert (loaded.problems[0].lower, loaded.problems[0].upper) == ("23.75", "26.25")
    assert loaded.problems[1].lower is None
    for problem in loaded.problems:
        [example] = loaded.examples_for(problem)
        assert example.group == problem.group and "to learn from" in example.question
    assert loaded.note is not None and "1,047 were published (v1" in loaded.note


def test_two_revisions_of_one_name_are_two_tasks(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read("gsm8k", "test", settings).identity(few_shot=False)
    with_examples = read("gsm8k", "test", settings).identity(few_shot=True)
    shutil.copytree(Path(str(settings.data)) / "openai", tmp_path / "data" / "openai")
    file = tmp_path / "data/openai/gsm8k/main/test-00000-of-00001.jsonl"
    file.write_text(file.read_text().replace("12 m is", "13 m is"))
    monkeypatch.setenv("PARTWAY_DATA", str(tmp_path / "data"))
    after = read("gsm8k", "test", read_settings()).identity(few_shot=False)
    assert len({before.data_hash, with_examples.data_hash, after.data_hash}) == 3
    assert before.name == after.name == "gsm8k/test"


@pytest.mark.parametrize("missing", ["question", "answer"])
def test_a_row_that_lacks_a_field_is_named(missing: str) -> None:
    row = {"question": "1 + 1?", "answer": "2 #### 2"}
    broken = {name: text for name, text in row.items() if name != missing}
    with pytest.raises(TaskError, match=f"Row 2 of my file has no field '{missing}'"):
        read_gsm8k(Rows([row, broken], "test", "my file"))


def test_rows_that_are_of_another_benchmark(settings: Settings) -> None:
    with pytest.raises(TaskError, match="without '####'"):
        read_gsm8k(Rows([{"question": "?", "answer": "2"}], "test", "my file"))
    whole = Path(str(settings.data)) / "ncbi/MedCalc-Bench-v1.0/data/test-00000-of-00001.jsonl"
    row = json.loads(whole.read_text().split("\n")[0])
    with pytest.raises(TaskError, match="output type 'colour'"):
        read_medcalc(Rows([{**row, "Output Type": "colour"}], "test", "my file"))
    with pytest.raises(TaskError, match="calculator 'nine'"):
        read_medcalc(Rows([{**row, "Calculator ID": "nine"}], "test", "my file"))


def test_what_is_not_here_says_what_to_do(tmp_path: Path) -> None:
    nowhere = read_settings({"PARTWAY_STATE": str(tmp_path)})
    with pytest.raises(TaskError, match="Copy its repository"):
        read("math-perturb", "hard", nowhere)
    with pytest.raises(NotKnown, match="has no part 'easy'"):
        read("gsm8k", "easy", nowhere)
    with pytest.raises(NotKnown, match="No benchmark is called 'aime'"):
        load_benchmark("aime", nowhere)
    with pytest.raises(NotKnown, match="No protocol is called 'none'"):
        read_protocol("none", nowhere)
    gsm8k = load_benchmark("gsm8k", nowhere)
    assert "revision unverified" in where_rows_are(gsm8k, nowhere)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('role = "original"', 'role = "cousin"'),
        ("[[parts]]", "[[pieces]]"),
        ('file = "mine.jsonl"', ""),
        ('name = "mine"', 'name = "yours"'),
        ("count = 2", "count = 0"),
    ],
)
def test_your_own_benchmark_and_a_broken_one(tmp_path: Path, change: str, told: str) -> None:
    text = (
        'name = "mine"\ntitle = "Mine"\ndescription = "My own."\nreads = "twins"\nversion = "1"\n'
        'folder = "rows"\n\n[[parts]]\nname = "test"\nrole = "original"\nfile = "mine.jsonl"\n\n'
        '[examples]\nfile = "mine.jsonl"\ncount = 2\n'
    )
    settings = read_settings({"PARTWAY_TASKS": str(tmp_path), "PARTWAY_STATE": str(tmp_path)})
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "rows").mkdir()
    rows = [{"id": f"m{i}", "question": f"{i} + 1?", "solution": f"{i} + 1 = {i + 1}.",
             "answer": str(i + 1), "cluster": f"m{i}"} for i in range(3)]  # fmt: skip
    (tmp_path / "rows/mine.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    file = tmp_path / "benchmarks/mine.toml"
    file.write_text(text)
    assert [one.answer for one in read("mine", "test", settings).problems] == ["1", "2", "3"]
    file.write_text(text.replace(change, told, 1))
    with pytest.raises(TaskError, match=r"mine\.toml is broken"):
        load_benchmark("mine", settings)
