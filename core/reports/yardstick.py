"""What numbers were measured with: what has to be equal for them to stand on one line.

    differences(made(store, here), made(store, there))

Names what differs, on which side it matters, and in which tasks. Not here: what a page does
about it (`measurements.py` within a pair, `overlaid.py` across pairs).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.reports.joined import ByLam, Joined
from core.spec import Decoding, RunSpec
from core.store.environment import comparable
from core.store.runs import RunStore, Stored

Settings = tuple[tuple[str, str], ...]
_SHORT = 8  # hex digits of a hash that a person can hold against another
_CHECKS = "verifier"  # a judge that only computes: the machine does not matter to it
TASKS = "tasks"


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting that is not the same; `tasks` where it is not the same in all of them."""

    name: str
    here: str
    there: str
    tasks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """In words: "shots: 5 here, 0 there"."""
        where = f" (in {', '.join(self.tasks)})" if self.tasks else ""
        return f"{self.name}: {self.here} here, {self.there} there{where}"


@dataclass(frozen=True, slots=True)
class Made:
    """How a line over λ was measured; an empty part was not measured."""

    few_shot: tuple[tuple[str, Settings], ...] = ()  # by task
    following: Settings = ()
    judging: Settings = ()
    reference: Settings = ()
    surroundings: Settings = ()
    template: Settings = ()  # of the chat: a pair's own, so another pair's may be another


@dataclass(frozen=True, slots=True)
class Differences:
    """What is not the same, by what it makes incomparable."""

    few_shot: tuple[Difference, ...] = ()
    following: tuple[Difference, ...] = ()
    judging: tuple[Difference, ...] = ()
    reference: tuple[Difference, ...] = ()
    surroundings: tuple[Difference, ...] = ()
    template: tuple[Difference, ...] = ()

    @property
    def asked(self) -> tuple[Difference, ...]:
        """What was asked or counted otherwise, so that numbers mean something else."""
        following = (*self.following, *self.template, *self.judging, *self.reference)
        return (*self.few_shot, *following)

    @property
    def all(self) -> tuple[Difference, ...]:
        """Every difference, each setting once, what was asked first."""
        return tuple({one.text: one for one in (*self.asked, *self.surroundings)}.values())


def made(store: RunStore, joined: Joined) -> Made:
    """Read from the specs and surroundings of the line's own runs."""
    tasks = zip(joined.sweep.tasks, joined.tasks, strict=True)
    answers = next(iter(joined.generations.values()), None)
    return Made(
        few_shot=tuple(
            (line.task, _few_shot(next(iter(by_lam.values())), line.metric))
            for line, by_lam in tasks
            if by_lam
        ),
        following=() if answers is None else _following(answers),
        judging=_judging(joined),
        reference=(("reference", _source(joined)),),
        surroundings=(("number format", joined.sweep.dtype), *surroundings(store, joined)),
        template=_template(answers),
    )


def differences(here: Made, there: Made) -> Differences:
    """What of `there` is not as it is `here`."""
    return Differences(
        few_shot=_by_task(dict(here.few_shot), dict(there.few_shot)),
        following=_unequal(here.following, there.following),
        judging=_unequal(here.judging, there.judging),
        reference=_unequal(here.reference, there.reference),
        surroundings=_unequal(here.surroundings, there.surroundings),
        template=_unequal(here.template, there.template),
    )


def common_tasks(here: Made, there: Made) -> tuple[str, ...]:
    """The few-shot tasks that both measured in the same way."""
    other = dict(there.few_shot)
    return tuple(task for task, settings in here.few_shot if other.get(task) == settings)


def surroundings(store: RunStore, joined: Joined, lam: str | None = None) -> Settings:
    """Device, platform and versions of all the line's runs, or of those at one λ.

    Several values of one name are all told: a λ may have been measured in two goes.
    """
    found: dict[str, dict[str, None]] = {}
    for run in _runs(joined, lam):
        for name, value in comparable(store.environment_of(run)).items():
            found.setdefault(name, {})[value] = None
    return tuple((name, " and ".join(sorted(values))) for name, values in sorted(found.items()))


def _runs(joined: Joined, lam: str | None) -> Iterable[Stored]:
    groups: list[ByLam] = [*joined.tasks, joined.generations]
    if joined.sweep.judge != _CHECKS:
        groups.append(joined.judgments)
    for by_lam in groups:
        yield from by_lam.values() if lam is None else (r for k, r in by_lam.items() if k == lam)


def _few_shot(run: Stored, metric: str) -> Settings:
    spec = run.spec
    assert isinstance(spec, RunSpec)
    return (
        *_task(spec),
        ("shots", str(spec.prompt.shots)),
        *_prompt(spec),
        ("chat template", _hash(spec.prompt.chat_template)),
        ("example seed", str(spec.prompt.fewshot_seed)),
        ("example sampler", spec.prompt.sampler or "as the task says"),
        ("decoding", _decoding(spec.decoding)),
        ("metric", metric),
    )


def _following(run: Stored) -> Settings:
    spec = run.spec
    assert isinstance(spec, RunSpec)
    settings = (
        ("set", spec.task.name),
        *_task(spec),
        *_prompt(spec),
        ("decoding", _decoding(spec.decoding)),
    )
    return tuple((f"instructions' {name}", value) for name, value in settings)


def _task(spec: RunSpec) -> Settings:
    limit = spec.task.limit
    return (
        ("data", _hash(spec.task.data_hash)),
        ("version", spec.task.version),
        ("items", "all" if limit is None else f"the first {limit}"),
    )


def _prompt(spec: RunSpec) -> Settings:
    return (("prompt", spec.prompt.form), ("system prompt", _hash(spec.prompt.system)))


def _judging(joined: Joined) -> Settings:
    prompt, order = joined.manner
    return (
        ("judge", joined.sweep.judge),
        ("judge version", joined.sweep.judge_version),
        ("judge's prompt", _hash(prompt)),
        ("order shown", order),
    )


def _source(joined: Joined) -> str:
    """A file by its hash; answers of a λ of the pair itself by that λ."""
    if joined.source.startswith("file:"):
        return f"outputs file {_hash(joined.source.removeprefix('file:'))}"
    if joined.reference_name.startswith("lam:"):
        return f"its own λ={joined.reference_name.removeprefix('lam:')}"
    return f"{joined.reference.label} {_hash(joined.source)}"


def _template(run: Stored | None) -> Settings:
    if run is None or not isinstance(run.spec, RunSpec):
        return ()
    return (("chat template", _hash(run.spec.prompt.chat_template)),)


def _decoding(decoding: Decoding | None) -> str:
    if decoding is None:
        return "none"
    how = "greedy" if decoding.greedy else f"T {decoding.temperature}, top-p {decoding.top_p}"
    seed = "" if decoding.greedy else f", seed {decoding.seed}"
    stop = f", stop {list(decoding.stop)}" if decoding.stop else ""
    return f"{how}, at most {decoding.max_new_tokens} tokens{seed}{stop}"


def _hash(text: str | None) -> str:
    return "none" if text is None else text[:_SHORT]


def _unequal(here: Settings, there: Settings) -> tuple[Difference, ...]:
    """Nothing is said of a part that one of them has not measured."""
    if not here or not there:
        return ()
    other = dict(there)
    named = dict(here) | {name: "unknown" for name in other if name not in dict(here)}
    return tuple(
        Difference(name, value, other.get(name, "unknown"))
        for name, value in named.items()
        if other.get(name, "unknown") != value
    )


def _by_task(here: Mapping[str, Settings], there: Mapping[str, Settings]) -> tuple[Difference, ...]:
    both = [task for task in here if task in there]
    found: dict[Difference, list[str]] = {}
    for task in both:
        for one in _unequal(here[task], there[task]):
            found.setdefault(one, []).append(task)
    told = [
        Difference(one.name, one.here, one.there, () if len(at) == len(both) else tuple(at))
        for one, at in found.items()
    ]
    if here and there and set(here) != set(there):
        shared = f"{len(both)} of them here too"
        told.insert(0, Difference(TASKS, str(len(here)), f"{len(there)}, {shared}"))
    return tuple(told)
