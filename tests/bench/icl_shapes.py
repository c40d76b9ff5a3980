"""Few-shot requests of several shapes for `python -m tests.bench.icl`; the words mean nothing."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from core.engine.protocol import ScoreRequest

TEXT = (
    "the river runs past a small town where people say that it never stops and every child "
    "knows why an old lamp stands near the bridge of green stone behind seven white houses"
)
WORDS = TEXT.split()
CHOICES = 4
QUESTION_WORDS, CHOICE_WORDS, OPTION_WORDS = 34, (9, 12), 12


@dataclass(frozen=True, slots=True)
class Shape:
    """What a task's requests look like."""

    name: str
    letters: bool  # one-token choices, the options in the prompt; else choices of about ten tokens
    shots: int
    drawn: bool = False  # other exemplars for each question

    def requests(self, items: int, seed: int = 0) -> list[ScoreRequest]:
        """The requests of so many items, choice by choice."""
        draw = random.Random(seed)
        shown = list(self._shown(draw, self.shots))
        found: list[ScoreRequest] = []
        for _ in range(items):
            if self.drawn:
                shown = list(self._shown(draw, self.shots))
            question, choices = self._question(draw)
            context = "\n\n".join([*shown, question])
            found += [ScoreRequest(context, choice) for choice in choices]
        return found

    def _shown(self, draw: random.Random, shots: int) -> Iterator[str]:
        for _ in range(shots):
            question, choices = self._question(draw)
            yield question + draw.choice(choices)

    def _question(self, draw: random.Random) -> tuple[str, list[str]]:
        asked = f"Question: {_words(draw, QUESTION_WORDS)}?"
        if not self.letters:
            sizes = [draw.randint(*CHOICE_WORDS) for _ in range(CHOICES)]
            return f"{asked}\nAnswer:", [f" {_words(draw, size)}" for size in sizes]
        options = [f"{letter}. {_words(draw, OPTION_WORDS)}" for letter in "ABCD"]
        return "\n".join([asked, *options, "Answer:"]), [f" {letter}" for letter in "ABCD"]


def _words(draw: random.Random, count: int) -> str:
    return " ".join(draw.choices(WORDS, k=count))


SHAPES = (
    Shape("one-token choices, 0-shot", True, 0),
    Shape("one-token choices, 5-shot", True, 5),
    Shape("one-token choices, 5-shot, drawn for each question", True, 5, drawn=True),
    Shape("one-token choices, 25-shot", True, 25),
    Shape("10-token choices, 0-shot", False, 0),
    Shape("10-token choices, 5-shot", False, 5),
    Shape("10-token choices, 5-shot, drawn for each question", False, 5, drawn=True),
    Shape("10-token choices, 25-shot", False, 25),
)
