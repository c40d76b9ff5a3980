"""A model whose layers lie on several devices: which layer where, and how tensors get there.

    placement = Placement((cuda0, cuda1), (20, 12))    # 20 layers on the first, 12 on the second
    spread(model, placement)

What is no layer (embeddings, the last norm, the output) stays at home, on the first device: text
goes in there and logits come out there, so whoever asks the model sees one device. A layer's
hidden states come to it, and go home behind the last one. One layer computes at a time; it is
room that is won, not speed.
Not here: how many layers a device takes (`core/engine/spread_plan.py`). accelerate's hooks do the
same for any tree, but copy a mask anew for every layer, which is why they are not used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor, nn
from transformers.cache_utils import DynamicCache

from core.errors import EngineError
from core.pairs.parts import layer_of


class NotSpreadable(EngineError):
    """This model does not compute with its layers on several devices; half a sentence says why."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Devices in the order of the layers, and how many layers each has; the first is home."""

    devices: tuple[torch.device, ...]
    layers: tuple[int, ...]

    @property
    def home(self) -> torch.device:
        """Where everything lies that is no layer."""
        return self.devices[0]

    def device_of(self, name: str) -> torch.device:
        """Where the tensor or module of this name lies."""
        layer = layer_of(f"{name}.")
        if layer is None:
            return self.home
        ends = accumulate(self.layers)
        return next(d for d, end in zip(self.devices, ends, strict=True) if layer < end)


class Crossing:
    """What comes to one device; what many layers read crosses once a forward."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._here: dict[int, tuple[Tensor, Tensor]] = {}  # what came, kept so its id stays its own

    def take(self, given: Any, *, keep: bool = False) -> Any:
        """The same on this device, also within tuples, lists and dictionaries."""
        if isinstance(given, Tensor):
            return self._kept(given) if keep else given.to(self._device)
        if type(given) in (tuple, list):
            return type(given)(self.take(each, keep=keep) for each in given)
        if type(given) is dict:
            return {name: self.take(each, keep=keep) for name, each in given.items()}
        return given  # a cache holds what each layer computed where that layer is

    def forget(self, *_: Any) -> None:
        """The forward is over."""
        self._here.clear()

    def _kept(self, given: Tensor) -> Tensor:
        if given.device == self._device:
            return given
        if id(given) not in self._here:
            self._here[id(given)] = given, given.to(self._device)
        return self._here[id(given)][1]


def spread(model: nn.Module, placement: Placement) -> nn.Module:
    """Move every tensor to its device and let what layers read follow; the model itself.

    Raises:
        NotSpreadable: the plan counted other layers, or the model does not compute so.
    """
    blocks = dict(_blocks(model))
    if len(blocks) != sum(placement.layers):
        raise NotSpreadable(
            f"it has {len(blocks)} layers, and its files name {sum(placement.layers)}"
        )
    _move(model, placement)
    crossings = {device: Crossing(device) for device in placement.devices}
    for name, block in blocks.items():
        device = placement.device_of(name)
        if device != placement.home:
            _receive(block, crossings[device])
    _send_home(list(blocks.values())[-1], crossings[placement.home])
    for crossing in crossings.values():
        model.register_forward_hook(crossing.forget, always_call=True)
    _try(model)
    return model


def _blocks(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The layers by name, first to last."""
    for name, module in model.named_modules():
        parent, _, last = name.rpartition(".")
        if last.isdigit() and layer_of(f"{parent}.") is None:
            yield name, module


def _move(model: nn.Module, placement: Placement) -> None:
    """Tensors that are one stay one, on the device of the first name."""
    moved: dict[int, nn.Parameter] = {}
    for name, module in model.named_modules():
        device = placement.device_of(name)
        for key, old in module._parameters.items():
            if old is not None:
                made = nn.Parameter(old.detach().to(device), requires_grad=False)
                module._parameters[key] = moved.setdefault(id(old), made)
        for key, buffer in module._buffers.items():
            module._buffers[key] = None if buffer is None else buffer.to(device)


def _receive(block: nn.Module, crossing: Crossing) -> None:
    def hook(_: nn.Module, args: Any, kwargs: Any) -> Any:
        return crossing.take(args), crossing.take(kwargs, keep=True)

    block.register_forward_pre_hook(hook, with_kwargs=True)


def _send_home(block: nn.Module, crossing: Crossing) -> None:
    def hook(_: nn.Module, args: Any, output: Any) -> Any:
        return crossing.take(output)

    block.register_forward_hook(hook)


@torch.inference_mode()
def _try(model: Any) -> None:
    """One token of text, and a second behind it."""
    table = model.get_input_embeddings().weight
    token = torch.zeros((1, 1), dtype=torch.long, device=table.device)
    cache = DynamicCache(config=model.config)
    try:
        for _ in range(2):
            model(input_ids=token, past_key_values=cache, use_cache=True)
    except torch.OutOfMemoryError:
        raise  # it says nothing about the model
    except (RuntimeError, ValueError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise NotSpreadable(f"it does not compute so: {reason}") from error
