"""Applications: those that wait for somebody, one with its versions, and the limits in force."""

from datetime import date
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from origination.domain.life.limits import Limits, in_force
from origination.domain.life.machine import MACHINE, Move, State, ways_out
from origination.domain.life.moves import ASKED_AT_THE_DESK
from origination.models import Application, ApplicationVersion, ApprovalLimits, LifeStep
from origination.problems import NoSuchApplication
from tenants.access import permissions_in
from tenants.models import Tenant, User
from tenants.permissions import Role


def applications(*, state: str = "", q: str = "") -> QuerySet[Application]:
    """The newest first, each with `life` (its state), `moves` and what its last version says."""
    steps = LifeStep.objects.filter(rid=OuterRef("lease_rid")).order_by("-number")
    last = ApplicationVersion.objects.filter(application=OuterRef("pk")).order_by("-number")
    shown = ("number", "contract_number", "lessee_name", "currency", "financed_amount_minor")
    found = Application.objects.annotate(
        life=Subquery(steps.values("state")[:1]),
        moved_at=Subquery(steps.values("at")[:1]),
        **{f"last_{name}": Subquery(last.values(name)[:1]) for name in shown},
    ).order_by(F("moved_at").desc(nulls_last=True), "rid")
    if state:
        found = found.filter(life=state)
    if text := q.strip():
        found = found.filter(versions__contract_number__icontains=text) | found.filter(
            versions__lessee_name__icontains=text
        )
        found = found.distinct()
    return found


def applications_to_decide() -> QuerySet[Application]:
    """Those that wait for the desk."""
    return applications(state=State.APPLICATION.value)


def applications_returned(officer: UUID) -> QuerySet[Application]:
    """Those of an officer that came back with questions."""
    return applications(state=State.QUESTIONED.value).filter(opened_by=officer)


def application_of(rid: UUID) -> Application:
    """The application, or NoSuchApplication."""
    found = applications().filter(rid=rid).first()
    if found is None:
        raise NoSuchApplication
    return found


def application_behind(lease_rid: UUID) -> Application | None:
    """The application that a lease came from."""
    return Application.objects.filter(lease_rid=lease_rid).first()


def desk_moves_for(user: User, tenant: Tenant, state: State) -> list[Move]:
    """The moves of an application that a person may make from its state."""
    held = permissions_in(user, tenant)
    return [
        move
        for move in ways_out(state)
        if move in ASKED_AT_THE_DESK and MACHINE[move].permission in held
    ]


def limits_on(day: date, currency: str) -> tuple[Limits, ApprovalLimits] | None:
    """The limits that govern a day, and their row."""
    rows = {row.entry_index: row for row in ApprovalLimits.objects.filter(currency=currency)}
    found = in_force(map(_limits, rows.values()), day, currency)
    return (found, rows[found.order]) if found else None


def _limits(row: ApprovalLimits) -> Limits:
    up_to = {Role(role): amount for role, amount in row.up_to.items()}
    return Limits(row.starts_on, row.entry_index, row.currency, up_to)
