"""The rules of collecting: set as a whole, checked as a whole, on the ledger."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from ledger.drafts import Draft
from ledger.services import append_entry
from origination.domain.collections.rules import RuleFault, read_rules
from origination.models import CollectionRulesSet
from origination.problems import CollectionRulesInvalid
from tenants.problems import FieldError

_WORDS = {
    "not_in_range": (
        "This is no whole number from %(low)s to %(high)s.",
        "Write a whole number in this range.",
    ),
    "not_later": ("This is not after %(low)s, which comes before it.", "Write a larger number."),
}


def set_collection_rules(*, rules: Mapping[str, Any], by: UUID, at: datetime) -> CollectionRulesSet:
    """Replace the rules (`domain.collections.rules`). Promises keep the grace they were made with.

    Raises `CollectionRulesInvalid`, which names every fault; nothing is changed then.
    """
    read, faults = read_rules(rules)
    if faults:
        raise CollectionRulesInvalid(errors=[_error(fault) for fault in faults])
    plain = read.as_json()
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    rid = uuid.uuid4()
    fields = {"rules": canonical, "set_by": str(by)}
    with transaction.atomic():
        draft = Draft.service(kind="collection.rules_set", rid=rid, fields=fields, ts=at)
        index = append_entry(draft=draft).index
        return CollectionRulesSet.objects.create(
            rid=rid, rules=plain, set_by=by, set_at=at, entry_index=index
        )


def _error(fault: RuleFault) -> FieldError:
    detail, mend = _WORDS[fault.code]
    params = {"low": fault.low, "high": fault.high}
    return FieldError(fault.field, fault.code, detail, mend, params)
