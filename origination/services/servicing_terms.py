"""Terms of servicing: set as a whole, checked as a whole, on the ledger."""

import json
import uuid
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ledger.drafts import Draft
from ledger.services import append_entry
from origination.domain.quotes.quote import DAYS_A_YEAR
from origination.domain.servicing.rentals import half_up
from origination.domain.servicing.terms import (
    DAILY_SCALE,
    SHARE_SCALE,
    BadTerms,
    TermsBook,
    read_terms,
)
from origination.models import ServicingTermsSet
from origination.problems import LateChargeAboveCap, TermsInvalid
from origination.services.quotes import cap_params, quote_rules
from tenants.problems import FieldError


def set_terms(*, text: str, by: UUID, at: datetime) -> ServicingTermsSet:
    """Replace the terms by these versions (JSON, `domain.servicing.terms`).

    Raises `TermsInvalid`, which names every fault, or `LateChargeAboveCap` with the rule that late
    interest breaks; nothing is changed then.
    """
    try:
        versions = json.loads(text)
    except json.JSONDecodeError as error:
        raise TermsInvalid(
            detail="This is no JSON: line %(line)s, column %(column)s.",
            params={"line": error.lineno, "column": error.colno},
        ) from error
    except RecursionError as error:
        raise TermsInvalid(detail="It is nested too deeply.") from error
    except ValueError as error:  # a number of thousands of digits
        raise TermsInvalid(detail="It holds a number that is too long.") from error
    try:
        _refuse_costly(read_terms(versions))
    except BadTerms as error:
        raise TermsInvalid(
            errors=[FieldError("versions", "bad_terms", problem) for problem in error.problems]
        ) from error
    canonical = json.dumps(versions, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    rid = uuid.uuid4()
    fields = {"versions": canonical, "set_by": str(by)}
    with transaction.atomic():
        draft = Draft.service(kind="servicing.terms_set", rid=rid, fields=fields, ts=at)
        index = append_entry(draft=draft).index
        return ServicingTermsSet.objects.create(
            rid=rid, versions=versions, set_by=by, set_at=at, entry_index=index
        )


def _refuse_costly(book: TermsBook) -> None:
    """Raise `LateChargeAboveCap` where late interest breaks a cap in force as a version begins."""
    for version in book.versions:
        late = version.late_interest
        if late is None:
            continue
        annual = half_up(late.daily_rate * DAYS_A_YEAR * SHARE_SCALE, DAILY_SCALE)
        for cap in quote_rules().caps(version.starts_on):
            if "late_charges" in cap.covers and annual > cap.limit:
                on = version.starts_on.isoformat()
                raise LateChargeAboveCap(params=cap_params(cap, annual, on))
