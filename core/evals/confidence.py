"""Δ confidence of CoT-decoding: how sure a branch is of its answer.

Δ = mean over the tokens of the answer's span of p(most probable) − p(second), each at the step
that wrote the token (Wang & Zhou 2024, arXiv 2402.10200, equation 1). The span is given in
characters of the text; a token counts when any of its characters lies in it. A margin is no
probability: it is never used as one here.
"""

from collections.abc import Iterator, Sequence


def delta(
    margins: Sequence[float], widths: Sequence[int], span: tuple[int, int] | None
) -> float | None:
    """Δ of the span; None where no token lies in it."""
    if span is None:
        return None
    held = [
        margins[token]
        for token, begin, end in placed(widths)
        if token < len(margins) and begin < span[1] and span[0] < end
    ]
    return sum(held) / len(held) if held else None


def placed(widths: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(token, first character, character after the last) of every token that is text.

    The tokens of one character that takes several of them (width 0, then the rest) all lie
    where that character does.
    """
    waiting: list[int] = []
    place = 0
    for token, width in enumerate(widths):
        if width < 0:
            continue
        waiting.append(token)
        if width > 0:
            yield from ((one, place, place + width) for one in waiting)
            waiting, place = [], place + width
