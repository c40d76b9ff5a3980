"""Text to token ids and back, by the rules that lm-eval's HF backend has.

Those rules decide log-likelihoods, so they are kept to the letter: special tokens as the
tokenizer adds them by default, none when the text already begins with the prefix token or was
rendered by a chat template; a pair is encoded whole and cut at the context's length.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.engine.protocol import Prompt, ScoreRequest
from core.errors import InputError

HIGHEST_KNOWN_CHARACTERS = 20_000_000  # of texts whose ids are kept


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """Token ids of a context and of the continuation that is scored after it."""

    context: tuple[int, ...]
    continuation: tuple[int, ...]
    cut: int = 0  # ids that stood before the context and were left out


class Encoder:
    """One pair's tokenizer (the instruct parent's); `rows` of ids are in the model's embedding."""

    def __init__(self, tokenizer: Any, rows: int | None = None) -> None:
        self.tokenizer = tokenizer
        # Looked at only where a tokenizer has more ids than the model has rows.
        self._rows = rows if rows is not None and rows < len(tokenizer) else None
        bos, eos = tokenizer.bos_token_id, tokenizer.eos_token_id
        self.prefix_id: int | None = bos if bos is not None else eos
        self._prefix_text = "" if self.prefix_id is None else tokenizer.decode([self.prefix_id])
        self._shown: dict[int, str] = {}
        self._known: dict[str, list[int]] = {}  # a sweep asks for the same texts at every λ
        self._known_characters = 0

    def encode_prompt(self, prompt: Prompt) -> list[int]:
        """Ids of the very text that is to be continued; never empty.

        Raises:
            InputError: the prompt is given in ids of which one does not exist.
        """
        text = prompt.text
        if prompt.tokens is not None:
            ids = self._in_rows(self._known_ids(prompt.tokens))
        elif prompt.chat:
            ids = self._in_rows(self.tokenizer.encode(text, add_special_tokens=False))
        else:
            ids = self._encode([text])[0]
        return ids or self._prefix()

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of every text, without the special ones an encoding adds."""
        if not texts:
            return []
        encoded = self.tokenizer(
            list(texts),
            add_special_tokens=False,
            return_attention_mask=False,
            return_token_type_ids=False,
        )["input_ids"]
        return [len(ids) for ids in encoded]

    def encode_pairs(self, requests: Sequence[ScoreRequest]) -> list[EncodedPair]:
        """Ids of every request, each distinct text encoded once."""
        parts = [_move_spaces(request) for request in requests]
        texts = {context for context, _ in parts if context}
        texts |= {context + continuation for context, continuation in parts if context}
        order = list(texts)
        known = dict(zip(order, self._encode(order), strict=True))
        return [self._pair(context, rest, known) for context, rest in parts]

    def encode_windows(self, text: str, longest: int) -> list[EncodedPair]:
        """Ids of a whole text in windows that fit, each token in exactly one continuation.

        As lm-eval's `get_rolling_token_windows` with a context of one token cuts it, and
        `make_disjoint_window` takes it apart: every window but the last scores `longest` tokens,
        and the last one reads as many tokens before its own as fit.
        """
        ids = [*self._prefix(), *self._encode([text])[0]]
        pairs = []
        for start in range(1, len(ids), longest):
            end = min(start + longest, len(ids))
            first = max(0, end - longest - 1)
            pairs.append(EncodedPair(tuple(ids[first:start]), tuple(ids[start:end])))
        return pairs

    def decode(self, ids: Sequence[int]) -> str:
        """Text of an answer; special tokens are no text."""
        return str(
            self.tokenizer.decode(
                list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        )

    def decode_all(self, ids: Sequence[int]) -> str:
        """Text of a prompt's ids, special tokens included."""
        return str(self.tokenizer.decode(list(ids), clean_up_tokenization_spaces=False))

    def show(self, token: int) -> str:
        """One token by itself, special or not; a replacement character for part of a character."""
        if token not in self._shown:
            self._shown[token] = str(
                self.tokenizer.decode([token], clean_up_tokenization_spaces=False)
            )
        return self._shown[token]

    def _in_rows(self, ids: list[int]) -> list[int]:
        """Words that were added to the tokenizer alone: on a GPU one such id ends the process."""
        if self._rows is not None and ids and max(ids) >= self._rows:
            token = max(ids)
            raise InputError(
                f"The text holds {self.tokenizer.convert_ids_to_tokens(token)!r} (id {token}), and "
                f"the model has rows for ids from 0 to {self._rows - 1} only. Leave it out, or "
                "give a pair whose weights know it."
            )
        return ids

    def _known_ids(self, ids: Sequence[int]) -> list[int]:
        for token in ids:
            if not 0 <= token < len(self.tokenizer):
                raise InputError(
                    f"The prompt holds the token id {token}, and this model has ids from 0 to "
                    f"{len(self.tokenizer) - 1}. Encode the prompt with this pair's tokenizer."
                )
        return list(ids)

    def _pair(self, context: str, rest: str, known: dict[str, list[int]]) -> EncodedPair:
        if context and known[context]:
            before, whole = known[context], known[context + rest]
            return EncodedPair(tuple(before), tuple(whole[len(before) :]))
        ids = self._in_rows(self.tokenizer.encode(rest, add_special_tokens=False))
        prefix = self._prefix()
        if ids[:1] == prefix:
            return EncodedPair(tuple(prefix), tuple(ids[1:]))
        return EncodedPair(tuple(prefix), tuple(ids))

    def _encode(self, texts: list[str]) -> list[list[int]]:
        known = self._known
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        found = dict(self._encode_fresh(fresh))
        result = [found[text] if text in found else known[text] for text in texts]
        self._remember(found)
        return result

    def _encode_fresh(self, texts: list[str]) -> Iterator[tuple[str, list[int]]]:
        for special in (True, False):
            chosen = [text for text in texts if self._adds_special(text) is special]
            if chosen:
                ids = self.tokenizer(
                    chosen,
                    add_special_tokens=special,
                    return_attention_mask=False,
                    return_token_type_ids=False,
                )["input_ids"]
                yield from zip(chosen, map(self._in_rows, ids), strict=True)

    def _remember(self, found: dict[str, list[int]]) -> None:
        self._known_characters += sum(map(len, found))
        if self._known_characters > HIGHEST_KNOWN_CHARACTERS:
            self._known, self._known_characters = {}, sum(map(len, found))
        self._known |= found

    def _adds_special(self, text: str) -> bool:
        return not (self._prefix_text and text.startswith(self._prefix_text))

    def _prefix(self) -> list[int]:
        """What stands before an empty context; id 0 where a tokenizer has neither bos nor eos."""
        return [0 if self.prefix_id is None else self.prefix_id]


def _move_spaces(request: ScoreRequest) -> tuple[str, str]:
    """Trailing white space of the context belongs to the continuation."""
    context = request.context.rstrip()
    return context, request.context[len(context) :] + request.continuation
