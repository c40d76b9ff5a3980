"""Attention in two parts is attention over all of it, by every kernel that may compute it."""

import pytest
import torch
from torch import Tensor

from core.engine import tree_attention
from core.engine.encoding import EncodedPair
from core.engine.row_layout import lay_out
from core.engine.score_plan import batches, make_groups
from core.engine.torch_engine import TorchEngine
from core.lam import Lam
from tests.engine.test_scoring import assert_same, requests_of_many_kinds

SCALE = 0.3


def parts(seed: int, queries: int, keys: int) -> tuple[Tensor, Tensor, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    shapes = ((2, 4, queries, 8), (2, 4, keys, 8), (2, 4, keys, 8))
    one, two, three = (torch.randn(shape, generator=draw) for shape in shapes)
    return one, two, three


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("masked", [True, False])
def test_the_kernel_agrees_with_the_definition_and_tells_its_sums(
    causal: bool, masked: bool
) -> None:
    query, key, value = parts(0, 5, 5)
    seen = torch.ones(2, 1, 5, 5, dtype=torch.bool).tril() if masked else None
    given = (query, key, value, SCALE, causal and not masked, seen)
    found, expected = tree_attention._softmax(*given), tree_attention.written_out(*given)
    torch.testing.assert_close(found.output, expected.output)
    torch.testing.assert_close(found.total, expected.total)


def test_the_definition_is_torchs_own_attention() -> None:
    query, key, value = parts(1, 6, 6)
    expected = torch.nn.functional.scaled_dot_product_attention(
        query, key, value, is_causal=True, scale=SCALE
    )
    found = tree_attention.written_out(query, key, value, SCALE, causal=True)
    torch.testing.assert_close(found.output, expected)


def test_without_a_kernel_the_scores_are_the_same(
    tiny_engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = requests_of_many_kinds()
    expected = tiny_engine.score("tiny", Lam(350), requests)
    monkeypatch.setattr(tree_attention, "_softmax", tree_attention.written_out)
    assert_same(tiny_engine.score("tiny", Lam(350), requests), expected)


def test_the_models_attention_is_its_own_again_afterwards(tiny_engine: TorchEngine) -> None:
    config = tiny_engine.resident("tiny").model.config
    before = config._attn_implementation
    tiny_engine.score("tiny", Lam(350), requests_of_many_kinds()[:3])
    assert config._attn_implementation == before != tree_attention.NAME


def test_a_batch_computes_what_is_needed_and_nothing_else() -> None:
    context = tuple(range(300))
    pairs = [EncodedPair((*context, item), (c, 7, 8)) for item in (500, 501) for c in (1, 2, 3)]
    (group,) = make_groups(pairs, share=True)
    layout = lay_out(group.rows, len(group.prefix))
    assert layout.tokens.tolist() == [500, 1, 7, 2, 7, 3, 7, 501, 1, 7, 2, 7, 3, 7]
    assert layout.positions.tolist() == [300, 301, 302, 301, 302, 301, 302] * 2
    assert len(layout.kept) == 2 * (1 + 6), "the context's end once, and each fed token"


def test_batches_hold_to_both_budgets_longest_first() -> None:
    pairs = [EncodedPair(tuple(range(at, at + at % 7 + 2)), (1, 2, 3)) for at in range(40)]
    (group,) = make_groups(pairs, share=True)
    for tokens, reads in ((30, 1000), (1000, 9), (1, 1)):
        found = list(batches(group.rows, 0, tokens, reads))
        assert sorted(map(id, group.rows)) == sorted(id(row) for batch in found for row in batch)
        for batch in found:
            sizes = [len(row.context) + row.branch_columns for row in batch]
            assert len(batch) == 1 or sum(sizes) <= tokens
            assert len(batch) == 1 or sum(row.branch_columns + 1 for row in batch) <= reads
        longest = [len(batch[0].context) for batch in found]
        assert longest == sorted(longest, reverse=True)
