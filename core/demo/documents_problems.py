"""Word problems of two and three steps with step-by-step solutions, and drills in arithmetic.

`problem` is shared with the suites: training draws only numbers that are free, the suites only
reserved ones. The solution's last sentence is always `The answer is N.`
"""

from dataclasses import dataclass
from random import Random

from core.demo.grammar import capitalised, pronoun
from core.demo.held_out import reserved
from core.demo.world import FEMALE, MEMBERS, PEOPLE

LARGEST = 50


@dataclass(frozen=True, slots=True)
class Step:
    """One calculation `left sign right = result`."""

    left: int
    sign: str
    right: int

    @property
    def result(self) -> int:
        """What the calculation gives."""
        if self.sign == "+":
            return self.left + self.right
        return self.left - self.right if self.sign == "-" else self.left * self.right

    def __str__(self) -> str:
        """The calculation as it is written in a solution."""
        return f"{self.left} {self.sign} {self.right} = {self.result}"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what a problem is about; the numbers are drawn apart from it."""

    first: str
    second: str
    many: str

    @property
    def she(self) -> str:
        """The first person's pronoun at the start of a sentence."""
        return capitalised(pronoun(self.first))

    @property
    def she_within(self) -> str:
        """The first person's pronoun inside a sentence."""
        return pronoun(self.first)


@dataclass(frozen=True, slots=True)
class Problem:
    """A question, its solution text, its answer, and the numbers that decide what is held out."""

    question: str
    solution: str
    answer: int
    numbers: tuple[int, ...]
    signs: str


_COUNTED = tuple(
    t.plural for c in ("fruit", "tool", "garment", "instrument", "vegetable", "furniture")
    for t in MEMBERS[c] if t.noun != "corn"
)  # fmt: skip
SIGNS: tuple[str, ...] = (
    "+-", "-+", "++", "--", "*+", "*-", "++-", "+-+", "+--", "-+-", "*+-", "*-+", "*++", "-++",
)  # fmt: skip

# How each calculation is told; several wordings, all of which training knows.
_STARTS = (
    "{first} has {n} {many}.", "{first} had {n} {many}.",
    "There are {n} {many} in the house of {first}.",
    "At first {first} has {n} {many}.",
)  # fmt: skip
_GROUPS = (
    "{first} has {n} boxes with {k} {many} in each box.",
    "{first} fills {n} bags with {k} {many} each.",
    "There are {n} baskets. {first} puts {k} {many} in each.",
    "{first} buys {n} boxes. Each box holds {k} {many}.",
)  # fmt: skip
_MORE = (
    "{she} buys {n} more.", "{second} gives {her} {n} more.", "Then {she_within} finds {n} more.",
    "{she} gets {n} {many} from {second}.", "{she} makes {n} more.",
)  # fmt: skip
_FEWER = (
    "{she} gives {n} to {second}.", "{she} loses {n} of them.",
    "Then {she_within} sells {n} of them.",
    "{second} takes {n} of them.", "{she} sells {n} {many}.",
)  # fmt: skip
_ASKS = (
    "How many {many} does {first} have now?", "How many {many} does {first} have in the end?",
    "How many {many} does {first} have at the end?", "How many {many} are there now?",
)  # fmt: skip
_ASIDES = (
    "{second} has {n} {other}.", "The house has {n} doors.", "{second} is {n} years old.",
    "{second} lives {n} miles away.", "{first} also has {n} {other}.",
)  # fmt: skip


def draw_numbers(rng: Random, signs: str) -> tuple[int, ...]:
    """Numbers for these calculations whose results all stay between 1 and `LARGEST`."""
    while True:
        if signs[0] == "*":
            numbers = [rng.randint(2, 6), rng.randint(2, 9)]
            value = numbers[0] * numbers[1]
        else:
            value = rng.randint(3, 30)
            numbers = [value]
        for sign in signs[1:] if signs[0] == "*" else signs:
            step = rng.randint(2, 12)
            value += step if sign == "+" else -step
            numbers.append(step)
            if not 1 <= value <= LARGEST:
                break
        else:
            return tuple(numbers)


def steps_of(numbers: tuple[int, ...], signs: str) -> tuple[Step, ...]:
    """The calculations, each going on from the last result."""
    value, steps = numbers[0], []
    for sign, number in zip(signs, numbers[1:], strict=True):
        steps.append(Step(value, sign, number))
        value = steps[-1].result
    return tuple(steps)


def numbers_key(numbers: tuple[int, ...]) -> tuple[str, ...]:
    """The key under which a problem's numbers are held out."""
    return tuple(map(str, numbers))


def free_numbers(rng: Random, signs: str, *, held: bool = False) -> tuple[int, ...]:
    """Numbers that training may use, or reserved ones for the suites."""
    while True:
        numbers = draw_numbers(rng, signs)
        if reserved("problem", numbers_key(numbers)) == held:
            return numbers


def draw_cast(rng: Random) -> Cast:
    """Two people and what they count."""
    first, second = rng.sample(PEOPLE, 2)
    return Cast(first.name, second.name, rng.choice(_COUNTED))


def _slots(cast: Cast) -> dict[str, str]:
    return {
        "first": cast.first, "second": cast.second, "many": cast.many, "she": cast.she,
        "she_within": cast.she_within, "her": "her" if cast.first in FEMALE else "him",
    }  # fmt: skip


def told(rng: Random, cast: Cast, numbers: tuple[int, ...], signs: str) -> list[str]:
    """The sentences of the question, the last one asking."""
    slots, rest = _slots(cast), list(zip(signs, numbers[1:], strict=True))
    if signs[0] == "*":
        lines = [rng.choice(_GROUPS).format(n=numbers[0], k=numbers[1], **slots)]
        rest = rest[1:]
    else:
        lines = [rng.choice(_STARTS).format(n=numbers[0], **slots)]
    for sign, number in rest:
        lines.append(rng.choice(_MORE if sign == "+" else _FEWER).format(n=number, **slots))
    return [*lines, rng.choice(_ASKS).format(**slots)]


def with_aside(rng: Random, cast: Cast, lines: list[str]) -> list[str]:
    """The same sentences with one that does not matter, never after the question."""
    other = rng.choice([many for many in _COUNTED if many != cast.many])
    aside = rng.choice(_ASIDES).format(n=rng.randint(2, 30), other=other, **_slots(cast))
    place = rng.randint(1, len(lines) - 1)
    return [*lines[:place], aside, *lines[place:]]


def solved(cast: Cast, numbers: tuple[int, ...], signs: str) -> str:
    """The solution, one calculation a sentence."""
    steps = steps_of(numbers, signs)
    opening = "First" if signs[0] == "*" else f"{cast.first} starts with {numbers[0]}. Then"
    lines = [f"{opening} {steps[0]}.", *(f"Then {step}." for step in steps[1:])]
    return " ".join([*lines, f"The answer is {steps[-1].result}."])


def problem(rng: Random, signs: str, *, held: bool = False, aside: bool = False) -> Problem:
    """A word problem with these calculations."""
    cast, numbers = draw_cast(rng), free_numbers(rng, signs, held=held)
    lines = told(rng, cast, numbers, signs)
    if aside:
        lines = with_aside(rng, cast, lines)
    answer = steps_of(numbers, signs)[-1].result
    return Problem(" ".join(lines), solved(cast, numbers, signs), answer, numbers, signs)


# Domains for stated formulas: the thing, what is asked, what it is reckoned from, the unit.
FORMULA_DOMAINS: tuple[tuple[str, str, str, str], ...] = (
    ("coat", "price", "size", "coins"), ("train ride", "price", "length", "coins"),
    ("cake", "baking time", "weight", "minutes"), ("walk", "time", "length", "minutes"),
    ("letter", "price", "weight", "coins"), ("wall", "height", "age", "feet"),
    ("song", "length", "number of verses", "minutes"), ("garden", "harvest", "width", "baskets"),
)  # fmt: skip
HELD_DOMAINS: tuple[tuple[str, str, str, str], ...] = (
    ("boat", "speed", "number of sails", "miles"), ("tree", "height", "age", "feet"),
    ("candle", "burning time", "weight", "hours"), ("tower", "number of steps", "height", "steps"),
)  # fmt: skip
_FORMULAS = (
    "The {what} of a {thing} is {k} times its {of}, plus {c}.",
    "To find the {what} of a {thing}, take {k} times the {of} and add {c}.",
)
_FORMULAS_LESS = (
    "The {what} of a {thing} is {k} times its {of}, minus {c}.",
    "To find the {what} of a {thing}, take {k} times the {of} and take away {c}.",
)


def formula_problem(rng: Random, signs: str, *, held: bool = False) -> Problem:
    """A problem that states a formula and asks to apply it (`*+`, `*-`, maybe a third step)."""
    numbers = free_numbers(rng, signs, held=held)
    domain = rng.choice(HELD_DOMAINS if held else FORMULA_DOMAINS)
    return stated_formula(rng, numbers, signs, domain)


def stated_formula(
    rng: Random, numbers: tuple[int, ...], signs: str, domain: tuple[str, str, str, str]
) -> Problem:
    """The formula problem with these numbers in this domain."""
    thing, what, of, unit = domain
    rule = rng.choice(_FORMULAS if signs[1] == "+" else _FORMULAS_LESS)
    lines = [rule.format(what=what, thing=thing, of=of, k=numbers[0], c=numbers[2])]
    lines.append(f"The {of} of this {thing} is {numbers[1]}.")
    if len(signs) == 3:
        change = "more" if signs[2] == "+" else "less"
        lines.append(f"Today it is {numbers[3]} {unit} {change} than that.")
    lines.append(f"What is its {what}?")
    steps = steps_of(numbers, signs)
    told_steps = " ".join(("First " if i == 0 else "Then ") + f"{s}." for i, s in enumerate(steps))
    solution = f"{told_steps} The answer is {steps[-1].result}."
    return Problem(" ".join(lines), solution, steps[-1].result, numbers, signs)


_SHAPES = (
    ("Question: ", "\nAnswer: "), ("Question: ", "\nAnswer: "), ("Problem: ", "\nSolution: "),
    ("Q: ", "\nA: "), ("", "\n"),
)  # fmt: skip


def problem_document(rng: Random) -> str:
    """One to five solved problems."""
    asks, answers = rng.choice(_SHAPES)
    rows = []
    for _ in range(rng.choice((1, 1, 2, 3, 4, 5, 6))):
        if rng.random() < 0.2:
            drawn = formula_problem(rng, rng.choice(("*+", "*-", "*+-", "*-+", "*++")))
        else:
            drawn = problem(rng, rng.choice(SIGNS), aside=rng.random() < 0.12)
        rows.append(f"{asks}{drawn.question}{answers}{drawn.solution}")
    return "\n\n".join(rows)


_ASKED = ("What is {a} {w} {b}?", "How much is {a} {w} {b}?")
_SAID = {"+": "plus", "-": "minus", "*": "times"}


def sum_row(rng: Random, *, held: bool = False) -> Step:
    """A bare calculation that is free for training, or reserved."""
    while True:
        sign = rng.choice("++--*")
        if sign == "*":
            left, right = rng.randint(1, 9), rng.randint(1, 9)
        else:
            left, right = rng.randint(1, 50), rng.randint(1, 15)
        if left - right < 0 and sign == "-":
            continue
        if reserved("sum", (sign, str(left), str(right))) == held:
            return Step(left, sign, right)


def drill(rng: Random) -> str:
    """Many bare calculations, written as sums or as questions."""
    style = rng.randrange(4)
    rows = []
    for _ in range(rng.randint(4, 14)):
        step = sum_row(rng)
        said = _SAID[step.sign]
        if style == 0:
            rows.append(str(step))
        elif style == 1:
            rows.append(f"{step.left} {said} {step.right} is {step.result}.")
        else:
            asked = rng.choice(_ASKED).format(a=step.left, b=step.right, w=said)
            opening, middle = ("Question: ", "\nAnswer: ") if style == 2 else ("", " ")
            rows.append(f"{opening}{asked}{middle}{step.result}")
    return ("\n\n" if style == 2 else "\n" if style != 1 else " ").join(rows)
