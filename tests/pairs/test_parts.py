"""λ by parts: what a path says, what it moves, and that no two paths serve one another."""

from pathlib import Path

import pytest

from core.errors import InputError, NotKnown
from core.lam import BASE, INSTRUCT, Lam
from core.pairs.parts import KINDS, kind_of, layer_of, parse_path
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry, write_tiny_pair

NAMES = {
    "model.embed_tokens.weight": ("embeddings", None),
    "lm_head.weight": ("embeddings", None),
    "transformer.wte.weight": ("embeddings", None),
    "model.layers.0.self_attn.q_proj.weight": ("attention", 0),
    "model.layers.11.self_attn.q_norm.weight": ("norms", 11),
    "model.layers.1.mlp.experts.7.up_proj.weight": ("mlp", 1),
    "model.layers.3.block_sparse_moe.gate.weight": ("mlp", 3),
    "transformer.h.4.ln_1.weight": ("norms", 4),
    "gpt_neox.layers.2.attention.dense.bias": ("attention", 2),
    "model.norm.weight": ("norms", None),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(
        tmp_path, write_registry(tmp_path / "pairs.toml", write_tiny_pair(tmp_path))
    )


@pytest.mark.parametrize("name", NAMES)
def test_tensors_are_known_by_their_names(name: str) -> None:
    assert (kind_of(name), layer_of(name)) == NAMES[name]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("mlp-attention", "attention-mlp"),
        ("layers2..2-norms", "norms-layers2"),
        ("gradient0..1.0", "gradient0..1"),
        ("rest1-embeddings", "embeddings-rest1"),
        ("gradient0.25..1..0", "gradient0.25..1..0"),
    ],
)
def test_equal_paths_are_written_alike(text: str, same: str) -> None:
    assert str(parse_path(text)) == same
    assert parse_path(same) == parse_path(text)


def test_what_moves_moves_by_lambda_and_the_rest_stays() -> None:
    path = parse_path("attention-layers1..2")
    moved = {name for name in NAMES if path.value(name, Lam(300), 12) == 0.3}
    assert moved == {"gpt_neox.layers.2.attention.dense.bias"}
    kept = parse_path("mlp-rest1")
    assert kept.value("model.norm.weight", Lam(300), 12) == 1.0
    assert kept.value("model.layers.3.block_sparse_moe.gate.weight", Lam(300), 12) == 0.3


def test_a_gradient_runs_from_the_first_layer_to_the_last() -> None:
    path = parse_path("gradient0..1")
    at = [path.value(f"model.layers.{n}.mlp.up_proj.weight", INSTRUCT, 5) for n in range(5)]
    assert at == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert path.value("model.embed_tokens.weight", INSTRUCT, 5) == 0.0
    assert path.value("lm_head.weight", INSTRUCT, 5) == 1.0
    bent = parse_path("gradient0..1..0.5")
    assert [bent.value(f"h.{n}.mlp.w", Lam(500), 5) for n in (0, 2, 4)] == [0.0, 0.5, 0.25]


def test_every_path_is_a_line_of_its_own(settings: Settings) -> None:
    paths = (
        "",
        "~attention",
        "~mlp",
        "~attention-rest1",
        "~layers0",
        "~gradient0..1",
        "~gradient1..0",
    )
    found = [check_pair(find_pair(f"tiny{path}", settings), settings).identity for path in paths]
    assert len({(one.base, one.instruct) for one in found}) == len(paths)
    assert len({one.name for one in found}) == len(paths)
    # Where nothing but the end moves, λ = 0 is the base itself.
    assert {one.base for one, path in zip(found, paths, strict=True) if "rest" not in path} == {
        found[0].base
    }
    alike = check_pair(find_pair("tiny~mlp-attention", settings), settings).identity
    assert alike == check_pair(find_pair("tiny~attention-mlp", settings), settings).identity


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "''"),
        ("atention", "'atention'"),
        ("attention-attention", "twice"),
        ("layers3..1", "layers 3 to 1"),
        ("rest1", "moves everything alike"),
        ("gradient0..9", "0 to 2"),
        ("gradient1", "'gradient1'"),
        ("../../etc", r"'\.\./\.\./etc'"),
        ("layers0..99999999999999999999", "layers 0 to 1"),
    ],
)
def test_what_is_no_path_is_told(text: str, said: str, settings: Settings) -> None:
    with pytest.raises(InputError, match=said):
        check_pair(find_pair(f"tiny~{text}", settings), settings)


def test_a_path_of_no_pair_is_told(settings: Settings) -> None:
    with pytest.raises(NotKnown, match="nobody~mlp"):
        find_pair("nobody~mlp", settings)


def test_every_kind_together_is_the_whole_line() -> None:
    path = parse_path("-".join(KINDS))
    for lam in (BASE, Lam(370), INSTRUCT, Lam(1500)):
        assert {path.value(name, lam, 12) for name in NAMES} == {lam.value}
