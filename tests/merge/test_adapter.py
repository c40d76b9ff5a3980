"""A LoRA adapter as the instruct side: PEFT is the oracle, and λ scales the adapter."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, GPT2Config

from core.errors import PairError, StoreError
from core.lam import INSTRUCT, Lam
from core.merge.adapter import is_adapter, merge_adapter
from core.merge.parents import load_materialised
from core.pairs.preflight import check_pair
from core.pairs.registry import PairEntry
from tests.private_settings import settings_for
from tests.tiny_architectures import write_architecture_pair
from tests.tiny_pair import CONTEXT_LENGTH, make_tokenizer, write_tiny_pair

CPU = torch.device("cpu")
# PEFT asks transformers for a name that transformers calls old.
pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")
LORAS: dict[str, dict[str, Any]] = {
    "plain": {"target_modules": ["q_proj", "v_proj"]},
    "rank-stabilised, every projection": {"target_modules": "all-linear", "use_rslora": True},
    "alphas of their own": {
        "target_modules": ["q_proj", "down_proj"],
        "alpha_pattern": {"down_proj": 3},
        "rank_pattern": {"q_proj": 2},
    },
}


def write_adapter(base: Path, folder: Path, **settings: Any) -> Path:
    """A random adapter; PEFT begins with B at zero, which would change nothing."""
    model = AutoModelForCausalLM.from_pretrained(base)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        tuned = get_peft_model(model, LoraConfig(r=4, lora_alpha=6, **settings))
        for name, weight in tuned.named_parameters():
            if "lora_" in name:
                torch.nn.init.normal_(weight, std=0.1)
    tuned.save_pretrained(str(folder))
    return folder


def base_of(tmp_path: Path, dtype: torch.dtype = torch.float32) -> Path:
    return Path(write_tiny_pair(tmp_path, dtype=dtype, tied=False).base)


@pytest.mark.parametrize("kind", LORAS)
def test_the_merged_adapter_is_pefts(kind: str, tmp_path: Path) -> None:
    base = base_of(tmp_path)
    adapter = write_adapter(base, tmp_path / "adapter", **LORAS[kind])
    assert is_adapter(adapter) and not is_adapter(base)
    merged = load_file(merge_adapter(base, adapter, tmp_path / "merged") / "model.safetensors")
    peft = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter)
    theirs = peft.merge_and_unload().state_dict()
    changed = 0
    for name, tensor in load_file(base / "model.safetensors").items():
        torch.testing.assert_close(merged[name], theirs[name], rtol=1e-6, atol=1e-7)
        changed += not torch.equal(merged[name], tensor)
    assert changed >= 2


def test_an_adapter_of_a_model_with_turned_weights_is_pefts(tmp_path: Path) -> None:
    rows = len(make_tokenizer())
    config = GPT2Config(vocab_size=rows, n_embd=32, n_layer=2, n_head=4, n_positions=CONTEXT_LENGTH)
    base = Path(write_architecture_pair(tmp_path, config).base)
    settings: dict[str, Any] = {"target_modules": ["c_attn"], "fan_in_fan_out": True}
    adapter = write_adapter(base, tmp_path / "adapter", **settings)
    with pytest.raises(PairError, match=r"h\.0\.attn\.c_attn\.weight"):
        merge_adapter(base_of(tmp_path / "other"), adapter, tmp_path / "wrong")
    merged = load_file(merge_adapter(base, adapter, tmp_path / "merged") / "model.safetensors")
    peft = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter)
    theirs = peft.merge_and_unload().state_dict()
    for name, tensor in merged.items():
        torch.testing.assert_close(tensor, theirs[name], rtol=1e-6, atol=1e-7)


def test_lambda_scales_the_adapter(tmp_path: Path) -> None:
    base = base_of(tmp_path)
    adapter = write_adapter(base, tmp_path / "adapter", target_modules=["q_proj", "up_proj"])
    merged = merge_adapter(base, adapter, tmp_path / "merged")
    entry = PairEntry("lora", "lora", str(base), str(merged))
    report = check_pair(entry, settings_for(tmp_path, tmp_path / "pairs.toml"))
    pair = load_materialised(report, CPU)
    pair.set_lam(Lam(300))
    config = json.loads((adapter / "adapter_config.json").read_text())
    weaker = tmp_path / "weaker"
    weaker.mkdir()
    (weaker / "adapter_config.json").write_text(json.dumps({**config, "lora_alpha": 6 * 0.3}))
    (weaker / "adapter_model.safetensors").write_bytes(
        (adapter / "adapter_model.safetensors").read_bytes()
    )
    at_that = load_file(merge_adapter(base, weaker, tmp_path / "at_that") / "model.safetensors")
    for slot in pair.slots:
        torch.testing.assert_close(slot.live, at_that[slot.name], rtol=1e-5, atol=1e-7)


def test_half_precision_is_rounded_once(tmp_path: Path) -> None:
    base = base_of(tmp_path, torch.bfloat16)
    adapter = write_adapter(base, tmp_path / "adapter", target_modules=["o_proj"])
    merged = load_file(merge_adapter(base, adapter, tmp_path / "merged") / "model.safetensors")
    factors = load_file(adapter / "adapter_model.safetensors")
    name = "model.layers.0.self_attn.o_proj"
    low, high = (factors[f"base_model.model.{name}.lora_{which}.weight"].double() for which in "AB")
    exact = load_file(base / "model.safetensors")[f"{name}.weight"].double() + 6 / 4 * (high @ low)
    assert torch.equal(merged[f"{name}.weight"], exact.to(torch.bfloat16))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"use_dora": True}, "use_dora"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"bias": "all"}, "biases"),
        ({"init_lora_weights": "olora"}, "began as 'olora', which changes the base's own weights"),
    ],
)
def test_what_goes_beyond_plain_lora_is_refused_by_name(
    settings: dict[str, Any], said: str, tmp_path: Path
) -> None:
    base = base_of(tmp_path)
    adapter = write_adapter(base, tmp_path / "adapter", target_modules=["q_proj"], **settings)
    with pytest.raises(PairError, match=said):
        merge_adapter(base, adapter, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lora_alpha": None}, "names no strength"),
        ({"alpha_pattern": {"(": 3}}, "names no strength"),
        ({"lora_alpha": float("nan")}, "strength of .* is nan"),
        ({"setting_of_tomorrow": True}, "it sets setting_of_tomorrow"),
    ],
)
def test_a_config_that_says_less_or_more_than_plain_lora_is_refused(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    base = base_of(tmp_path)
    adapter = write_adapter(base, tmp_path / "adapter", target_modules=["q_proj"])
    path = adapter / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(PairError, match=said):
        merge_adapter(base, adapter, tmp_path / "merged")


@pytest.mark.parametrize(
    ("half", "said"),
    [
        (torch.zeros(4), r"halves of .* are \[4\] and"),
        (torch.zeros(7, 32), r"halves of .* are \[7, 32\] and \[32, 4\]"),
        (torch.full((4, 32), torch.nan), "no finite number"),
    ],
)
def test_halves_that_do_not_fit_each_other_are_refused(
    half: torch.Tensor, said: str, tmp_path: Path
) -> None:
    base = base_of(tmp_path)
    adapter = write_adapter(base, tmp_path / "adapter", target_modules=["q_proj"])
    file = adapter / "adapter_model.safetensors"
    tensors = load_file(file)
    tensors[next(name for name in tensors if "lora_A" in name)] = half
    save_file(tensors, file)
    with pytest.raises(PairError, match=said):
        merge_adapter(base, adapter, tmp_path / "merged")


def test_damaged_adapters_and_used_places_are_refused(tmp_path: Path) -> None:
    base = base_of(tmp_path)
    adapter = write_adapter(base, tmp_path / "adapter", target_modules=["q_proj"])
    with pytest.raises(StoreError, match="parent's own folder"):
        merge_adapter(base, adapter, base / "inside")
    merge_adapter(base, adapter, tmp_path / "merged")
    with pytest.raises(StoreError, match="not empty"):
        merge_adapter(base, adapter, tmp_path / "merged")
    (adapter / "adapter_model.safetensors").write_bytes(b"torn")
    with pytest.raises(PairError, match="cannot be read"):
        merge_adapter(base, adapter, tmp_path / "again")
    with pytest.raises(PairError, match=r"adapter_config\.json"):
        merge_adapter(base, tmp_path / "nowhere", tmp_path / "again")


def test_full_strength_is_the_instruct_end(tmp_path: Path) -> None:
    base = base_of(tmp_path)
    adapter = write_adapter(base, tmp_path / "adapter", target_modules=["q_proj"])
    merged = merge_adapter(base, adapter, tmp_path / "merged")
    entry = PairEntry("lora", "lora", str(base), str(merged))
    pair = load_materialised(check_pair(entry, settings_for(tmp_path, tmp_path / "p.toml")), CPU)
    pair.set_lam(INSTRUCT)
    files = load_file(merged / "model.safetensors")
    assert all(torch.equal(slot.live, files[slot.name]) for slot in pair.slots)
