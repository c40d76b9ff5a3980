"""lm-eval's model interface over an engine, at any λ of any pair.

    from lm_eval import simple_evaluate
    simple_evaluate(model=PartwayLM("tinyworld", Lam.parse("0.65"), engine), tasks=["hellaswag"])

    python -m core.evals.harness run --model partway --model_args pair=tinyworld,lam=0.65 --tasks …

What lm-eval prints is then what its own HF backend would print on a checkpoint of that λ
(tests/evals/test_against_hf.py), sooner. Importing this module imports lm_eval and registers
the name `partway`; nothing that a page imports may import it. Not here: Partway's own loop,
which keeps every item (icl.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lm_eval.api.model import LM
from lm_eval.api.registry import register_model

from core.engine.opening import open_engine
from core.engine.protocol import Engine
from core.errors import InputError, TaskError
from core.evals.requests import generate_requests, render_history, score_requests
from core.lam import INSTRUCT, Lam
from core.settings import read_settings
from core.spec import Decoding
from core.tasks.definition import LMEVAL_MAX_GEN_TOKENS

LONGEST_NAMES = ("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens")
SAMPLING = ("do_sample", "temperature", "top_p", "seed")


@register_model("partway")
class PartwayLM(LM):  # type: ignore[misc]  # lm-eval has no types
    """One pair at one λ, as lm-eval sees a model.

    `engine` is an engine, or the name of one: `host` (started when none runs) or `inprocess`.
    lm-eval's command line also gives `batch_size`, `max_batch_size` and `device`: they are
    accepted and not read, because the engine builds batches by tokens on the device it has.
    """

    def __init__(
        self,
        pair: str,
        lam: Lam | str | float = INSTRUCT,
        engine: Engine | str = "host",
        **unread: Any,
    ) -> None:
        super().__init__()
        if strange := sorted(set(unread) - {"batch_size", "max_batch_size", "device"}):
            raise InputError(
                f"The model partway knows no {', '.join(strange)}. Give pair, lam and engine."
            )
        self.pair, self.lam = str(pair), lam if isinstance(lam, Lam) else Lam.parse(lam)
        self.engine = open_engine(engine, read_settings()) if isinstance(engine, str) else engine
        self.loaded = self.engine.load(self.pair)

    def loglikelihood(
        self, requests: Sequence[Any], disable_tqdm: bool = False
    ) -> list[tuple[float, bool]]:
        """Log-likelihood of a continuation, and whether it is the greedy one."""
        scores = score_requests(self.engine, self.pair, self.lam, requests)
        return [(score.logprob, score.greedy) for score in scores]

    def loglikelihood_rolling(
        self, requests: Sequence[Any], disable_tqdm: bool = False
    ) -> list[float]:
        """Log-likelihood of whole texts."""
        texts = [request.args[0] for request in requests]
        return [one.logprob for one in self.engine.score_rolling(self.pair, self.lam, texts)]

    def generate_until(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[str]:
        """Answers, up to the first stop text or the end of the text."""
        alike: dict[Decoding, list[int]] = {}
        for place, request in enumerate(requests):
            alike.setdefault(decoding_of(request.args[1]), []).append(place)
        found = [""] * len(requests)
        for decoding, places in alike.items():
            asked = [requests[place] for place in places]
            said = generate_requests(self.engine, self.pair, self.lam, asked, decoding)
            for place, answer in zip(places, said, strict=True):
                found[place] = answer.text
        return found

    def apply_chat_template(
        self, chat_history: Sequence[Mapping[str, str]], add_generation_prompt: bool = True
    ) -> str:
        """The instruct parent's template; without a system message where it allows none."""
        return render_history(self.engine, self.pair, chat_history, add_generation_prompt)

    def chat_template(self, chat_template: bool | str = False) -> str | None:
        """What lm-eval notes down of the template: its hash, which says which one it was."""
        known = self.loaded.chat_template
        return f"sha256 {known}" if chat_template and known else None

    @property
    def tokenizer_name(self) -> str:
        """Part of lm-eval's key for built prompts: pair and template decide them."""
        identity = self.loaded.identity
        return f"partway-{identity.instruct[:16]}-{(self.loaded.chat_template or 'plain')[:16]}"

    def set_cache_hook(self, cache_hook: Any) -> None:
        """Refuse lm-eval's cache of answers.

        Raises:
            InputError: always. Its key is the request alone.
        """
        raise InputError(
            "lm-eval's cache of answers (use_cache) does not tell one λ from another, so it would "
            "serve one for the other. Leave it off: Partway keeps finished runs by itself."
        )

    def get_model_info(self) -> dict[str, Any]:
        """What was asked, for lm-eval's results file."""
        identity = self.loaded.identity
        return {
            "pair": self.pair,
            "lambda": str(self.lam),
            "base_sha256": identity.base,
            "instruct_sha256": identity.instruct,
            "model_num_parameters": self.loaded.parameters,
            "model_dtype": self.loaded.dtype,
        }


def decoding_of(given: Mapping[str, Any]) -> Decoding:
    """lm-eval's `gen_kwargs` as decoding settings.

    Raises:
        TaskError: they ask for something that the engine does not do.
    """
    left = dict(given)
    until = left.pop("until", None) or []
    longest = [value for name in LONGEST_NAMES if (value := left.pop(name, None)) is not None]
    sampling = {name: left.pop(name) for name in SAMPLING if name in left}
    if left:
        raise TaskError(
            f"The task sets {', '.join(sorted(left))} for its answers, which Partway does not do. "
            f"It knows until, {LONGEST_NAMES[0]}, {', '.join(SAMPLING)}."
        )
    return Decoding(
        max_new_tokens=int(longest[0]) if longest else LMEVAL_MAX_GEN_TOKENS,
        temperature=_temperature(sampling),
        top_p=str(sampling.get("top_p", "1")),
        stop=(until,) if isinstance(until, str) else tuple(until),
        seed=int(sampling.get("seed", 0)),
    )


def _temperature(sampling: Mapping[str, Any]) -> str:
    """Greedy unless something says otherwise, as in lm-eval; `do_sample` alone means 1."""
    if sampling.get("do_sample") is False:
        return "0"
    return str(sampling.get("temperature", 1 if sampling.get("do_sample") else 0))
