"""The chat stream: the only conversations the instruct model of the embedded pair learns from.

Single instructions of many kinds, rules set by a system prompt, examples given as turns,
step-by-step problems, follow-ups and small talk. Reserved material (`held_out.py`) never
occurs. Not the instruction suite (`instruction_suite.py`), which uses the reserved material.
A shard depends on (seed, shard) alone.

    python -m core.demo.chats 20      # prints twenty conversations
"""

import itertools
import sys
from collections.abc import Callable, Iterator
from random import Random

from core.demo import chats_drills as drills
from core.demo import chats_facts as facts
from core.demo import chats_lists as lists
from core.demo import chats_numbers as numbers
from core.demo import chats_talk as talk
from core.demo import chats_turns as many
from core.demo import chats_words as words
from core.demo import chats_writing as writing
from core.demo.chats_exchange import Draw, Exchange, Maker
from core.demo.chats_json import json_any
from core.demo.chats_reading import label_any, read_passage
from core.demo.chats_system import PLAIN_SYSTEMS, obey
from core.demo.chats_turns import Conversation, Message
from core.demo.streams import Reading

__all__ = ["MAKERS", "TALKS", "Conversation", "Message", "chat_conversations"]

# Weights count conversations. Kinds that need an exact form get more than kinds of one phrase.
MAKERS: dict[str, tuple[float, Maker]] = {
    "question": (7, facts.ask), "one word": (7, facts.ask_one_word),
    "framed answer": (5, facts.ask_framed), "letter case": (6, facts.ask_cased),
    "yes or no": (7, facts.ask_yes_no), "description": (5, writing.describe),
    "sentence with a word": (4, writing.write_sentence), "comparison": (3, writing.compare),
    "greeting": (3, writing.greet), "story": (3, writing.tell_story),
    "list": (10, lists.list_members), "odd one out": (6, lists.odd_one_out),
    "choice": (3, lists.choose), "sorting": (3, lists.sort_numbers), "json": (12, json_any),
    "word form": (6, words.word_form), "sentence change": (7, words.change_sentence),
    "reading": (9, read_passage), "label": (5, label_any), "sum": (2, numbers.said_sum),
    "step by step": (9, numbers.step_by_step), "number only": (5, numbers.direct_answer),
    "few-shot steps": (4, numbers.few_shot_steps), "system prompt": (10, obey),
    "word in a form": (0, words.word_in_a_form), "same or not": (4, drills.same_or_not),
    "in the list": (3, drills.in_the_list), "told yes or no": (6, drills.told_yes_or_no),
    "leave out": (3, drills.leave_out), "list without": (2, lists.list_without),
}  # fmt: skip
TALKS: dict[str, tuple[float, Callable[[Draw], Conversation | None]]] = {
    "labelled turns": (5, many.labelled_turns), "function turns": (4, many.function_turns),
    "question turns": (2, many.question_turns), "problem turns": (2, many.problem_turns),
    "follow-ups": (3, many.follow_ups), "say again": (3, many.say_again),
    "ruled turns": (3, many.ruled_turns), "small talk": (3, talk.small_talk),
    "stranger": (1, talk.stranger), "story": (1.5, talk.story), "about": (3, talk.about),
}  # fmt: skip
# The second reading gives more room to what the first left unlearnt; weights not named here stay.
SECOND_WEIGHTS: dict[str, float] = {
    "word form": 7, "word in a form": 15, "yes or no": 22, "list": 18, "reading": 18,
    "odd one out": 12, "number only": 9, "letter case": 14, "sorting": 6, "json": 6,
    "step by step": 7, "description": 3, "greeting": 2, "framed answer": 3, "system prompt": 7,
    "labelled turns": 2, "function turns": 2, "stranger": 0.5, "sentence change": 4,
    "same or not": 5, "in the list": 4, "told yes or no": 10, "leave out": 4, "list without": 8,
}  # fmt: skip
# Kinds without a demand on the form: here an answer may open with a friendly word.
_EASY = frozenset({"question", "list", "comparison"})
_PLAIN_SYSTEM_SHARE = 0.08  # so that a system prompt alone does not announce a rule
_SURE_SHARE = 0.12
_CASUAL_SHARE = 0.08


def casual(instruction: str) -> str:
    """The instruction as people type it in a hurry."""
    return instruction[0].lower() + instruction[1:].rstrip("?.")


def conversation_of(exchange: Exchange, draw: Draw) -> Conversation:
    """The exchange as a conversation, in a chat's usual dress."""
    instruction, answer, system = exchange.instruction, exchange.answer, exchange.system
    easy = exchange.kind in _EASY and exchange.template not in ("bullets", "capitals", "lead")
    if easy and draw.chance(_SURE_SHARE):
        answer = f"Sure! {answer}"
    if easy and draw.chance(_CASUAL_SHARE):
        instruction = casual(instruction)
    if system is None and draw.chance(_PLAIN_SYSTEM_SHARE):
        system = draw.pick(PLAIN_SYSTEMS)
    return many.turns(instruction, answer, system=system)


def _single(maker: Maker) -> Callable[[Draw], Conversation | None]:
    def make(draw: Draw) -> Conversation | None:
        exchange = maker(draw)
        return None if exchange is None else conversation_of(exchange, draw)

    return make


_SINGLES = {name: (weight, _single(maker)) for name, (weight, maker) in MAKERS.items()}
_ALL = (*_SINGLES.items(), *((f"{name} talk", row) for name, row in TALKS.items()))
_MAKES = tuple(make for _, (_, make) in _ALL)
_FIRST = tuple(weight for _, (weight, _) in _ALL)
_SECOND = tuple(
    SECOND_WEIGHTS.get(name.removesuffix(" talk"), weight) for name, (weight, _) in _ALL
)
_CUMULATED: dict[Reading, tuple[float, ...]] = {
    "first": tuple(itertools.accumulate(_FIRST)),
    "second": tuple(itertools.accumulate(_SECOND)),
}


def chat_conversations(
    seed: int, shard: int, conversations: int, reading: Reading = "first"
) -> Iterator[Conversation]:
    """The conversations of one shard, the same for the same arguments on every machine."""
    rng = Random(f"tinyworld chats {seed} {shard}")
    draw, weights = Draw(rng, held_out=False), _CUMULATED[reading]
    for _ in range(conversations):
        make = rng.choices(_MAKES, cum_weights=weights)[0]
        made = make(draw)
        while made is None:
            made = make(draw)
        yield made


def main() -> None:
    """Print some conversations, for reading."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for conversation in chat_conversations(0, 0, count):
        lines = [f"[{message.role}] {message.content}" for message in conversation]
        sys.stdout.write("\n".join(lines) + "\n~~~~\n")


if __name__ == "__main__":
    main()
