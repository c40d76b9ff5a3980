"""What a batch is asked to do: a list of prompts at several λ of one pair.

Its id follows from its content, so the same list started again goes on where it was. Not here:
running it (`batch.py`) and its job (`batches.py`).
"""

from dataclasses import asdict, dataclass
from typing import Any

from core.canon import content_id
from core.engine.protocol import Message
from core.errors import InputError
from core.lam import Lam
from core.spec import Decoding, PairIdentity
from core.store.filmstrip import MOST_COLUMNS, Asked, Column
from core.tasks.prompt_list import ListedPrompt


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Every prompt is asked at every λ, with the same decoding."""

    pair: str
    lams: tuple[Lam, ...]
    prompts: tuple[ListedPrompt, ...]
    decoding: Decoding

    def __post_init__(self) -> None:
        if not self.prompts:
            raise InputError("The list holds no prompt. Write one a line.")
        if not 1 <= len(self.lams) <= MOST_COLUMNS:
            raise InputError(
                f"{len(self.lams)} λ cannot be read beside each other. Choose 1 to {MOST_COLUMNS}."
            )

    @property
    def batch_id(self) -> str:
        """Twenty hex digits over everything."""
        return content_id(self.to_json())

    @property
    def grid(self) -> tuple[Lam, ...]:
        """Its λ, under the name that every job's plan has for them."""
        return self.lams

    @property
    def answers(self) -> int:
        """How many answers it asks for."""
        return len(self.prompts) * len(self.lams)

    def asked(self, at: int, pair: PairIdentity) -> Asked:
        """The filmstrip's question for one prompt, once the pair is known by content."""
        one = self.prompts[at]
        system = (Message("system", one.system),) if one.system and one.mode == "chat" else ()
        columns = tuple(Column(pair, lam) for lam in self.lams)
        return Asked(one.mode, (*system, Message("user", one.text)), columns, self.decoding)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; λ as decimal text."""
        return {
            "pair": self.pair,
            "lams": [str(lam) for lam in self.lams],
            "prompts": [asdict(prompt) for prompt in self.prompts],
            "decoding": {**asdict(self.decoding), "stop": list(self.decoding.stop)},
        }


def batch_plan_from_json(content: dict[str, Any]) -> BatchPlan:
    """The inverse of `BatchPlan.to_json`."""
    decoding = content["decoding"]
    return BatchPlan(
        pair=content["pair"],
        lams=tuple(Lam.parse(lam) for lam in content["lams"]),
        prompts=tuple(ListedPrompt(**prompt) for prompt in content["prompts"]),
        decoding=Decoding(**{**decoding, "stop": tuple(decoding["stop"])}),
    )
