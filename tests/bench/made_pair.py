"""A random Llama-shaped pair made where it is used, on the device, in about a second.

No file is written or read: 8 billion parameters would take minutes that way. The buffers, the
writing of λ and everything behind them are the ones that loaded pairs have.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from core.engine.encoding import Encoder
from core.engine.protocol import LoadedPair
from core.engine.resident import BatchSize, Resident
from core.engine.sharing_probe import sharing_is_exact
from core.merge.flat import Layout, lay_out, rebind
from core.merge.forms import hold
from core.merge.materialised import Match, Materialised, Slot
from core.spec import PairIdentity
from tests.tiny_pair import make_tokenizer

CONTEXT = 4096
SPREAD, DELTA = 0.02, 0.002  # standard deviation of the weights, and of what tuning changed


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers of a Llama's config."""

    width: int
    inner: int
    layers: int
    heads: int
    groups: int
    rows: int

    @property
    def parameters(self) -> int:
        """Numbers in all weights."""
        return sum(
            tensor.numel() for tensor in empty_model(self, torch.float32).state_dict().values()
        )


SHAPES = {
    "8b": Shape(4096, 14336, 32, 32, 8, 128_256),
    "8b, 8 layers": Shape(4096, 14336, 8, 32, 8, 128_256),
    "16m": Shape(384, 1056, 6, 6, 3, 8192),
    "small": Shape(512, 1536, 4, 8, 4, 4096),
    "tiny": Shape(64, 160, 2, 4, 2, 512),
}


@dataclass(frozen=True, slots=True)
class Buffers:
    """The weights of a made pair, all in one dtype."""

    layout: Layout
    live: Tensor
    base: Tensor
    instruct: Tensor


def make_pair(name: str, device: torch.device, dtype: torch.dtype) -> Resident:
    """Both parents and the live copy on the device."""
    shape = SHAPES[name]
    model = _model(shape, device, dtype)
    made = _buffers(model, device)
    rebind(model, made.layout.views(made.live))
    slots = made.layout.slots(made.live, made.base, made.instruct)
    whole = Slot("all", made.live, made.base, made.instruct)
    return _resident(Materialised(model, slots, [whole]), name, device, dtype)


def make_streamed(source: Resident, name: str) -> Resident:
    """The same pair with its parents in pinned host memory."""
    device, dtype = source.device, source.dtype
    model = _model(SHAPES[name], device, dtype)
    matches = [Match(slot.live, (slot.name,), (slot,)) for slot in source.merged.slots]
    return _resident(hold(model, matches, device, "streamed"), name, device, dtype)


def _buffers(model: LlamaForCausalLM, device: torch.device) -> Buffers:
    matches = [
        Match(tensor, (name,), (Slot(name, tensor, tensor, tensor),))
        for name, tensor in model.state_dict().items()
    ]
    (layout,) = lay_out(matches)
    draw = torch.Generator(device).manual_seed(0)
    live, base, instruct = (layout.allocate(device) for _ in range(3))
    base.normal_(0, SPREAD, generator=draw)
    instruct.normal_(0, DELTA, generator=draw).add_(base)
    for region in layout.regions:
        if "norm" in region.match.name:
            region.view(base).add_(1)
            region.view(instruct).add_(1)
    return Buffers(layout, live, base, instruct)


def empty_model(shape: Shape, dtype: torch.dtype) -> LlamaForCausalLM:
    """The model of that shape on the device `meta`: names and shapes, no numbers."""
    config = LlamaConfig(
        vocab_size=shape.rows,
        hidden_size=shape.width,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.groups,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=False,
        bos_token_id=0,
        eos_token_id=1,
    )
    with torch.device("meta"):
        return LlamaForCausalLM(config).to(dtype)


def _model(shape: Shape, device: torch.device, dtype: torch.dtype) -> LlamaForCausalLM:
    """A model without weights; its tables of positions are real."""
    model = empty_model(shape, dtype)
    with device:
        model.model.rotary_emb = type(model.model.rotary_emb)(config=model.config)
    return model.eval().requires_grad_(False)


def _resident(
    merged: Materialised, name: str, device: torch.device, dtype: torch.dtype
) -> Resident:
    weights = sum(slot.live.nbytes for slot in merged.slots)
    loaded = LoadedPair(
        identity=PairIdentity(name, name, name),
        parameters=sum(slot.live.numel() for slot in merged.slots),
        dtype=str(dtype).removeprefix("torch."),
        device=str(device),
        context_length=CONTEXT,
        chat_template=None,
        endpoints_exact=False,  # nobody has looked yet
        weights_bytes=weights,
    )
    resident = Resident(
        loaded=loaded,
        merged=merged,
        encoder=Encoder(make_tokenizer()),
        stop_ids=frozenset(),  # all answers are equally long
        shares=False,
        pads=True,
        chat_template=None,
        files=(),
        batch=BatchSize(device),
    )
    return resident.with_sharing(sharing_is_exact(resident))
