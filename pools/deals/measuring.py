"""The measured questions of due diligence, each one figure from the trust's own books."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from ledger.models import Refusal, Replica
from pools.deals.searches import LATEST_SEARCHES, SEARCH_DAYS
from pools.model_life.readiness import is_proven
from pools.models import Asset, AssetResult, FinancingRequest, ScreeningRun
from pools.screening.selectors import latest_run

_SIX = Decimal("0.000001")
_REFUSALS = timedelta(days=30)
_SEARCHES = f"""
    SELECT count(*), count(searched.lease_rid), count(*) FILTER (WHERE searched.encumbered)
    FROM pools_assetresult r
    JOIN pools_asset a ON a.rid = r.asset_id
    LEFT JOIN ({LATEST_SEARCHES}) searched ON searched.lease_rid = r.asset_id
    WHERE r.run_id = %(run)s AND a.source = %(source)s
"""
_NEWEST_LINE = """
    SELECT max(p.effective_on) FROM pools_assetpayment p
    JOIN pools_asset a ON a.rid = p.lease_rid WHERE a.source = %s
"""
_PRINCIPAL = """
    SELECT coalesce(sum(principal_minor) FILTER (WHERE NOT defaulted), 0),
           coalesce(sum(principal_minor) FILTER (WHERE days_past_due > 30 AND NOT defaulted), 0),
           coalesce(sum(principal_minor) FILTER (WHERE defaulted), 0),
           coalesce(sum(principal_minor) FILTER (WHERE days_past_due = 0 AND NOT defaulted), 0)
    FROM pools_assetresult r JOIN pools_asset a ON a.rid = r.asset_id
    WHERE r.run_id = %s AND a.source = %s
"""


def measure(request: FinancingRequest, at: datetime) -> Mapping[str, Decimal | None]:
    """Figures by code (`pools.deals.checklist`); None where there is nothing to measure."""
    run = latest_run()
    proven = run is not None and is_proven(run.model)
    found = {
        "copy-refused": Decimal(_refusals(request, at)),
        "copy-proved": _proved(request),
        "bank-line-age": _bank_line_age(request, at),
        "screened": None,
        "screening-age": None,
    }
    if run is None:
        return found
    if proven:
        found["screened"] = _screened(request, run)
        found["screening-age"] = Decimal((at.date() - run.as_of).days)
    return found | _searches(request, run) | _principal(request, run)


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(_SIX) if whole else None


def _refusals(request: FinancingRequest, at: datetime) -> int:
    lately = Refusal.objects.filter(other=request.source, by_us=True, at__gt=at - _REFUSALS)
    return lately.count()


def _proved(request: FinancingRequest) -> Decimal | None:
    """Leases whose entries lie under the newest checkpoint that our whole copy agrees with."""
    replica = Replica.objects.filter(source=request.source).first()
    assets = Asset.objects.filter(source=request.source)
    if replica is None or replica.checkpoint_size > replica.size:
        return None
    return _share(assets.filter(ledger_index__lt=replica.checkpoint_size).count(), assets.count())


def _screened(request: FinancingRequest, run: ScreeningRun) -> Decimal | None:
    """A run looks at every open lease that it knows; it does not know what came afterwards."""
    assets = Asset.objects.filter(source=request.source)
    if not AssetResult.objects.filter(run=run, asset__source=request.source).exists():
        return None
    return _share(assets.filter(anchored_at__lte=run.at).count(), assets.count())


def _bank_line_age(request: FinancingRequest, at: datetime) -> Decimal | None:
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST_LINE, [request.source])
        (newest,) = cursor.fetchone()
    return None if newest is None else Decimal((at.date() - newest).days)


def _searches(request: FinancingRequest, run: ScreeningRun) -> dict[str, Decimal | None]:
    since = run.as_of - timedelta(days=SEARCH_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_SEARCHES, {"since": since, "run": run.pk, "source": request.source})
        leases, searched, encumbered = cursor.fetchone()
    return {"searched": _share(searched, leases), "encumbered": _share(encumbered, searched)}


def _principal(request: FinancingRequest, run: ScreeningRun) -> dict[str, Decimal | None]:
    with connection.cursor() as cursor:
        cursor.execute(_PRINCIPAL, [run.pk, request.source])
        performing, late, defaulted, sound = map(int, cursor.fetchone())
    lent = Asset.objects.filter(source=request.source).aggregate(lent=Sum("financed_amount_minor"))
    return {
        "past-due": _share(late, performing),
        # Defaults stay on a book that writes nothing off: against what is open they only grow.
        "defaulted": _share(defaulted, lent["lent"] or 0),
        "collateral": _share(sound, request.amount_minor),
    }
