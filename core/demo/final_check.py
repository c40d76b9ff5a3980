"""What a fresh parent can do, on texts of its own kind from seeds that training never used.

A first look after training, not the suites: those ask reserved questions and are measured by
`python -m core sweep`. An ending counts as right when greedy decoding would write it whole,
which one forward pass tells: every token must be the likeliest one behind those before it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from random import Random
from typing import NamedTuple

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from core.demo.chats import chat_conversations
from core.demo.chats_turns import Conversation
from core.demo.forward import next_token_logits
from core.demo.recipe import Corpus
from core.demo.streams import WEIGHTS
from core.demo.tokenizer import ASSISTANT, END_OF_TEXT, END_OF_TURN, ROLE_TOKENS

_FRESH = 1_000_003  # added to the training seed
_DOCUMENTS_PER_KIND = 60
_CONVERSATIONS = 600


class _Text(NamedTuple):
    kind: str
    given: str
    ending: str


class Endings(NamedTuple):
    """Of one kind of text: how many were tried, and which share of endings came out whole."""

    texts: int
    right: float
    loss: float  # nats per token of the endings


def check_base(model: PreTrainedModel, tokenizer: Tokenizer, corpus: Corpus) -> dict[str, Endings]:
    """By kind of document: the last word, given all before it."""
    return _measured(model, tokenizer, _documents(corpus.seed + _FRESH))


def check_instruct(
    model: PreTrainedModel, tokenizer: Tokenizer, corpus: Corpus
) -> dict[str, Endings]:
    """By form of conversation: the last answer of the assistant, whole."""
    talks = chat_conversations(corpus.seed + _FRESH, 0, _CONVERSATIONS)
    return _measured(model, tokenizer, map(_last_answer, talks))


def _documents(seed: int) -> Iterator[_Text]:
    for kind, (_, make) in WEIGHTS.items():
        rng = Random(f"tinyworld check {seed} {kind}")
        for text in filter(None, (make(rng) for _ in range(_DOCUMENTS_PER_KIND))):
            cut = max(text.rfind(" "), text.rfind("\n") + 1)
            if cut > 0:
                yield _Text(kind, text[:cut], text[cut:])


def _last_answer(talk: Conversation) -> _Text:
    *before, last = talk
    given = "".join(f"{ROLE_TOKENS[m.role]}\n{m.content}{END_OF_TURN}\n" for m in before)
    return _Text(_form(talk), f"{given}{ASSISTANT}\n", f"{last.content}{END_OF_TURN}")


def _form(talk: Conversation) -> str:
    if talk[-1].content.startswith("{"):
        return "JSON"
    if talk[0].role == "system":
        return "system prompt"
    return "single turn" if len(talk) == 2 else "several turns"


def _measured(
    model: PreTrainedModel, tokenizer: Tokenizer, texts: Iterable[_Text]
) -> dict[str, Endings]:
    found: dict[str, list[tuple[bool, float]]] = defaultdict(list)
    for text in texts:
        found[text.kind].append(_ending(model, tokenizer, text))
    return {
        kind: Endings(
            texts=len(rows),
            right=round(sum(right for right, _ in rows) / len(rows), 3),
            loss=round(sum(loss for _, loss in rows) / len(rows), 3),
        )
        for kind, rows in sorted(found.items())
    }


@torch.no_grad()
def _ending(model: PreTrainedModel, tokenizer: Tokenizer, text: _Text) -> tuple[bool, float]:
    before = tokenizer.encode(END_OF_TEXT + text.given, add_special_tokens=False).ids
    after = tokenizer.encode(text.ending, add_special_tokens=False).ids
    ids = torch.tensor([before + after])
    logits = next_token_logits(model, ids[:, :-1], torch.float32)[0, -len(after) :]
    targets = ids[0, -len(after) :]
    right = bool((logits.argmax(-1) == targets).all())
    return right, float(F.cross_entropy(logits, targets))
