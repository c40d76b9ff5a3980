"""What a host answers as JSON and back; torch-free, for both sides.

The inverse of `dataclasses.asdict` where nothing else is said.
"""

from typing import Any

from core.engine.protocol import (
    Answers,
    ChosenToken,
    Chunk,
    Generation,
    OptionChances,
    PromptRead,
    Score,
    TokenChance,
)


def score_to_json(score: Score) -> list[Any]:
    """Five values in the order of the fields."""
    return [score.logprob, score.greedy, score.tokens, score.context_tokens, score.cut]


def score_from_json(content: list[Any]) -> Score:
    """The inverse."""
    logprob, greedy, *counts = content
    return Score(float(logprob), bool(greedy), *map(int, counts))


def generation_from_json(content: dict[str, Any]) -> Generation:
    """Read one answer."""
    return Generation(**content)


def answers_from_json(content: dict[str, Any]) -> Answers:
    """Read the form that a stream at several λ takes."""
    return Answers(**content)


def chunk_from_json(content: dict[str, Any]) -> Chunk:
    """Read a piece of an answer."""
    chosen = tuple(token_from_json(token) for token in content["chosen"])
    read, ids = content["prompt"], tuple(content["ids"])
    told = {"chosen": chosen, "prompt": read and _read_from_json(read), "ids": ids}
    return Chunk(**{**content, **told})


def chance_from_json(content: dict[str, Any]) -> TokenChance:
    """Read a candidate."""
    return TokenChance(**content)


def token_from_json(content: dict[str, Any]) -> ChosenToken:
    """Read a token with its candidates."""
    top = tuple(chance_from_json(chance) for chance in content["top"])
    return ChosenToken(**{**content, "top": top})


def options_from_json(content: dict[str, Any]) -> OptionChances:
    """Read the chances of a prompt's options."""
    logprobs = content["logprobs"]
    return OptionChances(logprobs and tuple(logprobs), content["prompt_tokens"])


def _read_from_json(content: dict[str, Any]) -> PromptRead:
    scores = tuple(score and token_from_json(score) for score in content["scores"])
    tokens, texts = tuple(content["tokens"]), tuple(content["texts"])
    return PromptRead(tokens, content["text"], texts, scores)
