"""The report: its numbers are those of the stored records, and no text in it becomes markup."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError, NotKnown
from core.reports import reporting, together, trade_off
from core.reports.joined import join
from core.settings import PUBLISHED, Settings, read_settings
from core.store.filmstrips import FilmstripStore
from core.store.runs import RunStore
from tests.reports.html_seen import Seen
from tests.synthetic_sweep import TASKS, Invented, write_synthetic_sweep

STORE = RunStore(PUBLISHED)
ELSEWHERE = "llama-2-7b-chat-hf"  # in the registry; its parents are not on this machine
HOSTILE = (
    "</pre></div><script>alert(1)</script><img src=x onerror=alert(2)>"
    "<style>*{display:none}</style> &lt;b&gt; \x1b[2J <!-- ]]> {{7*7}}"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(
        {"PARTWAY_RESULTS": str(tmp_path / "results"), "PARTWAY_STATE": str(tmp_path / "state")}
    )


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> reporting.Made:
    folder = tmp_path_factory.mktemp("report")
    settings = read_settings({"PARTWAY_RESULTS": str(folder), "PARTWAY_STATE": str(folder)})
    return reporting.make(reporting.Wanted(("tinyworld",)), settings)


def lines(folder: str, run_id: str) -> list[dict[str, Any]]:
    """The records as they lie on the disk."""
    text = (PUBLISHED / folder / run_id / "records.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def row(seen: Seen, caption: str, first: str) -> list[str]:
    rows = next(rows for name, rows in seen.tables.items() if name.startswith(caption))
    return next(cells for cells in rows if cells[0].split(" ")[0] == first)


@pytest.mark.parametrize("lam", ["0", "0.7", "1.2"])
def test_numbers_are_those_of_the_stored_records(shipped: reporting.Made, lam: str) -> None:
    joined = join(STORE, "tinyworld", "lam:1")
    assert joined is not None
    means, items = [], 0
    for task, by_lam in zip(joined.sweep.tasks, joined.tasks, strict=True):
        records = lines("runs", by_lam[lam].run_id)
        means.append(sum(one["metrics"][task.metric] for one in records) / len(records))
        items += len(records)
    verdicts = [one["preference"] for one in lines("judgments", joined.judgments[lam].run_id)]
    passed = [one["candidate_passed"] for one in lines("judgments", joined.judgments[lam].run_id)]
    cells = row(Seen(shipped.html), "Every measured λ", lam)
    assert cells[1].startswith(f"{100 * sum(means) / len(means):.1f} ")
    assert cells[1].endswith(f"n = {items:,}")
    won = 100 * sum(one - 1 for one in verdicts) / len(verdicts)
    assert cells[3].startswith(f"{won:.1f} ") and cells[3].endswith(f"n = {len(verdicts)}")
    counts = (sum(one > 1.5 for one in verdicts), verdicts.count(1.5),
              sum(one < 1.5 for one in verdicts), 0)  # fmt: skip
    assert cells[5] == " / ".join(map(str, counts))
    assert cells[6].startswith(f"{100 * sum(passed) / len(passed):.1f} ")


def test_every_run_stands_there_with_its_score_and_n(shipped: reporting.Made) -> None:
    joined = join(STORE, "tinyworld", "lam:1")
    assert joined is not None
    rows = {cells[1]: cells for cells in Seen(shipped.html).tables["Every run behind this report"]}
    runs = [run for by_lam in joined.tasks for run in by_lam.values()]
    runs += [*joined.generations.values(), *joined.judgments.values()]
    assert {run.run_id for run in runs} == set(rows) - {"Run"}
    for task, by_lam in list(zip(joined.sweep.tasks, joined.tasks, strict=True))[:3]:
        run = by_lam["0.3"]
        records = lines("runs", run.run_id)
        score = 100 * sum(one["metrics"][task.metric] for one in records) / len(records)
        cells = rows[run.run_id]
        assert cells[0] == "0.3" and cells[4].startswith(f"{score:.1f} ")
        assert cells[5] == str(len(records))


def test_it_opens_offline_and_can_be_read_without_its_pictures(shipped: reporting.Made) -> None:
    seen = Seen(shipped.html)
    assert seen.outside() == [] and "url(" not in shipped.html and "@import" not in shipped.html
    assert "default-src 'none'" in shipped.html and len(shipped.html) < 400_000
    pictures = [attributes for tag, attributes in seen.tags if tag == "svg"]
    assert len(pictures) == 5 and all(len(one["aria-label"] or "") > 60 for one in pictures)
    heads = [int(tag[1]) for tag, _ in seen.tags if tag in ("h1", "h2", "h3", "h4")]
    assert heads[0] == 1 and heads.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(heads))
    ids = [one["id"] for _, one in seen.tags if "id" in one]
    links = [str(one["href"])[1:] for tag, one in seen.tags if tag == "a"]
    assert len(ids) == len(set(ids)) and set(links) <= set(ids)
    assert "" not in seen.tables and all(seen.tables)
    said = " ".join(seen.text.split())
    assert "python -m core sweep --pair tinyworld" in said and "torch 2." in said
    assert "λ = 0.7 to 1, the same" in said and "50 by definition" in said


def test_the_same_results_give_the_same_bytes(shipped: reporting.Made, settings: Settings) -> None:
    for kept in (trade_off._line, trade_off._whole, together.together):
        kept.cache_clear()
    again = reporting.make(reporting.Wanted(("tinyworld",)), settings)
    assert again.html == shipped.html


def test_a_hostile_answer_is_text(settings: Settings) -> None:
    kept = FilmstripStore(PUBLISHED).read("83531bbd2e99720652ab")
    answers = tuple(replace(one, text=HOSTILE + str(at)) for at, one in enumerate(kept.answers))
    messages = (replace(kept.asked.messages[-1], content=HOSTILE),)
    strip = replace(kept, asked=replace(kept.asked, messages=messages), answers=answers,
                    kind=HOSTILE)  # fmt: skip
    FilmstripStore(settings.results).save(strip)
    wanted = reporting.Wanted(("tinyworld",), strips=(strip.strip_id,))
    seen = Seen(reporting.make(wanted, settings).html)
    assert seen.outside() == [] and [tag for tag, _ in seen.tags].count("style") == 1
    assert HOSTILE.replace("\x1b", "␛") + "3" in seen.text


def test_what_is_missing_is_said_with_its_reason(settings: Settings) -> None:
    made_up = Invented(ELSEWHERE, "0,0.5,1", items=8, instructions=8, tasks=TASKS[:2])
    store = write_synthetic_sweep(settings.results, made_up)
    joined = join(store, ELSEWHERE, "lam:1")
    assert joined is not None
    for run in store.complete("judgments"):
        if run.spec.candidate == joined.generations["0.5"].run_id:  # type: ignore[union-attr]
            shutil.rmtree(run.folder)
    write_synthetic_sweep(settings.results, replace(made_up, grid="0.25", device="cuda"))
    wanted = reporting.Wanted((ELSEWHERE,), lam=reporting.PREFERRED)
    seen = Seen(reporting.make(wanted, settings).html)
    told = " ".join(seen.text.split())
    assert row(seen, "Every measured λ", "0.5")[3] == "–"
    assert "No win rate at λ = 0.5: " in told
    assert "Not compared with the others: λ = 0.5" in told
    assert "λ = 0.8 was not measured: nothing is claimed about it." in told
    assert "λ = 0.8 has not been measured" in told
    assert "cannot be held against the parents" in told
    assert "λ = 0.25 is not on this curve" in told and "device cuda" in told
    assert "No answers side by side" in told


def test_two_pairs_stand_on_one_plane_and_none_is_tested_against_the_other(
    settings: Settings,
) -> None:
    made = reporting.make(reporting.Wanted(("tinyworld", "pocketworld")), settings)
    seen = Seen(made.html)
    assert len(made.told) == 2 and seen.outside() == []
    assert "nothing here tests one pair against another" in seen.text
    assert [tag for tag, _ in seen.tags].count("svg") == 11
    assert "━━" in seen.text


Bad = Callable[[], reporting.Wanted]
BAD: list[tuple[Bad, type[InputError], str]] = [
    (lambda: reporting.Wanted(()), InputError, "1 to 4 pairs"),
    (lambda: reporting.Wanted(("a", "b", "c", "d", "e")), InputError, "1 to 4 pairs"),
    (lambda: reporting.Wanted(("tinyworld", "tinyworld")), InputError, "each named once"),
    (lambda: reporting.Wanted(("nobody",)), NotKnown, "nobody"),
    (lambda: reporting.Wanted(("../x",)), InputError, r"\.\./x"),
    (lambda: reporting.Wanted(("tinyworld",), reference="gpt"), NotKnown, "gpt"),
    (lambda: reporting.Wanted(("tinyworld",), measurement="0" * 8), NotKnown, "no measurement"),
    (lambda: reporting.Wanted(("tinyworld",), strips=("../../etc",)), InputError, "20 hex"),
    (
        lambda: reporting.Wanted(("pocketworld",), strips=("83531bbd2e99720652ab",)),
        InputError,
        "other parents",
    ),
]


@pytest.mark.parametrize(("bad", "kind", "said"), BAD)
def test_what_cannot_be_reported_is_one_sentence(
    bad: Bad, kind: type[InputError], said: str, settings: Settings
) -> None:
    with pytest.raises(kind, match=said):
        reporting.make(bad(), settings)


def test_the_heat_map_says_in_words_what_its_colours_say(shipped: reporting.Made) -> None:
    rows = Seen(shipped.html).tables
    cells = next(found for name, found in rows.items() if name.startswith("Difference to λ = 1"))
    assert len(cells) == 1 + 12 + 6
    assert all(len(one) == 14 for one in cells)
    assert next(one for one in cells if one[0] == "facts generated")[1] == "+98"
