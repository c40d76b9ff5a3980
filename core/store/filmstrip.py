"""What a filmstrip is: one prompt, several columns (a pair at a λ), and what each answered.

    asked = Asked("chat", (Message("user", "Name three rivers."),), columns, Decoding(80))
    asked.strip_id                                # the same question has the same id
    Filmstrip(asked, answers, prompts={"tinyworld": exact_text}, created=now())

Plain values and their JSON; the folder is `filmstrips.py`. Not a measured run: a run belongs to
a suite and is always materialised, a filmstrip is there to be read.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from core.canon import content_id, text_hash
from core.engine.protocol import Form, Message
from core.errors import InputError
from core.lam import Lam
from core.spec import Decoding, PairIdentity

Mode = Literal["chat", "completion", "few-shot"]
# "failed" has its reason in `Answer.problem`; "cancelled" was stopped by a person.
Ending = Literal["stop", "length", "cancelled", "failed"]
MOST_COLUMNS = 11
TITLE_CHARACTERS = 160
OWN = "own"  # the kind of a prompt that somebody wrote, not one of the presets


@dataclass(frozen=True, slots=True)
class Column:
    """Who answers: a pair at a λ."""

    pair: PairIdentity
    lam: Lam

    @property
    def name(self) -> str:
        """As the protocol names it: `tinyworld@0.7`. Unique within a filmstrip."""
        return f"{self.pair.name}@{self.lam}"


@dataclass(frozen=True, slots=True)
class Asked:
    """All that was decided before the first token, and so what the id is made of.

    `messages` is the whole conversation in mode "chat"; in the other modes one turn, whose
    content is the very text that is encoded.
    """

    mode: Mode
    messages: tuple[Message, ...]
    columns: tuple[Column, ...]
    decoding: Decoding

    def __post_init__(self) -> None:
        if not self.columns or len(self.columns) > MOST_COLUMNS:
            raise InputError(
                f"{len(self.columns)} columns cannot be compared. Choose 1 to {MOST_COLUMNS}."
            )
        names = [column.name for column in self.columns]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise InputError(f"{', '.join(twice)} is asked twice. Name every column once.")
        if not any(turn.content.strip() for turn in self.messages):
            raise InputError("The prompt is empty. Write something for the models to answer.")

    @property
    def strip_id(self) -> str:
        """Twenty hex digits over what was asked.

        The order of the columns does not count, nor do the names of pairs: their content does.
        """
        return content_id(_canonical(self))

    @property
    def text(self) -> str:
        """The last turn that a person wrote."""
        own = [turn.content for turn in self.messages if turn.role == "user"]
        return own[-1] if own else self.messages[-1].content

    @property
    def title(self) -> str:
        """The text on one line, shortened."""
        line = " ".join(self.text.split())
        return line if len(line) <= TITLE_CHARACTERS else f"{line[: TITLE_CHARACTERS - 1]}…"


@dataclass(frozen=True, slots=True)
class ColumnAnswer:
    """What one column said."""

    text: str
    tokens: int
    finish: Ending
    prompt_tokens: int | None = None  # None: the engine did not tell
    form: Form | None = None
    why: str = ""  # the engine's sentence on that form
    seconds: float | None = None
    problem: str | None = None  # of a failed one
    ids: tuple[int, ...] | None = None  # the very tokens; None where nobody told them
    cut: int = 0  # tokens of the prompt's beginning that the model's context had no room for

    @property
    def ended(self) -> bool:
        """True when the model or its limit ended it, and nobody and nothing else did."""
        return self.finish in ("stop", "length")

    @property
    def text_hash(self) -> str:
        """Sha256 of the text, by which a vote says what was read."""
        return text_hash(self.text)


@dataclass(frozen=True, slots=True)
class Filmstrip:
    """A question with one answer a column, in the columns' order."""

    asked: Asked
    answers: tuple[ColumnAnswer, ...]
    prompts: Mapping[str, str] = field(default_factory=dict)  # pair name → the exact text
    created: str = ""  # UTC
    kind: str = OWN  # the preset's group
    batch: str | None = None  # id of the batch that asked it
    environment: Mapping[str, Any] = field(default_factory=dict)  # as a run's env.json

    def __post_init__(self) -> None:
        if len(self.answers) != len(self.asked.columns):
            raise InputError(
                f"{len(self.answers)} answers do not fit {len(self.asked.columns)} columns. "
                "Give one answer a column."
            )

    @property
    def strip_id(self) -> str:
        """The question's id."""
        return self.asked.strip_id

    @property
    def complete(self) -> bool:
        """Every column has ended by itself."""
        return all(answer.ended for answer in self.answers)

    @property
    def said(self) -> frozenset[tuple[Column, str, Ending]]:
        """Who said what and how it ended, whatever the order of the columns."""
        columns = (replace(one, pair=replace(one.pair, name="")) for one in self.asked.columns)
        answers = ((answer.text, answer.finish) for answer in self.answers)
        return frozenset((one, *told) for one, told in zip(columns, answers, strict=True))

    @property
    def same_everywhere(self) -> bool:
        """Every column wrote the very same text."""
        return len({answer.text for answer in self.answers}) == 1

    def answer_of(self, column: str) -> ColumnAnswer | None:
        """The answer of `pair@λ`, or None when it is no column here."""
        for one, answer in zip(self.asked.columns, self.answers, strict=True):
            if one.name == column:
                return answer
        return None


@dataclass(frozen=True, slots=True)
class Head:
    """What a list of filmstrips shows, without their texts."""

    strip_id: str
    title: str
    kind: str
    mode: Mode
    columns: tuple[str, ...]
    created: str
    complete: bool
    differs: bool
    batch: str | None = None
    published: bool = False  # ships with the project; cannot be deleted

    @property
    def pairs(self) -> tuple[str, ...]:
        """Names of the pairs, each once."""
        return tuple(dict.fromkeys(name.rsplit("@", 1)[0] for name in self.columns))


def head_of(strip: Filmstrip) -> Head:
    """The line of a list that stands for this filmstrip."""
    return Head(
        strip_id=strip.strip_id,
        title=strip.asked.title,
        kind=strip.kind,
        mode=strip.asked.mode,
        columns=tuple(column.name for column in strip.asked.columns),
        created=strip.created,
        complete=strip.complete,
        differs=not strip.same_everywhere,
        batch=strip.batch,
    )


def asked_to_json(asked: Asked) -> dict[str, Any]:
    """Plain JSON values; λ as its exact decimal text."""
    content = asdict(asked)
    content["columns"] = [
        {"pair": asdict(column.pair), "lam": str(column.lam)} for column in asked.columns
    ]
    return content


def asked_from_json(content: Mapping[str, Any]) -> Asked:
    """The inverse of `asked_to_json`."""
    decoding = content["decoding"]
    return Asked(
        mode=content["mode"],
        messages=tuple(Message(**turn) for turn in content["messages"]),
        columns=tuple(
            Column(PairIdentity(**one["pair"]), Lam.parse(one["lam"])) for one in content["columns"]
        ),
        decoding=Decoding(**{**decoding, "stop": tuple(decoding["stop"])}),
    )


def strip_to_json(strip: Filmstrip) -> dict[str, Any]:
    """Everything but `asked`; an answer's fields that say nothing are left out."""
    return {
        "created": strip.created,
        "kind": strip.kind,
        "batch": strip.batch,
        "answers": [
            {name: value for name, value in asdict(answer).items() if value not in (None, "")}
            | {"text": answer.text}  # an empty one is an answer too
            for answer in strip.answers
        ],
        "prompts": dict(strip.prompts),
        "environment": dict(strip.environment),
    }


def strip_from_json(asked: Asked, content: Mapping[str, Any]) -> Filmstrip:
    """The inverse of `strip_to_json`."""
    answers = tuple(_answer_from_json(answer) for answer in content["answers"])
    return Filmstrip(asked, **{**content, "answers": answers})


def _answer_from_json(content: Mapping[str, Any]) -> ColumnAnswer:
    ids = content.get("ids")
    return ColumnAnswer(**{**content, "ids": None if ids is None else tuple(ids)})


def _canonical(asked: Asked) -> dict[str, Any]:
    content = asked_to_json(asked)
    columns = [
        [one["pair"]["base"], one["pair"]["instruct"], one["lam"]] for one in content["columns"]
    ]
    return {**content, "columns": sorted(columns)}
