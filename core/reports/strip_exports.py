"""One filmstrip, or several, in files for people and for other tools: HTML, JSON, CSV,
LLM Comparator's JSON.

    as_html(strip) · as_json(strip) · as_csv([strip]) · as_comparator(strips, Sides("p@0.7", "p@1"))

The HTML is one file without scripts or anything from outside; every text in it is escaped. The
comparator's format is documented at github.com/PAIR-code/llm-comparator (README, "JSON Data
Format"; client/lib/types.ts): two models, so two columns are chosen.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from core.errors import InputError
from core.figures.colour import colour
from core.store.filmstrip import Column, ColumnAnswer, Filmstrip, asked_to_json

FORMAT = "partway-filmstrip-1"
CSV_COLUMNS = (
    *("filmstrip", "created", "kind", "mode", "prompt", "pair", "lambda", "output"),
    *("tokens", "prompt_tokens", "finish", "problem", "max_new_tokens", "temperature", "seed"),
)
ENDINGS = {
    "stop": "ended by itself",
    "length": "cut at the length limit",
    "cancelled": "stopped",
    "failed": "failed",
}
# Control characters have pictures of their own, so that a reader sees that one stood there.
_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {127: 0x2421}


@dataclass(frozen=True, slots=True)
class Sides:
    """The two columns of a comparison, by name (`pair@λ`)."""

    left: str
    right: str


Scores = Mapping[str, Sequence[float]]  # filmstrip id → what people said of left against right


def as_json(strip: Filmstrip) -> dict[str, Any]:
    """Everything that is kept, with a word on what it is."""
    columns = [
        {"pair": column.pair.name, "lambda": str(column.lam), **asdict(answer)}
        for column, answer in zip(strip.asked.columns, strip.answers, strict=True)
    ]
    asked = asked_to_json(strip.asked)
    identities = {one["pair"]["name"]: one["pair"] for one in asked.pop("columns")}
    return {
        "format": FORMAT,
        "id": strip.strip_id,
        "created": strip.created,
        "kind": strip.kind,
        **asked,
        "pairs": list(identities.values()),
        "prompts": dict(strip.prompts),
        "columns": columns,
        "environment": dict(strip.environment),
    }


def as_csv(strips: Sequence[Filmstrip]) -> str:
    """A row a column of every filmstrip; what is absent is empty."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for strip in strips:
        for column, answer in zip(strip.asked.columns, strip.answers, strict=True):
            writer.writerow(_row(strip, column, answer))
    return target.getvalue()


def _row(strip: Filmstrip, column: Column, answer: ColumnAnswer) -> dict[str, Any]:
    decoding = strip.asked.decoding
    return {
        "filmstrip": strip.strip_id,
        "created": strip.created,
        "kind": strip.kind,
        "mode": strip.asked.mode,
        "prompt": strip.asked.text,
        "pair": column.pair.name,
        "lambda": str(column.lam),
        "output": answer.text,
        "tokens": answer.tokens,
        "prompt_tokens": answer.prompt_tokens,
        "finish": answer.finish,
        "problem": answer.problem,
        "max_new_tokens": decoding.max_new_tokens,
        "temperature": decoding.temperature,
        "seed": decoding.seed,
    }


def as_comparator(
    strips: Sequence[Filmstrip], sides: Sides, scores: Scores | None = None
) -> dict[str, Any]:
    """LLM Comparator's JSON over the filmstrips that have both columns.

    A score is the mean of people's votes, positive for the left side, and None where nobody
    voted: nothing is made up (the tool shows none, and counts it as 0 in its averages).

    Raises:
        InputError: the sides are the same, or no filmstrip has both.
    """
    if sides.left == sides.right:
        raise InputError(f"{sides.left} cannot be compared with itself. Choose two columns.")
    both = [s for s in strips if s.answer_of(sides.left) and s.answer_of(sides.right)]
    if not both:
        raise InputError(f"No filmstrip has both {sides.left} and {sides.right}. Choose others.")
    fields = [
        ("filmstrip", "string"),
        ("mode", "category"),
        ("tokens", "per_model_number"),
        ("ended", "per_model_boolean"),
    ]
    return {
        "metadata": {
            "source_path": f"Partway: {sides.left} against {sides.right}",
            "custom_fields_schema": [{"name": name, "type": kind} for name, kind in fields],
        },
        "models": [{"name": sides.left}, {"name": sides.right}],
        "examples": [
            _example(strip, sides, (scores or {}).get(strip.strip_id, ())) for strip in both
        ],
    }


def _example(strip: Filmstrip, sides: Sides, votes: Sequence[float]) -> dict[str, Any]:
    answers = [strip.answer_of(name) for name in (sides.left, sides.right)]
    left, right = (answer for answer in answers if answer is not None)
    return {
        "input_text": strip.asked.text,
        "tags": [strip.kind],
        "output_text_a": left.text,
        "output_text_b": right.text,
        "score": sum(votes) / len(votes) if votes else None,
        "individual_rater_scores": [_rating(vote) for vote in votes],
        "rationale_list": [],
        "custom_fields": {
            "filmstrip": strip.strip_id,
            "mode": strip.asked.mode,
            "tokens": [left.tokens, right.tokens],
            "ended": [left.finish == "stop", right.finish == "stop"],
        },
    }


def _rating(vote: float) -> dict[str, Any]:
    label = "A" if vote > 0 else "B" if vote < 0 else "same"
    return {
        "score": vote,
        "rating_label": label,
        "is_flipped": False,
        "rationale": "",
        "custom_fields": {},
    }


def as_html(strip: Filmstrip) -> str:
    """One file to send to somebody: prompt, settings, every answer. No scripts; light and dark."""
    cards = "\n".join(
        _card(column, answer)
        for column, answer in zip(strip.asked.columns, strip.answers, strict=True)
    )
    title = escape(seen(strip.asked.title))
    return _PAGE.format(
        title=title,
        style=_STYLE,
        turns=_turns(strip),
        facts=_facts(strip),
        cards=cards,
        exact=_exact(strip),
    )


def _turns(strip: Filmstrip) -> str:
    return "\n".join(
        f'<p class="role">{escape(turn.role)}</p>'
        f'<pre dir="auto">\n{escape(seen(turn.content))}</pre>'
        for turn in strip.asked.messages
    )


def _facts(strip: Filmstrip) -> str:
    decoding = strip.asked.decoding
    how = (
        "greedy"
        if decoding.greedy
        else f"temperature {decoding.temperature}, top-p {decoding.top_p}"
    )
    facts = [
        f"{len(strip.answers)} models",
        f"mode {strip.asked.mode}",
        f"{how}, seed {decoding.seed}, at most {decoding.max_new_tokens} tokens",
        f"written {strip.created or 'at an unknown time'}",
        f"id {strip.strip_id}",
    ]
    return escape(" · ".join(facts))


def _card(column: Column, answer: ColumnAnswer) -> str:
    told = f"{answer.tokens} tokens · {ENDINGS[answer.finish]}"
    body = seen(answer.problem or answer.text) or "(empty)"
    # HTML drops one line end right behind <pre>: it is ours, not the model's.
    return (
        f'<section><div class="bar" style="background:{colour(column.lam)}"></div>'
        f"<h2>λ = {column.lam}{_place(column)}</h2>"
        f'<p class="told">{escape(seen(column.pair.name))} · {escape(told)}</p>'
        f'<pre dir="auto">\n{escape(body)}</pre></section>'
    )


def _place(column: Column) -> str:
    return " · base" if column.lam.is_base else " · instruct" if column.lam.is_instruct else ""


def _exact(strip: Filmstrip) -> str:
    return "\n".join(
        f"<details><summary>The exact text that {escape(seen(pair))} was given "
        f"({len(text.encode()):,} bytes)</summary><pre>\n{escape(seen(text))}</pre></details>"
        for pair, text in strip.prompts.items()
    )


def seen(text: str) -> str:
    """The text with a picture in place of each control character."""
    return text.translate(_PICTURES)


_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem;
  background: light-dark(#ffffff, #12161f); color: light-dark(#1c2230, #e9edf4); }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.05rem; margin: 0.4rem 0 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: 0.3rem 0 0.8rem;
  unicode-bidi: isolate; }
.role, .told, .facts { font-size: 0.85rem; margin: 0; color: light-dark(#4a5262, #b7bfcc); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr));
  gap: 1rem; margin-top: 1rem; }
section { border: 1px solid light-dark(#d5dae3, #343c4c); border-radius: 0.6rem; padding: 0.8rem; }
.bar { height: 5px; border-radius: 3px; } details { margin-top: 1.2rem; }
@media print { section { break-inside: avoid; } }
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title} · Partway</title>
<style>{style}</style>
</head>
<body>
<h1>One prompt, several λ: {title}</h1>
{turns}
<p class="facts">{facts}</p>
<p class="facts">λ = 0 is the base model, λ = 1 the instruct model; others lie between.</p>
<div class="cards">
{cards}
</div>
{exact}
</body>
</html>
"""
