"""A contest's rules: what is asked for, how long it takes, when it may be decided. Pure.

Silence is no consent and no defence: a question that was not answered in time lapses, nothing
follows from it by itself, and the operators decide on what there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import PurePath
from typing import Final

from origination.domain.identifiers import is_vin
from tenants.problems import FieldError

#: Those who are asked have so long, whether anybody is asked or not.
ANSWER_WITHIN: Final = timedelta(days=14)
#: The contestant hears within this of the answers' deadline.
DECIDE_WITHIN: Final = timedelta(days=7)
#: An asked side's entry follows a decision that changes nothing for it within this, at a random
#: moment: counterparties see kinds and times of entries, and the same minute would name it.
TELL_WITHIN: Final = timedelta(days=3)
MAX_OPEN: Final = 50  # contests of one institution at a time
MAX_PAPER_BYTES: Final = 10 << 20
LENGTHS: Final = {"statement": (20, 2_000), "reason": (20, 1_000)}
_KINDS: Final = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
#: Words of the names of institutions that name none of them.
_COMMON: Final = frozenset(
    re.findall(
        r"\w+",
        "and auditors auditor auto bank capital car cars china co company corp corporation finance"
        " financial group holding holdings inc international lease leases leasing lessor limited"
        " llc ltd of services the trust trustee vehicle vehicles",
    )
)
_COMMON_ZH: Final = frozenset(
    ("有限责任公司", "股份有限公司", "有限公司", "公司", "集团", "融资租赁", "汽车租赁", "租赁",
     "信托", "审计", "会计师事务所", "事务所", "金融", "银行", "汽车", "中国", "平台")
)  # fmt: skip
_TEXT = "Write from %(least)s to %(most)s characters."
_SAY = "Say what happened and what proves it."


@dataclass(frozen=True)
class Paper:
    """A file as somebody sent it."""

    file_name: str
    content: bytes

    @property
    def name(self) -> str:
        """Its last part, without what does not belong into a name."""
        plain = re.sub(r"[^\w.()\- ]", "_", PurePath(self.file_name.replace("\\", "/")).name)
        return plain.strip()[-120:] or "file"

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()

    @property
    def media_type(self) -> str | None:
        """By its first bytes, never by what the sender says; None for anything else."""
        found = (media for start, media in _KINDS.items() if self.content.startswith(start))
        return next(found, None)


def hear_by(answer_by: datetime) -> datetime:
    """When the contestant hears at the latest."""
    return answer_by + DECIDE_WITHIN


def is_late(answer_by: datetime, at: datetime) -> bool:
    """Whether the last day on which the contestant was to hear is over."""
    return at.date() > hear_by(answer_by).date()


def may_be_decided(answered: Iterable[bool], answer_by: datetime, at: datetime) -> bool:
    """When all who were asked have answered, or the deadline is over.

    Where nobody is asked only the deadline counts: a quick decision would say that nobody holds it.
    """
    given = list(answered)
    return at >= answer_by or (bool(given) and all(given))


def check_filing(
    vin: str, right: str, statement: str, paper: Paper | None, rights: Iterable[str]
) -> list[FieldError]:
    """Everything that is wrong with a contest."""
    errors = []
    if not is_vin(vin):
        errors.append(
            FieldError(
                "vin", "invalid", "This is no VIN: it has 17 letters and digits, no I, O, Q.",
                "Copy it from the vehicle's papers.",
            )
        )  # fmt: skip
    if right not in set(rights):
        errors.append(
            FieldError(
                "right", "unknown_code", "There is no such right.", "Choose one of the list."
            )
        )
    return [*errors, *check_text("statement", statement), *check_paper(paper, needed=True)]


def check_text(field: str, text: str) -> list[FieldError]:
    """Long enough to say something, short enough to be read."""
    least, most = LENGTHS[field]
    if least <= len(text.strip()) <= most and "\0" not in text:
        return []
    return [FieldError(field, "length", _TEXT, _SAY, {"least": least, "most": most})]


def check_paper(paper: Paper | None, *, needed: bool) -> list[FieldError]:
    """A PDF or a picture of at most 10 MiB."""
    if paper is None:
        what = "A contest needs a paper that supports it."
        mend = "Add the contract, the invoice or the registration certificate."
        return [FieldError("evidence", "required", what, mend)] if needed else []
    if len(paper.content) > MAX_PAPER_BYTES:
        what = "The file is larger than 10 MiB."
        return [FieldError("evidence", "too_large", what, "Send a smaller scan.")]
    if paper.media_type is None:
        what = "This file is neither a PDF nor a JPEG or PNG picture."
        return [FieldError("evidence", "media_type", what, "Save it as a PDF and send it again.")]
    return []


def check_reason(reason: str, names: Iterable[str]) -> list[FieldError]:
    """The reason is read by all sides, who do not know each other: it names none of them.

    Neither in full, nor by what tells a name from others, nor by anybody's address.
    """
    errors = check_text("reason", reason)
    said = reason.casefold()
    if "@" in said or any(_is_said(part, said) for name in names for part in _telling(name)):
        what = "The reason names one of the institutions; each side reads it."
        errors.append(FieldError("reason", "names_party", what, "Say it without names."))
    return errors


def _telling(name: str) -> set[str]:
    """What of a name tells whose it is: its words but those that many names have."""
    plain = name.casefold()
    for word in sorted(_COMMON_ZH, key=len, reverse=True):
        plain = plain.replace(word, " ")
    return {word for word in re.findall(r"\w+", plain) if word not in _COMMON and len(word) > 1}


def _is_said(part: str, text: str) -> bool:
    """A word of Latin letters by itself; Chinese has no spaces around words."""
    return re.search(rf"\b{part}\b" if part.isascii() else part, text) is not None
