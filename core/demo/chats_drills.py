"""Short drills of one skill each, with nothing to know: compare words, leave a word out.

A yes or no about a fact needs two things, the fact and the comparison; in questions about facts
alone the comparison was not learnt. Here everything asked about stands in the instruction, and
one answer may hold several comparisons. The instruction suite has no such kinds.
"""

from core.demo.chats_exchange import Draw, Exchange
from core.demo.chats_facts import FACT_FIRST, REASON
from core.demo.grammar import capitalised, listed, with_article
from core.demo.held_out import reserved
from core.demo.world import COLOURS, MASS_NOUNS, PEOPLE, THINGS, TOWNS
from core.judges.checks_content import Contains, ContainsNone, Exactly
from core.judges.checks_shape import EndsWith, StartsWith

_NOUNS = tuple(t.noun for t in THINGS if t.category != "job" and t.noun not in MASS_NOUNS)
_JOBS = tuple(t.noun for t in THINGS if t.category == "job")
_NAMES = tuple(person.name for person in PEOPLE)
_TOWNS = tuple(town.name for town in TOWNS)
_POOLS = (_NOUNS, _NOUNS, _JOBS, _NAMES, _TOWNS, COLOURS)

_SAME_ONE = (
    "Are these two words the same: {} and {}?", "Is {} the same word as {}?",
    "Are {} and {} the same word?",
)  # fmt: skip
_SAME_MANY = (
    "Are both words the same? Say yes or no for each pair: {}",
    "Say yes where both words are the same and no where they are not: {}",
)


def same_or_not(draw: Draw) -> Exchange:
    """Two words, or several pairs of words: the same or not."""
    rows = draw.pick((1, 2, 3, 4, 5))
    pairs = [_pair(draw) for _ in range(rows)]
    words = ["yes" if one == other else "no" for one, other in pairs]
    if rows == 1:
        (one, other), word = pairs[0], words[0]
        said = f"Yes, both are {one}." if word == "yes" else f"No, {one} is not {other}."
        text = draw.pick(_SAME_ONE).format(one, other)
        checks = (StartsWith(capitalised(word)), Contains(one))
        return Exchange("same or not", word, text, said, checks)
    text = draw.pick(_SAME_MANY).format("; ".join(f"{one}, {other}" for one, other in pairs))
    answer = f"{capitalised(', '.join(words))}."
    return Exchange("same or not", "rows", text, answer, (Exactly(answer),))


def _pair(draw: Draw) -> tuple[str, str]:
    one, other = draw.some(draw.pick(_POOLS), 2)
    return (one, one) if draw.chance(0.5) else (one, other)


_IN_LIST = (
    'Is the word "{}" in this list: {}?', "Is {} one of these: {}?", 'Do you see "{}" here: {}?',
)  # fmt: skip


def in_the_list(draw: Draw) -> Exchange:
    """Whether a word stands in a list."""
    word, *others = draw.some(draw.pick(_POOLS), draw.pick((4, 5, 6)))
    there = draw.chance(0.5)
    shown = [*others[1:], word] if there else others
    draw.rng.shuffle(shown)
    text = draw.pick(_IN_LIST).format(word, ", ".join(shown))
    answer = f"Yes, {word} is one of them." if there else f"No, {word} is not one of them."
    return Exchange("in the list", "yes" if there else "no", text, answer,
                    (StartsWith("Yes" if there else "No"), Contains(word)))  # fmt: skip


# What is told, what is asked, and the words both are about. Nothing here is a fact of the world,
# so that a drill teaches no wrong one.
_TOLD = (
    ("{n} has {av}.", "Does {n} have {av}?", _NOUNS),
    ("{n} visits {v}.", "Does {n} visit {v}?", _TOWNS),
    ("{n} meets {av}.", "Does {n} meet {av}?", _JOBS),
    ("The hat of {n} is {v}.", "Is the hat of {n} {v}?", COLOURS),
    ("{n} knows {v}.", "Does {n} know {v}?", _NAMES),
)


def told_yes_or_no(draw: Draw) -> Exchange:
    """One to three things told, and a yes or no about one of them, in the forms of facts."""
    told, asked, pool = draw.pick(_TOLD)
    names = draw.some(_NAMES, draw.pick((1, 2, 2, 3)))
    values = draw.some([word for word in pool if word not in names], len(names) + 1)
    sentences = [_filled(told, name, value) for name, value in zip(names, values, strict=False)]
    about, true = draw.rng.randrange(len(names)), draw.chance(0.5)
    wrong = draw.pick([value for place, value in enumerate(values) if place != about])
    text = _filled(asked, names[about], values[about] if true else wrong)
    word, fact = "yes" if true else "no", sentences[about]
    contrast = "" if true else f", not {_valued(told, wrong)}"
    wish = draw.pick(REASON if (first := draw.chance(0.4)) else FACT_FIRST)
    text = f"{' '.join(sentences)} {text} {wish}"
    clause = f"{fact[0].lower()}{fact[1:]}" if fact.startswith("The") else fact
    if first:
        return Exchange("told yes or no", word, text, f"{capitalised(word)}, {clause}",
                        (StartsWith(capitalised(word)), Contains(values[about])))  # fmt: skip
    answer = f"{fact[:-1]}{contrast}. So the answer is {word}."
    return Exchange("told yes or no", word, text, answer,
                    (EndsWith(f"the answer is {word}."), Contains(values[about])))  # fmt: skip


def _filled(template: str, name: str, value: str) -> str:
    return template.format(n=name, v=value, av=with_article(value))


def _valued(told: str, value: str) -> str:
    return with_article(value) if "{av}" in told else value


_LEAVE = (
    'Write this list without the word "{}": {}', 'Leave out the word "{}": {}',
    "Write these words, but not {}: {}", 'Do not use the word "{}". Write the list: {}',
)  # fmt: skip


def leave_out(draw: Draw) -> Exchange | None:
    """A list written again without one of its words."""
    words = draw.some(draw.pick((_NOUNS, _NOUNS, COLOURS, _JOBS)), draw.pick((3, 4, 4, 5)))
    if reserved("list", (" ".join(words),)):
        return None  # another suite asks about this very list
    avoided = draw.pick(words)
    left = [word for word in words if word != avoided]
    text = draw.pick(_LEAVE).format(avoided, ", ".join(words))
    checks = (Contains(left[0]), ContainsNone((avoided,)))
    return Exchange("leave out", "list", text, f"{capitalised(listed(left))}.", checks)
