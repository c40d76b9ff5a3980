"""A pair's tokenizer, context length and chat template, from its files: no weights, no device.

What is learnt here is what the loaded pair uses itself (`loading.py`), so that prompts can be
counted to the token before anything is loaded. transformers is imported when it is first needed:
a plan whose tokens were counted before needs it no more.
"""

from collections.abc import Sequence
from typing import Any

from core.engine.protocol import Message, Prompt
from core.engine.time_limit import TookTooLong, time_limit
from core.errors import EngineError, PairError
from core.pairs.preflight import PairReport

DEFAULT_CONTEXT = 2048  # where neither config nor tokenizer names one, as lm-eval assumes
TEMPLATE_SECONDS = 5.0  # milliseconds are usual
ABSURD_CONTEXT = 10**9  # tokenizers without a limit say 10**30


def load_tokenizer(report: PairReport) -> Any:
    """The instruct parent's tokenizer.

    Raises:
        PairError: it cannot be loaded.
    """
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(report.instruct_folder, trust_remote_code=False)
    except Exception as error:  # a damaged tokenizer file can make it raise anything
        reason = " ".join(str(error).split())[:300]
        raise PairError(
            f"The tokenizer of {report.instruct_folder} cannot be loaded: {reason}. "
            "Copy the whole checkpoint folder again."
        ) from error


def context_length(config: Any, tokenizer: Any) -> int:
    """Tokens that fit, prompt and answer together, as the live model's config says."""
    text = config.get_text_config()
    named = [getattr(text, key, None) for key in ("max_position_embeddings", "n_positions")]
    lengths = [length for length in (*named, tokenizer.model_max_length) if length]
    return min([n for n in lengths if n < ABSURD_CONTEXT], default=DEFAULT_CONTEXT)


def live_config(report: PairReport) -> Any:
    """The config of the parent that becomes the live model (`core/merge/parents.py`)."""
    from transformers import AutoConfig

    base, instruct = (
        AutoConfig.from_pretrained(folder, trust_remote_code=False)
        for folder in (report.base_folder, report.instruct_folder)
    )
    tied = base.tie_word_embeddings, instruct.tie_word_embeddings
    if tied[0] != tied[1]:
        return instruct if tied[0] else base
    more = (report.base_rows or 0) > (report.instruct_rows or 0)
    return base if more or report.copies == 1 else instruct


def render_chat(
    tokenizer: Any, pair: str, messages: Sequence[Message], continue_last: bool = False
) -> Prompt:
    """The tokenizer's chat template over the messages, ready to be answered.

    Raises:
        EngineError: there is no template, or it refuses the messages.
    """
    if not isinstance(tokenizer.chat_template, str):
        raise EngineError(
            f"The instruct parent of {pair} has no chat template. Use a plain prompt instead."
        )
    turns = [{"role": message.role, "content": message.content} for message in messages]
    try:
        with time_limit(TEMPLATE_SECONDS):
            text = tokenizer.apply_chat_template(
                turns,
                tokenize=False,
                add_generation_prompt=not continue_last,
                continue_final_message=continue_last,
            )
    except TookTooLong as error:
        raise EngineError(
            f"The chat template of {pair} came to no end in {TEMPLATE_SECONDS:g} s. Use a plain "
            "prompt, or correct the template."
        ) from error
    except Exception as error:  # a template is foreign code and refuses in its own words
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise EngineError(
            f"The chat template of {pair} refuses these messages: {reason}. Change their order, "
            "or use a plain prompt."
        ) from error
    return Prompt(str(text), chat=True)
