"""Do two configs compute the same thing? Only settings that change an answer count.

A setting that both name with different values would build other buffers (rotary tables,
scales, windows) or other arithmetic; between two such parents there is no line of models.
"""

from typing import Any

# Names, training-only settings, sizes that are checked on the tensors themselves, and
# everything that only steers transformers' own `generate`.
WITHOUT_EFFECT = frozenset({
    "_name_or_path", "architectures", "auto_map", "transformers_version", "torch_dtype", "dtype",
    "vocab_size", "tie_word_embeddings", "max_position_embeddings", "use_cache",
    "initializer_range", "attention_dropout", "hidden_dropout", "hidden_dropout_prob",
    "embd_pdrop", "attn_pdrop", "resid_pdrop", "summary_first_dropout", "classifier_dropout",
    "output_router_logits", "router_aux_loss_coef", "router_jitter_noise", "pretraining_tp",
    "bos_token_id", "eos_token_id", "pad_token_id", "unk_token_id", "sep_token_id",
    "cache_implementation", "task_specific_params", "use_return_dict", "return_dict",
    "output_attentions", "output_hidden_states", "problem_type", "id2label", "label2id",
    "_attn_implementation", "_attn_implementation_autoset", "gradient_checkpointing",
})  # fmt: skip


def differing_settings(
    base: dict[str, Any], instruct: dict[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Settings that both configs name and that differ, with both values."""
    shared = (base.keys() & instruct.keys()) - WITHOUT_EFFECT
    return {
        key: (base[key], instruct[key])
        for key in sorted(shared)
        if not _same(base[key], instruct[key])
    }


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return not differing_settings(left, right) and left.keys() == right.keys()
    if isinstance(left, int | float) and isinstance(right, int | float):
        return float(left) == float(right)  # 10000 and 10000.0 are one rope base
    return bool(left == right)
