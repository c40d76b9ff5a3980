"""Questions with lettered options, several in one document, answered by the letter."""

from collections.abc import Callable
from random import Random

from core.demo.documents_facts import OPEN_BY_KIND, QUESTIONS
from core.demo.documents_functions import NOUNS
from core.demo.documents_passages import OBJECTS
from core.demo.grammar import relation_key, with_article
from core.demo.held_out import reserved
from core.demo.world import (
    ANTONYMS,
    CATEGORIES,
    MEMBERS,
    PAST_TENSES,
    PEOPLE,
    RELATION_VALUES,
    Fact,
)

LETTERS = "ABCD"
Drawn = tuple[str, str, list[str]]


def wrong_values(rng: Random, fact: Fact, count: int) -> list[str]:
    """Values that the relation takes for other entities of the same sort."""
    values = RELATION_VALUES[(fact.kind, fact.relation)]
    if fact.relation == "use":
        values = tuple(v for key, v in _USES if key == relation_key(fact))
    wrong: list[str] = []
    while len(wrong) < count:
        value = rng.choice(values)
        if value != fact.value and value not in wrong:
            wrong.append(value)
    return wrong


def _all_uses() -> tuple[tuple[tuple[str, str], str], ...]:
    things = [f for f in QUESTIONS if f.relation == "use"]
    return tuple(sorted({(relation_key(f), f.value) for f in things}))


_USES = _all_uses()


def _about_fact(rng: Random) -> Drawn:
    fact = rng.choice(OPEN_BY_KIND[rng.choice(("person", "town", "country", "thing"))])
    return rng.choice(QUESTIONS[fact]), fact.value, wrong_values(rng, fact, 3)


def which_is(rng: Random, *, held: bool = False) -> Drawn:
    """Which of four nouns belongs to a category; `held` asks only reserved things."""
    while True:
        wanted = rng.choice(CATEGORIES)
        thing = rng.choice(MEMBERS[wanted])
        if reserved("fact", (thing.noun, "category")) == held:
            break
    others = rng.sample([name for name in CATEGORIES if name != wanted], 3)
    kind = "piece of furniture" if wanted == "furniture" else wanted
    question = f"Which of these is {with_article(kind)}?" if wanted != "drink" else _DRINK
    return question, thing.noun, [rng.choice(MEMBERS[name]).noun for name in others]


_DRINK = "Which of these is a drink?"


def _opposite(rng: Random) -> Drawn:
    pair = rng.choice(ANTONYMS)
    word, answer = pair if rng.random() < 0.5 else pair[::-1]
    others = [w for p in rng.sample(ANTONYMS, 4) for w in p if w not in pair]
    return f"What is the opposite of {word}?", answer, rng.sample(others, 3)


def _past(rng: Random) -> Drawn:
    now, past = rng.choice(PAST_TENSES)
    others = [p for n, p in rng.sample(PAST_TENSES, 5) if n != now]
    return f"What is the past tense of {now}?", past, others[:3]


def _holder(rng: Random) -> Drawn:
    names = [person.name for person in rng.sample(PEOPLE, 4)]
    nouns = rng.sample(OBJECTS, 4)
    told = " ".join(f"{n} has {with_article(t)}." for n, t in zip(names, nouns, strict=True))
    index = rng.randrange(4)
    question = f"{told} Who has {with_article(nouns[index])}?"
    return question, names[index], [n for i, n in enumerate(names) if i != index]


def _named(rng: Random) -> Drawn:
    words = rng.sample(NOUNS, 4)
    return f'Which option is "{words[0]}"?', words[0], words[1:]


def _largest(rng: Random) -> Drawn:
    numbers = rng.sample(range(1, 60), 4)
    word, choose = rng.choice((("largest", max), ("smallest", min)))
    answer = choose(numbers)
    rest = [str(n) for n in numbers if n != answer]
    return f"Which number is the {word}?", str(answer), rest


_DRAWS: tuple[Callable[[Random], Drawn], ...] = (
    _about_fact, _about_fact, _about_fact, _about_fact, _about_fact, which_is, which_is, which_is,
    _opposite, _past, _holder, _named, _named, _largest,
)  # fmt: skip


def lettered(question: str, options: list[str], opening: str = "Question: ") -> str:
    """The question with its options, up to and with the word `Answer:`."""
    shown = "\n".join(f"{LETTERS[i]}. {text}" for i, text in enumerate(options))
    return f"{opening}{question}\n{shown}\nAnswer:"


def letter_table(rng: Random) -> str:
    """Options with their letters, then which word has which letter, many times over.

    One letter a question is little to learn the binding from; here every second line is one.
    """
    rows = []
    for _ in range(rng.randint(2, 3)):
        size = rng.choice((2, 3, 4, 4, 4))
        words = rng.sample(NOUNS, size)
        shown = "\n".join(f"{LETTERS[i]}. {word}" for i, word in enumerate(words))
        asked = (rng.randrange(size) for _ in range(rng.randint(3, 8)))
        rows.append(shown + "".join(f"\n{words[i]}\nAnswer: {LETTERS[i]}" for i in asked))
    return "\n\n".join(rows)


def letter_document(rng: Random) -> str:
    """One to six questions of one sort (seldom mixed) with lettered options."""
    draw = rng.choice(_DRAWS)
    opening = rng.choice(("Question: ", "Question: ", "Question: ", "Q: "))
    size = rng.choice((4, 4, 4, 4, 2, 3))
    full = rng.random() < 0.15
    rows = []
    for _ in range(rng.randint(2, 6)):
        question, answer, wrong = draw(rng)
        options = [answer, *wrong[: size - 1]]
        rng.shuffle(options)
        letter = LETTERS[options.index(answer)]
        said = f"{letter}. {answer}" if full else letter
        rows.append(f"{lettered(question, options, opening)} {said}")
    return "\n\n".join(rows)
