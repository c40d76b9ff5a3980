"""The tokenizer of the embedded pair: byte-level BPE, learned from the pair's own texts.

Every Unicode string round-trips and no unknown token exists, because the 256 bytes are the
alphabet. Digits stand alone, so that a number is always its digits in order. Base and instruct
share the vocabulary; only the instruct folder carries the chat template, as real pairs often do.

Not here: which texts it learns from (`corpus.py`) and how large it is (`recipe.py`).

    tokenizer = learn_tokenizer(["The cat sleeps.", "A dog barks."], vocabulary=512)
    save_tokenizer(tokenizer, Path("folder"), context=1024, chat=True)
"""

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

END_OF_TEXT = "<|endoftext|>"  # also the first token of every document, so both ends look alike
PAD = "<|pad|>"
SYSTEM = "<|system|>"
USER = "<|user|>"
ASSISTANT = "<|assistant|>"
END_OF_TURN = "<|end|>"
SPECIAL_TOKENS = (END_OF_TEXT, PAD, SYSTEM, USER, ASSISTANT, END_OF_TURN)
ROLE_TOKENS = {"system": SYSTEM, "user": USER, "assistant": ASSISTANT}

# GPT-2's split, but a digit never joins another one or the space before it.
_WORDS = r"""'(?:s|t|re|ve|m|ll|d)| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""

# Every turn is `<|role|>`, a line break, the text, `<|end|>`, a line break.
CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"
)


def learn_tokenizer(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """Learn byte-level BPE merges from the texts; the same texts give the same tokenizer."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer=trainer)
    tokenizer.post_processor = _starts_with_end_of_text(tokenizer)
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path, context: int, chat: bool) -> None:
    """Write the tokenizer files of a checkpoint folder, with the chat template or without."""
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TURN if chat else END_OF_TEXT,
        pad_token=PAD,
        extra_special_tokens=[*ROLE_TOKENS.values(), END_OF_TURN],
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )
    if chat:
        wrapped.chat_template = CHAT_TEMPLATE
    wrapped.save_pretrained(folder)
    _name_the_general_class(folder / "tokenizer_config.json")


def _name_the_general_class(config: Path) -> None:
    """Name the class that every version of transformers knows, not this version's own name."""
    values = json.loads(config.read_text(encoding="utf-8"))
    values["tokenizer_class"] = "PreTrainedTokenizerFast"
    config.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def _starts_with_end_of_text(tokenizer: Tokenizer) -> processors.TemplateProcessing:
    """What a caller gets who asks for special tokens: one end-of-text in front, none behind."""
    return processors.TemplateProcessing(
        single=f"{END_OF_TEXT} $A",
        pair=f"{END_OF_TEXT} $A $B",
        special_tokens=[(END_OF_TEXT, tokenizer.token_to_id(END_OF_TEXT))],
    )
