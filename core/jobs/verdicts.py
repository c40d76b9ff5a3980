"""The verdicts of a sweep's own judge, by the instructions' checks, as soon as they can be had.

They ask no engine: what is compared lies in the store. Not here: the checks themselves
(`core/judges/verifier.py`), and judges that a person names (`judge_stored.py`).
"""

from core.jobs.summaries import summarise_verdicts
from core.jobs.tally import Tally
from core.jobs.work import Work
from core.judges.protocol import Outputs
from core.judges.verifier import judge
from core.lam import Lam
from core.spec import JudgmentSpec
from core.store.environment import Environment
from core.store.records import GenerationRecord
from core.store.runs import RunStore
from core.store.sweeps import SweepReference


class Verdicts:
    """One pass over the sets of verdicts of a sweep."""

    def __init__(self, work: Work, store: RunStore, tally: Tally, environment: Environment) -> None:
        self._work, self._store, self._tally = work, store, tally
        self._environment = environment
        sources = [
            reference.source for reference in work.references() if work.texts(reference) is None
        ]
        self._waiting = {lam: (work.answers(lam).run_id, *sources) for lam in work.lams}

    def judge_ready(self) -> None:
        """Judge every λ whose answers, and those that they are compared with, are there."""
        for lam, runs in list(self._waiting.items()):
            if all(self._store.is_complete(run_id) for run_id in runs):
                del self._waiting[lam]
                for reference, spec in self._work.judgments(lam):
                    self._judge(lam, reference, spec)

    def _judge(self, lam: Lam, reference: SweepReference, spec: JudgmentSpec) -> None:
        if self._store.is_complete(spec.run_id):
            return
        with self._store.open(spec, self._environment) as run:
            if run.complete:
                return
            self._tally.enter("judging", f"λ = {lam}: verdicts against {reference.label}")
            against = self._reference_outputs(lam, reference)
            verdicts = judge(self._work.items, self._answers(spec.candidate), against)
            run.append(verdicts)
            run.finish(summarise_verdicts(spec, run.records))
            self._tally.judged += 1

    def _reference_outputs(self, lam: Lam, reference: SweepReference) -> Outputs | None:
        if reference.source == self._work.answers(lam).run_id:
            return None
        texts = self._work.texts(reference)
        return self._answers(reference.source) if texts is None else texts

    def _answers(self, run_id: str) -> dict[str, GenerationRecord]:
        records = self._store.records(run_id)
        return {one.item: one for one in records if isinstance(one, GenerationRecord)}
