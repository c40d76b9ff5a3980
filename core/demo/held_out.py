"""What training never shows: a share of keys, chosen by hash, that only the suites may use.

One mechanism for everything that is held out. The training streams drop every reserved key,
the suites use reserved keys alone, so the two cannot meet. Not a list to maintain: a key is
reserved or not by its text, in every process and on every machine.
"""

import hashlib
from functools import cache

# Reserved parts of 64, by kind. Facts need a large share because the world holds few of them
# and a knowledge task needs 100 questions; the rest of the facts teach the question format.
SHARES: dict[str, int] = {
    "fact": 26,  # (entity, relation): never asked or answered in training, only told
    "form": 12,  # (entity, relation, form of the answer): never asked for in this form in a chat
    "labels": 8,  # (family of texts, label word): never that label on such a text
    "problem": 8,  # the numbers of a word problem, in order of use
    "sum": 8,  # (operation, a, b) of a bare calculation
    "sequence": 16,  # the first three terms of a sequence
    "list": 8,  # (a list of words): the input of a task on lists
    "passage": 8,  # the fillers of a passage, in order
    "review": 8,  # (subject, adjective) of a sentence with a feeling
    "news": 8,  # a line of company news
    "instruction": 8,  # (entity, constraint)
}
_PARTS = 64


@cache
def reserved(kind: str, key: tuple[str, ...]) -> bool:
    """Whether this key is kept for the suites; `kind` is one of `SHARES`."""
    text = "\x1f".join((kind, *key)).casefold()
    digest = hashlib.sha256(text.encode()).digest()
    return digest[0] % _PARTS < SHARES[kind]
