"""A purchased pool over a drawn portfolio, made row by row: what distributions start from."""

import hashlib
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl

from ledger.exchange.registry import VerifiedBatch
from ledger.services import open_log
from origination.generator.portfolio import generate
from origination.generator.spec import portfolio_of
from pools.distributions.reading import read_book
from pools.models import Facility, FinancingRequest, ModelVersion, Pool, PoolAsset, ScreeningRun
from pools.projection import projectors
from pools.structure.forms import Form
from pools.structure.plain import to_plain
from pools.structure.templates import StandardTerms, standard_deal

CUT_OFF = date(2026, 3, 31)
AT = datetime(2026, 7, 1, 8, tzinfo=UTC)
TERMS = StandardTerms(
    Form.ASSIGNMENT, Decimal("0.80"), Decimal("0.032"), Decimal("0.10"), Decimal("0.045")
)


def project(source, kind, items, *, at=AT):
    """Items (rows of text) as a verified batch of a lessor, projected as on arrival."""
    columns = {name: [str(row.get(name, "")) for row in items] for name in items[0]}
    batch = VerifiedBatch(
        source=source, kind=kind, known_at=at, indexes=[1], rids=[str(uuid.uuid4())],
        stamps=[""], fields=[], items=columns,
    )  # fmt: skip
    projectors.project_payments(batch)


def line(rid, reference, amount, day, *, kind="rent", reverses="", known=AT):
    """One bank line as an item of `payments.batch`."""
    return {
        "lease_rid": rid, "kind": kind, "amount_minor": amount, "bank_reference": reference,
        "reverses": reverses, "effective_at": f"{day}T00:00:00.000000Z",
        "known_at": known.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }  # fmt: skip


def project_portfolio(source, leases=200, *, at=AT):
    """A drawn portfolio in the trust's tables; the rids by row."""
    drawn = generate(portfolio_of(leases, telematics_days=1))
    rids = [str(uuid.UUID(int=row + 1)) for row in range(len(drawn.leases))]
    fields = [
        {name: str(value) for name, value in row.items() if value is not None}
        for row in drawn.leases.drop("lease_row", "lessor").iter_rows(named=True)
    ]
    own = {"source": source, "known_at": at, "stamps": [""] * len(rids)}
    projectors.project_leases(
        VerifiedBatch(kind="lease.recorded", indexes=list(range(len(rids))), rids=rids,
                      fields=fields, **own)
    )  # fmt: skip
    payments = drawn.payments.with_columns(
        lease_rid=pl.col("lease_row").replace_strict(
            list(range(len(rids))), rids, return_dtype=pl.String
        )
    ).drop("lease_row")
    instants = [n for n, kind in payments.schema.items() if isinstance(kind, pl.Datetime)]
    payments = payments.with_columns(pl.col(instants).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"))
    items = {n: payments[n].cast(pl.String).fill_null("").to_list() for n in payments.columns}
    projectors.project_payments(
        VerifiedBatch(kind="payments.batch", indexes=[1], rids=[str(uuid.uuid4())], fields=[],
                      items=items, **own)
    )  # fmt: skip
    return rids


def bought_pool(cast, rids, *, name="Huaxin 2026-1", state="disbursed", cut_off=CUT_OFF):
    """A pool over these leases, bought as of a cut-off; inside the trust."""
    open_log(at=AT)
    by, source = cast.analyst.pk, cast.tenants.anda.pk
    model = ModelVersion.objects.create(
        family="boosting", trained_as_of=date(2025, 6, 30), trained_at=AT, trained_by=by, seed=1,
        data_hash="0" * 64, code_version="1", notes={}, artefact=b"x",
        artefact_sha256=hashlib.sha256(b"x").hexdigest(),
    )  # fmt: skip
    run = ScreeningRun.objects.create(
        as_of=cut_off, at=AT, by=by, model=model, policy={}, input_hash="0" * 64,
        results_root="0" * 64, assets=len(rids), totals={}, ledger_index=0,
    )  # fmt: skip
    asked = FinancingRequest.objects.create(
        rid=uuid.uuid4(), source=source, amount_minor=10**9, currency="CNY", term_months=36,
        purpose="growth", anchored_at=AT, ledger_index=0,
    )  # fmt: skip
    facility = Facility.objects.create(
        request=asked, name="Facility", form=TERMS.form.value, currency="CNY", limit_minor=10**12,
        expires_on=date(2028, 1, 1), terms={}, terms_sha256="0" * 64, quorum=3, state="approved",
        proposed_by=by, proposed_at=AT,
    )  # fmt: skip
    pool = Pool(
        facility=facility, run=run, name=name, state=state, currency="CNY", cut_off=cut_off,
        assets=len(rids), balance_minor=0, net_value_minor=0, price_minor=0, deal={}, report={},
        seal="0" * 64, bundle_sha256="0" * 64, packaged_by=by, packaged_at=AT, packaged_index=0,
        purchased_at=AT,
    )  # fmt: skip
    pool.save(force_insert=True)
    PoolAsset.objects.bulk_create(
        PoolAsset(pool=pool, asset_id=rid, source=source, balance_minor=1, net_value_minor=1)
        for rid in rids
    )
    book = read_book(pool, known_at=AT)
    first = cut_off + timedelta(days=1)
    pool.balance_minor = book.collect(start=first, end=first).pool_opening_minor
    pool.price_minor = pool.net_value_minor = pool.balance_minor
    pool.deal = to_plain(standard_deal(TERMS, pool.balance_minor))
    pool.save()
    return pool
