"""Mixtures of experts at as many λ as there are rows: routers and fused experts.

A router's choice is not affine in its weights, so its *logits* are interpolated, and its own
code chooses from them. Fused experts multiply twice with an activation between: each product
is interpolated by the λ of its token. That the layout is the one assumed here is tried with
numbers before use (`core/merge/blended.py`), not read off a name.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from core.merge.blended_leaf import Leaf, RowLams, interpolate
from core.merge.scratch import Ends, twin

ROUTER_WEIGHTS = frozenset({"weight"})
EXPERT_WEIGHTS = frozenset({"gate_up_proj", "down_proj"})


class Router(Leaf):
    """Interpolated logits, then whatever the module does with logits."""

    def __init__(self, module: nn.Module, ends: Mapping[str, Ends], rows: RowLams) -> None:
        super().__init__(module, ends, rows)
        weight = ends["weight"].base
        # The module multiplies what it is given with its weight: with one, by the identity.
        self.chooser = twin(module, {"weight": torch.eye(len(weight)).to(weight)})
        self.chooser.hidden_dim = len(weight)

    def blend(self, hidden: Tensor) -> Any:
        """As the module's own, all λ at once."""
        hidden = hidden.reshape(-1, hidden.shape[-1])
        left, right = linear(hidden, self.base.weight), linear(hidden, self.instruct.weight)
        return self.chooser(interpolate(left, right, self.rows.like(len(left), 2)))


class Experts(Leaf):
    """Fused experts, gate and up in one matrix, each token at its own λ."""

    def blend(self, hidden: Tensor, chosen: Tensor, weights: Tensor) -> Tensor:
        """Tokens [n, width], experts chosen for each [n, k], and their weights [n, k]."""
        total = torch.zeros_like(hidden)
        lams = self.rows.like(len(hidden), 2)
        for expert in torch.unique(chosen).tolist():
            if expert < len(self.base.down_proj):  # the number behind the last means: none
                token, place = torch.where(chosen == expert)
                found = self._expert(int(expert), hidden[token], lams[token])
                total.index_add_(0, token, (found * weights[token, place, None]).to(total.dtype))
        return total

    def _expert(self, expert: int, hidden: Tensor, lams: Tensor) -> Tensor:
        both = self._product("gate_up_proj", expert, hidden, lams)
        inner = self.base._apply_gate(both)
        return self._product("down_proj", expert, inner, lams)

    def _product(self, name: str, expert: int, states: Tensor, lams: Tensor) -> Tensor:
        left = linear(states, getattr(self.base, name)[expert])
        return interpolate(left, linear(states, getattr(self.instruct, name)[expert]), lams)
