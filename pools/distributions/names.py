"""Whether two names read the same to a person, whatever characters they are written with.

Pure. Names are compared by their skeleton (the idea of Unicode Technical Standard 39): NFKC and
case folding, letters of other scripts as the Latin ones that they pass for, and neither spaces nor
punctuation nor what is not seen. Chinese characters stand for themselves.
"""

from __future__ import annotations

import unicodedata

#: Greek and Cyrillic letters, and digits, that pass for a Latin letter (after case folding).
_LOOKS = str.maketrans(
    {
        "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "һ": "h", "н": "h", "і": "i",
        "ї": "i", "ј": "j", "к": "k", "ӏ": "l", "м": "m", "п": "n", "о": "o", "р": "p", "ԛ": "q",
        "г": "r", "ѕ": "s", "т": "t", "ц": "u", "ѵ": "v", "ԝ": "w", "х": "x", "у": "y", "ү": "y",
        "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "m", "ν": "v", "ο": "o",
        "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "γ": "y", "ω": "w", "ı": "i", "ɩ": "i", "ℓ": "l",
        "0": "o", "1": "l", "|": "l",
    }
)  # fmt: skip
_UNSEEN = ("C", "M", "P", "S", "Z")  # controls, marks, punctuation, symbols, spaces


def skeleton(name: str) -> str:
    """What is left of a name when everything that can deceive the eye is made equal."""
    text = unicodedata.normalize("NFKC", name).casefold()
    text = unicodedata.normalize("NFD", text).translate(_LOOKS)
    seen = "".join(one for one in text if unicodedata.category(one)[0] not in _UNSEEN)
    return seen.replace("i", "l").replace("rn", "m").replace("vv", "w")


def looks_like(one: str, other: str) -> bool:
    """Whether a person could take one name for the other."""
    return skeleton(one) == skeleton(other)
