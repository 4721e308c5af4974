"""Book a file of bank lines for one lessor and say line by line what was refused and why."""

from origination.management.commands._importing import ImportLinesCommand
from origination.services import import_payments
from tenants.permissions import Permission


class Command(ImportLinesCommand):
    help = (
        "Book a CSV of bank lines: contract_number, kind (rent, settlement, recovery, reversal),"
        " amount_minor, currency, bank_reference, effective_on; optional reverses, known_on."
    )
    permission = Permission.RECORD_PAYMENTS
    service = staticmethod(import_payments)
