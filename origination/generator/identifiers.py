"""Identifiers with valid check characters, in bulk, and obviously synthetic.

Every function takes integer columns and returns a fixed-width byte column (`S17`, `S18`), so that a
million identifiers cost a few array operations. Uniqueness is by construction: the caller passes a
serial number, and each number has its own identifier.

Synthetic on purpose: resident numbers use the area code `pp0000`, which names a whole province and
is on nobody's card; organisations use an organisation code that starts with `00`.
"""

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.bytes_]
Ints = NDArray[np.int64]

#: ISO 3779 / 49 CFR 565: value of each VIN character, and the weight of each place.
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_VIN_WEIGHTS = np.array([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])
_VIN_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"  # 2010 is A, 30 years a cycle
_VIN_PLANTS = "ABCDEFGHJKLMNPRSTUVWXYZ"

#: GB 11643-1999: weights of the first 17 digits, and the check character of each remainder.
_RESIDENT_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_RESIDENT_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)

#: GB 32100-2015 and GB 11714-1997: alphabets and weights.
_CREDIT_ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_ORGANISATION_CHECKS = np.frombuffer(b"0123456789X", dtype=np.uint8)

_BIRTH_FIRST = np.datetime64("1964-01-01")
_BIRTH_DAYS = 14_000  # born 1964 to 2002


def scatter(serial: Ints, modulus: int, offset: int = 0) -> Ints:
    """A one-to-one scramble of `0 … modulus-1`, so that neighbours do not look like neighbours.

    Multiplication by a constant prime to `modulus`; raises ValueError when it is not.
    """
    step = 7_368_787
    if np.gcd(step, modulus) != 1:
        raise ValueError(f"{modulus} shares a factor with {step}: choose another modulus")
    return np.asarray((serial % modulus) * step % modulus + offset) % modulus


def digits(values: Ints, width: int) -> NDArray[np.uint8]:
    """ASCII decimal digits of non-negative integers, zero-padded: shape (n, width)."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (values[:, None] // powers % 10 + ord("0")).astype(np.uint8)


def join(*parts: NDArray[np.uint8]) -> Bytes:
    """Character matrices (n, k) side by side as one fixed-width byte column."""
    characters = np.ascontiguousarray(np.concatenate(parts, axis=1))
    return characters.view(f"S{characters.shape[1]}").ravel()


def matrix(column: Bytes) -> NDArray[np.uint8]:
    """The characters of a full-width byte column: shape (n, width)."""
    return np.ascontiguousarray(column).view(np.uint8).reshape(len(column), -1)


def vins(manufacturer: Bytes, descriptor: Bytes, model_year: Ints, serial: Ints) -> Bytes:
    """VINs (ISO 3779) with the check digit of 49 CFR 565 (GB 16735) in place 9.

    `manufacturer` is `S3`, `descriptor` `S5`. The serial's millions choose the plant letter, so
    23 million serials stay distinct within one manufacturer, descriptor and year.
    """
    years = np.frombuffer(_VIN_YEARS.encode(), dtype=np.uint8)[(model_year - 2010) % 30]
    plants = np.frombuffer(_VIN_PLANTS.encode(), dtype=np.uint8)
    plant = plants[serial // 1_000_000 % len(plants)]
    check = np.full(len(serial), ord("0"), dtype=np.uint8)
    characters = np.concatenate(
        [
            matrix(manufacturer),
            matrix(descriptor),
            check[:, None],
            years[:, None],
            plant[:, None],
            digits(scatter(serial, 1_000_000), 6),
        ],
        axis=1,
    )
    values = np.zeros(256, dtype=np.int64)
    for character, value in _VIN_VALUES.items():
        values[ord(character)] = value
    remainder = (values[characters] * _VIN_WEIGHTS).sum(axis=1) % 11
    characters[:, 8] = np.frombuffer(b"0123456789X", dtype=np.uint8)[remainder]
    return join(characters)


def resident_numbers(province: Ints, serial: Ints) -> tuple[Bytes, NDArray[np.datetime64]]:
    """Resident identity numbers (GB 11643-1999) and the birthdays in them.

    `province` holds GB/T 2260 two-digit codes as integers. 14 million serials are distinct.
    """
    scrambled = scatter(serial, _BIRTH_DAYS * 999)
    birthday = _BIRTH_FIRST + (scrambled // 999).astype("timedelta64[D]")
    months = birthday.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    day = (birthday - birthday.astype("datetime64[M]")).astype(np.int64) + 1
    born = (months // 12) * 10_000 + (months % 12 + 1) * 100 + day
    body = np.concatenate(
        [digits(province * 10_000, 6), digits(born, 8), digits(scrambled % 999 + 1, 3)], axis=1
    )
    remainder = ((body - ord("0")).astype(np.int64) * _RESIDENT_WEIGHTS).sum(axis=1) % 11
    return join(body, _RESIDENT_CHECKS[remainder][:, None]), birthday


def credit_codes(province: Ints, serial: Ints) -> Bytes:
    """Unified social credit codes (GB 32100-2015) of companies, distinct for a million serials."""
    alphabet = np.frombuffer(_CREDIT_ALPHABET, dtype=np.uint8)
    organisation = digits(scatter(serial, 1_000_000), 8)
    remainder = ((organisation - ord("0")).astype(np.int64) * _ORGANISATION_WEIGHTS).sum(axis=1)
    organisation_check = _ORGANISATION_CHECKS[(11 - remainder % 11) % 11]
    head = np.tile(np.frombuffer(b"91", dtype=np.uint8), (len(serial), 1))
    body = np.concatenate(
        [head, digits(province * 10_000, 6), organisation, organisation_check[:, None]], axis=1
    )
    position = np.zeros(256, dtype=np.int64)
    position[alphabet] = np.arange(len(alphabet))
    total = (position[body] * _CREDIT_WEIGHTS).sum(axis=1)
    return join(body, alphabet[(31 - total % 31) % 31][:, None])
