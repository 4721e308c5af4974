"""Keep what an outside register answered, from a file, and say line by line what was refused."""

from origination.management.commands._importing import ImportLinesCommand
from origination.services import import_registry_search
from tenants.permissions import Permission


class Command(ImportLinesCommand):
    help = (
        "Keep a CSV of register answers: contract_number, register (zhongdeng, vehicle_office),"
        " searched_on, result (clear, encumbered); optional holder, registration_number."
    )
    permission = Permission.IMPORT_TAPE
    service = staticmethod(import_registry_search)
