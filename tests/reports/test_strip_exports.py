"""Exports of filmstrips: no model's text becomes markup, and other tools can read them."""

import csv
import io
import json
from html.parser import HTMLParser

import jsonschema
import pytest

from core.errors import InputError
from core.reports.strip_exports import Sides, as_comparator, as_csv, as_html, as_json
from core.store.filmstrip import Filmstrip
from tests.store.test_filmstrips import BOMB, asked, strip

# What the tool's README ("Minimal Example": "all the fields presented below are required") and
# client/lib/types.ts say of the file that it loads; a score may be null there.
RATING = {
    "type": "object",
    "required": ["score", "rating_label", "is_flipped", "rationale", "custom_fields"],
    "properties": {
        "score": {"type": ["number", "null"]},
        "rating_label": {"type": ["string", "null"]},
        "is_flipped": {"type": ["boolean", "null"]},
        "rationale": {"type": ["string", "null"]},
        "custom_fields": {"type": "object"},
    },
}
TYPES = [
    *("number", "string", "category", "text", "url", "image_path", "image_byte"),
    *("per_model_boolean", "per_model_number", "per_model_category", "per_model_text"),
    *("per_rating_string", "per_rating_per_model_category", "base"),
]
SCHEMA = {
    "type": "object",
    "required": ["metadata", "models", "examples"],
    "properties": {
        "metadata": {
            "type": "object",
            "required": ["source_path", "custom_fields_schema"],
            "properties": {
                "source_path": {"type": "string"},
                "custom_fields_schema": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name", "type"],
                        "properties": {"name": {"type": "string"}, "type": {"enum": TYPES}},
                    },
                },
            },
        },
        "models": {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": {"required": ["name"], "properties": {"name": {"type": "string"}}},
        },
        "examples": {
            "type": "array",
            "items": {
                "type": "object",
                "required": [
                    *("input_text", "tags", "output_text_a", "output_text_b"),
                    *("score", "individual_rater_scores", "custom_fields"),
                ],
                "properties": {
                    "input_text": {"type": "string"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "output_text_a": {"type": "string"},
                    "output_text_b": {"type": "string"},
                    "score": {"type": ["number", "null"], "minimum": -1.5, "maximum": 1.5},
                    "individual_rater_scores": {"type": "array", "items": RATING},
                    "custom_fields": {"type": "object"},
                },
            },
        },
    },
}


class Seen(HTMLParser):
    """Every tag, and the text inside `pre`."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "onerror")]
        if tag == "pre":
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if self.texts:
            self.texts[-1] += data


def nasty() -> Filmstrip:
    return strip(asked(BOMB + '<img src=x onerror="alert(2)">'), said=BOMB)


def test_a_page_is_whole_by_itself_and_holds_text_as_text() -> None:
    whole = as_html(nasty())
    seen = Seen()
    seen.feed(whole)
    assert not {"script", "img", "link", "iframe", "a"} & set(seen.tags)
    assert seen.loads == [] and "http://" not in whole and "https://" not in whole
    assert seen.tags.count("section") == 3
    assert any("<script>alert(1)</script>" in text for text in seen.texts)
    assert whole.count("<pre") == whole.count('<pre dir="auto">\n') + whole.count("<pre>\n")
    assert "\x00" not in whole and "␀" in whole
    assert "default-src 'none'" in whole and "color-scheme: light dark" in whole


def test_json_and_csv_hold_what_was_said() -> None:
    one = nasty()
    content = json.loads(json.dumps(as_json(one)))
    assert content["id"] == one.strip_id
    assert [c["text"] for c in content["columns"]] == [a.text for a in one.answers]
    assert [c["lambda"] for c in content["columns"]] == ["0", "0.5", "1"]
    rows = list(csv.DictReader(io.StringIO(as_csv([one, strip(asked("Other"))]), newline="")))
    assert len(rows) == 6
    assert rows[0]["output"] == one.answers[0].text and rows[0]["prompt"] == one.asked.text
    assert rows[0]["prompt_tokens"] == ""  # absent, not 0


def test_the_comparators_file_follows_its_documentation() -> None:
    strips = [nasty(), strip(asked("Other")), strip(asked("Elsewhere", lams="0 0.2"))]
    voted = {strips[0].strip_id: [1.0, 0.0]}
    content = json.loads(json.dumps(as_comparator(strips, Sides("made@0.5", "made@1"), voted)))
    jsonschema.validate(content, SCHEMA)
    first, second = content["examples"]  # the third has no such columns
    assert (first["score"], second["score"]) == (0.5, None)
    assert first["output_text_a"] == strips[0].answers[1].text
    for field in content["metadata"]["custom_fields_schema"]:
        value = first["custom_fields"][field["name"]]
        assert isinstance(value, list) == field["type"].startswith("per_model")


def test_sides_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="with itself"):
        as_comparator([nasty()], Sides("made@1", "made@1"))
    with pytest.raises(InputError, match="No filmstrip has both"):
        as_comparator([nasty()], Sides("made@1", "made@0.3"))
