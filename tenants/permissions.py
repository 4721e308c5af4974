"""Who may do what: one table, asked by web, API and sockets alike. Pure.

A role belongs to a membership of one person in one tenant; a person may hold several. The kind of
the tenant bounds the roles it can give (`ROLES_OF_KIND`).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Kind(StrEnum):
    """What a tenant is."""

    PLATFORM = "platform"
    LESSOR = "lessor"
    TRUST = "trust"
    AUDITOR = "auditor"


class Role(StrEnum):
    """What a person is within a tenant."""

    PLATFORM_OPERATOR = "platform_operator"
    LESSOR_OFFICER = "lessor_officer"
    LESSOR_BACK_OFFICE = "lessor_back_office"
    LESSOR_MANAGER = "lessor_manager"
    TRUST_ANALYST = "trust_analyst"
    RISK_COMMITTEE = "risk_committee"
    PORTFOLIO_MANAGER = "portfolio_manager"
    INVESTOR = "investor"
    CUSTODIAN = "custodian"
    EXTERNAL_REVIEWER = "external_reviewer"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """One act or one room of information."""

    OPERATE_PLATFORM = "operate_platform"
    # ledger
    VIEW_LEDGER = "view_ledger"
    VIEW_PAYLOADS = "view_payloads"
    EXPORT_LEDGER = "export_ledger"
    SEAL_CHECKPOINT = "seal_checkpoint"
    RESTORE_LEDGER = "restore_ledger"
    CONTEST_RIGHTS = "contest_rights"
    ERASE_PAYLOAD = "erase_payload"
    # lessor
    USE_PHONE = "use_phone"
    RECORD_LEASE = "record_lease"
    APPROVE_DEVICE = "approve_device"
    VIEW_LEASES = "view_leases"
    IMPORT_TAPE = "import_tape"
    RECORD_PAYMENTS = "record_payments"
    SET_TERMS = "set_terms"
    DECIDE_APPLICATION = "decide_application"
    MOVE_LEASE = "move_lease"
    WRITE_OFF_LEASE = "write_off_lease"
    COLLECT = "collect"
    ASSIGN_COLLECTIONS = "assign_collections"
    GRANT_ACCESS = "grant_access"
    REQUEST_FINANCING = "request_financing"
    ACCEPT_PLEDGE = "accept_pledge"
    # trust
    VIEW_ASSETS = "view_assets"
    RUN_SCREENING = "run_screening"
    TRAIN_MODEL = "train_model"
    PROMOTE_MODEL = "promote_model"
    CONDUCT_DILIGENCE = "conduct_diligence"
    VIEW_DEALS = "view_deals"
    VOTE = "vote"
    PACKAGE_POOL = "package_pool"
    APPROVE_POOL = "approve_pool"
    PURCHASE_POOL = "purchase_pool"
    CONFIRM_CASH = "confirm_cash"
    DISTRIBUTE = "distribute"
    VIEW_UNITS = "view_units"
    ISSUE_DOCUMENT = "issue_document"
    VIEW_DOCUMENTS = "view_documents"
    VIEW_MONITORING = "view_monitoring"
    ACT_ON_ALERT = "act_on_alert"
    VIEW_STORIES = "view_stories"


_P = Permission
_READ_LEDGER = {_P.VIEW_LEDGER, _P.VIEW_DOCUMENTS, _P.VIEW_STORIES}
# a lessor's own figures are in its book: what a trust watches is the trust's
_LESSOR_READ = _READ_LEDGER | {_P.VIEW_LEASES, _P.VIEW_PAYLOADS}
_TRUST_READ = _READ_LEDGER | {_P.VIEW_ASSETS, _P.VIEW_DEALS, _P.VIEW_MONITORING, _P.VIEW_UNITS}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.PLATFORM_OPERATOR: frozenset({_P.OPERATE_PLATFORM, _P.VIEW_STORIES}),
    Role.LESSOR_OFFICER: frozenset(
        {
            _P.USE_PHONE,
            _P.RECORD_LEASE,
            _P.VIEW_LEASES,
            _P.COLLECT,
            _P.VIEW_LEDGER,
            _P.VIEW_STORIES,
        }
    ),
    Role.LESSOR_BACK_OFFICE: frozenset(
        _LESSOR_READ
        | {
            _P.IMPORT_TAPE,
            _P.RECORD_PAYMENTS,
            _P.DECIDE_APPLICATION,
            _P.MOVE_LEASE,
            _P.COLLECT,
            _P.ASSIGN_COLLECTIONS,
            _P.EXPORT_LEDGER,
        }
    ),
    Role.LESSOR_MANAGER: frozenset(
        _LESSOR_READ
        | {
            _P.USE_PHONE,
            _P.APPROVE_DEVICE,
            _P.SET_TERMS,
            _P.DECIDE_APPLICATION,
            _P.MOVE_LEASE,
            _P.WRITE_OFF_LEASE,
            _P.COLLECT,
            _P.ASSIGN_COLLECTIONS,
            _P.GRANT_ACCESS,
            _P.REQUEST_FINANCING,
            _P.ACCEPT_PLEDGE,
            _P.CONTEST_RIGHTS,
            _P.EXPORT_LEDGER,
            _P.SEAL_CHECKPOINT,
            _P.RESTORE_LEDGER,
            _P.ERASE_PAYLOAD,
            _P.ISSUE_DOCUMENT,
        }
    ),
    Role.TRUST_ANALYST: frozenset(
        _TRUST_READ
        | {
            _P.VIEW_PAYLOADS,
            _P.RUN_SCREENING,
            _P.TRAIN_MODEL,
            _P.CONDUCT_DILIGENCE,
            _P.PACKAGE_POOL,
            _P.ISSUE_DOCUMENT,
            _P.EXPORT_LEDGER,
            _P.SEAL_CHECKPOINT,
        }
    ),
    Role.RISK_COMMITTEE: frozenset(
        _TRUST_READ | {_P.VOTE, _P.PROMOTE_MODEL, _P.APPROVE_POOL, _P.EXPORT_LEDGER}
    ),
    Role.PORTFOLIO_MANAGER: frozenset(
        _TRUST_READ
        | {
            _P.VIEW_PAYLOADS,
            _P.PACKAGE_POOL,
            _P.APPROVE_POOL,
            _P.PURCHASE_POOL,
            _P.RESTORE_LEDGER,
            _P.CONTEST_RIGHTS,
            _P.PROMOTE_MODEL,
            _P.DISTRIBUTE,
            _P.ACT_ON_ALERT,
            _P.ISSUE_DOCUMENT,
            _P.EXPORT_LEDGER,
        }
    ),
    Role.INVESTOR: frozenset({_P.VIEW_UNITS, _P.VIEW_DOCUMENTS, _P.VIEW_LEDGER}),
    Role.CUSTODIAN: frozenset(
        {_P.CONFIRM_CASH, _P.VIEW_DEALS, _P.VIEW_UNITS, _P.VIEW_DOCUMENTS, _P.VIEW_LEDGER}
    ),
    Role.EXTERNAL_REVIEWER: frozenset(
        _READ_LEDGER | {_P.VIEW_DEALS, _P.VIEW_ASSETS, _P.CONDUCT_DILIGENCE}
    ),
    Role.AUDITOR: frozenset(
        _READ_LEDGER | {_P.EXPORT_LEDGER, _P.VIEW_DEALS, _P.VIEW_ASSETS, _P.VIEW_MONITORING}
    ),
}

ROLES_OF_KIND: dict[Kind, frozenset[Role]] = {
    Kind.PLATFORM: frozenset({Role.PLATFORM_OPERATOR}),
    Kind.LESSOR: frozenset(
        {Role.LESSOR_OFFICER, Role.LESSOR_BACK_OFFICE, Role.LESSOR_MANAGER, Role.AUDITOR}
    ),
    Kind.TRUST: frozenset(
        {
            Role.TRUST_ANALYST,
            Role.RISK_COMMITTEE,
            Role.PORTFOLIO_MANAGER,
            Role.INVESTOR,
            Role.CUSTODIAN,
            Role.EXTERNAL_REVIEWER,
            Role.AUDITOR,
        }
    ),
    Kind.AUDITOR: frozenset({Role.AUDITOR}),
}


def permissions_of(roles: Iterable[Role | str]) -> frozenset[Permission]:
    """Everything that holders of `roles` may do."""
    return frozenset().union(*(ROLE_PERMISSIONS[Role(role)] for role in roles))
