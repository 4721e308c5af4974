"""Writes of the lessor: each is one transaction with its ledger entry."""

from origination.services.financing import request_financing
from origination.services.leases import record_lease
from origination.services.life import move_lease
from origination.services.line_files import LinesReport, import_payments, import_registry_search
from origination.services.payments import (
    lease_of,
    record_payment,
    record_payments,
    reverse_payment,
)
from origination.services.pledges import accept_pledge, refuse_pledge
from origination.services.reference import (
    ReferenceReport,
    foreign_dialect,
    import_file,
    import_reference,
)
from origination.services.registers import (
    record_price_observations,
    record_registry_search,
    record_telematics,
)
from origination.services.servicing_terms import set_terms
from origination.services.sharing import end_grant, grant_access
from origination.services.statements import book_lines, import_statement, set_aside
from origination.services.tapes import TapeReport, import_tape

__all__ = [
    "LinesReport",
    "ReferenceReport",
    "TapeReport",
    "accept_pledge",
    "book_lines",
    "end_grant",
    "foreign_dialect",
    "grant_access",
    "import_file",
    "import_payments",
    "import_reference",
    "import_registry_search",
    "import_statement",
    "import_tape",
    "lease_of",
    "move_lease",
    "record_lease",
    "record_payment",
    "record_payments",
    "record_price_observations",
    "record_registry_search",
    "record_telematics",
    "refuse_pledge",
    "request_financing",
    "reverse_payment",
    "set_aside",
    "set_terms",
]
