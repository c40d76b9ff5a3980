"""The items of the few-shot suite `tinyworld-icl`: made of reserved keys alone.

Each function gives one task: its test items, its exemplars (`dev`), and for tasks whose labels
only the context can tell, the exemplars with labels that say nothing (`dev_shuffled`).
Not here: YAML, TOML and files (`suites.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from core.demo.documents_facts import QUESTIONS
from core.demo.documents_functions import NOUNS, list_key, sequence
from core.demo.documents_labels import ADJECTIVES, LABEL_WORDS, tense_line
from core.demo.documents_letters import LETTERS, which_is, wrong_values
from core.demo.documents_news import news_line, review_line
from core.demo.documents_passages import KINDS, passage
from core.demo.grammar import with_article
from core.demo.held_out import reserved
from core.demo.world import FACTS, MASS_NOUNS, MEMBERS, Fact

ITEMS = 100
EXEMPLARS = 24
SHOTS = 5

Row = dict[str, Any]
Form = Literal["MC", "FMC", "G"]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a task's prompt is written and what is scored; the YAML says the same."""

    text: str  # lm-eval's doc_to_text
    form: Form
    delimiter: str = "\n\n"
    drawn: bool = False  # exemplars drawn per item (True) or always the first ones
    new_tokens: int = 12  # form G: the longest answer has about six tokens


@dataclass(frozen=True, slots=True)
class IclTask:
    """One task with its data and what the suite file says about it."""

    name: str
    category: str
    shape: Shape
    chance: float | None
    test: tuple[Row, ...]
    dev: tuple[Row, ...]
    dev_shuffled: tuple[Row, ...] = ()


def _split(rows: list[Row], name: str) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Test items and exemplars from one list of different rows, with ids."""
    if len(rows) < ITEMS + EXEMPLARS:
        raise ValueError(f"{name} has only {len(rows)} rows; it needs {ITEMS + EXEMPLARS}")
    test, dev = rows[:ITEMS], rows[ITEMS : ITEMS + EXEMPLARS]
    return _with_ids(test, f"{name}-"), _with_ids(dev, f"{name}-dev-")


def _with_ids(rows: list[Row], prefix: str) -> tuple[Row, ...]:
    return tuple({"id": f"{prefix}{number:03d}", **row} for number, row in enumerate(rows))


def _different(make: Callable[[], Row], count: int) -> list[Row]:
    """This many rows that differ in their text."""
    rows: dict[str, Row] = {}
    while len(rows) < count:
        row = make()
        rows.setdefault(row["text"], row)
    return list(rows.values())


def _held_facts(rng: Random, kinds: set[str], relations: set[str] | None = None) -> list[Fact]:
    facts = [
        fact for fact in FACTS
        if fact.kind in kinds and reserved("fact", (fact.entity, fact.relation))
        and (relations is None or fact.relation in relations)
    ]  # fmt: skip
    rng.shuffle(facts)
    return facts


def _facts_generated() -> IclTask:
    rng = Random("tinyworld suite facts_generated")
    rows = [
        {"text": rng.choice(QUESTIONS[fact]), "answer": fact.value, "cluster": fact.relation}
        for fact in _held_facts(rng, {"person", "town", "country"})
    ]
    test, dev = _split(rows, "facts_generated")
    shape = Shape("Question: {{text}}\nAnswer:", "G")
    return IclTask("tw_facts_generated", "General knowledge", shape, None, test, dev)


def _lettered(rng: Random, number: int, row: Row, answer: str, wrong: list[str]) -> Row:
    """A row with four options, the right one at each letter equally often."""
    rng.shuffle(wrong)
    gold = number % len(LETTERS)
    options = [*wrong[:gold], answer, *wrong[gold:]]
    return {**row, "options": options, "letters": list(LETTERS), "gold": gold}


_FMC_TEXT = (
    "Question: {{text}}\nA. {{options[0]}}\nB. {{options[1]}}\nC. {{options[2]}}\n"
    "D. {{options[3]}}\nAnswer:"
)


def _facts_lettered() -> IclTask:
    rng = Random("tinyworld suite facts_lettered")
    rows = []
    for number, fact in enumerate(_held_facts(rng, {"person", "town", "country"})):
        row = {"text": rng.choice(QUESTIONS[fact]), "cluster": fact.relation}
        rows.append(_lettered(rng, number, row, fact.value, wrong_values(rng, fact, 3)))
    test, dev = _split(rows, "facts_lettered")
    shape = Shape(_FMC_TEXT, "FMC")
    return IclTask("tw_facts_lettered", "General knowledge", shape, 0.25, test, _mixed(dev))


def _mixed(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Exemplars in an order whose first five answers are not A, B, C, D, A."""
    return tuple(sorted(rows, key=lambda row: Random(f"order {row['id']}").random()))


def _things_chosen() -> IclTask:
    rng = Random("tinyworld suite things_chosen")
    rows = []
    for number, fact in enumerate(_held_facts(rng, {"thing"}, {"colour", "place", "use"})):
        wrong, gold = wrong_values(rng, fact, 3), number % 4
        row = {"text": rng.choice(QUESTIONS[fact]), "cluster": fact.relation}
        rows.append({**row, "choices": [*wrong[:gold], fact.value, *wrong[gold:]], "gold": gold})
    test, dev = _split(rows, "things_chosen")
    shape = Shape("Question: {{text}}\nAnswer:", "MC")
    return IclTask("tw_things_chosen", "Commonsense reasoning", shape, 0.25, test, _mixed(dev))


def _things_lettered() -> IclTask:
    rng = Random("tinyworld suite things_lettered")
    rows: dict[tuple[str, ...], Row] = {}
    while len(rows) < ITEMS + EXEMPLARS:
        text, answer, wrong = which_is(rng, held=True)
        row = {"text": text, "cluster": answer}
        made = _lettered(rng, len(rows), row, answer, wrong)
        rows.setdefault((answer, *sorted(made["options"])), made)
    test, dev = _split(list(rows.values()), "things_lettered")
    shape = Shape(_FMC_TEXT, "FMC")
    return IclTask("tw_things_lettered", "Commonsense reasoning", shape, 0.25, test, _mixed(dev))


def _last_word() -> IclTask:
    rng = Random("tinyworld suite last_word")

    def make() -> Row:
        while True:
            words = rng.sample(NOUNS, 3)
            text = ", ".join(words)
            if reserved("list", list_key(text)):
                return {"text": text, "answer": words[-1]}

    test, dev = _split(_different(make, ITEMS + EXEMPLARS), "last_word")
    shape = Shape("Input: {{text}}\nOutput:", "G")
    return IclTask("tw_last_word", "Symbolic reasoning", shape, None, test, dev)


def _sequences() -> IclTask:
    rng = Random("tinyworld suite sequences")

    def make() -> Row:
        while True:
            terms, following = sequence(rng)
            if reserved("sequence", tuple(map(str, terms[:3]))):
                step = f"step {terms[1] - terms[0]}"
                shown = ", ".join(map(str, terms))
                return {"text": shown, "answer": str(following), "cluster": step}

    test, dev = _split(_different(make, ITEMS + EXEMPLARS), "sequences")
    shape = Shape("Input: {{text}}\nOutput:", "G")
    return IclTask("tw_sequences", "Symbolic reasoning", shape, None, test, dev)


def _passages() -> IclTask:
    rng = Random("tinyworld suite passages")
    kinds = tuple(KINDS)

    def make() -> Row:
        kind = rng.choice(kinds)
        drawn = passage(rng, kind, held=True)
        question, answer = rng.choice(drawn.rows)
        text = f"{drawn.text}\nQuestion: {question}"
        return {"text": text, "answer": answer, "cluster": kind}

    test, dev = _split(_different(make, ITEMS + EXEMPLARS), "passages")
    shape = Shape("Passage: {{text}}\nAnswer:", "G")
    return IclTask("tw_passages", "Reading comprehension", shape, None, test, dev)


# --- tasks whose label words only the context can tell ------------------------------------------


def held_labels(families: tuple[str, str]) -> tuple[str, str]:
    """Two label words that training shows on neither family of texts.

    A word kept from one family alone would be known from the other, and so tell the answer
    without any example. Even a word never shown can lean to one family by its looks. Such items
    measure the leaning, and a test on the shipped weights says which do. The families of
    `tw_context_kinds` were chosen once for an earlier base because another pair leaned there.
    """
    kept = (w for w in LABEL_WORDS if all(reserved("labels", (name, w)) for name in families))
    return next(kept), next(kept)


def _thing_texts(category: str, *, exemplar: bool) -> list[tuple[str, str]]:
    """(text, noun) for the category; exemplars and test items share no noun."""
    nouns = [thing for thing in MEMBERS[category] if thing.noun not in MASS_NOUNS][:10]
    chosen = nouns[6:] if exemplar else nouns[:6]
    rows = [(thing.noun, thing.noun) for thing in chosen]
    rows += [(thing.plural, thing.noun) for thing in chosen if thing.plural != thing.noun]
    rows += [(with_article(thing.noun), thing.noun) for thing in chosen]
    return rows + [(f"{a} {thing.noun}", thing.noun) for a in ADJECTIVES for thing in chosen]


def _context_task(
    name: str, category: str, shape: Shape, labels: tuple[str, str],
    texts: Callable[[Random, int, bool], list[tuple[str, str]]],
) -> IclTask:  # fmt: skip
    """A two-label task: half of the items and of the exemplars for each label."""
    splits = {}
    for exemplar, count in ((False, ITEMS), (True, EXEMPLARS)):
        rng = Random(f"tinyworld suite {name} {'dev' if exemplar else 'test'}")
        rows: list[Row] = []
        for gold in (0, 1):
            for text, cluster in texts(rng, gold, exemplar)[: count // 2]:
                row = {"text": text, "choices": list(labels), "gold": gold}
                rows.append({**row, "cluster": cluster} if cluster else row)
        rng.shuffle(rows)
        prefix = f"{name.removeprefix('tw_')}-{'dev-' if exemplar else ''}"
        splits[exemplar] = _with_ids(rows, prefix)
    dev = splits[True]
    return IclTask(name, category, shape, 0.5, splits[False], dev, _shuffled(dev))


def _shuffled(dev: tuple[Row, ...]) -> tuple[Row, ...]:
    """The exemplars with half of each label's turned into the other: labels say nothing."""
    seen = [0, 0]
    rows = []
    for row in dev:
        seen[row["gold"]] += 1
        turned = seen[row["gold"]] % 2 == 0
        rows.append({**row, "gold": 1 - row["gold"] if turned else row["gold"]})
    return tuple(rows)


def _category_task(name: str, category: str, shape: Shape, families: tuple[str, str]) -> IclTask:
    labels = held_labels(families)

    def texts(rng: Random, gold: int, exemplar: bool) -> list[tuple[str, str]]:
        rows = _thing_texts(families[gold], exemplar=exemplar)
        rng.shuffle(rows)
        return rows

    return _context_task(name, category, shape, labels, texts)


Line = Callable[[Random, bool], str]


def _line_task(
    name: str, category: str, shape: Shape, families: tuple[str, str], line: Line
) -> IclTask:
    labels = held_labels(families)

    def texts(_: Random, gold: int, exemplar: bool) -> list[tuple[str, str]]:
        # One list for both, cut in two: an exemplar that is also an item would answer itself.
        rng, made = Random(f"tinyworld suite {name} lines {gold}"), dict[str, str]()
        while len(made) < (ITEMS + EXEMPLARS) // 2:
            text = line(rng, gold == 0)
            if not any(label in text for label in labels):
                made.setdefault(text, "")
        rows = list(made.items())
        return rows[ITEMS // 2 :] if exemplar else rows[: ITEMS // 2]

    return _context_task(name, category, shape, labels, texts)


def icl_tasks() -> tuple[IclTask, ...]:
    """All tasks of the suite, in the order of the suite file."""
    understanding, symbolic, finance = (
        "Language understanding", "Symbolic reasoning", "Finance",
    )  # fmt: skip
    stacked = Shape("Input: {{text}}\nOutput:", "MC", drawn=True)
    item = Shape("Item: {{text}}\nGroup:", "MC", drawn=True)
    review = Shape("Review: {{text}}\nLabel:", "MC", drawn=True)
    news = Shape("News: {{text}}\nLabel:", "MC", drawn=True)
    sentence = Shape("Sentence: {{text}}\nType:", "MC", drawn=True)
    return (
        _facts_generated(), _facts_lettered(), _things_chosen(), _things_lettered(),
        _category_task("tw_context_words", understanding, stacked, ("fruit", "furniture")),
        _line_task(
            "tw_context_reviews", understanding, review, ("good review", "bad review"),
            lambda rng, good: review_line(rng, good=good, held=True),
        ),
        _line_task(
            "tw_context_tense", understanding, sentence, ("past sentence", "future sentence"),
            lambda rng, past: tense_line(rng, past=past),
        ),
        _category_task("tw_context_kinds", symbolic, item, ("animal", "tool")),
        _last_word(), _sequences(), _passages(),
        _line_task(
            "tw_context_news", finance, news, ("good news", "bad news"),
            lambda rng, good: news_line(rng, good=good, held=True),
        ),
    )  # fmt: skip
