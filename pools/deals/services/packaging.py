"""Packaging a pool under a facility, and the four eyes that approve it."""

import gzip
import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import polars as pl
import psycopg
from django.db import transaction
from django.utils.translation import gettext_noop

from ledger.core.hashing import leaf_hashes, root_of_hashes
from ledger.drafts import Draft
from ledger.services import append_entry
from origination.copying import copy_text
from pools.circular.documents import issue_document
from pools.deals.candidates import candidates_of
from pools.deals.problems import AssetsTaken, PackagingRefused, SamePerson, WrongState
from pools.deals.reporting import report_of
from pools.deals.selectors import headroom_minor, terms_of
from pools.model_life.readiness import is_proven
from pools.models import (
    DocumentKind,
    Facility,
    FacilityState,
    ModelState,
    ModelVersion,
    Pool,
    PoolApproval,
    PoolState,
    ScreeningRun,
)
from pools.packaging.bundle import make_bundle, seal
from pools.packaging.propose import PoolTerms, Proposal, propose
from pools.structure.plain import to_plain
from tenants.pdfkit import RenderedDocument
from tenants.problems import FieldError

RUN_DAYS = timedelta(days=45)  # a screening is good for so long
APPROVALS = 2
_ROUNDS = 8


@transaction.atomic
def package_pool(
    *, facility: Facility, name: str, by: UUID, at: datetime, target_minor: int | None = None
) -> Pool:
    """Choose, price and structure a pool; the decision as a bundle that anybody re-runs.

    `target_minor` is the balance to reach; without it, what the facility's headroom buys. Raises
    `PackagingRefused` without a proven champion's recent run, past limit or expiry.
    """
    locked = Facility.objects.select_for_update(of=("self",)).select_related("request")
    facility = locked.get(pk=facility.pk)
    run = _usable_run(facility, at)
    headroom = headroom_minor(facility)
    _check(facility, name.strip(), target_minor, headroom, at)
    candidates = candidates_of(facility, run)
    terms, proposal = _propose(
        candidates, replace(terms_of(facility), cut_off=run.as_of), target_minor, headroom
    )
    pool = Pool(
        facility=facility,
        run=run,
        name=name.strip(),
        currency=facility.currency,
        cut_off=run.as_of,
        assets=proposal.assets.height,
        balance_minor=proposal.packing.balance_minor,
        net_value_minor=int(proposal.assets["net_value_minor"].sum()),
        price_minor=proposal.price_minor,
        deal=to_plain(proposal.deal),
        report=report_of(proposal, terms, run, candidates.height),
        packaged_by=by,
        packaged_at=at,
    )
    _store(pool, facility, candidates, terms, proposal)
    return pool


def _usable_run(facility: Facility, at: datetime) -> ScreeningRun:
    champion = ModelVersion.objects.filter(state=ModelState.PROMOTED).first()
    if champion is None or not is_proven(champion):
        raise PackagingRefused(
            detail=gettext_noop("No model with passed α and β tests has been promoted."),
            mend=gettext_noop("Train, test and promote a model first."),
        )
    run = ScreeningRun.objects.filter(model=champion).order_by("as_of", "at").last()
    if run is None or run.as_of < at.date() - RUN_DAYS:
        raise PackagingRefused(
            detail=gettext_noop("The champion has not screened the assets in the last 45 days."),
            mend=gettext_noop("Screen all assets first."),
        )
    return run


def _check(
    facility: Facility, name: str, target_minor: int | None, headroom: int, at: datetime
) -> None:
    if not 0 < len(name) <= 80:
        what = gettext_noop("The name must be given, in at most 80 characters.")
        raise PackagingRefused(errors=[FieldError("name", "length", what)])
    if facility.state != FacilityState.APPROVED:
        raise PackagingRefused(
            detail=gettext_noop("The committee has not approved this facility."),
            mend=gettext_noop("Wait for its vote."),
        )
    if facility.expires_on <= at.date():
        raise PackagingRefused(
            detail=gettext_noop("The facility expired on %(day)s."),
            mend=gettext_noop("Propose a new one."),
            params={"day": facility.expires_on.isoformat()},
        )
    if headroom == 0 or (target_minor is not None and target_minor <= 0):
        raise PackagingRefused(
            detail=gettext_noop("Nothing is left of the facility's limit."),
            mend=gettext_noop("Propose a new facility, or cancel a pool that is not needed."),
        )


def _propose(
    candidates: pl.DataFrame, terms: PoolTerms, target_minor: int | None, headroom: int
) -> tuple[PoolTerms, Proposal]:
    """The proposal and the terms that give it. The price must fit, not the balance: without a wish
    the target is lowered until it does."""
    terms = replace(terms, target_minor=target_minor or headroom)
    for slack in range(1, _ROUNDS + 1):  # of 0.2 %: assets are lumps
        proposal = propose(candidates, terms)
        if proposal.price_minor <= headroom:
            if proposal.limits.holds:
                return terms, proposal
            broken = ", ".join(one.id for one in proposal.limits.results if not one.holds)
            raise PackagingRefused(
                detail=gettext_noop("No pool of that size keeps every limit; broken: %(rules)s."),
                mend=gettext_noop("Choose another target, or propose other rules."),
                params={"rules": broken},
            )
        if target_minor is not None:
            break
        lower = terms.target_minor * headroom // proposal.price_minor
        terms = replace(terms, target_minor=lower - slack * lower // 500)
    raise PackagingRefused(
        detail=gettext_noop("The price of this pool is above what is left of the limit."),
        mend=gettext_noop("Lower the target."),
    )


def _store(
    pool: Pool,
    facility: Facility,
    candidates: pl.DataFrame,
    terms: PoolTerms,
    proposal: Proposal,
) -> None:
    """The bundle as a document, the pool, its members, and `pool.packaged` last."""
    about = {
        "pool": str(pool.pk),
        "facility": str(facility.pk),
        "terms_sha256": facility.terms_sha256,
        "results_root": pool.run.results_root,
    }
    cast = facility.votes.order_by("by").values_list("by", "approves")
    votes = {str(by): approves for by, approves in cast}
    bundle = make_bundle(
        candidates, terms, proposal, votes=votes, quorum=facility.quorum, about=about
    )
    pool.seal = seal(bundle)
    document = packed(bundle)
    pool.bundle_sha256 = document.sha256
    _issue(pool, document)
    pool.packaged_index = append_entry(draft=_packaged(pool, proposal)).index
    pool.save(force_insert=True)
    _copy_members(pool, proposal.assets)


def packed(bundle: dict[str, Any]) -> RenderedDocument:
    """The bundle as its file: JSON under gzip, the same bytes for the same bundle."""
    text = json.dumps(bundle, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    content = gzip.compress(text.encode(), compresslevel=6, mtime=0)
    return RenderedDocument(content, hashlib.sha256(content).hexdigest(), 0)


def _issue(pool: Pool, document: RenderedDocument) -> None:
    issue_document(
        kind=DocumentKind.DECISION,
        subject_id=pool.pk,
        title=pool.name,
        language="en",
        document=document,
        media_type="application/gzip",
        by=pool.packaged_by,
        at=pool.packaged_at,
    )


def _packaged(pool: Pool, proposal: Proposal) -> Draft:
    rids = [rid.encode() for rid in proposal.assets["asset"].to_list()]
    fields = {
        "facility": str(pool.facility_id),
        "name": pool.name,
        "screening": str(pool.run_id),
        "cut_off": pool.cut_off.isoformat(),
        "seal": pool.seal,
        "bundle_sha256": pool.bundle_sha256,
        "terms_sha256": pool.facility.terms_sha256,
        "selection_root": root_of_hashes(leaf_hashes(rids)).hex(),
        "assets": str(pool.assets),
        "currency": pool.currency,
        "balance_minor": str(pool.balance_minor),
        "net_value_minor": str(pool.net_value_minor),
        "price_minor": str(pool.price_minor),
        "tranches": ",".join(f"{t.name}:{t.original_minor}" for t in proposal.deal.tranches),
        "packaged_by": str(pool.packaged_by),
    }
    return Draft.service(kind="pool.packaged", rid=pool.pk, fields=fields, ts=pool.packaged_at)


def _copy_members(pool: Pool, assets: pl.DataFrame) -> None:
    members = assets.select(
        pool_id=pl.lit(str(pool.pk)),
        asset_id="asset",
        source="source",
        balance_minor="balance_minor",
        net_value_minor="net_value_minor",
        live=pl.lit(True),
    )
    text = members.write_csv(include_header=False).encode()
    try:
        with transaction.atomic():
            copy_text("pools_poolasset", members.columns, text)
    except psycopg.errors.UniqueViolation as error:  # another pool was packaged meanwhile
        raise AssetsTaken(
            detail=gettext_noop("Another pool has taken some of these assets meanwhile."),
            mend=gettext_noop("Package again: the new pool will leave them out."),
        ) from error


@transaction.atomic
def approve_pool(*, pool: Pool, by: UUID, at: datetime) -> Pool:
    """One person's yes; the second makes the pool approved. Who packaged it does not approve it."""
    pool = Pool.objects.select_for_update().get(pk=pool.pk)
    if pool.state != PoolState.PROPOSED:
        raise WrongState(params={"state": pool.get_state_display()})
    if by == pool.packaged_by or pool.approvals.filter(by=by).exists():
        raise SamePerson
    PoolApproval.objects.create(pool=pool, by=by, at=at)
    if pool.approvals.count() >= APPROVALS:
        pool.state = PoolState.APPROVED
        pool.save(update_fields=["state"])
    return pool
