"""Background work of the lessor's books."""

from tenants.jobs import tenant_task


@tenant_task(name="origination.send_identifiers_again")
def send_identifiers_again() -> None:
    """What the title registry's rotation asks a claimant for."""
    from origination.services.identifiers import send_identifiers_again as send

    send()
