"""Asks the problems of a benchmark at one λ: prompts, the run's spec, pools of answers.

    asked = ask(engine, pair, loaded, Way("zero-shot-cot", "text"), "completion")
    spec = reasoning_spec(pair, lam, asked, arm)
    for batch in pool_items(engine, spec, asked): run.append(batch.records, batch.prompts)

Not here: finding the answers in the texts (`extract.py`), grading them (`rules.py`,
`math_check.py`), files.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.canon import text_hash
from core.engine.pool import Pool, PoolRequest
from core.engine.protocol import Engine, LoadedPair, Message, OnProgress, Prompt
from core.errors import ContextOverflow, PairError, TaskError
from core.evals.batch import Batch
from core.lam import Lam
from core.spec import Decoding, PromptSettings, Reasoning, RunSpec
from core.store.reasoning import PoolRecord, pack_margins, pack_widths
from core.tasks.problems.load import Loaded
from core.tasks.problems.problem import Problem
from core.tasks.problems.prompting import WORDING, Way, messages, plain
from core.tasks.problems.protocol import Arm, ArmForm

ROWS_A_FLUSH = 256  # answers; at most so many (or one item's) are written twice
SPARE_TOKENS = 8  # special tokens that an encoding may add to a prompt
LOGPROB_DECIMALS = 5
SEED = 0


@dataclass(frozen=True, slots=True)
class AskedProblems:
    """The problems of a run with their prompts, and how long the longest of these is."""

    loaded: Loaded
    way: Way
    form: ArmForm
    limit: int | None
    problems: tuple[Problem, ...]
    prompts: tuple[Prompt, ...]
    longest_prompt: int  # tokens


def ask(
    engine: Engine, pair: LoadedPair, loaded: Loaded, way: Way, form: ArmForm, limit: int | None
) -> AskedProblems:
    """Put every problem into its prompt; the same for every λ.

    Raises:
        PairError: a chat is wanted and the pair has no template.  TaskError: no examples.
    """
    if form == "chat" and pair.chat_template is None:
        raise PairError(
            f"The pair {pair.identity.name} has no chat template, so {loaded.name} cannot be put "
            "as a chat. Choose a protocol whose form is completion, such as symmetric."
        )
    problems = loaded.problems[:limit]
    few_shot = way.style == "few-shot-cot"
    prompts = tuple(
        _prompt(engine, pair, one, way, loaded.examples_for(one) if few_shot else (), form)
        for one in problems
    )
    counts = engine.count_tokens(pair.identity.name, [prompt.text for prompt in prompts])
    longest = max(counts) + SPARE_TOKENS
    return AskedProblems(loaded, way, form, limit, problems, prompts, longest)


def _prompt(
    engine: Engine,
    pair: LoadedPair,
    problem: Problem,
    way: Way,
    examples: Sequence[Problem],
    form: ArmForm,
) -> Prompt:
    if form == "completion":
        return Prompt(plain(problem, way, examples))
    turns = messages(problem, way, examples)
    said = [Message("user" if one.role == "user" else "assistant", one.content) for one in turns]
    return engine.render_chat(pair.identity.name, said)


def token_limit(asked: AskedProblems, arm: Arm, pair: LoadedPair) -> tuple[int, str | None]:
    """How long answers may be, and a sentence where that is less than the protocol's limit.

    Raises:
        ContextOverflow: the longest prompt leaves no room for an answer.
    """
    room = pair.context_length - asked.longest_prompt
    if room < 1:
        raise ContextOverflow(
            f"The longest prompt of {asked.loaded.name} has {asked.longest_prompt} tokens and the "
            f"model's context is {pair.context_length}. Choose another style, or another pair."
        )
    own = asked.loaded.benchmark.max_new_tokens or arm.max_new_tokens
    limit = min(arm.max_new_tokens, own, room)
    if limit == arm.max_new_tokens:
        return limit, None
    why = (
        f"the benchmark's own limit is {own:,}"
        if limit == own
        else f"the context of {pair.context_length:,} holds a prompt of {asked.longest_prompt:,}"
    )
    return limit, f"Answers end after {limit:,} tokens, not {arm.max_new_tokens:,}: {why}."


def reasoning_spec(pair: LoadedPair, lam: Lam, asked: AskedProblems, arm: Arm) -> RunSpec:
    """What is run, decided before it is."""
    chat = asked.form == "chat"
    limit, _ = token_limit(asked, arm, pair)
    shots = 0
    if asked.way.style == "few-shot-cot" and asked.loaded.benchmark.examples is not None:
        shots = asked.loaded.benchmark.examples.count
    return RunSpec(
        kind="reasoning",
        pair=pair.identity,
        lam=lam,
        dtype=pair.dtype,
        task=asked.loaded.identity(asked.way.style == "few-shot-cot", asked.limit),
        prompt=PromptSettings(
            form=asked.form, shots=shots, chat_template=pair.chat_template if chat else None
        ),
        decoding=Decoding(
            max_new_tokens=limit,
            temperature=arm.temperature,
            stop=() if chat else asked.loaded.benchmark.stop,
            seed=SEED,
        ),
        reasoning=Reasoning(asked.way.style, asked.way.answer, arm.pooling, arm.n, WORDING),
    )


def pool_items(
    engine: Engine,
    spec: RunSpec,
    asked: AskedProblems,
    done: frozenset[str] = frozenset(),
    on_progress: OnProgress | None = None,
) -> Iterator[Batch]:
    """Answer every problem that is not in `done`; `on_progress` counts items.

    Raises:
        TaskError: the spec is of another kind.  EngineError: as the engine raises it.
    """
    if spec.reasoning is None or spec.decoding is None:
        raise TaskError(f"The run of {spec.task.name} is none of reasoning. Use reasoning_spec.")
    both = zip(asked.problems, asked.prompts, strict=True)
    left = [(problem, prompt) for problem, prompt in both if problem.id not in done]
    finished, n = len(asked.problems) - len(left), spec.reasoning.n
    size = max(1, ROWS_A_FLUSH // n)
    for start in range(0, len(left), size):
        part = left[start : start + size]
        wanted = [_request(spec, spec.reasoning, problem, prompt) for problem, prompt in part]
        began = time.monotonic()
        report = _items(on_progress, finished, len(asked.problems), n)
        pools = engine.pools(spec.pair.name, spec.lam, wanted, spec.decoding, report)
        seconds = time.monotonic() - began
        yield _batch(spec.task.name, part, pools, seconds)
        finished += len(part)


def sample_seed(seed: int, item: str, number: int) -> int:
    """The seed of one sample: its own, whatever else is asked for, and the same after a restart."""
    digest = hashlib.sha256(f"{seed}\x00{item}\x00{number}".encode()).digest()
    return int.from_bytes(digest[:6], "big")


def _request(spec: RunSpec, reasoning: Reasoning, problem: Problem, prompt: Prompt) -> PoolRequest:
    assert spec.decoding is not None
    if reasoning.pooling == "branches":
        return PoolRequest(prompt, branches=reasoning.n)
    numbers = range(reasoning.n)
    seeds = tuple(sample_seed(spec.decoding.seed, problem.id, at) for at in numbers)
    return PoolRequest(prompt, seeds)


def _batch(
    task: str, part: Sequence[tuple[Problem, Prompt]], pools: Sequence[Pool], seconds: float
) -> Batch:
    total = sum(answer.tokens for pool in pools for answer in pool.answers) or 1
    records = tuple(
        _record(task, problem, prompt, pool, seconds / total)
        for (problem, prompt), pool in zip(part, pools, strict=True)
    )
    return Batch(records, {text_hash(prompt.text): prompt.text for _, prompt in part})


def _record(
    task: str, problem: Problem, prompt: Prompt, pool: Pool, seconds_a_token: float
) -> PoolRecord:
    traces = [answer.trace for answer in pool.answers if answer.trace is not None]
    tokens = tuple(answer.tokens for answer in pool.answers)
    return PoolRecord(
        item=problem.id,
        task=task,
        prompt=text_hash(prompt.text),
        prompt_tokens=pool.prompt_tokens,
        outputs=tuple(answer.text for answer in pool.answers),
        tokens=tokens,
        finishes=tuple(answer.finish for answer in pool.answers),
        cluster=problem.family,
        category=problem.category,
        cut=pool.cut,
        firsts=tuple(trace.first for trace in traces),
        first_logprobs=tuple(round(trace.first_logprob, LOGPROB_DECIMALS) for trace in traces),
        margins=tuple(pack_margins(trace.margins) for trace in traces),
        widths=tuple(pack_widths(trace.widths) for trace in traces),
        seconds=round(seconds_a_token * sum(tokens), 4),
    )


def _items(report: OnProgress | None, before: int, total: int, n: int) -> OnProgress | None:
    """The engine counts answers; a person is told items."""
    return report and (lambda done, _: report(before + done // n, total))
