"""Answers an instruction suite at one λ, through the instruct parent's chat template.

Every λ is asked in the same words, the base model's too: what differs is the model alone.
Not here: judging the answers (core/judges), and files.

    for batch in answer_items(engine, spec, suite, done=frozenset()):
        run.append(batch.records, batch.prompts)
"""

import time
from collections.abc import Iterator, Sequence

from core.canon import text_hash
from core.engine.protocol import Engine, Generation, Message, OnProgress, Prompt
from core.errors import TaskError
from core.evals.batch import BATCH_ITEMS, Batch, in_batches
from core.evals.requests import Renderer
from core.spec import RunSpec
from core.store.records import GenerationRecord
from core.tasks.instructions import Instruction, load_instructions
from core.tasks.suites import Suite

KEPT_PROMPTS = 4096
_rendered: dict[tuple[str, str | None, tuple[Message, ...]], Prompt] = {}


def answer_items(
    engine: Engine,
    spec: RunSpec,
    suite: Suite,
    done: frozenset[str] = frozenset(),
    on_progress: OnProgress | None = None,
    batch_items: int = BATCH_ITEMS,
) -> Iterator[Batch]:
    """Answer every instruction of the run that is not in `done`, batch by batch.

    Raises:
        TaskError: the suite is broken.  EngineError: as the engine raises it.
    """
    if spec.decoding is None:
        raise TaskError(f"The run of {spec.task.name} has no decoding. Use generation_spec.")
    items = load_instructions(suite)[: spec.task.limit]
    left = [item for item in items if item.id not in done]
    finished = len(items) - len(left)
    for part in in_batches(left, batch_items):
        prompts = [render(engine, spec, item) for item in part]
        progress = _shifted(on_progress, finished, len(items))
        started = time.monotonic()
        said = engine.generate(spec.pair.name, spec.lam, prompts, spec.decoding, progress)
        took = time.monotonic() - started
        yield _batch(suite.name, part, (prompts, said), took)
        finished += len(part)


def render(engine: Renderer, spec: RunSpec, item: Instruction) -> Prompt:
    """The very text that the item becomes; an item's own system message goes first.

    Rendered once in a process: the text depends on the instruct parent alone, and a sweep
    asks for it at every λ (a call to the host each, about 3 ms).
    """
    system = item.system or spec.prompt.system
    messages = (*([Message("system", system)] if system else []), Message("user", item.instruction))
    key = (spec.pair.instruct, spec.prompt.chat_template, messages)
    if key not in _rendered:
        if len(_rendered) >= KEPT_PROMPTS:
            _rendered.clear()
        _rendered[key] = engine.render_chat(spec.pair.name, messages)
    return _rendered[key]


def _batch(
    task: str,
    items: Sequence[Instruction],
    answered: tuple[Sequence[Prompt], Sequence[Generation]],
    seconds: float,
) -> Batch:
    """An answer's share of the batch's time is that of its tokens, read and written."""
    prompts, said = answered
    whole = max(1, sum(one.prompt_tokens + one.tokens for one in said))
    records = tuple(
        GenerationRecord(
            item=item.id,
            task=task,
            prompt=text_hash(prompt.text),
            output=one.text,
            tokens=one.tokens,
            prompt_tokens=one.prompt_tokens,
            finish=one.finish,
            cluster=item.cluster,
            seconds=round(seconds * (one.prompt_tokens + one.tokens) / whole, 6),
        )
        for item, prompt, one in zip(items, prompts, said, strict=True)
    )
    return Batch(records, {text_hash(prompt.text): prompt.text for prompt in prompts})


def _shifted(on_progress: OnProgress | None, before: int, total: int) -> OnProgress | None:
    if on_progress is None:
        return None
    report = on_progress  # narrowed for the closure
    return lambda done, _: report(before + done, total)
