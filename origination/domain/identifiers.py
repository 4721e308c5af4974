"""Check digits of vehicles, people and companies, for one text and for columns of texts.

VIN: 49 CFR 565.15(c), ISO 3779 and GB 16735. Resident identity card: GB 11643 (ISO 7064 MOD 11-2).
Unified social credit code: GB 32100. Columns are uint8 matrices of ASCII codes, one row a text.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

Bools = npt.NDArray[np.bool_]

VIN_LENGTH: Final = 17
VIN_PATTERN: Final = r"[A-HJ-NPR-Z0-9]{17}"
RESIDENT_PATTERN: Final = r"[1-9][0-9]{16}[0-9X]"
CREDIT_CODE_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE_PATTERN: Final = r"[0-9A-HJ-NPQRTUWXY]{18}"
#: First characters of world manufacturer identifiers whose vehicles must carry a check digit.
CHECKED_REGIONS: Final = "L12345"  # China; United States, Canada, Mexico

_VIN_VALUES: Final = dict(
    zip(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
        map(int, "012345678912345678123457923456789"),
        strict=True,
    )
)
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_RESIDENT_WEIGHTS: Final = tuple(pow(2, 17 - i, 11) for i in range(17))
_RESIDENT_CHECKS: Final = "10X98765432"
_CREDIT_WEIGHTS: Final = tuple(pow(3, i, 31) for i in range(17))


def vin_check_digit(vin: str) -> str:
    """The ninth character that a 17-character VIN should carry: a digit or X."""
    total = sum(_VIN_VALUES[c] * w for c, w in zip(vin, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11]


def vin_must_check(vin: str) -> bool:
    """Whether the vehicle was made where the check digit is mandatory (China, North America)."""
    return vin[0] in CHECKED_REGIONS


def is_vin(text: str) -> bool:
    """Seventeen characters without I, O and Q; the check digit is another question."""
    return re.fullmatch(VIN_PATTERN, text) is not None


def resident_check_digit(number: str) -> str:
    """The last character of an 18-character identity card number, from its first 17."""
    total = sum(int(c) * w for c, w in zip(number[:17], _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def is_resident_number(text: str) -> bool:
    """Eighteen characters with a real date of birth; the check digit is another question."""
    if re.fullmatch(RESIDENT_PATTERN, text) is None:
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return born.year >= 1900


def credit_code_check_digit(code: str) -> str:
    """The last character of an 18-character unified social credit code, from its first 17."""
    values = (CREDIT_CODE_ALPHABET.index(c) for c in code[:17])
    total = sum(v * w for v, w in zip(values, _CREDIT_WEIGHTS, strict=True))
    return CREDIT_CODE_ALPHABET[-total % 31]


def is_credit_code(text: str) -> bool:
    """Eighteen characters without I, O, S, V and Z; the check digit is another question."""
    return re.fullmatch(CREDIT_CODE_PATTERN, text) is not None


def _matrix(texts: pl.Series, width: int) -> npt.NDArray[np.uint8]:
    """ASCII codes of texts that all have `width` characters, shape (n, width)."""
    joined = "".join(texts.to_list()).encode("ascii")
    return np.frombuffer(joined, np.uint8).reshape(-1, width)


def _table(values: dict[str, int]) -> npt.NDArray[np.int64]:
    table = np.zeros(128, np.int64)
    for character, value in values.items():
        table[ord(character)] = value
    return table


def vin_checks(vins: pl.Series) -> Bools:
    """Whether each well-formed VIN carries its check digit, shape (n,)."""
    codes = _matrix(vins, VIN_LENGTH)
    total = _table(_VIN_VALUES)[codes] @ np.array(_VIN_WEIGHTS)
    expected = np.frombuffer(b"0123456789X", np.uint8)[total % 11]
    return np.asarray(codes[:, 8] == expected)


def resident_checks(numbers: pl.Series) -> Bools:
    """Whether each well-formed identity card number carries its check digit, shape (n,)."""
    codes = _matrix(numbers, 18)
    total = (codes[:, :17].astype(np.int64) - ord("0")) @ np.array(_RESIDENT_WEIGHTS)
    expected = np.frombuffer(_RESIDENT_CHECKS.encode(), np.uint8)[total % 11]
    return np.asarray(codes[:, 17] == expected)


def credit_code_checks(codes: pl.Series) -> Bools:
    """Whether each well-formed unified social credit code carries its check digit, shape (n,)."""
    letters = _matrix(codes, 18)
    values = _table({c: i for i, c in enumerate(CREDIT_CODE_ALPHABET)})[letters]
    total = values[:, :17] @ np.array(_CREDIT_WEIGHTS)
    return np.asarray(values[:, 17] == -total % 31)
