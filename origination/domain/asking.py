"""What somebody typed into the search box, as the search takes it. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from uuid import UUID

SHORTEST: Final = 2  # letters of the longest word: two are a Chinese name or surname and more
LONGEST: Final = 80
NUMBER_END: Final = 4  # letters by which ends of identity numbers and telephones are indexed
_RID_START: Final = re.compile(r"[0-9a-f]{8}[0-9a-f-]*")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_PERSONAL_NUMBER: Final = re.compile(r"\+?[0-9A-Za-z]{4,20}")


@dataclass(frozen=True, slots=True)
class Asked:
    """`text` as typed in one form of its letters (NFKC) and single spaces."""

    text: str

    @property
    def words(self) -> list[str]:
        return self.text.split()

    @property
    def is_enough(self) -> bool:
        """Whether parts of texts may be looked up by it."""
        return max(map(len, self.words), default=0) >= SHORTEST

    @property
    def number(self) -> int | None:
        """A place in the ledger, as pages write it (1,234) or plain."""
        digits = self.text.replace(",", "")
        return int(digits) if _NUMBER.fullmatch(digits) and digits.isascii() else None

    @property
    def records(self) -> tuple[UUID, UUID] | None:
        """The first and last record id that begin like this: eight hexadecimal digits or more."""
        text = self.text.lower()
        digits = text.replace("-", "")
        if not _RID_START.fullmatch(text) or len(digits) > 32:
            return None
        return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))

    @property
    def number_end(self) -> str | None:
        """The end of an identity number or a telephone, or all of it."""
        text = self.text.replace(" ", "").replace("-", "").upper()
        return text if _PERSONAL_NUMBER.fullmatch(text) else None


def asked(typed: str) -> Asked:
    """Of what was typed: full-width letters as usual ones, no control characters, no length."""
    text = unicodedata.normalize("NFKC", typed)
    text = "".join(one for one in text if not unicodedata.category(one).startswith("C"))
    return Asked(" ".join(text.split())[:LONGEST].strip())


def like(word: str) -> str:
    """A pattern of SQL's LIKE that finds the word anywhere, as it was typed."""
    plain = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"
