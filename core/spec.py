"""What a run is, decided before it starts, and the id that follows from it.

A run is one (pair, λ, task, settings). Its id is the hash of everything here that could
change an answer, so one λ can never serve another and a finished run is never repeated.
Not here: devices and library versions, which are recorded beside the run (env.json) and
compared, but do not make it another run.
"""

from dataclasses import dataclass, is_dataclass
from typing import Any, Literal

from core.canon import content_id
from core.lam import Lam

RunKind = Literal["icl", "generations", "reasoning"]
PromptForm = Literal["completion", "chat", "chat-turns"]
Style = Literal["direct", "zero-shot-cot", "few-shot-cot"]
AnswerForm = Literal["text", "json"]  # what the prompt asks for
Pooling = Literal["greedy", "samples", "branches"]
Order = Literal["both", "official"]  # AlpacaEval draws one order from each instruction's text
SPEC_VERSION = 1


@dataclass(frozen=True, slots=True)
class PairIdentity:
    """Two parents by content: sha256 over weights, config and tokenizer files."""

    name: str
    base: str
    instruct: str


@dataclass(frozen=True, slots=True)
class TaskIdentity:
    """A task by name, version and the hash of its data; `limit` None means every item."""

    name: str
    version: str
    data_hash: str
    limit: int | None = None
    data: str | None = None  # a hub data set in words: "owner/name@commit", or that it is a copy


@dataclass(frozen=True, slots=True)
class PromptSettings:
    """How an item becomes a prompt."""

    form: PromptForm = "completion"
    shots: int = 0
    fewshot_seed: int = 1234
    chat_template: str | None = None  # sha256 of the template's text, None without a chat
    system: str | None = None
    sampler: str | None = None  # how examples are drawn, where that is not as the task file says


@dataclass(frozen=True, slots=True)
class Decoding:
    """How tokens are chosen. Decimals are strings, so that the id is exact."""

    max_new_tokens: int
    temperature: str = "0"  # "0" is greedy
    top_p: str = "1"
    stop: tuple[str, ...] = ()
    seed: int = 0

    @property
    def greedy(self) -> bool:
        """True when the most probable token is always taken."""
        return float(self.temperature) == 0.0


@dataclass(frozen=True, slots=True)
class Reasoning:
    """How a problem is put, and how many answers of which sort are taken."""

    style: Style
    answer: AnswerForm
    pooling: Pooling
    n: int  # answers of an item: samples, or branches of the first token
    wording: str  # sha256 of the instructions' text


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One (pair, λ, task, settings); measured runs are always materialised."""

    kind: RunKind
    pair: PairIdentity
    lam: Lam
    dtype: str
    task: TaskIdentity
    prompt: PromptSettings
    decoding: Decoding | None = None
    reasoning: Reasoning | None = None

    @property
    def run_id(self) -> str:
        """Twenty hex digits; the pair's display name does not count, its content does."""
        content = spec_to_json(self)
        del content["pair"]["name"]
        return content_id(content)


@dataclass(frozen=True, slots=True)
class JudgmentSpec:
    """One set of verdicts: the candidate's generations against the reference's."""

    candidate: str  # run id of the generations
    reference: str  # run id of the generations, or "file:" + sha256 of an outputs file
    judge: str
    judge_version: str
    prompt_hash: str | None = None  # None for a judge that reads no prompt
    order: Order = "both"  # which of the two is shown first

    @property
    def run_id(self) -> str:
        """Twenty hex digits over all fields."""
        return content_id(spec_to_json(self))


@dataclass(frozen=True, slots=True)
class ExtractionSpec:
    """One reading of a pool's texts for short answers."""

    pool: str  # run id of the pools
    extractor: str  # "rules", or the model that was asked
    version: str

    @property
    def run_id(self) -> str:
        """Twenty hex digits over all fields."""
        return content_id(spec_to_json(self))


@dataclass(frozen=True, slots=True)
class GradeSpec:
    """One grading of extracted answers."""

    extraction: str  # run id of the extraction
    grader: str  # "rules" or "math-verify"
    version: str
    targets: str  # hash of what the answers are compared with

    @property
    def run_id(self) -> str:
        """Twenty hex digits over all fields."""
        return content_id(spec_to_json(self))


AnySpec = RunSpec | JudgmentSpec | ExtractionSpec | GradeSpec


def spec_to_json(spec: AnySpec) -> dict[str, Any]:
    """Plain JSON values; λ as its exact decimal text."""
    content: dict[str, Any] = _plain(spec)
    content["spec_version"] = SPEC_VERSION
    if isinstance(spec, JudgmentSpec) and spec.order == "both":
        del content["order"]  # ids of sets that were made before there was a choice stay
    if isinstance(spec, RunSpec):
        content["lam"] = str(spec.lam)
        # Said only where there is something to say, so that the ids of earlier runs stay.
        for part, name in (("task", "data"), ("prompt", "sampler")):
            if content[part][name] is None:
                del content[part][name]
        if spec.reasoning is None:
            del content["reasoning"]
        if spec.decoding is not None:
            content["decoding"]["stop"] = list(spec.decoding.stop)
    return content


def _plain(value: Any) -> Any:
    """What `asdict` gives for a spec, which holds no containers but tuples of text; 5 times faster.

    Thousands of ids are made when a large results folder is first read.
    """
    if not is_dataclass(value):
        return value
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}


def run_spec_from_json(content: dict[str, Any]) -> RunSpec:
    """The inverse of `spec_to_json` for a run."""
    decoding, reasoning = content["decoding"], content.get("reasoning")
    return RunSpec(
        kind=content["kind"],
        pair=PairIdentity(**content["pair"]),
        lam=Lam.parse(content["lam"]),
        dtype=content["dtype"],
        task=TaskIdentity(**content["task"]),
        prompt=PromptSettings(**content["prompt"]),
        decoding=decoding and Decoding(**{**decoding, "stop": tuple(decoding["stop"])}),
        reasoning=reasoning and Reasoning(**reasoning),
    )
