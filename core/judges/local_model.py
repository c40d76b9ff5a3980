"""A language model on this machine as a judge: one forward a question, no sampling.

The model is any pair@λ of the registry, or a folder of its own. Its chat template goes around
the prompt, and the probabilities of `m` and `M` right behind it are the verdict: exact over the
whole vocabulary, the same every time. A model without a chat template is asked in plain text.
A question that does not fit the model's context is missing, never cut.

    LocalAsker(lambda: engine, "tinyworld", INSTRUCT, read_template(), identity)
"""

from collections.abc import Callable, Sequence
from functools import partial

from core.canon import content_id
from core.engine.protocol import Engine, LoadedPair, Message, OptionChances, Prompt
from core.errors import JudgeError
from core.evals.batch import in_batches
from core.judges.letters import Reading, from_logprobs
from core.judges.protocol import JudgeIdentity, Keep, Question
from core.judges.template import FIRST, SECOND, Template
from core.lam import Lam
from core.spec import PairIdentity
from core.store.asked import AskedRecord
from core.store.environment import now

VERSION = "1"
BATCH_QUESTIONS = 64  # handed on, and kept, at a time


class LocalAsker:
    """Asks one model at one λ."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        model: str,
        lam: Lam,
        template: Template,
        identity: JudgeIdentity,
    ) -> None:
        self._open, self._model, self._lam, self._template = engine, model, lam, template
        self.identity = identity

    def ask(self, questions: Sequence[Question], keep: Keep) -> None:
        """See `Asker.ask`."""
        engine = self._open()
        loaded = engine.load(self._model)
        if local_version(loaded.identity, self._lam) != self.identity.version:
            raise JudgeError(
                f"The weights of {self.identity.name} changed while it was judging. "
                "Run it again: what it said before is kept under the former weights."
            )
        say = self._way(engine, loaded)
        for batch in in_batches(questions, BATCH_QUESTIONS):
            prompts = [say(self._messages(question)) for question in batch]
            found = engine.option_chances(self._model, self._lam, prompts, (FIRST, SECOND))
            pairs = zip(batch, found, strict=True)
            keep([self._answer(question, chances, loaded) for question, chances in pairs])

    def _messages(self, question: Question) -> tuple[Message, ...]:
        return self._template.messages(question.instruction, question.first, question.second)

    def _way(self, engine: Engine, loaded: LoadedPair) -> Callable[[Sequence[Message]], Prompt]:
        """How messages become the text that is read."""
        if loaded.chat_template is None:
            return lambda told: Prompt("\n\n".join(message.content for message in told))
        return partial(engine.render_chat, self._model)

    def _answer(
        self, question: Question, chances: OptionChances, loaded: LoadedPair
    ) -> AskedRecord:
        reading = _read(chances, loaded.context_length)
        return AskedRecord(
            item=question.item,
            candidate_first=question.candidate_first,
            content=question.content,
            shown=reading.shown,
            reason=reading.reason,
            mass=reading.mass,
            model=self.identity.name.removeprefix("local:"),
            at=now(),
            tokens_read=chances.prompt_tokens if chances.logprobs else 0,
        )


def local_version(identity: PairIdentity, lam: Lam) -> str:
    """Our code's version and the weights' content: other weights are another judge."""
    return f"{VERSION}-{model_content(identity, lam)}"


def _read(chances: OptionChances, longest: int) -> Reading:
    if chances.logprobs is None:
        return Reading(None, reason=f"longer than the judge's context of {longest:,} tokens")
    first, second = chances.logprobs
    return from_logprobs(first, second)


def model_content(identity: PairIdentity, lam: Lam) -> str:
    """The content of one model of a line; a parent has its own hash, whatever the pair."""
    if lam.is_base or identity.base == identity.instruct:
        return identity.base
    if lam.is_instruct:
        return identity.instruct
    return content_id([identity.base, identity.instruct, str(lam)])
