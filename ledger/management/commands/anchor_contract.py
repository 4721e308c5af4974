"""`manage.py anchor_contract SCHEMA NAME`: deploys the anchor contract that a target needs."""

import time

from django.core.management.base import BaseCommand, CommandError

from ledger.anchoring.ethereum import show_address
from ledger.anchoring.services import name_contract
from ledger.anchoring.statement import AnchorError
from ledger.anchoring.targets import check_packages, evm_anchor, payer
from ledger.management.named import inside, tenant_named
from ledger.models import AnchorKind, AnchorTarget
from tenants.problems import Problem


class Command(BaseCommand):
    help = "Deploy CheckpointAnchor.sol for a target, paid from the target's own account."

    def add_arguments(self, parser):
        parser.add_argument("schema", help="the tenant's schema name")
        parser.add_argument("name", help="the anchor's name")
        parser.add_argument("--wait", type=float, default=300, help="seconds to wait for the block")

    def handle(self, *, schema, name, wait, **options):
        tenant = tenant_named(schema)
        with inside(tenant):
            target = AnchorTarget.objects.filter(name=name, kind=AnchorKind.EVM).first()
            if target is None:
                raise CommandError(f"{schema!r} has no anchor {name!r} on an EVM chain.")
            if target.terms["contract"]:
                raise CommandError(f"Its contract stands at {target.terms['contract']} already.")
            try:
                check_packages(target.kind)
                self._deploy(target, wait)
            except (AnchorError, Problem) as problem:
                hint = f" The account {payer(target)} pays: fund it first." if payer(target) else ""
                raise CommandError(f"{str(problem).rstrip('.')}.{hint}") from problem

    def _deploy(self, target: AnchorTarget, wait: float) -> None:
        anchor = evm_anchor(target)
        address = show_address(anchor.account.contract_at(anchor.nonce()))
        self.stdout.write(f"sent {anchor.deploy()}, paid by {payer(target)}")
        name_contract(target=target, contract=address)
        target.refresh_from_db()
        deadline = time.monotonic() + wait
        while not evm_anchor(target).code_is_ours():
            if time.monotonic() > deadline:
                raise AnchorError(f"no contract stands at {address} yet; it may still be mined")
            time.sleep(0.2)
        self.stdout.write(f"the contract stands at {address}")
