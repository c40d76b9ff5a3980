"""Looks for the suites' questions with their answers in the whole training streams.

Both sides are compared as words: case, spaces and punctuation do not count. What is looked for
are the rendered prompts as the tasks write them, followed by the answer; facts and passages
also without the words of the prompt; a word problem already by its question alone.

    python -m core.demo.overlap       # makes both streams again; prints what it finds

The streams are hashed in the same pass, so that whoever looks knows that they are those trained on.
"""

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from multiprocessing import get_context

from core.demo.corpus import chat_texts, document_texts, hashed, joined_shards
from core.demo.instruction_suite import data_text
from core.demo.recipe import RECIPE, Corpus, Recipe
from core.demo.suite_icl import IclTask, Row, icl_tasks
from core.demo.suite_reasoning import reasoning_rows

WORKERS = 2
_WORD = re.compile(r"[^\W_]+")
_MARK = re.compile(r"<\|\w+\|>")  # role and end tokens of a conversation
_FIRST_WORDS = 3  # by which a sought text is looked up
_BARE = {"tw_facts_generated", "tw_things_chosen", "tw_passages"}

Words = tuple[str, ...]
Texts = Callable[[Corpus, int], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Found:
    """An item of a suite whose question and answer stand in a training text."""

    item: str
    words: str


def words_of(text: str) -> Words:
    """The words of a text, without case, spaces and punctuation."""
    return tuple(_WORD.findall(_MARK.sub(" ", text).casefold()))


def answer_of(row: Row) -> str:
    """The right answer of an item, as the prompt would go on."""
    if "answer" in row:
        return str(row["answer"])
    return str(row["letters" if "letters" in row else "choices"][row["gold"]])


def rendered(task: IclTask, row: Row) -> str:
    """The item's prompt without examples, as the task's template writes it."""
    import jinja2

    return str(jinja2.Template(task.shape.text).render(**row))


def sought() -> Iterator[tuple[str, str]]:
    """(item, text) for everything that must not stand in a training text."""
    for task in icl_tasks():
        for row in (*task.test, *task.dev):
            yield row["id"], f"{rendered(task, row)} {answer_of(row)}"
            if "options" in row:
                yield row["id"], f"Question: {row['text']} Answer: {row['options'][row['gold']]}"
            if task.name in _BARE:
                yield row["id"], f"{row['text']} {answer_of(row)}"
    for rows in reasoning_rows().values():
        yield from ((row["id"], row["question"]) for row in rows)
    for line in data_text().splitlines():
        item = json.loads(line)
        asked = f"{item.get('system', '')} {item['instruction']}"
        yield item["id"], f"{asked} {item['output']}"


@cache
def _index() -> dict[Words, list[tuple[Words, str]]]:
    index: dict[Words, list[tuple[Words, str]]] = {}
    for item, text in sought():
        words = words_of(text)
        index.setdefault(words[:_FIRST_WORDS], []).append((words, item))
    return index


def found_in(texts: Iterable[str]) -> list[Found]:
    """Every sought text that stands in one of these."""
    index, found = _index(), []
    for text in texts:
        words = words_of(text)
        for place, first in enumerate(zip(words, words[1:], words[2:], strict=False)):
            for whole, item in index.get(first, ()):
                if words[place : place + len(whole)] == whole:
                    found.append(Found(item, " ".join(whole)))
    return found


@dataclass(frozen=True, slots=True)
class Overlap:
    """What the streams share with the suites, and the hashes that a model's card tells of them."""

    found: tuple[Found, ...]
    documents_sha256: str
    chats_sha256: str


def _in_shard(work: tuple[Texts, Corpus, int]) -> tuple[list[Found], str]:
    texts, corpus, shard = work
    digest = hashlib.sha256()
    return found_in(hashed(texts(corpus, shard), digest)), digest.hexdigest()


def overlap(recipe: Recipe = RECIPE, workers: int = WORKERS) -> Overlap:
    """Look through the whole streams, made again from nothing."""
    documents, chats = recipe.base_corpora(), recipe.chat_corpora()
    read: list[tuple[Texts, Corpus]] = [(document_texts, one) for one in documents]
    read += [(chat_texts, one) for one in chats]
    shards = [(texts, one, shard) for texts, one in read for shard in range(one.shards)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        parts = iter(list(pool.map(_in_shard, shards)))
    looked = [list(islice(parts, one.shards)) for _, one in read]
    digests = [[digest for _, digest in corpus] for corpus in looked]
    return Overlap(
        tuple(found for corpus in looked for part, _ in corpus for found in part),
        joined_shards(digests[: len(documents)]),
        joined_shards(digests[len(documents) :]),
    )


if __name__ == "__main__":
    shared = overlap().found
    sys.stdout.writelines(f"{found.item}: {found.words}\n" for found in shared)
    sys.stdout.write(f"{len(shared)} of {sum(1 for _ in sought())} sought texts found\n")
