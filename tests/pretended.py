"""Devices that are not there, with real numbers on them: for what is spread over several GPUs.

    with devices():
        torch.zeros(2, device="cpu:1") + torch.zeros(2, device="cpu:2")     # RuntimeError

A tensor on cpu:1, cpu:2, … holds an ordinary one and says that it lies there. Every operation on
tensors of two devices is refused as CUDA refuses it, copies excepted; what is computed is what the
CPU computes, bit for bit. Ordinary tensors are a device too: only numbers without dimensions, and
indices, may come from there.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

COPIES = {torch.ops.aten.copy_.default, torch.ops.aten._to_copy.default}
INDEXED = {torch.ops.aten.index.Tensor, torch.ops.aten.index_put_.default}


class Pretended(Tensor):
    """A tensor that says it lies elsewhere."""

    bare: Tensor

    @staticmethod
    def __new__(cls, inner: Tensor, device: torch.device) -> "Pretended":
        with torch.inference_mode(False):  # views of it may be taken in either mode
            made: Pretended = Tensor._make_wrapper_subclass(
                cls,
                inner.shape,
                strides=inner.stride(),
                storage_offset=inner.storage_offset(),
                dtype=inner.dtype,
                device=device,
            )
        made.bare = inner
        return made

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return _run(func, args, kwargs or {})

    def data_ptr(self) -> int:
        return self.bare.data_ptr()

    def tolist(self) -> Any:
        return self.bare.tolist()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Pretended":
        return Pretended(self.bare.clone(), self.device)

    def __repr__(self, **_: Any) -> str:  # type: ignore[override]
        return f"Pretended({self.bare}, {self.device})"


class _Mode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return _run(func, args, kwargs or {})


@contextmanager
def devices() -> Iterator[None]:
    """Within, cpu:1, cpu:2, … are devices of their own."""
    real = torch.tensor

    def tensor(data: Any, *, device: Any = None, **given: Any) -> Tensor:
        made = real(data, **given)  # which would take cpu:1 for the CPU
        return made if device is None else made.to(device)

    torch.tensor = tensor  # type: ignore[assignment]
    try:
        with _Mode():  # type: ignore[no-untyped-call]
            yield
    finally:
        torch.tensor = real


def _run(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    with _Mode():  # type: ignore[no-untyped-call]
        found = func.decompose(*args, **kwargs)
    if found is not NotImplemented:  # it is made of others, which come here by themselves
        return found
    _refuse_mixed(func, args, kwargs)
    target = _target(args, kwargs)
    given = {name: _bare(value) for name, value in kwargs.items()}
    if given.get("device") is not None:
        given["device"] = torch.device("cpu")
    output = func(*tree_map(_bare, args), **given)
    same = {id(one.bare): one for one in tree_leaves((args, kwargs)) if _is(one)}
    return tree_map(lambda one: _wrap(one, target, same), output)


def _is(value: Any) -> bool:
    return isinstance(value, Pretended)


def _bare(value: Any) -> Any:
    return value.bare if _is(value) else value


def _wrap(value: Any, target: torch.device, same: Mapping[int, Pretended]) -> Any:
    """A tensor written into is the very one that was given."""
    if not isinstance(value, Tensor):
        return value
    if id(value) in same:
        return same[id(value)]
    return value if target.index is None else Pretended(value, target)


def _target(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> torch.device:
    if kwargs.get("device") is not None:
        return torch.device(kwargs["device"])
    found = [one.device for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)]
    first = args[0].device if args and isinstance(args[0], Tensor) else None
    return first or next(iter(found), torch.device("cpu"))


def _refuse_mixed(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    tensors = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor) and one.dim()]
    found = {one.device for one in tensors}
    if func in INDEXED and tensors[0].device.index is not None:
        found -= {torch.device("cpu")}
    if len(found) > 1 and func not in COPIES:
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found "
            f"{' and '.join(sorted(map(str, found)))} in {func}"
        )
