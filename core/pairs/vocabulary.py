"""Do two tokenizers give the same words the same ids? Read from tokenizer.json alone.

A row of an embedding belongs to a token id. Where the two parents use one id for two
different tokens, interpolating the row mixes two words; a few re-used special ids are
common and told, more than that is no pair.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HIGHEST_SHARE_MOVED = 0.01


@dataclass(frozen=True, slots=True)
class VocabularyMatch:
    """How many ids both parents use, and how many of them for another token."""

    shared: int
    moved: int
    example: tuple[int, str, str] | None  # id, base's token, instruct's token

    @property
    def acceptable(self) -> bool:
        """True when at most one id in a hundred means another token."""
        return self.moved <= HIGHEST_SHARE_MOVED * max(self.shared, 1)


def words_beyond(folder: Path, rows: int) -> dict[int, str]:
    """Words of its tokenizer for which a model of so many rows has none, by id."""
    return {token: word for token, word in (_tokens_by_id(folder) or {}).items() if token >= rows}


def compare_vocabularies(base: Path, instruct: Path) -> VocabularyMatch | None:
    """Compare by id; None when one of the folders has no readable tokenizer.json."""
    left, right = _tokens_by_id(base), _tokens_by_id(instruct)
    if left is None or right is None:
        return None
    shared = left.keys() & right.keys()
    moved = [token for token in sorted(shared) if left[token] != right[token]]
    example = (moved[0], left[moved[0]], right[moved[0]]) if moved else None
    return VocabularyMatch(len(shared), len(moved), example)


def _tokens_by_id(folder: Path) -> dict[int, str] | None:
    try:
        content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        return _model_tokens(content["model"]["vocab"]) | {
            int(token["id"]): str(token["content"]) for token in content.get("added_tokens") or []
        }
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None


def _model_tokens(vocabulary: Any) -> dict[int, str]:
    if isinstance(vocabulary, dict):
        return {int(number): str(token) for token, number in vocabulary.items()}
    return {number: str(piece[0]) for number, piece in enumerate(vocabulary)}  # unigram: a list
