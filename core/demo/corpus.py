"""From generated texts to training tokens: shards made by two processes, packed, hashed.

A shard is reproducible alone from (seed, shard, count). Documents become one long row of tokens,
each behind an end-of-text token; conversations become one row of tokens and one of marks that
say which tokens the assistant speaks. The hash covers the texts, so it does not depend on the
tokenizer and a test can make it again without training.

    documents = pack_documents(recipe.pretrain_corpus, tokenizer_file, workers=2)
    documents.tokens, documents.sha256
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np
from tokenizers import Tokenizer

from core.demo.chats import chat_conversations
from core.demo.recipe import Corpus, Recipe
from core.demo.streams import pretrain_documents
from core.demo.tokenizer import (
    ASSISTANT,
    END_OF_TEXT,
    END_OF_TURN,
    ROLE_TOKENS,
    SPECIAL_TOKENS,
)

_Result = TypeVar("_Result")
_SEPARATOR = b"\x1e"  # between two texts of a hash, so that a moved boundary changes it


@dataclass(frozen=True, slots=True)
class Packed:
    """Tokens of a corpus in one row; `spoken` marks what the loss is taken on (None: all)."""

    tokens: np.ndarray
    spoken: np.ndarray | None
    sha256: str
    texts: int


@dataclass(frozen=True, slots=True)
class _Shard:
    tokens: np.ndarray
    spoken: np.ndarray
    digest: str
    texts: int


def document_texts(corpus: Corpus, shard: int) -> Iterator[str]:
    """The running texts of one shard."""
    return pretrain_documents(corpus.seed, shard, corpus.documents, corpus.reading)


def chat_texts(corpus: Corpus, shard: int) -> Iterator[str]:
    """The conversations of one shard, each as the chat template writes it."""
    talks = chat_conversations(corpus.seed, shard, corpus.documents, corpus.reading)
    for conversation in talks:
        yield "".join(
            f"{ROLE_TOKENS[turn.role]}\n{turn.content}{END_OF_TURN}\n" for turn in conversation
        )


def tokenizer_texts(recipe: Recipe) -> Iterator[str]:
    """What the tokenizer learns from: documents alone, so that it does not know the chats."""
    return islice(document_texts(recipe.pretrain_corpus, 0), recipe.tokenizer_documents)


def pack_documents(corpus: Corpus, tokenizer_file: Path, workers: int) -> Packed:
    """All documents of a corpus as one row of tokens."""
    packed = _pack(document_texts, corpus, tokenizer_file, workers)
    return Packed(packed.tokens, None, packed.sha256, packed.texts)


def pack_chats(corpus: Corpus, tokenizer_file: Path, workers: int) -> Packed:
    """All conversations of a corpus as one row of tokens, with the assistant's marked."""
    return _pack(chat_texts, corpus, tokenizer_file, workers)


def hash_documents(corpora: Sequence[Corpus], workers: int) -> str:
    """The hash of one or more document corpora, read in this order, made again from nothing."""
    return _hash(document_texts, corpora, workers)


def hash_chats(corpora: Sequence[Corpus], workers: int) -> str:
    """The hash of one or more chat corpora, read in this order, made again from nothing."""
    return _hash(chat_texts, corpora, workers)


def _hash(
    texts: Callable[[Corpus, int], Iterator[str]], corpora: Sequence[Corpus], workers: int
) -> str:
    shards = [_over_shards(partial(_digest, texts, corpus), corpus, workers) for corpus in corpora]
    return joined_shards(shards)


def joined_shards(corpora: Sequence[Sequence[str]]) -> str:
    """The hash of corpora from those of their shards."""
    digests = [joined_hash(shards) for shards in corpora]
    return digests[0] if len(digests) == 1 else joined_hash(digests)


def _pack(
    texts: Callable[[Corpus, int], Iterator[str]], corpus: Corpus, tokenizer: Path, workers: int
) -> Packed:
    shards = _over_shards(partial(_encode, texts, corpus, tokenizer), corpus, workers)
    return Packed(
        tokens=np.concatenate([shard.tokens for shard in shards]),
        spoken=np.concatenate([shard.spoken for shard in shards]),
        sha256=joined_hash([shard.digest for shard in shards]),
        texts=sum(shard.texts for shard in shards),
    )


def _over_shards(work: Callable[[int], _Result], corpus: Corpus, workers: int) -> list[_Result]:
    if workers == 1:
        return [work(shard) for shard in range(corpus.shards)]
    # Spawned, not forked: torch's threads may already run in this process.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, range(corpus.shards)))


def _digest(texts: Callable[[Corpus, int], Iterator[str]], corpus: Corpus, shard: int) -> str:
    digest = hashlib.sha256()
    for _ in hashed(texts(corpus, shard), digest):
        pass
    return digest.hexdigest()


def hashed(texts: Iterable[str], digest: "hashlib._Hash") -> Iterator[str]:
    """The same texts, noted in the digest as they pass."""
    for text in texts:
        digest.update(text.encode() + _SEPARATOR)
        yield text


def joined_hash(digests: Sequence[str]) -> str:
    """One hash over several, in order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _encode(
    texts: Callable[[Corpus, int], Iterator[str]], corpus: Corpus, tokenizer_file: Path, shard: int
) -> _Shard:
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    start = SPECIAL_TOKENS.index(END_OF_TEXT)
    written = list(texts(corpus, shard))
    row: list[int] = []
    for encoding in tokenizer.encode_batch(written, add_special_tokens=False):
        row.append(start)
        row.extend(encoding.ids)
    tokens = np.asarray(row, dtype=np.uint16)
    digest = hashlib.sha256()
    for text in written:
        digest.update(text.encode() + _SEPARATOR)
    return _Shard(tokens, mark_spoken(tokens, tokenizer), digest.hexdigest(), len(written))


def mark_spoken(tokens: np.ndarray, tokenizer: Tokenizer) -> np.ndarray:
    """Which tokens the assistant speaks: behind its marker and line break, end-of-turn included."""
    place = np.arange(len(tokens))
    opened = np.zeros(len(tokens), dtype=np.int64)
    closed = np.zeros(len(tokens), dtype=np.int64)
    # The marker and the line break behind it are given, not spoken: two places further on.
    opened[2:] = np.where(tokens[:-2] == tokenizer.token_to_id(ASSISTANT), place[2:], 0)
    closed[1:] = np.where(tokens[:-1] == tokenizer.token_to_id(END_OF_TURN), place[1:], 0)
    marks: np.ndarray = np.maximum.accumulate(opened) > np.maximum.accumulate(closed)
    return marks
