"""Whether a judge is one of the two that it judges, or of their pair: such a verdict is biased.

Told by content for models that we hold (weights, wherever they lie), by name for a model behind
a server (our own host calls a model `pair@λ`). Not refused: it is said beside every number.
"""

from collections.abc import Sequence

from core.judges.local_model import model_content
from core.spec import JudgmentSpec, RunSpec

LOCAL, SERVED = "local:", "openai:"


def judges_itself(spec: JudgmentSpec, models: Sequence[RunSpec]) -> str | None:
    """A sentence where the judge is one of the models, else None."""
    for model in models:
        name = f"{model.pair.name}@{model.lam}"
        by_content = spec.judge.startswith(LOCAL) and spec.judge_version.endswith(
            f"-{model_content(model.pair, model.lam)}"
        )
        by_name = spec.judge.removeprefix(SERVED) == name and spec.judge.startswith(SERVED)
        if by_content or by_name:
            return (
                f"The judge {spec.judge} is one of those it judges ({name}), and models favour "
                "their own answers. Read its win rates with another judge's beside them."
            )
    return None
