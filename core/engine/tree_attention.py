"""Attention of a scoring batch: a prefix that all rows share, and trees of their own.

    with tree_attention(model, layout, prefix):
        model(input_ids=layout.tokens[None], position_ids=layout.positions[None], …)

Rows stand in one line of tokens (`core/engine/row_layout.py`). Every token looks at the common
prefix, all tokens of all rows in one call and without a copy of the prefix for each row; and at
its own row, contexts causally, branches through a mask. The two parts are joined by their
log-sum-exps, which is exact: softmax over the union of two sets of keys is the mean of both
softmaxes, weighted by what each set sums to.

transformers calls it through its own attention interface, so an architecture that does not use
that interface, or needs more than plain softmax attention, is found out by the probe at load
(`core/engine/loading.py`) and scored without sharing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from transformers import AttentionInterface

from core.engine.row_layout import Layout

NAME = "partway_tree"
Prefix = Sequence[tuple[Tensor, Tensor]]  # keys and values of each layer, [1, heads, P, width]
UNKNOWN = ("softcap", "s_aux", "sliding_window", "position_bias")  # what we do not compute


class _Part(NamedTuple):
    """Attention over some of the keys: its output, and the log of what its softmax sums to."""

    output: Tensor  # [R, heads, queries, width]
    total: Tensor  # [R, heads, queries]


@dataclass(frozen=True, slots=True)
class _Batch:
    layouts: dict[torch.device, Layout]  # a layer may lie elsewhere than the one before
    prefix: Prefix | None

    def layout(self, device: torch.device) -> Layout:
        """The layout there."""
        if device not in self.layouts:
            self.layouts[device] = next(iter(self.layouts.values())).to(device)
        return self.layouts[device]


_batch: ContextVar[_Batch] = ContextVar("the batch whose forward is running")


@contextmanager
def tree_attention(model: Any, layout: Layout, prefix: Prefix | None) -> Iterator[None]:
    """Within: the model's attention is that of this batch. One forward at a time."""
    configs = (model.config, model.config.get_text_config())
    before = [config._attn_implementation for config in configs]
    token = _batch.set(_Batch({layout.tokens.device: layout}, prefix))
    try:
        for config in configs:
            config._attn_implementation = NAME
        yield
    finally:
        for config, name in zip(configs, before, strict=True):
            config._attn_implementation = name
        _batch.reset(token)


def _attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    **given: Any,
) -> tuple[Tensor, None]:
    """[1, heads, T, width] each in; [1, T, heads, width] out."""
    strange = [name for name in UNKNOWN if given.get(name) is not None]
    if strange or attention_mask is not None:
        raise ValueError(f"attention with {', '.join(strange) or 'a mask'} cannot be shared")
    batch = _batch.get()
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    rows = _own_rows(batch.layout(query.device), query[0], key[0], value[0], scale)
    if batch.prefix is None:
        return rows.output[None], None
    keys, values = batch.prefix[module.layer_idx]
    shared = _shared(query, keys, values, scale)
    weight = torch.sigmoid(shared.total - rows.total)[..., None]
    both = torch.lerp(rows.output.float(), shared.output.float(), weight.float())
    return both.to(query.dtype)[None], None


AttentionInterface.register(NAME, _attend)


def _shared(query: Tensor, keys: Tensor, values: Tensor, scale: float) -> _Part:
    """All tokens at the prefix: [T, heads, width] and [T, heads]."""
    _, heads, tokens, width = query.shape
    folded = query.reshape(1, keys.shape[1], -1, width)  # heads that share keys, side by side
    part = _softmax(folded, keys, values, scale)
    output = part.output.reshape(heads, tokens, -1).transpose(0, 1)
    return _Part(output, part.total.reshape(heads, tokens).transpose(0, 1))


def _own_rows(layout: Layout, query: Tensor, key: Tensor, value: Tensor, scale: float) -> _Part:
    """All tokens at their own rows: [T, heads, width] and [T, heads]."""
    groups = query.shape[0] // key.shape[0]
    line = [part.transpose(0, 1) for part in (query, key, value)]
    contexts = [part[layout.contexts].transpose(1, 2) for part in line]
    queries, keys, values = contexts[0], *(_repeat(part, groups) for part in contexts[1:])
    parts = [_softmax(queries, keys, values, scale, causal=True)]
    if layout.branches.shape[1]:
        branches = [part[layout.branches].transpose(1, 2) for part in line]
        keys = torch.cat([keys, _repeat(branches[1], groups)], dim=2)
        values = torch.cat([values, _repeat(branches[2], groups)], dim=2)
        parts.append(_softmax(branches[0], keys, values, scale, seen=layout.seen[:, None]))
    output = torch.cat([part.output.transpose(1, 2).flatten(0, 1) for part in parts])
    total = torch.cat([part.total.transpose(1, 2).flatten(0, 1) for part in parts])
    return _Part(output[layout.home], total[layout.home])


def _repeat(part: Tensor, groups: int) -> Tensor:
    return part if groups == 1 else part.repeat_interleave(groups, dim=1)


def _softmax(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    scale: float,
    causal: bool = False,
    seen: Tensor | None = None,
) -> _Part:
    """Softmax attention with the log of its sums, by the kernel that the device has for it."""
    if query.device.type == "cpu":
        bias = None if seen is None else _bias(seen, query.dtype)
        return _Part(
            *torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
                query, key, value, 0.0, causal, attn_mask=bias, scale=scale
            )
        )
    if query.device.type == "cuda" and seen is None and query.dtype != torch.float32:
        found = torch.ops.aten._scaled_dot_product_flash_attention(
            query, key, value, 0.0, causal, scale=scale
        )
        return _Part(found[0], found[1])
    return written_out(query, key, value, scale, causal, seen)


def written_out(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    scale: float,
    causal: bool = False,
    seen: Tensor | None = None,
) -> _Part:
    """The definition, in float32; for devices without a kernel that tells its sums."""
    scores = (query.float() * scale) @ key.float().transpose(-1, -2)
    if causal:
        seen = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
    if seen is not None:
        scores = scores.masked_fill(~seen, -torch.inf)
    total = scores.logsumexp(dim=-1)
    output = (scores - total[..., None]).exp() @ value.float()
    return _Part(output.to(query.dtype), total)


def _bias(seen: Tensor, dtype: torch.dtype) -> Tensor:
    return torch.zeros(seen.shape, dtype=dtype, device=seen.device).masked_fill_(~seen, -torch.inf)
