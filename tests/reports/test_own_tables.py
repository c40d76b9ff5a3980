"""A person's CSV is taken as it is, or refused in a sentence that says what to change."""

from pathlib import Path

import pytest

from core.errors import InputError, NameRefused, NotKnown
from core.reports import own_tables
from core.settings import Settings, read_settings

GOOD = "model,λ,ICL,win rate\nmine,0.5,61.2,40\nyours,0.7,,38.5\n"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PARTWAY_RESULTS", str(tmp_path))
    return read_settings()


def test_a_table_is_kept_read_and_removed(settings: Settings) -> None:
    name = own_tables.keep_table("My numbers (v1).csv", GOOD.encode(), settings)
    assert own_tables.own_tables(settings) == (name,)
    table = own_tables.read_table(name, settings)
    assert (table.words, table.numbers) == (("model",), ("λ", "ICL", "win rate"))
    assert [row["ICL"] for row in table.rows] == [61.2, None]
    assert table.label(table.rows[0]) == "mine"
    own_tables.forget_table(name, settings)
    assert own_tables.own_tables(settings) == ()


def test_semicolons_tabs_and_a_byte_order_mark_are_read(settings: Settings) -> None:
    for separator in ";\t":
        text = "﻿" + GOOD.replace(",", separator)
        name = own_tables.keep_table("t.csv", text.encode(), settings)
        assert own_tables.read_table(name, settings).numbers == ("λ", "ICL", "win rate")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no rows"),
        ("a,b\n", "holds no rows"),
        ("a,b\nx,1,2\n", "3 cells in row 2 and 2"),
        ("a,a\nx,1\n", "same name"),
        ("a,b\nx,y\n", "no column of numbers"),
        ("a,b\n1,2\n", "no column of names"),
        ("a,b\nx,72 %\n", "no column of numbers"),
        ("a,b\nx,nan\n", "no column of numbers"),
        ("a,b\n" + "x,1\n" * 2001, "2,001 rows"),
    ],
)
def test_what_is_no_table_is_refused(text: str, said: str, settings: Settings) -> None:
    with pytest.raises(InputError, match=said):
        own_tables.keep_table("bad.csv", text.encode(), settings)
    assert own_tables.own_tables(settings) == ()


def test_bytes_that_are_no_text_and_too_many_are_refused(settings: Settings) -> None:
    with pytest.raises(InputError, match="UTF-8"):
        own_tables.keep_table("bad.csv", b"a,b\nx,\xff\n", settings)
    with pytest.raises(InputError, match="1,048,577 bytes"):
        own_tables.keep_table("bad.csv", b"a" * (own_tables.MOST_BYTES + 1), settings)


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "/abs.csv", "...csv", "ä/ö.csv"])
def test_no_file_name_leaves_the_folder(name: str, settings: Settings) -> None:
    kept = own_tables.keep_table(name, GOOD.encode(), settings)
    assert (settings.results / "literature" / f"{kept}.csv").is_file()
    assert sum(path.is_file() for path in settings.results.rglob("*")) == 1


def test_a_name_that_is_a_path_is_refused(settings: Settings) -> None:
    with pytest.raises(NameRefused):
        own_tables.read_table("../secret", settings)
    with pytest.raises(NotKnown, match="'absent'"):
        own_tables.forget_table("absent", settings)
