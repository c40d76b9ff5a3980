"""The answers of the OpenAI protocol as JSON, whole or in pieces, for chat and for text.

Log-probabilities are natural and at temperature 1. The token that ended an answer has its
entry too, though it is no part of the text. `bytes` is null where a token is only part of a
character. A log-probability of minus infinity is told as −9999, as the protocol says.
"""

import math
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.engine.openai_request import Completion
from core.engine.protocol import ChosenToken, Chunk, Finish, PromptRead, TokenChance

HALF = "\ufffd"  # how a decoder shows bytes that are no character yet
LEAST_LOGPROB = -9999.0


@dataclass(slots=True)
class Row:
    """One answer as far as it has come."""

    text: str = ""
    tokens: int = 0
    finish: Finish | None = None
    chosen: list[ChosenToken] = field(default_factory=list)
    read: PromptRead | None = None
    offset: int = 0  # characters told in log-probabilities so far

    def add(self, chunk: Chunk) -> None:
        """Take the next piece."""
        self.text += chunk.text
        self.tokens, self.finish = chunk.tokens, chunk.finish
        self.chosen += chunk.chosen
        self.read = self.read or chunk.prompt


class Reply:
    """The shapes of one request's answer."""

    def __init__(self, asked: Completion, fingerprint: str) -> None:
        self._asked = asked
        self._rows: dict[int, Row] = {}
        kind = "chat.completion" if asked.chat else "text_completion"
        self._head = {
            "id": f"{'chatcmpl' if asked.chat else 'cmpl'}-{secrets.token_hex(12)}",
            "object": kind,
            "created": int(time.time()),
            "model": f"{asked.pair}@{asked.lam}",
            "system_fingerprint": f"partway-{fingerprint}",
        }

    def add(self, fresh: dict[int, Chunk]) -> None:
        """Take one step's pieces."""
        for row, chunk in fresh.items():
            self._rows.setdefault(row, Row()).add(chunk)

    def whole(self) -> dict[str, Any]:
        """The answer in one piece."""
        rows = sorted(self._rows.items())
        return {
            **self._head,
            "choices": [self._choice(index, row) for index, row in rows],
            "usage": self.usage(),
        }

    def pieces(self, fresh: dict[int, Chunk]) -> list[dict[str, Any]]:
        """The same step as pieces of a stream; a step may have nothing to tell."""
        told = []
        for index, chunk in sorted(fresh.items()):
            row = self._rows.setdefault(index, Row())
            first = row.read is None
            row.add(chunk)
            if first or chunk.text or chunk.finish or chunk.chosen:
                told.append(self._piece([self._part(index, row, chunk, first)]))
        return told

    def usage_piece(self) -> dict[str, Any]:
        """The last piece of a stream whose usage was asked for."""
        return {**self._piece([]), "usage": self.usage()}

    def usage(self) -> dict[str, int]:
        """Tokens read and written; a prompt counts once, however many answers it has."""
        firsts = [row for index, row in self._rows.items() if index % self._asked.count == 0]
        prompts = sum(len(row.read.tokens) for row in firsts if row.read)
        written = sum(row.tokens for row in self._rows.values())
        return {
            "prompt_tokens": prompts,
            "completion_tokens": written,
            "total_tokens": prompts + written,
        }

    def _piece(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        kind = "chat.completion.chunk" if self._asked.chat else "text_completion"
        usage: dict[str, Any] = {"usage": None} if self._asked.include_usage else {}
        return {**self._head, "object": kind, "choices": choices, **usage}

    def _choice(self, index: int, row: Row) -> dict[str, Any]:
        if self._asked.chat:
            message = {"role": "assistant", "content": row.text, "refusal": None}
            return self._with(index, row, row.chosen, row.finish, {"message": message})
        text = _echoed(row) + row.text if self._asked.echo else row.text
        return self._with(index, row, row.chosen, row.finish, {"text": text}, first=True)

    def _part(self, index: int, row: Row, chunk: Chunk, first: bool) -> dict[str, Any]:
        if self._asked.chat:
            delta = {"role": "assistant"} if first else {}
            content: dict[str, Any] = {"delta": {**delta, "content": chunk.text}}
        else:
            before = _echoed(row) if first and self._asked.echo else ""
            content = {"text": before + chunk.text}
        return self._with(index, row, chunk.chosen, chunk.finish, content, first=first)

    def _with(
        self,
        index: int,
        row: Row,
        chosen: Sequence[ChosenToken],
        finish: Finish | None,
        content: dict[str, Any],
        *,
        first: bool = False,
    ) -> dict[str, Any]:
        """A choice: its content, log-probabilities if wanted, and how it ended."""
        logprobs = None
        if self._asked.top is not None and self._asked.chat:
            logprobs = {"content": [_chat_token(token) for token in chosen], "refusal": None}
        elif self._asked.top is not None:
            logprobs = _text_logprobs(row, chosen, first and self._asked.echo)
        return {"index": index, **content, "logprobs": logprobs, "finish_reason": finish}


def _echoed(row: Row) -> str:
    return row.read.text if row.read else ""


def _chat_token(token: ChosenToken) -> dict[str, Any]:
    top = [_chance(chance) for chance in token.top]
    return {**_chance(TokenChance(token.text, token.token, token.logprob)), "top_logprobs": top}


def _chance(chance: TokenChance) -> dict[str, Any]:
    whole = HALF not in chance.text
    return {
        "token": chance.text,
        "logprob": _number(chance.logprob),
        "bytes": list(chance.text.encode()) if whole else None,
    }


def _text_logprobs(row: Row, chosen: Sequence[ChosenToken], echo: bool) -> dict[str, Any]:
    """Four lists side by side; the prompt's tokens first where it is echoed."""
    read = row.read if echo else None
    tokens: list[ChosenToken | None] = [*(read.scores if read else ()), *chosen]
    texts = [*(read.texts if read else ()), *(token.text for token in chosen)]
    offsets = []
    for text in texts:
        offsets.append(row.offset)
        row.offset += len(text)
    return {
        "tokens": texts,
        "token_logprobs": [token and _number(token.logprob) for token in tokens],
        "top_logprobs": [token and _by_text(token) for token in tokens],
        "text_offset": offsets,
    }


def _by_text(token: ChosenToken) -> dict[str, float]:
    """Candidates by their text, and the token itself; of equal texts the more probable one."""
    found: dict[str, float] = {}
    pairs = [(chance.text, chance.logprob) for chance in token.top]
    for text, logprob in (*pairs, (token.text, token.logprob)):
        value = _number(logprob)
        found[text] = max(value, found.get(text, value))
    return found


def _number(logprob: float) -> float:
    return LEAST_LOGPROB if math.isinf(logprob) else logprob
