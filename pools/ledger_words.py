"""What the fields of a trust company's entries are called on the ledger's pages."""

from django.utils.translation import gettext_lazy as _

from ledger.field_words import FieldWords, Form
from pools.circular.words import MODEL_FAMILIES, PAYEES
from pools.deals.wording import FORMS
from pools.screening.wording import VERDICTS

_RECEIVABLES = {"receivables": _("Receivables")}
_TITLE = {"pledged": _("Pledged"), "sold": _("Sold")}
_GIVEN_UP = {
    "cancelled": _("Given up"),
    "refused": _("Refused"),
    "expired": _("Not answered in time"),
    "contested": _("A contest was upheld"),
}
_RELEASED = {
    "ended": _("Leases that ended"),
    "settled": _("Nothing is owed any more"),
    "disposed": _("The vehicle was sold"),
    "replaced": _("Replaced by another asset"),
    "debt_paid": _("Every class of the loan is paid"),
}

WORDS = (
    FieldWords(
        labels={
            "pool": _("Pool"),
            "facility": _("Facility"),
            "lessor": _("Lessor"),
            "title_state": _("State of the title"),
            "right": _("Right"),
            "leases": _("Leases"),
            "assets": _("Assets"),
            "cut_off": _("Cut-off"),
            "name": _("Name"),
            "seal": _("Seal of the decision"),
            "terms_sha256": _("Hash of the terms"),
            "simulated_time": _("In the time of a demonstration"),
            "artefact_sha256": _("Hash of the model"),
            "model": _("Trained model"),
        },
        codes={"title_state": _TITLE, "right": _RECEIVABLES},
        forms={
            "lessor": Form.INSTITUTION,
            "leases": Form.WHOLE,
            "assets": Form.WHOLE,
            "seal": Form.HASH,
        },
    ),
    FieldWords(
        kinds=("model.trained",),
        labels={
            "family": _("Family"),
            "trained_as_of": _("Learned from outcomes known by"),
            "seed": _("Seed"),
            "data_hash": _("Hash of the training data"),
            "code_version": _("Hash of the code"),
            "trained_by": _("Trained by"),
        },
        codes={"family": MODEL_FAMILIES},
        forms={"code_version": Form.HASH},
    ),
    FieldWords(
        kinds=("model.shadowed",),
        labels={
            "as_of": _("Forecast as of"),
            "ends_on": _("Ends on"),
            "forecast_root": _("Root of the forecast"),
            "started_by": _("Started by"),
        },
    ),
    FieldWords(
        kinds=("model.tested",),
        labels={
            "test": _("Test"),
            "verdict": _("Verdict"),
            "report_sha256": _("Hash of the report"),
            "shadow": _("Shadow run that it judged"),
        },
        codes={
            "test": {
                "alpha": _("α: on held-out history"),
                "beta": _("β: forecast against what happened"),
            },
            "verdict": {code: words for code, (words, _tone) in VERDICTS.items()},
        },
    ),
    FieldWords(
        kinds=("model.promoted",),
        labels={"approved_by": _("Approved by")},
        forms={"approved_by": Form.PERSONS},
    ),
    FieldWords(
        kinds=("screening.completed",),
        labels={
            "as_of": _("Screened as of"),
            "input_hash": _("Hash of the inputs"),
            "results_root": _("Root over every asset's result"),
        },
    ),
    FieldWords(
        kinds=("diligence.closed",),
        labels={
            "cleared": _("Cleared"),
            "questions": _("Questions"),
            "passed": _("Questions passed"),
            "findings_sha256": _("Hash of the findings"),
            "closed_by": _("Closed by"),
        },
    ),
    FieldWords(
        kinds=("committee.decided",),
        labels={
            "request": _("Request"),
            "decision": _("Decision"),
            "votes": _("Votes"),
            "quorum": _("Quorum"),
            "form": _("Form of the deal"),
            "currency": _("Currency"),
            "limit_minor": _("Limit of the facility"),
            "expires_on": _("Expires on"),
        },
        codes={
            "decision": {"approved": _("Approved"), "refused": _("Refused")},
            "votes": {"yes": _("For"), "no": _("Against")},
            "form": {code: words[0] for code, words in FORMS.items()},
        },
        forms={"votes": Form.VOTES},
    ),
    FieldWords(
        kinds=("pool.packaged",),
        labels={
            "screening": _("Screening"),
            "net_value_minor": _("Net value"),
            "tranches": _("Classes"),
            "bundle_sha256": _("Hash of the decision bundle"),
            "selection_root": _("Root over the chosen leases"),
            "packaged_by": _("Packaged by"),
        },
        codes={"tranches": PAYEES},
        forms={"tranches": Form.TRANCHES},
    ),
    FieldWords(
        kinds=("pool.cancelled", "pledge.released"),
        labels={
            "reason": _("Reason"),
            "cancelled_by": _("Given up by"),
            "remaining": _("Leases still held"),
            "lease_rid": _("Lease"),
        },
        codes={"reason": _RELEASED | _GIVEN_UP},
        forms={"remaining": Form.WHOLE},
    ),
    FieldWords(
        kinds=("pledge.requested", "pledge.perfected"),
        labels={
            "pool_name": _("Pool"),
            "pool": _("Number of the pool"),
            "form": _("Form of the deal"),
            "answer_by": _("Answer by"),
            "requested_by": _("Requested by"),
            "lease_rid": _("Lease"),
        },
        codes={"form": {code: words[0] for code, words in FORMS.items()}},
    ),
    FieldWords(kinds=("pool.purchased",), labels={"purchased_by": _("Purchased by")}),
    FieldWords(
        kinds=("pool.disbursed",),
        labels={
            "pledge": _("Pledge"),
            "bank_reference": _("Bank reference"),
            "instructed_by": _("Instructed by"),
            "confirmed_by": _("Confirmed by"),
        },
    ),
    FieldWords(
        kinds=("units.subscribed",),
        labels={
            "class": _("Class"),
            "holder": _("Holder"),
            "units_minor": _("Units"),
            "subscribed_by": _("Placed by"),
        },
        codes={"class": PAYEES},
    ),
    FieldWords(
        kinds=("distribution.made",),
        labels={
            "period": _("Period"),
            "version": _("Version"),
            "from": _("From day"),
            "to": _("Up to, not including"),
            "known_at": _("Bank lines known by"),
            "payments": _("Payments"),
            "payments_root": _("Root over every payment"),
            "income_minor": _("Income"),
            "principal_minor": _("Principal"),
            "pool_opening_minor": _("Pool before"),
            "collected_minor": _("Less principal collected"),
            "late_minor": _("Less principal known late"),
            "defaulted_minor": _("Less fallen into default"),
            "ended_minor": _("Less ended with settlements"),
            "restored_minor": _("Plus restored"),
            "returned_minor": _("Plus came back from default"),
            "pool_closing_minor": _("Pool after"),
            "recovered_minor": _("Recovered on defaulted leases"),
            "result_sha256": _("Hash of the result"),
            "made_by": _("Made by"),
        },
        forms={"payments": Form.WHOLE},
    ),
    FieldWords(
        kinds=("document.issued",),
        labels={
            "title": _("Title of the document"),
            "kind": _("Kind"),
            "subject": _("Of pool or facility"),
            "language": _("Language"),
            "media_type": _("Kind of file"),
            "bytes": _("Size in bytes"),
            "sha256": _("Hash of the file"),
            "issued_by": _("Issued by"),
        },
        codes={
            "kind": {
                "circular": _("Offering circular"),
                "tape": _("Asset-level tape"),
                "decision": _("Decision bundle"),
            },
            "language": {"en": _("In English"), "zh-hans": _("In Chinese")},
        },
        forms={"bytes": Form.WHOLE, "sha256": Form.HASH},
    ),
)
