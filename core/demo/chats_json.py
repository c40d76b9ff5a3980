"""Instructions that ask for JSON: facts under stated keys, one answer, a sentence taken apart."""

import json

from core.demo.chats_exchange import Draw, Exchange
from core.demo.chats_wording import any_fact, portraits, question
from core.demo.grammar import located, with_article
from core.demo.world import PLACES, THINGS
from core.judges.checks_json import JsonKeys, JsonValues

_GIVE = (
    "Describe {} as JSON with the keys {}.", "Give me JSON about {}. Use the keys {}.",
    "Write a JSON object about {} with the keys {}.", "Show {} as JSON. The keys are {}.",
    "Tell me about {}. Answer as JSON with the keys {}.",
)  # fmt: skip


def keys_text(keys: list[str]) -> str:
    """`"name", "colour" and "place"`."""
    return ", ".join(f'"{key}"' for key in keys[:-1]) + f' and "{keys[-1]}"'


_RECORD_KINDS = ("person", "person", "town", "country", "thing", "thing", "thing")


def json_record(draw: Draw) -> Exchange | None:
    """The name of an entity and one to three of its facts under stated keys."""
    kind = draw.pick(_RECORD_KINDS)
    facts = draw.pick(portraits(kind))
    told = draw.some(facts, min(len(facts), draw.pick((1, 2, 2, 3))))
    # The line runs through (entity, keys): other keys of the entity may be asked for elsewhere.
    if not draw.allows("instruction", facts[0].entity, *sorted(fact.relation for fact in told)):
        return None
    record = {"name": facts[0].entity, **{fact.relation: fact.value for fact in told}}
    name = with_article(facts[0].entity) if kind == "thing" else facts[0].entity
    text = draw.pick(_GIVE).format(name, keys_text(list(record)))
    checks = (JsonKeys(tuple(record)), JsonValues(tuple(record.items())))
    return Exchange("json", f"record {kind}", text, json.dumps(record), checks)


_WRAP = (
    'Answer as JSON with the key "{}".', 'Reply with JSON. The key is "{}".',
    'Give a JSON object with the key "{}".', 'Use JSON with the key "{}".',
)  # fmt: skip


def json_answer(draw: Draw) -> Exchange:
    """A question answered as one JSON pair."""
    fact = any_fact(draw, "json answer")
    key = draw.pick(("answer", "answer", "result", fact.relation))
    text = f"{question(draw, fact)} {draw.pick(_WRAP).format(key)}"
    checks = (JsonKeys((key,)), JsonValues(((key, fact.value),)))
    return Exchange("json", "answer", text, json.dumps({key: fact.value}), checks)


_ADJECTIVES = ("old", "small", "big", "good", "clean", "lovely", "little", "fine")
_TAKE_APART = (
    "Turn this sentence into JSON with the keys {}: {}",
    "Read this: {} Write JSON with the keys {}.",
    "Put it into JSON with the keys {}: {}",
)  # fmt: skip
_NOUNS = tuple(thing.noun for thing in THINGS if thing.category != "job")


def json_from_text(draw: Draw) -> Exchange | None:
    """A sentence about a thing somewhere, taken apart into keys."""
    noun, word, place = draw.pick(_NOUNS), draw.pick(_ADJECTIVES), draw.pick(PLACES)
    if noun == place or not draw.allows("instruction", noun, f"json {word} {place}"):
        return None
    values = {"thing": noun, "size" if word in ("small", "big", "little") else "quality": word}
    record = draw.some([*values.items(), ("place", place)], draw.pick((2, 3)))
    sentence = f"The {word} {noun} is {located(place)}."
    form = draw.pick(_TAKE_APART)
    keys = keys_text([key for key, _ in record])
    text = form.format(sentence, keys) if form.startswith("Read") else form.format(keys, sentence)
    checks = (JsonKeys(tuple(key for key, _ in record)), JsonValues(tuple(record)))
    return Exchange("json", "from text", text, json.dumps(dict(record)), checks)


def json_any(draw: Draw) -> Exchange | None:
    """Any of the three, records most often."""
    return draw.pick((json_record, json_record, json_answer, json_from_text))(draw)
