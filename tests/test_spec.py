"""The id of a run changes with everything that could change an answer, and with nothing else."""

from dataclasses import fields, replace
from typing import Any

import pytest

from core.canon import canonical_json, safe_name
from core.errors import InputError, NameRefused
from core.lam import Lam
from core.settings import read_settings
from core.spec import (
    Decoding,
    JudgmentSpec,
    PairIdentity,
    PromptSettings,
    RunSpec,
    TaskIdentity,
    run_spec_from_json,
    spec_to_json,
)

SPEC = RunSpec(
    kind="generations",
    pair=PairIdentity("tinyworld", "a" * 64, "b" * 64),
    lam=Lam(350),
    dtype="float32",
    task=TaskIdentity("capitals", "1", "c" * 64),
    prompt=PromptSettings("chat", chat_template="d" * 64),
    decoding=Decoding(48, stop=("\n",)),
)
CHANGES: list[dict[str, Any]] = [
    {"kind": "icl"},
    {"pair": PairIdentity("tinyworld", "e" * 64, "b" * 64)},
    {"pair": PairIdentity("tinyworld", "a" * 64, "e" * 64)},
    {"lam": Lam(351)},
    {"dtype": "bfloat16"},
    {"task": TaskIdentity("capitals", "2", "c" * 64)},
    {"task": TaskIdentity("capitals", "1", "f" * 64)},
    {"task": TaskIdentity("capitals", "1", "c" * 64, limit=5)},
    {"prompt": PromptSettings("chat", shots=1, chat_template="d" * 64)},
    {"prompt": PromptSettings("chat", chat_template=None)},
    {"prompt": PromptSettings("chat", chat_template="d" * 64, system="Be brief.")},
    {"decoding": Decoding(49, stop=("\n",))},
    {"decoding": Decoding(48, temperature="0.7", stop=("\n",))},
    {"decoding": Decoding(48, stop=("\n",), seed=1)},
    {"decoding": None},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_whatever_could_change_an_answer_changes_the_id(change: dict[str, Any]) -> None:
    assert replace(SPEC, **change).run_id != SPEC.run_id


def test_every_lam_has_its_own_id() -> None:
    ids = {replace(SPEC, lam=Lam(thousandths)).run_id for thousandths in range(-500, 2001)}
    assert len(ids) == 2501


def test_the_display_name_of_a_pair_is_not_its_content() -> None:
    renamed = replace(SPEC, pair=replace(SPEC.pair, name="other"))
    assert renamed.run_id == SPEC.run_id


def test_a_spec_survives_its_file() -> None:
    for spec in (SPEC, replace(SPEC, decoding=None, kind="icl")):
        assert run_spec_from_json(spec_to_json(spec)) == spec


def test_a_judgment_is_told_apart_by_every_field() -> None:
    spec = JudgmentSpec("a", "b", "verifier", "1")
    changes: list[dict[str, Any]] = [{field.name: "z"} for field in fields(spec)]
    others = [replace(spec, **change) for change in changes]
    assert len({spec.run_id, *(other.run_id for other in others)}) == 1 + len(others)


def test_a_float_never_becomes_part_of_a_key() -> None:
    with pytest.raises(TypeError):
        canonical_json({"lam": 0.3})


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", "a\\b", ".hidden", "x" * 97, "λ", "a b", "a\n"]
)
def test_a_name_that_could_leave_its_folder_is_refused(name: str) -> None:
    with pytest.raises(NameRefused):
        safe_name(name)


@pytest.mark.parametrize("url", ["http://example.org:1", "https://127.0.0.1", "http://10.0.0.1:80"])
def test_an_engine_beyond_loopback_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="SSH tunnel"):
        read_settings({"PARTWAY_ENGINE_URL": url})


def test_the_token_does_not_show() -> None:
    assert "secret" not in repr(read_settings({"PARTWAY_ENGINE_TOKEN": "secret"}))


def test_what_says_nothing_leaves_the_id_as_it_was() -> None:
    content = spec_to_json(SPEC)
    assert "data" not in content["task"]
    assert "sampler" not in content["prompt"]
    told = replace(SPEC, prompt=replace(SPEC.prompt, sampler="fixed"))
    assert told.run_id != SPEC.run_id
    assert run_spec_from_json(spec_to_json(told)) == told
