"""Terms of servicing: set as a whole, checked as a whole, on the ledger."""

import json
import uuid
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ledger.drafts import Draft
from ledger.services import append_entry
from origination.domain.servicing.terms import BadTerms, read_terms
from origination.models import ServicingTermsSet
from origination.problems import TermsInvalid
from tenants.problems import FieldError


def set_terms(*, text: str, by: UUID, at: datetime) -> ServicingTermsSet:
    """Replace the terms by these versions (JSON, `domain.servicing.terms`).

    Raises `TermsInvalid`, which names every fault; nothing is changed then.
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
    try:
        read_terms(versions)
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
