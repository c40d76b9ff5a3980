"""The pre-training stream: which documents the base model reads, and in what shares.

It is read twice over, with other shares: the second reading gives more room to what the first
left unlearnt (lettered questions were at chance after it). Not the chats of the instruct model
(`chats.py`). Shards are independent and depend on (seed, shard) and the shares alone, so several
processes can make them.

    python -m core.demo.streams 20      # prints twenty documents
"""

import itertools
import sys
from collections.abc import Callable, Iterator
from random import Random
from typing import Literal

from core.demo.documents_facts import (
    comparison,
    fact_questions,
    journey,
    mixed_facts,
    portrait,
    told_then_asked,
)
from core.demo.documents_functions import echo, function_document, pair_memory
from core.demo.documents_labels import label_document
from core.demo.documents_letters import letter_document, letter_table
from core.demo.documents_news import report, review_text
from core.demo.documents_passages import passage_document, plain_story
from core.demo.documents_problems import drill, problem_document
from core.demo.documents_tales import tale
from core.demo.documents_words import word_facts

# Weights count documents, not characters: in-context documents are longer than portraits.
WEIGHTS: dict[str, tuple[float, Callable[[Random], str]]] = {
    "portrait": (14, portrait), "mixed facts": (12, mixed_facts), "journey": (8, journey),
    "comparison": (2, comparison), "fact questions": (7, fact_questions),
    "told then asked": (3, told_then_asked), "labels": (44, label_document),
    "functions": (16, function_document), "letters": (7, letter_document),
    "letter tables": (0, letter_table), "pair memory": (13, pair_memory), "echo": (13, echo),
    "passages": (6, passage_document),
    "stories": (2, plain_story), "tales": (5, tale), "problems": (8, problem_document),
    "drills": (6, drill), "reports": (2, report), "reviews": (2, review_text),
    "word facts": (4, word_facts),
}  # fmt: skip
SECOND_WEIGHTS: dict[str, float] = {
    "portrait": 6, "mixed facts": 6, "journey": 4, "comparison": 1, "fact questions": 4,
    "told then asked": 3, "labels": 16, "functions": 18, "letters": 32, "letter tables": 14,
    "pair memory": 4, "echo": 2, "passages": 8, "stories": 1, "tales": 2, "problems": 6,
    "drills": 3, "reports": 1, "reviews": 1, "word facts": 4,
}  # fmt: skip
Reading = Literal["first", "second"]
_MAKERS = tuple(maker for _, maker in WEIGHTS.values())
_CUMULATED: dict[Reading, tuple[float, ...]] = {
    "first": tuple(itertools.accumulate(weight for weight, _ in WEIGHTS.values())),
    "second": tuple(itertools.accumulate(SECOND_WEIGHTS[name] for name in WEIGHTS)),
}


def pretrain_documents(
    seed: int, shard: int, documents: int, reading: Reading = "first"
) -> Iterator[str]:
    """The documents of one shard, the same for the same arguments on every machine."""
    rng = Random(f"tinyworld pretrain {seed} {shard}")
    weights = _CUMULATED[reading]
    made = 0
    while made < documents:
        text = rng.choices(_MAKERS, cum_weights=weights)[0](rng)
        if text:
            made += 1
            yield text


def main() -> None:
    """Print some documents, for reading."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    sys.stdout.write("\n~~~~\n".join(pretrain_documents(0, 0, count)) + "\n")


if __name__ == "__main__":
    main()
