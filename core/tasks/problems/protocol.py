"""Protocols as data: which sampler and prompt each model between base and instruct gets.

    read_protocol("published").arms_at(Lam(0))       the base's arm
    read_protocol("symmetric").arms_at(Lam(500))     the one arm of all

Read from `core/tasks/protocols/NAME.toml`, or from your own PARTWAY_TASKS/protocols. Not here:
running them (`core/jobs`).
"""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from core.canon import safe_name
from core.errors import InputError, NotKnown, TaskError
from core.lam import BASE, INSTRUCT, Lam
from core.settings import Settings, read_settings
from core.spec import AnswerForm, Pooling

FOLDER = Path(__file__).resolve().parent.parent / "protocols"
Where = Literal["base", "instruct", "all"]
ArmForm = Literal["completion", "chat"]
MOST_ANSWERS = 1000


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of asking: prompt, sampler, and how many answers."""

    name: str
    where: Where
    form: ArmForm
    answer: AnswerForm
    pooling: Pooling
    n: int
    temperature: str
    max_new_tokens: int

    def with_sizes(self, n: int | None, max_new_tokens: int | None) -> "Arm":
        """The same arm with fewer or more answers, or shorter ones.

        Raises:
            InputError: there would be no answer.
        """
        if n is not None and not 1 <= n <= MOST_ANSWERS:
            raise InputError(
                f"n = {n} answers of an item cannot be taken. Give 1 to {MOST_ANSWERS}."
            )
        if max_new_tokens is not None and max_new_tokens < 1:
            raise InputError(f"Answers of {max_new_tokens} tokens say nothing. Give 1 or more.")
        count = 1 if self.pooling == "greedy" else (n or self.n)
        return replace(self, n=count, max_new_tokens=max_new_tokens or self.max_new_tokens)


@dataclass(frozen=True, slots=True)
class ReasoningProtocol:
    """Named arms."""

    name: str
    title: str
    description: str
    source: str
    arms: tuple[Arm, ...]

    def arms_at(self, lam: Lam) -> tuple[Arm, ...]:
        """The arms of this λ; between the parents those of both, since nobody has chosen."""
        sides = set()
        if lam < INSTRUCT:
            sides.add("base")
        if lam > BASE:
            sides.add("instruct")
        return tuple(arm for arm in self.arms if arm.where == "all" or arm.where in sides)


def list_protocols(settings: Settings | None = None) -> tuple[str, ...]:
    """Every protocol's name, in alphabetical order."""
    return tuple(sorted({path.stem for root in _roots(settings) for path in root.glob("*.toml")}))


def read_protocol(name: str, settings: Settings | None = None) -> ReasoningProtocol:
    """Read one protocol.

    Raises:
        NotKnown: there is none of that name.  TaskError: its file is broken.
    """
    file = f"{safe_name(name, 'protocol')}.toml"
    path = next((root / file for root in _roots(settings) if (root / file).is_file()), None)
    if path is None:
        known = ", ".join(list_protocols(settings))
        raise NotKnown(f"No protocol is called {name!r}. Known are: {known}.")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        arms = tuple(_arm(arm) for arm in content["arms"])
        if content["name"] != path.stem or not arms:
            raise ValueError("it has no arms, or another name than its file")
        texts = (content["title"], content["description"], content["source"])
        return ReasoningProtocol(content["name"], *texts, arms)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, InputError) as error:
        raise TaskError(
            f"The protocol file {path} is broken ({type(error).__name__}: {error}). "
            "Compare it with core/tasks/protocols/symmetric.toml."
        ) from error


def _roots(settings: Settings | None) -> tuple[Path, ...]:
    own = (settings or read_settings()).tasks
    return (FOLDER,) if own is None else (FOLDER, own / "protocols")


def _arm(content: dict[str, Any]) -> Arm:
    arm = Arm(**content)
    chosen = {arm.where: Where, arm.form: ArmForm, arm.answer: AnswerForm, arm.pooling: Pooling}
    for value, choices in chosen.items():
        if value not in get_args(choices):
            raise ValueError(f"{value!r} is not one of {', '.join(get_args(choices))}")
    float(arm.temperature)
    if arm.pooling == "samples" and float(arm.temperature) == 0:
        raise ValueError("samples at temperature 0 are all the same: take pooling = 'greedy'")
    return arm.with_sizes(arm.n, arm.max_new_tokens)
