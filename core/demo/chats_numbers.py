"""Instructions with numbers: word problems step by step, bare calculations.

Also the same problem behind solved ones in a single message, which is how few-shot prompting
looks when it is sent to a chat model.
"""

from core.demo.chats_exchange import Draw, Exchange
from core.demo.documents_problems import SIGNS, Problem, formula_problem, problem, sum_row
from core.judges.checks_content import AnswerIs, Contains, OneOf
from core.judges.checks_shape import MaxWords, MinWords

_FORMULA_SIGNS = ("*+", "*-", "*+-", "*-+", "*++")
_STEPS = (
    "Think step by step.", "Let's think step by step.", "Solve this step by step.",
    "Show your steps.", "Explain each step.", 'End with "The answer is" and the number.',
)  # fmt: skip
_SAID = {"+": "plus", "-": "minus", "*": "times"}
_DIRECT = (
    "Only the number.", "Give only the number.", "Answer with the number only.",
    "Reply with just the number.", "No steps, only the final number.",
)  # fmt: skip


def any_problem(draw: Draw) -> Problem:
    """A word problem or a stated formula on the draw's side of the line."""
    if draw.chance(0.2):
        return formula_problem(draw.rng, draw.pick(_FORMULA_SIGNS), held=draw.held_out)
    aside = draw.chance(0.12)
    return problem(draw.rng, draw.pick(SIGNS), held=draw.held_out, aside=aside)


def step_by_step(draw: Draw) -> Exchange:
    """A word problem whose solution is shown; the last sentence gives the answer."""
    drawn = any_problem(draw)
    wish = draw.pick(_STEPS)
    text = drawn.question
    if draw.chance(0.75):
        text = f"{text} {wish}" if draw.chance(0.7) else f"{wish} {text}"
    checks = (AnswerIs(str(drawn.answer)), Contains("the answer is"), MinWords(10))
    return Exchange("step by step", str(len(drawn.signs)), text, drawn.solution, checks)


def direct_answer(draw: Draw) -> Exchange:
    """A bare calculation answered by the number alone."""
    step, wish = sum_row(draw.rng, held=draw.held_out), draw.pick(_DIRECT)
    asks = draw.pick(("What is {} {} {}?", "How much is {} {} {}?", "Work out {} {} {}."))
    question, answer = asks.format(step.left, _SAID[step.sign], step.right), str(step.result)
    return Exchange("number only", "direct", f"{question} {wish}", answer,
                    (OneOf((answer,)), MaxWords(1)))  # fmt: skip


def said_sum(draw: Draw) -> Exchange:
    """A bare calculation answered in a sentence."""
    step = sum_row(draw.rng, held=draw.held_out)
    said = f"{step.left} {_SAID[step.sign]} {step.right}"
    text = draw.pick(("What is {}?", "How much is {}?", "Can you work out {}?")).format(said)
    checks = (AnswerIs(str(step.result)), MaxWords(8))
    return Exchange("sum", "sentence", text, f"{said} is {step.result}.", checks)


_SHOTS = (
    ("Question: ", "\nAnswer: "), ("Question: ", "\nAnswer: "), ("Problem: ", "\nSolution: "),
    ("Q: ", "\nA: "),
)  # fmt: skip


def few_shot_steps(draw: Draw) -> Exchange:
    """Up to four solved problems and one to solve, all in one message."""
    asks, answers = draw.pick(_SHOTS)
    solved = [any_problem(draw) for _ in range(draw.pick((0, 1, 2, 2, 3, 4)))]
    asked = any_problem(draw)
    bare = bool(solved) and draw.chance(0.3)
    parts = [f"{asks}{p.question}{answers}{p.answer if bare else p.solution}" for p in solved]
    text = "\n\n".join([*parts, f"{asks}{asked.question}{answers.rstrip()}"])
    answer = str(asked.answer) if bare else asked.solution
    return Exchange("few-shot steps", "bare" if bare else "steps", text, answer,
                    (AnswerIs(str(asked.answer)),))  # fmt: skip
