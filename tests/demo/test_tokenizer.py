"""The embedded pair's tokenizer: nothing is lost, nothing is unknown, digits stand alone."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from core.demo.tokenizer import (
    ASSISTANT,
    END_OF_TEXT,
    END_OF_TURN,
    PAD,
    learn_tokenizer,
    save_tokenizer,
)
from core.demo.train import BASE, INSTRUCT, PAIR_FOLDER

STRINGS = (
    "The robin is in the garden.",
    "  two  spaces\tand\r\nlines\n\n",
    "é e\u0301 ﬁ ß İ Ω 日本語 नमस्ते مرحبا",
    "😀👩‍👩‍👧‍👦 \U0010ffff \x00\x1f\u2028\ufeff",
    "3,456.70 + 12 = 3468.70",
    '{"answer": "12"}',
    "",
)
CHAT = [
    {"role": "system", "content": "Answer in one word."},
    {"role": "user", "content": "What colour is a robin?"},
]


@pytest.fixture(params=["fresh", BASE, INSTRUCT])
def tokenizer(request: pytest.FixtureRequest, tmp_path: Path) -> PreTrainedTokenizerBase:
    if request.param != "fresh":
        return AutoTokenizer.from_pretrained(PAIR_FOLDER / request.param)
    save_tokenizer(learn_tokenizer(["The robin sings. 12"] * 9, 300), tmp_path, 1024, chat=True)
    return AutoTokenizer.from_pretrained(tmp_path)


@pytest.mark.parametrize("text", STRINGS)
def test_every_string_comes_back_as_it_was(tokenizer: PreTrainedTokenizerBase, text: str) -> None:
    ids = tokenizer(text, add_special_tokens=False).input_ids
    assert tokenizer.decode(ids) == text


def test_every_code_point_comes_back(tokenizer: PreTrainedTokenizerBase) -> None:
    points = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    text = "".join(points[::17])
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False).input_ids) == text


def test_nothing_is_unknown(tokenizer: PreTrainedTokenizerBase) -> None:
    assert tokenizer.unk_token is None
    assert None not in tokenizer("\x00ÿ日😀", add_special_tokens=False).input_ids


def test_m_and_M_are_two_single_tokens(tokenizer: PreTrainedTokenizerBase) -> None:
    small, large = (tokenizer(t, add_special_tokens=False).input_ids for t in "mM")
    assert len(small) == len(large) == 1
    assert small != large


def test_a_number_is_its_digits(tokenizer: PreTrainedTokenizerBase) -> None:
    ids = tokenizer("x 1234 y", add_special_tokens=False).input_ids
    assert [t for t in tokenizer.convert_ids_to_tokens(ids) if t.isdigit()] == list("1234")


def test_a_prompt_starts_as_a_document_does(tokenizer: PreTrainedTokenizerBase) -> None:
    ids = tokenizer("The robin").input_ids
    assert tokenizer.convert_ids_to_tokens(ids).count(END_OF_TEXT) == 1
    assert tokenizer.convert_ids_to_tokens(ids[0]) == END_OF_TEXT == tokenizer.bos_token
    assert tokenizer.pad_token == PAD


def test_base_and_instruct_share_the_vocabulary_and_only_one_chats() -> None:
    base, instruct = (AutoTokenizer.from_pretrained(PAIR_FOLDER / n) for n in (BASE, INSTRUCT))
    assert base.get_vocab() == instruct.get_vocab()
    assert base.chat_template is None
    assert (base.eos_token, instruct.eos_token) == (END_OF_TEXT, END_OF_TURN)


def test_the_chat_template_writes_turns_and_opens_the_answer() -> None:
    instruct = AutoTokenizer.from_pretrained(PAIR_FOLDER / INSTRUCT)
    text = instruct.apply_chat_template(CHAT, tokenize=False, add_generation_prompt=True)
    assert text == (
        "<|endoftext|><|system|>\nAnswer in one word.<|end|>\n"
        "<|user|>\nWhat colour is a robin?<|end|>\n<|assistant|>\n"
    )
    assert ASSISTANT in instruct.convert_ids_to_tokens(
        instruct.apply_chat_template(CHAT, add_generation_prompt=True).input_ids
    )
