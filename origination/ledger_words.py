"""What the fields of a lessor's entries are called on the ledger's pages."""

from django.utils.translation import gettext_lazy as _

from ledger.field_words import FieldWords, Form
from origination.contests.wording import RIGHT_NAMES
from origination.domain.lease_fields.vocabulary import FIELDS, Kind
from origination.domain.tapes.reported import TARGETS
from origination.wording import REGISTERS
from origination.wording_life import CODES, DONE, FACTS, STATES
from origination.wording_papers import PAPERS

_LEASE = {"lease_rid": _("Lease")}
_WITHDRAWN = {
    "settled": _("nothing is owed any more"),
    "disposed": _("the vehicle was sold"),
    "closed": _("the lease was closed"),
}
_ROLES = {"holder": _("Holds the right"), "claimant": _("Claims the right")}
_OUTCOMES = {
    "upheld": _("Upheld"),
    "dismissed": _("Dismissed"),
    "withdrawn": _("Withdrawn"),
}

WORDS = (
    FieldWords(
        kinds=("lease.recorded",),
        labels={spec.name: _(spec.label) for spec in FIELDS},
        codes={
            spec.name: {code: _(label) for code, label in spec.codes.items()}
            for spec in FIELDS
            if spec.codes
        },
        forms={spec.name: Form.PERCENT for spec in FIELDS if spec.kind is Kind.RATE}
        | {"odometer_km": Form.WHOLE, "photo_sha256": Form.HASH},
    ),
    FieldWords(
        kinds=("payments.batch",),
        labels={"lines": _("Bank lines")}
        | _LEASE
        | {
            "kind": _("Kind"),
            "amount_minor": _("Amount"),
            "currency": _("Currency"),
            "bank_reference": _("Bank reference"),
            "reverses": _("Reverses the line"),
            "effective_at": _("Booked by the bank on"),
            "known_at": _("Known to the lessor at"),
        },
        codes={
            "kind": {
                "rent": _("Rent"),
                "settlement": _("Settlement"),
                "recovery": _("Recovery"),
                "refund": _("Refund"),
                "reversal": _("Reversal"),
            }
        },
        forms={"lines": Form.WHOLE},
    ),
    FieldWords(
        kinds=("statement.imported",),
        labels={
            "file_sha256": _("Hash of the file"),
            "lines": _("Lines"),
            "taken": _("Taken"),
            "from_day": _("From"),
            "to_day": _("To"),
            "imported_by": _("Imported by"),
        },
        forms={"lines": Form.WHOLE, "taken": Form.WHOLE, "file_sha256": Form.HASH},
    ),
    FieldWords(
        kinds=("servicing.terms_set",),
        labels={"versions": _("Versions"), "set_by": _("Set by")},
    ),
    FieldWords(
        kinds=("application.recorded",),
        labels={spec.name: _(spec.label) for spec in FIELDS}
        | {"answer": _("Answer"), "sent_by": _("Sent by"), "client": _("Device")},
        codes={
            spec.name: {code: _(label) for code, label in spec.codes.items()}
            for spec in FIELDS
            if spec.codes
        },
        forms={spec.name: Form.PERCENT for spec in FIELDS if spec.kind is Kind.RATE}
        | {"odometer_km": Form.WHOLE, "photo_sha256": Form.HASH},
    ),
    FieldWords(
        kinds=("paper.noted",),
        labels={
            "paper": _("Paper"),
            "number": _("Number"),
            "party": _("Insurer or office"),
            "from_on": _("From"),
            "until_on": _("Until"),
            "noted_by": _("Noted by"),
            "client": _("Device"),
        },
        codes={"paper": {paper.value: words for paper, words in PAPERS.items()}},
    ),
    FieldWords(
        kinds=("approval.limits_set",),
        labels={
            "from": _("From"),
            "currency": _("Currency"),
            "up_to_minor": _("Limits by role, in minor units"),
            "set_by": _("Set by"),
        },
    ),
    FieldWords(
        kinds=("lease.moved", "lease.amended", "lease.transferred", "application.moved"),
        labels={
            "lease_rid": _("Lease"),
            "limits_entry": _("Entry of the limits"),
            "move": _("Move"),
            "number": _("Number of the move"),
            "state_from": _("State before"),
            "state": _("State after"),
            "on": _("Counts from"),
            "moved_by": _("Moved by"),
            "asked_by": _("Asked for by"),
            "client": _("Device"),
            "currency": _("Currency"),
        }
        | FACTS,
        codes={
            "move": {move.value: words for move, words in DONE.items() if move},
            "state_from": {state.value: words for state, (_tone, words) in STATES.items()},
            "state": {state.value: words for state, (_tone, words) in STATES.items()},
        }
        | CODES,
        forms={
            "number": Form.WHOLE,
            "version": Form.WHOLE,
            "odometer_km": Form.WHOLE,
            "days_past_due": Form.WHOLE,
            "contract_sha256": Form.HASH,
            "months": Form.WHOLE,
            "due_day": Form.WHOLE,
            "holiday_months": Form.WHOLE,
            "annual_nominal_rate": Form.PERCENT,
        },
    ),
    FieldWords(
        kinds=("telematics.batch",),
        labels={"items": _("Reports")}
        | _LEASE
        | {
            "kind": _("Kind"),
            "day": _("Day"),
            "at": _("Time"),
            "device": _("Tracker"),
            "latitude": _("Latitude"),
            "longitude": _("Longitude"),
            "odometer_km": _("Odometer, km"),
            "ignition": _("Ignition"),
            "kilometres": _("Kilometres"),
            "trips": _("Trips"),
            "province": _("Province"),
            "alarms": _("Alarms"),
            "last_seen_at": _("Last heard of"),
        },
        codes={
            "kind": {"daily": _("One day of one vehicle")},
            "province": {
                code: _(name)
                for spec in FIELDS
                if spec.name == "province"
                for code, name in spec.codes.items()
            },
            "ignition": {"on": _("Switched on"), "off": _("Switched off")},
            "alarms": {
                "power_cut": _("A tracker lost its power"),
                "left_region": _("A vehicle left its region"),
                "silent": _("A vehicle fell silent"),
            },
        },
        forms={"items": Form.WHOLE, "odometer_km": Form.WHOLE, "alarms": Form.CODES},
    ),
    FieldWords(
        kinds=("registry.searched",),
        labels={"searches": _("Searches")}
        | _LEASE
        | {
            "register": _("Register"),
            "searched_on": _("Searched on"),
            "result": _("Result"),
            "holder": _("Holder"),
            "registration_number": _("Number of the registration"),
        },
        codes={
            "register": REGISTERS,
            "result": {"clear": _("Clear"), "encumbered": _("Encumbered")},
        },
        forms={"searches": Form.WHOLE},
    ),
    FieldWords(
        kinds=("prices.observed",),
        labels={"observations": _("Observations")}
        | _LEASE
        | {
            "kind": _("Kind"),
            "distressed": _("Sold under pressure"),
            "price_minor": _("Price"),
            "currency": _("Currency"),
            "odometer_km": _("Odometer, km"),
            "observed_on": _("Observed on"),
            "known_at": _("Known to the lessor at"),
        },
        codes={
            "kind": {
                "appraisal": _("Appraisal"),
                "turn_in_sale": _("Sale of a returned vehicle"),
                "distressed_sale": _("Sale of a repossessed vehicle"),
            }
        },
        forms={"observations": Form.WHOLE, "odometer_km": Form.WHOLE},
    ),
    FieldWords(
        kinds=("grant.made", "grant.ended"),
        labels={
            "to_tenant": _("Who may read"),
            "scope": _("What may be read"),
            "granted_by": _("Granted by"),
            "ended_by": _("Ended by"),
        },
        codes={"scope": {"all_leases": _("Every lease")}},
    ),
    FieldWords(
        kinds=("financing.requested",),
        labels={
            "to_tenant": _("Who was asked"),
            "amount_minor": _("Amount"),
            "currency": _("Currency"),
            "term_months": _("Term, months"),
            "purpose": _("Purpose"),
            "requested_by": _("Requested by"),
        },
    ),
    FieldWords(
        kinds=("pledge.accepted", "pledge.refused"),
        labels={
            "from_tenant": _("Who asked"),
            "leases": _("Leases"),
            "reason": _("Reason"),
            "decided_by": _("Decided by"),
        },
        forms={"leases": Form.WHOLE},
    ),
    FieldWords(
        kinds=("claim.withdrawn",),
        labels={"leases": _("Leases")} | _LEASE | {"reason": _("Reason")},
        codes={"reason": _WITHDRAWN},
        forms={"leases": Form.WHOLE},
    ),
    FieldWords(
        kinds=("title.claimed", "title.released"),
        labels={"right": _("Right"), "commitment": _("Blind commitment")},
        codes={"right": RIGHT_NAMES},
    ),
    FieldWords(
        kinds=("contest.opened", "contest.withdrawn", "contest.answered", "contest.decided"),
        labels={
            "vin": _("VIN"),
            "lease": _("Lease"),
            "right": _("Right"),
            "role": _("Role"),
            "answer": _("Answer"),
            "outcome": _("Outcome"),
            "reason": _("Reason"),
            "statement": _("Statement"),
            "evidence_name": _("Evidence"),
            "evidence_sha256": _("Hash of the evidence"),
            "entry": _("Entry that shows it"),
            "answer_by": _("Answer by"),
            "opened_by": _("Opened by"),
            "answered_by": _("Answered by"),
            "withdrawn_by": _("Withdrawn by"),
        },
        codes={
            "right": RIGHT_NAMES,
            "role": _ROLES,
            "outcome": _OUTCOMES,
            "answer": {
                "given": _("Given in time"),
                "lapsed": _("Not answered in time"),
                "none": _("None"),
            },
        },
    ),
    FieldWords(
        kinds=("tape.imported",),
        labels={"part": _("Part of the file"), "parts": _("Parts of the file")},
        forms={"part": Form.WHOLE, "parts": Form.WHOLE},
    ),
    FieldWords(
        kinds=("lease.reported",),
        labels={"leases": _("Leases")}
        | _LEASE
        | {name: _(spec.label) for name, spec in TARGETS.items()},
        codes={
            name: {code: _(label) for code, label in spec.codes.items()}
            for name, spec in TARGETS.items()
            if spec.codes
        },
        forms={"leases": Form.WHOLE, "annual_nominal_rate": Form.PERCENT}
        | {name: Form.WHOLE for name, spec in TARGETS.items() if spec.kind is Kind.WHOLE},
    ),
    FieldWords(
        kinds=("reference.imported",),
        labels={
            "dialect": _("Kind"),
            "file_name": _("File"),
            "file_sha256": _("Hash of the file"),
            "table_sha256": _("Hash of the rows taken"),
            "rows": _("Rows"),
            "taken": _("Rows taken"),
            "imported_by": _("Imported by"),
        },
        codes={
            "dialect": {
                "auto_loans": _("Auto loans"),
                "auto_leases": _("Auto leases"),
                "used_cars": _("Used cars"),
                "lease_terminations": _("Terminations of leases"),
            }
        },
    ),
)
