"""What will be run, as specs with ids, before anything is computed.

Not here: the running (icl.py, generations.py). Reads task files, never a model and never
lm_eval, so that a plan and its ids cost milliseconds.
"""

from dataclasses import replace

from core.engine.protocol import LoadedPair
from core.errors import InputError, PairError
from core.lam import Lam
from core.spec import Decoding, PromptSettings, RunSpec, TaskIdentity
from core.tasks.data import find_data
from core.tasks.definition import read_definition, task_decoding, task_hash
from core.tasks.instructions import instruction_data, instructions_hash, load_instructions
from core.tasks.suites import Suite, SuiteTask


def icl_specs(
    suite: Suite, pair: LoadedPair, lam: Lam, limit: int | None = None
) -> tuple[RunSpec, ...]:
    """One run for each task of a few-shot suite, in the suite's order.

    Raises:
        TaskError: a task's files are broken.  InputError: the limit is below 1.
    """
    return tuple(icl_spec(task, pair, lam, limit) for task in suite.tasks)


def icl_spec(task: SuiteTask, pair: LoadedPair, lam: Lam, limit: int | None = None) -> RunSpec:
    """The run of one few-shot task; `limit` takes the first items."""
    return RunSpec(
        kind="icl",
        pair=pair.identity,
        lam=lam,
        dtype=pair.dtype,
        task=task_identity(task, limit),
        prompt=_prompt(task, pair),
        decoding=task_decoding(read_definition(task.definition, task.overrides)),
    )


def _prompt(task: SuiteTask, pair: LoadedPair) -> PromptSettings:
    plain = PromptSettings(shots=task.shots, fewshot_seed=task.fewshot_seed, sampler=task.sampler)
    if task.prompt == "plain":
        return plain
    if pair.chat_template is None:
        raise PairError(
            f"The pair {pair.identity.name} has no chat template, so {task.name} cannot be put as "
            f"{task.prompt}. Measure it as plain text, or choose another pair."
        )
    return replace(plain, form=task.prompt, chat_template=pair.chat_template)


def task_identity(task: SuiteTask, limit: int | None = None) -> TaskIdentity:
    """The task as its files and its data are now.

    Raises:
        TaskError: they are broken, or nobody knows the data's commit.
    """
    definition = read_definition(task.definition, task.overrides)
    data = find_data(definition, task.revision)
    content = None if data is None else data.identity()
    return TaskIdentity(
        name=task.name,
        version=task.version,
        data_hash=task_hash(definition, task.exemplars, content, cluster=task.cluster),
        limit=_limit(limit),
        data=None if data is None else data.in_words(),
    )


def generation_spec(suite: Suite, pair: LoadedPair, lam: Lam, limit: int | None = None) -> RunSpec:
    """The run that answers an instruction suite through the instruct parent's chat template.

    Raises:
        PairError: the pair has no chat template, or a context too short for the answers.
        TaskError: the suite has no instructions.
    """
    if pair.chat_template is None:
        raise PairError(
            f"The pair {pair.identity.name} has no chat template, so instructions cannot be "
            "put to it. Choose a pair whose instruct parent has one."
        )
    data = instruction_data(suite)
    if 0 < pair.context_length <= data.max_new_tokens:  # 0: not known before loading
        raise PairError(
            f"{suite.name} asks for answers of up to {data.max_new_tokens} tokens, and the pair "
            f"{pair.identity.name} has a context of {pair.context_length}. Choose a pair with a "
            "longer context, or another suite."
        )
    return RunSpec(
        kind="generations",
        pair=pair.identity,
        lam=lam,
        dtype=pair.dtype,
        task=TaskIdentity(
            name=suite.name,
            version=data.version,
            data_hash=instructions_hash(load_instructions(suite)),
            limit=_limit(limit),
        ),
        prompt=PromptSettings(form="chat", chat_template=pair.chat_template, system=data.system),
        decoding=Decoding(max_new_tokens=data.max_new_tokens),
    )


def _limit(limit: int | None) -> int | None:
    if limit is not None and limit < 1:
        raise InputError(f"A limit of {limit} items measures nothing. Give 1 or more, or none.")
    return limit
