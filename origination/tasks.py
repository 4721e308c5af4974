"""Background work of the lessor's books, and of contests."""

from uuid import UUID

from procrastinate.contrib.django import app

from tenants import clock
from tenants.jobs import tenant_task


@tenant_task(name="origination.send_identifiers_again")
def send_identifiers_again() -> None:
    """What the title registry's rotation asks a claimant for."""
    from origination.services.identifiers import send_identifiers_again as send

    send()


@tenant_task(name="origination.follow_contests")
def follow_contests() -> None:
    """Write on this tenant's ledger what was decided about contests that concern it."""
    from origination.contests.following import write_decisions

    write_decisions(at=clock.now())


@tenant_task(name="origination.check_tape")
def check_tape(upload_id: str) -> None:
    """Check a file that was taken in."""
    from origination.services.tapes.jobs import run_check

    run_check(upload_id=UUID(upload_id), clock=clock.now)


@tenant_task(name="origination.import_tape")
def import_tape(upload_id: str, by: str) -> None:
    """Import a checked file, or what is left of it."""
    from origination.services.tapes.jobs import run_import

    run_import(upload_id=UUID(upload_id), by=UUID(by), clock=clock.now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="origination.look_after_contests", queueing_lock="contests")
def look_after_contests(timestamp: int) -> None:
    """Every five minutes: late answers lapse, and a job for each tenant that is to be told."""
    from origination.contests.deciding import lapse_overdue, who_waits
    from origination.contests.following import enqueue, who_is_due

    for tenant in who_waits():
        lapse_overdue(contestant=tenant, at=clock.now_of(tenant))
    for tenant in who_is_due():
        enqueue(tenant)
