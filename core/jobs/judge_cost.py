"""What a sweep's judges beside the checks will be asked: calls, tokens, and money where a price is.

    judge_estimates(work, Texts(store, settings, reader.count))

Of answers that are stored the questions are known and counted; of answers yet to be written only
their most: identical outputs are not asked about, and nobody knows which will be. Asks no judge
and needs no key. Not here: judging (`judge_stored.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.jobs.estimate import JudgeEstimate, Span
from core.jobs.prepare import judges_of
from core.jobs.work import Work
from core.judges.manner import LETTER_TOKENS, THINKING_TOKENS
from core.judges.named import JudgeName, judge_identity
from core.judges.pairwise import Forgetful, PairwiseJudge, instruction_text
from core.judges.protocol import JudgeIdentity, Keep, Outputs, Question
from core.judges.server_settings import read_server_settings
from core.judges.template import read_template
from core.lam import Lam
from core.settings import Settings
from core.spec import JudgmentSpec
from core.store.asked import known_answers
from core.store.records import GenerationRecord
from core.store.runs import RunStore
from core.store.sweeps import SweepReference

CountTokens = Callable[[Sequence[str]], list[int]]
NO_PRICE = "no price is known: set PARTWAY_JUDGE_PRICES, dollars a million tokens read and written"
NO_TOKENS = "it compares by itself: no tokens and no price"
HERE = "it runs on this machine, which has no price"
PRICED = (
    "at PARTWAY_JUDGE_PRICES; a model that thinks before it answers may write up to "
    f"{THINKING_TOKENS:,} tokens a question"
)


@dataclass(frozen=True, slots=True)
class Texts:
    """Where answers lie, and how their tokens are counted."""

    store: RunStore
    settings: Settings
    count: CountTokens


@dataclass(frozen=True, slots=True)
class _Ahead:
    """Questions of one or more sets."""

    low: int = 0
    high: int = 0
    stored: int = 0
    read_low: int = 0
    read_high: int = 0

    def __add__(self, other: "_Ahead") -> "_Ahead":
        return _Ahead(
            self.low + other.low,
            self.high + other.high,
            self.stored + other.stored,
            self.read_low + other.read_low,
            self.read_high + other.read_high,
        )


def check_judges_named(work: Work, settings: Settings) -> None:
    """Find out from files alone that a judge of the plan is not there.

    Raises:
        JudgeError: its weights or template are not there.
    """
    if work.plan.judges:
        plan = judges_of(work.plan)
        for name in plan.names:
            judge_identity(name, work.items, settings, plan.options)


def judge_estimates(work: Work, texts: Texts) -> tuple[JudgeEstimate, ...]:
    """One for every judge that the plan names beside the checks.

    Raises:
        JudgeError: a judge's weights or template are not there, or its prices are no numbers.
    """
    if not work.plan.judges:
        return ()
    named = [name for name in judges_of(work.plan).names if name.kind != "verifier"]
    return tuple(_Asking(work, texts, name).estimate() for name in named)


class _Asking:
    """One judge over every set of the plan."""

    def __init__(self, work: Work, texts: Texts, name: JudgeName) -> None:
        self._work, self._texts, self._name = work, texts, name
        plan = judges_of(work.plan)
        self._order = plan.order
        self._template = read_template(plan.options.template) if _reads(name) else None
        self._who = judge_identity(name, work.items, texts.settings, plan.options)
        self._judge = PairwiseJudge(_Silent(self._who), Forgetful(), plan.order)
        self._planned: set[str] = set()  # a question that two sets share is asked once

    def estimate(self) -> JudgeEstimate:
        pairs = [(lam, one) for lam in self._work.lams for one in self._work.references()]
        whole = sum((self._set(lam, reference) for lam, reference in pairs), _Ahead())
        read: Span | None = (whole.read_low, whole.read_high)
        written: Span | None = (whole.low, whole.high * self._longest())
        if self._name.kind != "openai":
            written = None
        if self._name.kind in ("longest", "first"):
            read = None
        dollars, why = self._money(read, written)
        calls = (whole.low, whole.high)
        return JudgeEstimate(self._who.name, calls, whole.stored, read, written, dollars, why)

    def _set(self, lam: Lam, reference: SweepReference) -> _Ahead:
        candidate = self._work.answers(lam).run_id
        if candidate == reference.source:
            return _Ahead()  # the reference itself: nothing is asked
        ours, theirs = self._outputs(candidate), self._reference(reference)
        if ours is None or theirs is None:
            return self._unknown(ours, theirs)
        who = self._who
        spec = JudgmentSpec(
            candidate, reference.source, who.name, who.version, who.prompt_hash, self._order
        )
        known = known_answers(self._texts.store, spec)
        asked = self._judge.every_question(self._work.items, ours, theirs)
        by_content = {question.content: question for question in asked}
        fresh = [q for c, q in by_content.items() if c not in known and c not in self._planned]
        self._planned |= {question.content for question in fresh}
        tokens = self._question_tokens(fresh)
        stored = sum(content in known for content in by_content)
        return _Ahead(len(fresh), len(fresh), stored, tokens, tokens)

    def _unknown(self, ours: Outputs | None, theirs: Outputs | None) -> _Ahead:
        """Answers that are yet to be written: at most every item in every order."""
        orders = 1 if self._who.order_free or self._order == "official" else 2
        items = self._work.items
        given = sum(self._texts.count([instruction_text(item) for item in items]))
        frame = sum(self._texts.count(self._told("", "", ""))) * len(items)
        answers = self._most(ours) + self._most(theirs)
        return _Ahead(high=orders * len(items), read_high=orders * (given + frame + answers))

    def _most(self, outputs: Outputs | None) -> int:
        """Tokens of one side's answers, at most."""
        if outputs is None:
            decoding = self._work.answers(self._work.lams[0]).spec.decoding
            assert decoding is not None  # `generation_spec` sets it
            return decoding.max_new_tokens * len(self._work.items)
        said = [
            one.output if isinstance(one, GenerationRecord) else one for one in outputs.values()
        ]
        return sum(self._texts.count(said))

    def _question_tokens(self, questions: Sequence[Question]) -> int:
        told = [text for q in questions for text in self._told(q.instruction, q.first, q.second)]
        return sum(self._texts.count(told))

    def _told(self, instruction: str, first: str, second: str) -> list[str]:
        """What the judge reads; one that scores texts reads the instruction with each."""
        if self._template is None:
            return [instruction, first, instruction, second]
        messages = self._template.messages(instruction, first, second)
        return [message.content for message in messages]

    def _outputs(self, run_id: str) -> Outputs | None:
        if not self._texts.store.is_complete(run_id):
            return None
        records = self._texts.store.records(run_id)
        return {one.item: one for one in records if isinstance(one, GenerationRecord)}

    def _reference(self, reference: SweepReference) -> Outputs | None:
        texts = self._work.texts(reference)
        return self._outputs(reference.source) if texts is None else texts

    def _longest(self) -> int:
        template = self._template
        return template.max_tokens if template and template.explains else LETTER_TOKENS

    def _money(self, read: Span | None, written: Span | None) -> tuple[Span | None, str]:
        if self._name.kind in ("longest", "first"):
            return None, NO_TOKENS
        if self._name.kind != "openai" or read is None or written is None:
            return None, HERE
        prices = read_server_settings().prices
        if prices is None:
            return None, NO_PRICE
        low, high = (prices.dollars(int(r), int(w)) for r, w in zip(read, written, strict=True))
        return (low, high), PRICED


class _Silent:
    """An asker that is never asked: its questions are only counted."""

    def __init__(self, identity: JudgeIdentity) -> None:
        self._identity = identity

    @property
    def identity(self) -> JudgeIdentity:
        return self._identity

    def ask(self, questions: Sequence[Question], keep: Keep) -> None:
        raise AssertionError("a plan asks no judge")


def _reads(name: JudgeName) -> bool:
    return name.kind in ("local", "openai")
