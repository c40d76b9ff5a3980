"""Lists of prompts as people give them, the good and the bad ones."""

import pytest

from core.errors import InputError
from core.tasks.prompt_list import MOST_PROMPTS, decode_upload, form_of, read_prompt_list
from core.tasks.shipped_prompts import shipped_prompts


def test_lines_are_prompts_and_asked_once() -> None:
    found = read_prompt_list("One\n\n  Two \nOne\r\n", mode="completion")
    assert [(p.text, p.mode) for p in found.prompts] == [
        ("One", "completion"),
        ("Two", "completion"),
    ]
    assert found.repeated == 1


def test_json_lines_and_csv_say_more_and_hold_line_ends() -> None:
    text = (
        '{"prompt": "a\\nb\\u2028c", "kind": "x", "mode": "few-shot"}\n'
        '"plain"\n{"instruction": "i", "system": "s"}\n'
    )
    one, two, three = read_prompt_list(text, "jsonl").prompts
    assert (one.text, one.kind, one.mode) == ("a\nb\u2028c", "x", "few-shot")
    assert (two.text, three.text, three.system) == ("plain", "i", "s")
    table = 'id,prompt,kind\n1,"a, ""b""\nc",x\n2,d,\n'
    assert [p.text for p in read_prompt_list("\ufeff" + table, "csv").prompts] == ['a, "b"\nc', "d"]


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        ("", "lines", "holds no prompt"),
        (" \n\t\n", "lines", "holds no prompt"),
        ("x" * 100_000, "lines", "Line 1 has 100,000 characters"),
        ("\n".join(map(str, range(MOST_PROMPTS + 1))), "lines", "1,001 prompts"),
        ('{"prompt": "a"}\n{"prompt": ', "jsonl", "Line 2 is no JSON"),
        ('{"prompt": 3}', "jsonl", "Line 1 holds no prompt"),
        ('{"question": "a"}', "jsonl", "Line 1 holds no prompt"),
        ('{"prompt": "\\ud800"}', "jsonl", "no text"),
        ('{"prompt": "a", "mode": "shout"}', "jsonl", "mode 'shout'"),
        ("[" * 100_000, "jsonl", "Line 1 is no JSON"),
        ("question,answer\n1,2\n", "csv", "question, answer"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(text: str, form: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_prompt_list(text, form)  # type: ignore[arg-type]


def test_an_upload_is_read_by_its_name_and_must_be_text() -> None:
    assert [form_of(name) for name in ("a.JSONL", "a.b.csv", "list", "a.txt")] == [
        *("jsonl", "csv", "lines", "lines")
    ]
    with pytest.raises(InputError, match="not text in UTF-8"):
        decode_upload(b"caf\xe9", "<b>.txt")


def test_the_shipped_list_is_of_several_kinds() -> None:
    prompts = shipped_prompts()
    assert len(prompts) >= 12 and {p.mode for p in prompts} == {"chat", "few-shot", "completion"}
