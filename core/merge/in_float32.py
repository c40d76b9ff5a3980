"""A model in half precision, computed in float32: the same weights, without the rounding between.

Each module's weights are widened when it computes and given back after it, so no second copy of
the model is there. For trying things whose errors half precision would hide.
"""

from typing import Any

import torch
from torch import Tensor, nn

from core.merge.blended import copy_tree, refuse_inner
from core.merge.materialised import Materialised
from core.merge.paired import Paired
from core.merge.scratch import twin


class _Wide(nn.Module):
    """One module with its own tensors in float32, and so what it is given."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self._modules["inner"] = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_modules"]["inner"], name)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """As the module's own."""
        module = self._modules["inner"]
        assert module is not None
        own = {**module._parameters, **module._buffers}
        wide = twin(module, {name: _wide(value) for name, value in own.items() if _floats(value)})
        named = {name: _wide(value) for name, value in kwargs.items()}
        return wide.forward(*[_wide(value) for value in args], **named)


def in_float32(merged: Materialised) -> Materialised:
    """A view of the pair at the λ it has now; it has no other.

    Raises:
        NotBlendable: a module has weights beside those of the modules in it.
    """
    model = merged.base if isinstance(merged, Paired) else merged.model
    leaves = {}
    for name, module in model.named_modules():
        if any(_floats(value) for value in module._parameters.values()):
            refuse_inner(name, module)
            leaves[name] = _Wide(module)
    return Materialised(copy_tree(model, leaves), ())


def _floats(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()


def _wide(value: Any) -> Any:
    return value.to(torch.float32) if _floats(value) else value
