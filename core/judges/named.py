"""Judges by the names that a person gives: which there are, who they are, how they are opened.

    verifier               the checks of the instructions themselves
    local:PAIR@λ           a pair of the registry at any λ (λ = 1 when none is named)
    local:/folder          a model of its own, from a folder or a hub id (org/model)
    reward:/folder         a sequence classifier with one output
    openai:MODEL           a server that speaks OpenAI's protocol
    longest, first         two that know nothing, as controls

Who a judge is is known from files alone, so what is judged already is found out without an
engine, a key or a network. Not here: judging.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from core.engine.protocol import Engine
from core.errors import JudgeError, NotKnown, PairError
from core.judges import nulls, verifier
from core.judges.local_model import LocalAsker, local_version
from core.judges.protocol import Asker, JudgeIdentity
from core.judges.reward import RewardAsker, reward_version
from core.judges.server import ServerAsker
from core.judges.server_settings import read_server_settings
from core.judges.spending import Spending, parse_limit
from core.judges.template import Template, read_template
from core.lam import INSTRUCT, Lam
from core.pairs.fingerprint import content_hash
from core.pairs.locate import locate
from core.pairs.preflight import check_pair
from core.pairs.registry import ALONE, find_model
from core.settings import Settings
from core.tasks.instructions import Instruction

Kind = Literal["verifier", "local", "reward", "openai", "longest", "first"]
WITH_TARGET = ("local", "reward", "openai")
KNOWN = "verifier, local:PAIR@λ, local:/folder, reward:/folder, openai:MODEL, longest or first"


@dataclass(frozen=True, slots=True)
class JudgeName:
    """A judge as a person names it."""

    kind: Kind
    target: str = ""

    @property
    def needs_engine(self) -> bool:
        """Whether the judge is a model that our engine holds."""
        return self.kind in ("local", "reward")

    @property
    def shown(self) -> str:
        """The name beside win rates: of a folder its last part, since places differ."""
        if self.kind not in WITH_TARGET:
            return self.kind
        target = self.target
        if self.kind in ("local", "reward") and Path(target).expanduser().is_absolute():
            target = Path(target).name
        elif self.kind == "local" and "/" not in target:
            target = "{}@{}".format(*_split(target))
        return f"{self.kind}:{target}"


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """What a person may set for judges that read a prompt or cost money."""

    template: Path | None = None
    spend: str | None = None  # dollars, of one run


@dataclass(frozen=True, slots=True)
class Opener:
    """What judges need to be opened; the engine is asked for only when a question is."""

    settings: Settings
    engine: Callable[[], Engine]
    options: JudgeOptions = JudgeOptions()


def parse_judge(text: str) -> JudgeName:
    """Read a judge's name.

    Raises:
        NotKnown: there is none of that name.  LambdaError: what stands behind @ is no λ.
    """
    kind, colon, target = text.partition(":")
    right = kind in get_args(Kind) and bool(colon and target) == (kind in WITH_TARGET)
    if not right or (colon and not target):
        raise NotKnown(f"There is no judge {text[:60]!r}. Use {KNOWN}.")
    name = JudgeName(cast(Kind, kind), target)
    if kind == "local" and "/" not in target:
        _split(target)
    return name


def judge_identity(
    name: JudgeName, items: tuple[Instruction, ...], settings: Settings, options: JudgeOptions
) -> JudgeIdentity:
    """Who the judge is, from files alone.

    Raises:
        JudgeError: its weights are not there, or no key.  NotKnown: no pair of that name.
    """
    if name.kind == "verifier":
        return verifier.identity(items)
    if name.kind in ("longest", "first"):
        return nulls.LongestAsker.identity if name.kind == "longest" else nulls.FirstAsker.identity
    return _asker(name, Opener(settings, _no_engine, options)).identity


def open_asker(name: JudgeName, opener: Opener) -> Asker:
    """The judge, ready to be asked. Cheap: weights are loaded with the first question.

    Raises:
        JudgeError: its weights are not there, no key, a bad template or limit.
    """
    if name.kind == "openai":
        read_server_settings().need_key()
    return _asker(name, opener)


def _asker(name: JudgeName, opener: Opener) -> Asker:
    if opener.options.spend is not None:
        parse_limit(opener.options.spend)
    if name.kind == "longest":
        return nulls.LongestAsker()
    if name.kind == "first":
        return nulls.FirstAsker()
    if name.kind == "reward":
        return _open_reward(name, opener)
    template = read_template(opener.options.template)
    return (_open_local if name.kind == "local" else _open_server)(name, opener, template)


def _open_local(name: JudgeName, opener: Opener, template: Template) -> Asker:
    model, lam = _model_of(name.target)
    try:
        report = check_pair(find_model(model, opener.settings), opener.settings)
    except PairError as error:
        raise JudgeError(f"The judge {name.shown} cannot be used. {error}") from error
    version = local_version(report.identity, lam)
    identity = JudgeIdentity(name.shown, version, template.prompt_hash)
    return LocalAsker(opener.engine, model, lam, template, identity)


def _open_server(name: JudgeName, opener: Opener, template: Template) -> Asker:
    settings = read_server_settings()
    spending = Spending(opener.options.spend, settings.prices)
    return ServerAsker(name.target, settings, template, spending)


def _open_reward(name: JudgeName, opener: Opener) -> Asker:
    place = str(Path(name.target).expanduser())
    try:
        content = content_hash(locate(place, None), opener.settings.state)
    except PairError as error:
        raise JudgeError(f"The judge {name.shown} cannot be used. {error}") from error
    identity = JudgeIdentity(name.shown, reward_version(content), order_free=True)
    return RewardAsker(opener.engine, place, identity)


def _model_of(target: str) -> tuple[str, Lam]:
    """The engine's name for the model, and its λ."""
    if "/" in target:
        return f"{ALONE}{Path(target).expanduser()}", INSTRUCT
    return _split(target)


def _split(target: str) -> tuple[str, Lam]:
    pair, at, lam = target.rpartition("@")
    return (pair, Lam.parse(lam)) if at else (target, INSTRUCT)


def _no_engine() -> Engine:
    raise AssertionError("who a judge is must be known without an engine")
