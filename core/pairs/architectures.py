"""Which architectures transformers builds as language models, read from its files: no import.

    refuse_unknown(checkpoint)

A page asks this, and importing transformers takes seconds. Not here: whether the tensors are
those of the architecture (core/merge/fit.py).
"""

import ast
import importlib.util
from functools import lru_cache
from pathlib import Path

from core.errors import PairError
from core.pairs.checkpoint import Checkpoint

_LANGUAGE, _ANY = "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES", "MODEL_MAPPING_NAMES"


def refuse_unknown(parent: Checkpoint) -> None:
    """Say so when transformers makes no language model of this checkpoint.

    Raises:
        PairError: with what it is instead, as far as transformers knows it.
    """
    language = _names(_LANGUAGE)
    if not language:  # another layout of transformers: loading says it
        return
    kind = parent.config.get("model_type")
    if not isinstance(kind, str) or kind not in language:
        raise PairError(_not_language(parent, kind))
    known = {name.lower() for names in language.values() for name in names}
    named = parent.architecture
    if named != "none" and named.lower() not in known and not named.endswith("ForCausalLM"):
        raise PairError(
            f"The checkpoint {parent.folder} is a {named}, and not a language model: of a {kind} "
            f"that would be {language[kind][0]}. Choose one that continues text."
        )


def _not_language(parent: Checkpoint, kind: object) -> str:
    if isinstance(kind, str) and kind in _names(_ANY):
        return (
            f"The checkpoint {parent.folder} is a {parent.architecture}, of which transformers "
            "makes no model that continues text (it may read images, or hold an encoder). Choose "
            "a language model."
        )
    return (
        f"The config of {parent.folder} names the architecture {str(kind)[:60]!r}, which this "
        "version of transformers does not know. Choose a model that it knows, or install a newer "
        "version."
    )


@lru_cache(2)
def _names(table: str) -> dict[str, tuple[str, ...]]:
    """Model type → classes, of one table of transformers; empty where it is not found."""
    found = importlib.util.find_spec("transformers")
    if found is None or not found.submodule_search_locations:
        return {}
    file = Path(found.submodule_search_locations[0]) / "models" / "auto" / "modeling_auto.py"
    try:
        text = file.read_text(encoding="utf-8")
        rows = text.partition(f"\n{table} = OrderedDict(")[2].partition("\n)\n")[0]
        listed = ast.literal_eval(rows.strip())
        return {kind: (n,) if isinstance(n, str) else tuple(n) for kind, n in listed}
    except (OSError, ValueError, SyntaxError, TypeError):
        return {}
