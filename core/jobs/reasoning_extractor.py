"""Who finds the short answers: the rules, a pair at a λ, or a model behind a server.

    with stage_for("model:tinyworld@1", ("rules",), asking) as stage: …

A model's name is part of the extraction's id, so what one found is never taken for another's.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from core.engine.protocol import Engine, Message
from core.errors import InputError, JudgeError
from core.evals import extract_model
from core.evals.extract import EXTRACTOR
from core.evals.extract_model import AskTexts, by_model
from core.evals.reasoning_stages import Reader
from core.jobs.reasoning_grade import Stage, open_stage
from core.judges.server_settings import NO_KEY, read_server_settings
from core.lam import Lam
from core.settings import Settings
from core.spec import Decoding, RunSpec
from core.store.environment import Environment
from core.store.runs import RunStore

MODEL, SERVER = "model:", "server:"


@dataclass(frozen=True, slots=True)
class Asking:
    """What a stage needs to know of its surroundings; `engine` is called when it is needed."""

    settings: Settings
    store: RunStore
    environment: Environment
    engine: Callable[[], Engine] | None


@contextmanager
def stage_for(extractor: str, graders: Sequence[str], asking: Asking) -> Iterator[Stage]:
    """The stage with this extractor.

    Raises:
        InputError: no such extractor or grader.  JudgeError: a server has no key.
    """
    ask: AskTexts | None = None
    if extractor.startswith(MODEL):
        ask = _ask_model(extractor, asking)
    elif extractor.startswith(SERVER):
        ask = _ask_server(extractor.removeprefix(SERVER))
    elif extractor != EXTRACTOR:
        raise InputError(
            f"There is no extractor {extractor[:60]!r}. Give rules, model:PAIR@λ or server:MODEL."
        )
    with open_stage(asking.store, asking.environment, graders) as stage:
        if ask is None:
            yield stage
            return
        version = extract_model.VERSION
        yield replace(stage, extractor=extractor, extractor_version=version, reader=_reader_of(ask))


def _reader_of(ask: AskTexts) -> Callable[[RunSpec], Reader]:
    def reader(spec: RunSpec) -> Reader:
        return by_model(ask, spec.reasoning is not None and spec.reasoning.answer == "json")

    return reader


def _ask_model(extractor: str, asking: Asking) -> AskTexts:
    pair, at, lam_text = extractor.removeprefix(MODEL).rpartition("@")
    if not at or not pair or asking.engine is None:
        raise InputError(
            f"The extractor {extractor[:60]!r} names no pair at a λ. Give model:PAIR@λ."
        )
    lam, opened = Lam.parse(lam_text), asking.engine

    def ask(prompts: Sequence[str]) -> list[str]:
        engine = opened()
        engine.load(pair)
        rendered = [engine.render_chat(pair, [Message("user", text)]) for text in prompts]
        decoding = Decoding(extract_model.MOST_TOKENS)
        return [one.text for one in engine.generate(pair, lam, rendered, decoding)]

    return ask


def _ask_server(model: str) -> AskTexts:
    if not model:
        raise InputError("server: names no model. Give one such as server:Qwen/Qwen3-0.6B.")
    settings = read_server_settings()
    settings.need_key()

    def ask(prompts: Sequence[str]) -> list[str]:
        from openai import OpenAI, OpenAIError

        client = OpenAI(
            api_key=settings.key or NO_KEY, base_url=settings.url, timeout=settings.seconds
        )
        try:
            with client:
                return [_told(client, model, prompt) for prompt in prompts]
        except OpenAIError as error:
            raise JudgeError(
                f"The extractor {model} at {settings.host} does not answer "
                f"({type(error).__name__}). Check PARTWAY_JUDGE_URL and grade again: nothing is "
                "generated anew."
            ) from error

    return ask


def _told(client: "object", model: str, prompt: str) -> str:
    from openai import OpenAI

    assert isinstance(client, OpenAI)
    reply = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": prompt}],
        temperature=0,
        max_tokens=extract_model.MOST_TOKENS,
    )
    return reply.choices[0].message.content or "" if reply.choices else ""
