"""Few-shot requests of several shapes for `python -m tests.bench.icl`; the words mean nothing."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from core.engine.protocol import ScoreRequest

TEXT = "the river runs past a small town and the people there say that it never stops"
WORDS = TEXT.split()
CHOICES = 4
QUESTION_WORDS, CHOICE_WORDS, OPTION_WORDS = 40, (9, 12), 16


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


SHAPES = tuple(
    Shape(f"{kind}, {shots}-shot{', drawn' if drawn else ''}", letters, shots, drawn)
    for letters, kind in ((True, "one-token choices"), (False, "10-token choices"))
    for shots, drawn in ((0, False), (5, False), (5, True), (25, False))
)
