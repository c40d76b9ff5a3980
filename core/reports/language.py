"""Which language a text is in, where that is plain to see; nothing where it is not.

Two narrow rules instead of a classifier, because a short text makes every classifier guess:

* a script that one language alone uses (Greek, Hangul, kana, Hebrew, Thai, …), in at least
  three quarters of twelve letters or more. Cyrillic, Arabic, Han and Devanagari are written in
  by several languages: they are named as scripts.
* Latin letters: at least four different function words of one language, making at least 20 % of
  eight words or more, and at least three times as many as of any other.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

FEWEST_LETTERS, SCRIPT_SHARE = 12, 0.75
FEWEST_WORDS, DIFFERENT_WORDS, WORD_SHARE, TIMES = 8, 4, 0.2, 3
# First word of a letter's Unicode name → what may be said.
_SCRIPTS = {
    "GREEK": "Greek",
    "HANGUL": "Korean",
    "HIRAGANA": "Japanese",
    "KATAKANA": "Japanese",
    "HEBREW": "Hebrew script",
    "THAI": "Thai",
    "GEORGIAN": "Georgian",
    "ARMENIAN": "Armenian",
    "CYRILLIC": "Cyrillic script",
    "ARABIC": "Arabic script",
    "CJK": "Han script",
    "DEVANAGARI": "Devanagari script",
    "BENGALI": "Bengali script",
    "TAMIL": "Tamil",
}
_WORDS = {
    "English": "the and of to is in that it for you with as are this was not be on have at by"
    " from they which he she what there their can will would i a an my your we do does",
    "German": "der die das und ist nicht ein eine einen ich sie er wir ihr mit auf für von den"
    " dem zu im auch es sind wird wie als oder aber kann haben hat sich noch nach bei",
    "French": "le la les des et est une un dans pour que qui ne pas sur avec vous nous je il"
    " elle ce cette sont plus par au aux du mais ou votre être avoir",
    "Spanish": "el la los las de que y en un una es por con para no se del al lo como más pero"
    " su sus este esta son está muy también o si",
    "Italian": "il la le gli di che e un una è per con non si del della dei sono come più ma"
    " questo questa nel nella anche o se ho hai",
    "Portuguese": "o a os as de que e em um uma é por com para não se do da dos das como mais"
    " mas seu sua este esta são está muito também ou você",
    "Dutch": "de het een en van is dat niet in op te voor met zijn er aan ook als maar om bij"
    " ik je we ze hij deze dit wordt naar nog kan of uit",
}
_VOCABULARIES = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Language:
    """A language, or a script, and what spoke for it."""

    name: str
    why: str


def language(text: str) -> Language | None:
    """The language where one of the two rules holds, else None."""
    words = _LETTERS.findall(text)
    letters = "".join(words)
    if len(letters) < FEWEST_LETTERS:
        return None
    scripts = Counter(_script(letter) for letter in letters)
    if scripts["LATIN"] / len(letters) >= SCRIPT_SHARE:
        return _latin([word.lower() for word in words])
    return _by_script(scripts, len(letters))


def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split()[0].split("-")[0]


def _by_script(scripts: Counter[str], letters: int) -> Language | None:
    """Japanese mixes kana with Han letters, so kana decide where there are some."""
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    if kana / letters >= 1 - SCRIPT_SHARE and (kana + scripts["CJK"]) / letters >= SCRIPT_SHARE:
        return Language("Japanese", f"{kana} of {letters} letters are kana.")
    script, count = scripts.most_common(1)[0]
    if count / letters < SCRIPT_SHARE or script not in _SCRIPTS:
        return None
    return Language(_SCRIPTS[script], f"{count} of {letters} letters are of that script.")


def _latin(words: list[str]) -> Language | None:
    if len(words) < FEWEST_WORDS:
        return None
    hits = Counter({name: sum(w in known for w in words) for name, known in _VOCABULARIES.items()})
    (best, most), (_, second) = hits.most_common(2)
    different = len(_VOCABULARIES[best].intersection(words))
    plain = most >= WORD_SHARE * len(words) and most >= TIMES * second
    if not plain or different < DIFFERENT_WORDS:
        return None
    return Language(best, f"{most} of {len(words)} words are function words of {best}.")
