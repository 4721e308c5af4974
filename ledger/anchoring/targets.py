"""From a target's row to the anchor that it means, and from what a person typed to a row."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from ledger.anchoring.ethereum import Account, parse_address, show_address
from ledger.anchoring.evm import GWEI, EvmAnchor
from ledger.anchoring.statement import Anchor
from ledger.anchoring.timestamping import TimestampAnchor, roots_of
from ledger.keystore import read_or_create
from ledger.models import AnchorKind, AnchorTarget
from ledger.outbound import check_reachable
from ledger.problems import AnchorUnusable, AnchorUnwanted
from tenants.problems import FieldError, Problem

_PACKAGES = {AnchorKind.TIMESTAMP: ("rfc3161_client",), AnchorKind.EVM: ("coincurve", "rlp")}


def _missing(kind: str) -> list[str]:
    return [name for name in _PACKAGES[AnchorKind(kind)] if not importlib.util.find_spec(name)]


def check_packages(kind: str) -> None:
    """Raise `AnchorUnusable` if what this kind needs is not installed here."""
    if missing := _missing(kind):
        raise AnchorUnusable(params={"packages": ", ".join(missing)})


def anchor_of(target: AnchorTarget) -> Anchor:
    """The outsider that a target names."""
    check_packages(target.kind)
    if target.kind == AnchorKind.TIMESTAMP:
        return TimestampAnchor(target.url, roots_of(target.terms["roots"]))
    return evm_anchor(target)


def evm_anchor(target: AnchorTarget) -> EvmAnchor:
    """The contract that a target names, with the account that pays."""
    terms = target.terms
    return EvmAnchor(
        url=target.url,
        chain_id=terms["chain_id"],
        contract=parse_address(terms["contract"]) if terms["contract"] else b"",
        account=account_of(target),
        confirmations=terms["confirmations"],
        max_fee=terms["max_fee_gwei"] * GWEI,
    )


def account_of(target: AnchorTarget) -> Account:
    """The account that pays for a target's transactions; its key is made on first use."""
    path = Path(settings.KEY_DIR) / "anchors" / f"{target.pk}.key"
    return Account(read_or_create(path, 32))


def payer(target: AnchorTarget) -> str:
    """The address that the operator funds; empty where there is none, or none can be had here."""
    if target.kind != AnchorKind.EVM or _missing(target.kind):
        return ""
    return show_address(account_of(target).address)


def terms_of(kind: str, typed: Mapping[str, str]) -> dict[str, object]:
    """A target's terms out of a form's texts; `AnchorUnwanted` names every wrong field."""
    errors: list[FieldError] = []
    if kind not in AnchorKind.values:
        errors.append(FieldError("kind", "unknown", "There is no such kind of anchor."))
        raise AnchorUnwanted(errors=errors)
    try:
        check_reachable(typed.get("url", ""))
    except Problem as problem:
        errors.append(FieldError("url", problem.code, problem.detail, problem.mend))
    reading = _timestamp_terms if kind == AnchorKind.TIMESTAMP else _evm_terms
    terms = reading(typed, errors)
    if errors:
        raise AnchorUnwanted(errors=errors)
    return terms


def _timestamp_terms(typed: Mapping[str, str], errors: list[FieldError]) -> dict[str, object]:
    try:
        roots_of(typed.get("roots", ""))
    except ValueError:
        text = "Paste the authority's root certificate in PEM (-----BEGIN CERTIFICATE-----)."
        errors.append(FieldError("roots", "no_certificate", text))
    return {"roots": typed.get("roots", "")}


def _evm_terms(typed: Mapping[str, str], errors: list[FieldError]) -> dict[str, object]:
    contract = typed.get("contract", "").strip()
    if contract:
        try:
            parse_address(contract)
        except ValueError:
            text = "A contract's address is 0x and 40 hexadecimal digits; check each of them."
            errors.append(FieldError("contract", "no_address", text))
    return {
        "contract": contract,
        "chain_id": _whole("chain_id", typed, 1, 2**53, errors),
        "confirmations": _whole("confirmations", typed, 1, 100, errors),
        "max_fee_gwei": _whole("max_fee_gwei", typed, 1, 100_000, errors),
    }


def _whole(
    name: str, typed: Mapping[str, str], low: int, high: int, errors: list[FieldError]
) -> int:
    text = typed.get(name, "").strip()
    if text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high:
        return int(text)
    errors.append(
        FieldError(
            name, "no_number", "A whole number from %(low)s to %(high)s is expected.",
            params={"low": low, "high": high},
        )
    )  # fmt: skip
    return low


def hours_of(text: str) -> int:
    """How often at most; `AnchorUnwanted` if it is no number of hours."""
    errors: list[FieldError] = []
    hours = _whole("every_hours", {"every_hours": text}, 1, 8_760, errors)
    if errors:
        raise AnchorUnwanted(errors=errors)
    return hours
