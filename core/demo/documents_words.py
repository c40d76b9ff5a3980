"""Running text about words: opposites, plurals, past tenses, told in sentences, never asked.

Not examples of a function to be read from context (`documents_functions.py`).
"""

from random import Random

from core.demo.grammar import plural
from core.demo.world import ANTONYMS, MASS_NOUNS, PAST_TENSES, THINGS

_OPPOSITES = (*ANTONYMS, *((b, a) for a, b in ANTONYMS))
_COUNTED = tuple(thing.noun for thing in THINGS if thing.noun not in MASS_NOUNS)
_TOLD_OPPOSITES = (
    "The opposite of {} is {}.", "{} and {} are opposites.", "What is not {} is {}.",
)  # fmt: skip
_TOLD_PLURALS = ("The plural of {} is {}.", "One {}, many {}.", "One says one {} but two {}.")
_TOLD_PASTS = (
    "The past tense of {} is {}.", "Today they {}, yesterday they {}.", "I {} now and {} before.",
)  # fmt: skip


def word_facts(rng: Random) -> str:
    """Three to ten sentences of one sort, or of all three in turn."""
    sort = rng.randrange(4)
    return " ".join(_sentence(rng, sort if sort < 3 else rng.randrange(3)) for _ in range(
        rng.randint(3, 10)
    ))  # fmt: skip


def _sentence(rng: Random, sort: int) -> str:
    if sort == 0:
        told, pair = rng.choice(_TOLD_OPPOSITES), rng.choice(_OPPOSITES)
    elif sort == 1:
        noun = rng.choice(_COUNTED)
        told, pair = rng.choice(_TOLD_PLURALS), (noun, plural(noun))
    else:
        told, pair = rng.choice(_TOLD_PASTS), rng.choice(PAST_TENSES)
    text = told.format(*pair)
    return text[0].upper() + text[1:]
