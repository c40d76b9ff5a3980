"""One answer while it is being written: its tokens, the text so far, and when it ends.

Text leaves in whole characters: bytes that may still become one are held back, and so is an
ending that may still become a stop string. A stop string itself is no part of the answer.
"""

from collections.abc import Callable, Sequence

from core.engine.protocol import ChosenToken, Chunk, Finish, PromptRead

HALF = "�"  # how a decoder shows bytes that are no character yet
SPARE_TOKENS = 8  # beyond a stop string's bytes: specials and half characters take room too

Decode = Callable[[Sequence[int]], str]


class Answer:
    """Tokens of one row and the text that follows from them."""

    def __init__(self, decode: Decode, stop: tuple[str, ...], longest: int) -> None:
        self._decode = decode
        self._stop = tuple(text for text in stop if text)
        self._tail = max((len(text.encode()) for text in self._stop), default=0) + SPARE_TOKENS
        self._longest = longest
        self._shown = 0
        self._text: str | None = None  # set when the answer has ended
        self._told = self._counted = 0
        self.chosen: list[ChosenToken] = []  # when wanted: of `tokens`, and of the end
        self.tokens: list[int] = []
        self.finish: Finish | None = None

    def add(self, token: int, *, is_stop: bool, chosen: ChosenToken | None = None) -> None:
        """Take one more token; sets `finish` when the answer ends with it."""
        self.chosen += [chosen] if chosen else []
        if is_stop:
            self._end("stop", self._decode(self.tokens))
            return
        self.tokens.append(token)
        cut = self._find_stop()
        if cut is not None:
            self._end("stop", cut)
        elif len(self.tokens) >= self._longest:
            self._end("length", _without_half(self._decode(self.tokens)))

    @property
    def remaining(self) -> int:
        """Tokens that may still come."""
        return self._longest - len(self.tokens)

    @property
    def text(self) -> str:
        """The whole text so far."""
        return self._decode(self.tokens) if self._text is None else self._text

    def fresh_text(self) -> str:
        """What may be shown now and was not shown before."""
        whole = self.text
        safe = whole if self._text is not None else whole[: self._safe_length(whole)]
        fresh = safe[self._shown :]
        self._shown = max(self._shown, len(safe))
        return fresh

    def fresh_chunk(self, row: int, prompt: PromptRead | None = None) -> Chunk:
        """`fresh_text` with the tokens that have come since the last chunk."""
        chosen = tuple(self.chosen[self._told :])
        self._told = len(self.chosen)
        text, count = self.fresh_text(), len(self.tokens)
        if not text and self.finish is None:  # a chunk without text may be left out on its way
            return Chunk(row, text, count, None, chosen, prompt)
        ids, self._counted = tuple(self.tokens[self._counted :]), count
        return Chunk(row, text, count, self.finish, chosen, prompt, ids)

    def _end(self, finish: Finish, text: str) -> None:
        self.finish, self._text = finish, text

    def _find_stop(self) -> str | None:
        """The text before the first stop string, when one has appeared."""
        if not self._stop:
            return None
        tail = self._decode(self.tokens[-self._tail :])
        if not any(text in tail for text in self._stop):
            return None
        whole = self._decode(self.tokens)
        found = [at for text in self._stop if (at := whole.find(text)) >= 0]
        return whole[: min(found)] if found else None

    def _safe_length(self, text: str) -> int:
        safe = len(_without_half(text))
        for stop in self._stop:
            for size in range(min(len(stop) - 1, safe), 0, -1):
                if text.endswith(stop[:size], 0, safe):
                    safe -= size
                    break
        return safe


def _without_half(text: str) -> str:
    """Only the last character can still be incomplete; earlier ones are what they are."""
    return text[:-1] if text.endswith(HALF) else text
