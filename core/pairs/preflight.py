"""May these two checkpoints be merged? Decided from headers and configs, before any loading.

`check_pair` answers with a report, or refuses with the reason and the next step. The last
word is had on load, where the end points are checked on the real tensors.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from core.canon import content_id
from core.errors import PairError
from core.pairs.architectures import refuse_unknown
from core.pairs.checkpoint import Checkpoint, read_checkpoint
from core.pairs.config_match import differing_settings
from core.pairs.fingerprint import content_hash
from core.pairs.locate import locate
from core.pairs.parts import parse_path
from core.pairs.registry import PairEntry
from core.pairs.safetensors_header import TensorEntry
from core.pairs.sizes import Sizes, count_layers, sizes_of
from core.pairs.vocabulary import compare_vocabularies, words_beyond
from core.settings import Settings
from core.spec import PairIdentity

OUTPUT_EMBEDDINGS = ("lm_head.weight", "embed_out.weight", "output.weight")
EXACT_IN = {
    "bfloat16": {"BF16"},
    "float16": {"F16"},
    "float32": {"F32", "F16", "BF16"},
    "float64": {"F64", "F32", "F16", "BF16"},
}
DTYPE_NAMES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}


@dataclass(frozen=True, slots=True)
class PairReport:
    """Two parents that fit each other, and what a person should know about them."""

    identity: PairIdentity
    base_folder: Path
    instruct_folder: Path
    architecture: str
    parameters: int  # of the larger parent
    dtype: str  # the wider of the two
    sizes: Sizes  # of one merged model in that dtype
    base_rows: int | None  # vocabulary rows; None when the config does not say
    instruct_rows: int | None
    stop_ids: tuple[int, ...]  # union of both parents
    chat_template: str | None  # sha256 of the instruct parent's template
    notes: tuple[str, ...]
    path: str = ""  # which parts move with λ; empty: all alike

    @property
    def weights_bytes(self) -> int:
        """Of one merged model."""
        return self.sizes.total

    @property
    def layers(self) -> int:
        """How many the model has."""
        return len(self.sizes.layers)

    @property
    def copies(self) -> int:
        """How often the weights are held: both parents and the live ones, or one model alone."""
        return 1 if self.base_folder == self.instruct_folder else 3


def check_pair(entry: PairEntry, settings: Settings, *, download: bool = True) -> PairReport:
    """Look at both parents and say whether they can be merged.

    Raises:
        PairError: they cannot, with the reason and the next step.
    """
    base = read_checkpoint(locate(entry.base, entry.base_revision, download=download))
    instruct = read_checkpoint(locate(entry.instruct, entry.instruct_revision, download=download))
    for parent in (base, instruct):
        refuse_unusable(parent)
    refuse_other_architecture(base, instruct)
    notes = [*compare_tensors(base, instruct), *compare_words(base, instruct)]
    dtype = wider_dtype(base.main_dtype, instruct.main_dtype)
    if base.main_dtype != instruct.main_dtype:
        notes.append(
            f"The parents are stored in {DTYPE_NAMES[base.main_dtype]} and "
            f"{DTYPE_NAMES[instruct.main_dtype]}; the merge keeps {dtype}."
        )
    return _report(entry, settings, (base, instruct), dtype, tuple(notes))


def wider_dtype(base: str, instruct: str) -> str:
    """The torch name of a dtype that holds both exactly (header names come in)."""
    if base == instruct:
        return DTYPE_NAMES[base]
    return "float64" if "F64" in (base, instruct) else "float32"


def _report(
    entry: PairEntry,
    settings: Settings,
    parents: tuple[Checkpoint, Checkpoint],
    dtype: str,
    notes: tuple[str, ...],
) -> PairReport:
    base, instruct = parents
    template = instruct.chat_template
    if template is None:
        notes += ("The instruct parent has no chat template: conversations are not possible.",)
    notes += tuple(note for parent in parents for note in _rounded(parent, dtype))
    if entry.path:
        notes += (parse_path(entry.path).in_words(),)
    item_bytes = {"float64": 8, "float32": 4}.get(dtype, 2)
    return PairReport(
        identity=_identity(entry, (base, instruct), settings),
        base_folder=base.folder,
        instruct_folder=instruct.folder,
        architecture=base.architecture,
        parameters=max(base.parameters, instruct.parameters),
        dtype=dtype,
        sizes=sizes_of(parents, item_bytes),
        base_rows=_vocabulary_rows(base),
        instruct_rows=_vocabulary_rows(instruct),
        stop_ids=tuple(sorted(base.stop_ids | instruct.stop_ids)),
        chat_template=template and hashlib.sha256(template.encode()).hexdigest(),
        notes=notes,
        path=entry.path,
    )


def _rounded(parent: Checkpoint, dtype: str) -> list[str]:
    """A checkpoint of several dtypes is computed in one: which tensors lose digits by that."""
    lossy = [t for t in parent.tensors.values() if t.floating and t.dtype not in EXACT_IN[dtype]]
    if not lossy:
        return []
    count = "1 tensor" if len(lossy) == 1 else f"{len(lossy)} tensors"
    stored = DTYPE_NAMES[lossy[0].dtype]
    return [
        f"{parent.folder.name} stores {count} in {stored} among others in {dtype}, first "
        f"{lossy[0].name}; all are computed in {dtype}."
    ]


def _identity(
    entry: PairEntry, parents: tuple[Checkpoint, Checkpoint], settings: Settings
) -> PairIdentity:
    """Both ends of the line by content; a path that leads elsewhere has ends of its own."""
    base, instruct = (content_hash(parent.folder, settings.state) for parent in parents)
    if not entry.path:
        return PairIdentity(entry.name, base, instruct)
    path = parse_path(entry.path)
    path.refuse_foreign(parents[1].tensors, count_layers(parents[1]), entry.name)
    start = content_id(["start", base, instruct, entry.path]) if path.rest else base
    return PairIdentity(entry.name, start, content_id(["end", base, instruct, entry.path]))


def refuse_unusable(parent: Checkpoint) -> None:
    """Quantised weights, models that need code of their own, and what is no language model.

    Raises:
        PairError: with the reason and the next step.
    """
    if parent.config.get("quantization_config") or parent.text_config.get("quantization_config"):
        raise PairError(
            f"The checkpoint {parent.folder} is quantised; the line between two quantised models "
            "is not defined. Give the unquantised weights."
        )
    packed = next((t for t in parent.tensors.values() if t.dtype.startswith("F8")), None)
    if packed is not None:
        raise PairError(
            f"The checkpoint {parent.folder} stores {packed.name} in {packed.dtype}, which is "
            "quantised. Give the unquantised weights."
        )
    odd = next(
        (t for n, t in parent.tensors.items() if not t.floating and n.endswith("weight")), None
    )
    if odd is not None:
        raise PairError(
            f"The checkpoint {parent.folder} stores {odd.name} in {odd.dtype}, which is packed or "
            "quantised. Give the unquantised weights."
        )
    if parent.config.get("auto_map") and not _known_natively(parent.config.get("model_type")):
        raise PairError(
            f"The checkpoint {parent.folder} needs its own code (auto_map in config.json), which "
            "Partway does not run. Choose a model that transformers knows by itself."
        )
    refuse_unknown(parent)


def _known_natively(model_type: object) -> bool:
    """Whether transformers ships this model type, found on disk without importing it."""
    found = importlib.util.find_spec("transformers")
    if found is None or not found.submodule_search_locations or not isinstance(model_type, str):
        return False
    folder = Path(found.submodule_search_locations[0]) / "models" / model_type.replace("-", "_")
    return folder.is_dir()


def refuse_other_architecture(base: Checkpoint, instruct: Checkpoint) -> None:
    """Parents that compute different things.

    Raises:
        PairError: with the setting that differs.
    """
    if base.architecture != instruct.architecture:
        raise PairError(
            f"The parents have different architectures: base is {base.architecture}, instruct is "
            f"{instruct.architecture}. Choose the instruct model that was made from this base."
        )
    differing = differing_settings(base.text_config, instruct.text_config)
    if differing:
        key, (left, right) = next(iter(differing.items()))
        raise PairError(
            f"The parents' configs differ in {key} (base {left!r}, instruct {right!r}), so they "
            "compute different things. Choose parents whose settings agree."
        )


def compare_tensors(base: Checkpoint, instruct: Checkpoint) -> list[str]:
    """What a person should know of tensors that one parent has otherwise.

    Raises:
        PairError: a tensor that cannot be merged.
    """
    notes = []
    for name in sorted(base.tensors.keys() ^ instruct.tensors.keys()):
        notes += _only_in_one(name, base, instruct)
    for name in sorted(base.tensors.keys() & instruct.tensors.keys()):
        left, right = base.tensors[name], instruct.tensors[name]
        if left.floating != right.floating:
            raise PairError(
                f"The tensor {name} is stored in {left.dtype} in the base and in {right.dtype} in "
                "the instruct parent, between which there is no line. Give unquantised weights."
            )
        if left.shape != right.shape and not _rows_differ_only(left, right, base, instruct):
            raise PairError(
                f"The tensor {name} has shape {list(left.shape)} in the base and "
                f"{list(right.shape)} in the instruct parent. Choose parents of one size."
            )
    rows = (_vocabulary_rows(base), _vocabulary_rows(instruct))
    if None not in rows and rows[0] != rows[1]:
        more = "base" if (rows[0] or 0) > (rows[1] or 0) else "instruct"
        count = abs((rows[0] or 0) - (rows[1] or 0))
        notes.append(f"{count} vocabulary rows come from the {more} parent, which alone has them.")
    return notes


def _only_in_one(name: str, base: Checkpoint, instruct: Checkpoint) -> list[str]:
    if name.endswith("rotary_emb.inv_freq") or name.endswith(".attn.bias"):
        return []  # tables that old checkpoints stored; the config rebuilds them
    has = "base" if name in base.tensors else "instruct"
    if name.endswith(OUTPUT_EMBEDDINGS):
        return [f"Only the {has} parent stores {name}; the other ties it to its input embedding."]
    raise PairError(
        f"Only the {has} parent has the tensor {name}. Choose the instruct model that was made "
        "from this base."
    )


def _rows_differ_only(
    left: TensorEntry, right: TensorEntry, base: Checkpoint, instruct: Checkpoint
) -> bool:
    """True for an embedding whose rows follow each parent's own vocabulary size."""
    if len(left.shape) not in (1, 2) or left.shape[1:] != right.shape[1:]:
        return False
    return left.shape[0] == _vocabulary_rows(base) and right.shape[0] == _vocabulary_rows(instruct)


def _vocabulary_rows(parent: Checkpoint) -> int | None:
    rows = parent.text_config.get("vocab_size")
    return rows if isinstance(rows, int) else None


def compare_words(base: Checkpoint, instruct: Checkpoint) -> list[str]:
    """What a person should know of words that differ.

    Raises:
        PairError: the vocabularies are two.
    """
    match = compare_vocabularies(base.folder, instruct.folder)
    if match is None and not any(one.file.exists() for one in instruct.tensors.values()):
        return [
            "Their words are compared once the tokenizers are here: they come with the weights."
        ]
    if match is None:
        return [
            "The tokenizers could not be compared (no tokenizer.json that can be read); the "
            "instruct's is used."
        ]
    beyond = _beyond(base, instruct)
    if match.example is None:
        return beyond
    number, left, right = match.example
    if not match.acceptable:
        raise PairError(
            f"The tokenizers differ in {match.moved} of {match.shared} ids (id {number} is "
            f"{left!r} in the base and {right!r} in the instruct parent). "
            "Choose parents of one vocabulary."
        )
    return [
        f"{match.moved} token ids mean another token in the base (id {number}: {left!r}).",
        *beyond,
    ]


def _beyond(base: Checkpoint, instruct: Checkpoint) -> list[str]:
    rows = [one for one in (_vocabulary_rows(base), _vocabulary_rows(instruct)) if one is not None]
    words = words_beyond(instruct.folder, max(rows)) if rows else {}
    if not words:
        return []
    first = min(words)
    count = "1 word" if len(words) == 1 else f"{len(words)} words"
    return [
        f"The tokenizer has {count} for which the model has no row, first {words[first]!r} "
        f"(id {first}); a text that holds one is refused."
    ]
