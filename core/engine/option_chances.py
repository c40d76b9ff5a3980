"""How probable a few one-token answers are right behind a prompt: what a judge is asked for.

Exact over the whole vocabulary, also where no option is among the most probable tokens, and in
one forward for each prompt: the options stand behind it as branches of one token. Not here:
which options mean what (`core/judges`).
"""

import math
from collections.abc import Generator, Sequence

from core.engine.encoding import EncodedPair, Encoder
from core.engine.protocol import OptionChances, Progress, Prompt
from core.engine.resident import Resident
from core.engine.scoring import score_steps
from core.errors import EngineError
from core.lam import Lam

LONGEST_SPELLING = 4  # characters that a tokenizer's own mark of a space may add to an option


def option_steps(
    resident: Resident, lam: Lam, prompts: Sequence[Prompt], options: Sequence[str]
) -> Generator[Progress, None, list[OptionChances]]:
    """For every prompt the options' log-probabilities; a prompt that is too long has none."""
    spelled = [spellings(resident.encoder, option) for option in options]
    encoded = [tuple(resident.encoder.encode_prompt(prompt)) for prompt in prompts]
    asked = [ids for ids in encoded if len(ids) < resident.context_length]
    tokens = [token for ids in spelled for token in ids]
    pairs = [EncodedPair(ids, (token,)) for ids in asked for token in tokens]
    scores = yield from score_steps(resident, lam, pairs)
    values = iter(score.logprob for score in scores)
    found = []
    for ids in encoded:
        fits = len(ids) < resident.context_length
        logprobs = tuple(_sum([next(values) for _ in one]) for one in spelled) if fits else None
        found.append(OptionChances(logprobs, len(ids)))
    return found


def spellings(encoder: Encoder, option: str) -> tuple[int, ...]:
    """Every token that says exactly this, spaces aside and in this case.

    Raises:
        EngineError: there is none.
    """
    vocabulary: dict[str, int] = encoder.tokenizer.get_vocab()
    near = [
        token
        for text, token in vocabulary.items()
        if option in text and len(text) <= len(option) + LONGEST_SPELLING
    ]
    found = tuple(sorted(token for token in near if encoder.show(token).strip() == option))
    if not found:
        raise EngineError(
            f"The tokenizer has no single token for {option!r}, so this model cannot be asked "
            "for it. Choose another model as the judge."
        )
    return found


def _sum(logprobs: Sequence[float]) -> float:
    highest = max(logprobs)
    return highest + math.log(math.fsum(math.exp(value - highest) for value in logprobs))
