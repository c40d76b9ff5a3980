"""Company news and reviews: single lines with a direction or a feeling, and short reports.

`news_line` and `review_line` are shared by the training documents and the suites; what is
reserved is decided by the caller's key, `open_line` gives training only what is free.
"""

from random import Random

from core.demo.held_out import reserved
from core.demo.world import BAD_WORDS, COMPANIES, GOOD_WORDS, MONTHS, PEOPLE, TOWNS

_RISES = (
    "Profits at {c} rose by {n} coins in {m}.", "The price of {c} went up to {n} coins.",
    "{c} sold more {g} in {m}.", "Orders at {c} grew in {m}.",
    "{c} made a profit of {n} coins in {m}.", "{c} opened a new shop in {t}.",
    "{c} gained {n} coins in {m}.",
)  # fmt: skip
_FALLS = (
    "Profits at {c} fell by {n} coins in {m}.", "The price of {c} went down to {n} coins.",
    "{c} sold fewer {g} in {m}.", "Orders at {c} shrank in {m}.",
    "{c} made a loss of {n} coins in {m}.", "{c} closed its shop in {t}.",
    "{c} lost {n} coins in {m}.",
)  # fmt: skip
_SUBJECTS = (
    "soup", "pie", "bread", "cheese", "fish", "cake", "stew", "room", "inn", "song", "book", "play",
    "garden", "market", "hat", "coat", "boat", "meal", "tea", "show",
)  # fmt: skip
_REVIEWS = (
    "The {s} was {a}.", "What {ar} {a} {s}!", "I found the {s} {a}.", "The {s} in {t} was {a}.",
    "{p} said the {s} was {a}.", "A very {a} {s}.", "We had {ar} {a} {s} in {t}.",
)  # fmt: skip


def _fill_news(rng: Random, good: bool) -> tuple[str, tuple[str, ...]]:
    company = rng.choice(COMPANIES)
    template = rng.randrange(len(_RISES))
    month, number, town = rng.choice(MONTHS), str(rng.randint(3, 40)), rng.choice(TOWNS).name
    text = (_RISES if good else _FALLS)[template].format(
        c=company.name, g=company.good, m=month, n=number, t=town
    )
    return text, (text,)


def _fill_review(rng: Random, good: bool) -> tuple[str, tuple[str, ...]]:
    subject, adjective = rng.choice(_SUBJECTS), rng.choice(GOOD_WORDS if good else BAD_WORDS)
    text = rng.choice(_REVIEWS).format(
        s=subject, a=adjective, ar="an" if adjective[0] in "aeiou" else "a",
        t=rng.choice(TOWNS).name, p=rng.choice(PEOPLE).name,
    )  # fmt: skip
    return text, (subject, adjective)


def news_line(rng: Random, *, good: bool, held: bool = False) -> str:
    """One line about a company that does well or badly; `held` picks among the reserved lines."""
    while True:
        text, key = _fill_news(rng, good)
        if reserved("news", key) == held:
            return text


def review_line(rng: Random, *, good: bool, held: bool = False) -> str:
    """One line with praise or blame; `held` picks among the reserved lines."""
    while True:
        text, key = _fill_review(rng, good)
        if reserved("review", key) == held:
            return text


def report(rng: Random) -> str:
    """A short report on a company with its profit in two months."""
    company = rng.choice(COMPANIES)
    first = rng.randrange(11)
    before, after = rng.sample(range(5, 60), 2)
    difference = abs(after - before)
    verb = "rose" if after > before else "fell"
    more = "more" if after > before else "fewer"
    lines = [
        f"{company.name} is a company in {company.town}. It sells {company.good}.",
        f"{company.name} made {before} coins in {MONTHS[first]} and {after} coins in "
        f"{MONTHS[first + 1]}.",
        f"The profit {verb} by {difference} {'coin' if difference == 1 else 'coins'}.",
        f"{company.name} sold {more} {company.good} in {MONTHS[first + 1]}.",
    ]
    return " ".join(lines[rng.randrange(2) : rng.randint(3, 4)])


def review_text(rng: Random) -> str:
    """A visit told in a few sentences with one feeling."""
    good = rng.random() < 0.5
    lines = [review_line(rng, good=good) for _ in range(rng.randint(2, 4))]
    ending = "We will come again." if good else "We will not come again."
    return " ".join([*lines, ending])
