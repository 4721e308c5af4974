"""An outsider proves the trust's record offline, decides again, and names what was altered."""

import gzip
import json
import re
from copy import deepcopy
from io import BytesIO
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from config.stories.probes import read_once
from config.stories.telling import Fact, Page, Story, StoryStep
from ledger import selectors as ledger
from ledger.choosing import Reach, reach
from ledger.services.export import write_bundle
from ledger.verifier.check import Lie, Report, verify_bundle
from ledger.wording import lie_in_words
from pools.circular.documents import content_of
from pools.models import DocumentKind, IssuedDocument, Pool, PoolState
from tenants.access import people_named
from tenants.formatting import full_money
from tenants.money import Money


@read_once
def _reach() -> Reach | None:
    """Inside the trust: how far an export goes."""
    return reach()


@read_once
def _bundle() -> bytes:
    """Inside the trust: its log as far, with every payload open, as an export has it."""
    stream, found = BytesIO(), _reach()
    write_bundle(stream=stream, disclose=True, size=found and found.checkpoint.size)
    return stream.getvalue()


def _last_checkpoint() -> Fact:
    """Which one the export ends with, and whether the trust policy is met there."""
    found = _reach()
    if found is None:
        return Fact(_("Its last checkpoint"), _("not yet"))
    size = f"{found.checkpoint.size:,}"
    said = (
        _("of {size} entries, cosigned as the trust policy asks; {later} later ones are left out")
        if found.is_met
        else _("of {size} entries, not cosigned yet as the trust policy asks")
    )
    return Fact(_("Its last checkpoint"), said.format(size=size, later=f"{found.later:,}"))


def verdict_on(bundle: bytes) -> Report | Lie:
    """What the offline verifier says."""
    try:
        return verify_bundle(BytesIO(bundle), portable=False)
    except Lie as lie:
        return lie


def with_one_bit_flipped(bundle: bytes, place: int) -> bytes:
    """The bundle with the lowest bit of one byte changed."""
    altered = bytearray(bundle)
    altered[place] ^= 1
    return bytes(altered)


def _proven() -> list[Fact]:
    bundle = _bundle()
    said = verdict_on(bundle)
    if isinstance(said, Lie):
        return [Fact(_("Verdict"), lie_in_words(said), holds=False)]
    return [
        Fact(_("Bytes of the export"), f"{len(bundle):,}"),
        Fact(_("Entries proven"), f"{said.entries:,}", holds=said.entries > 0),
        Fact(_("Signatures checked"), f"{said.signatures:,}", holds=said.signatures > 0),
        Fact(_("Payloads opened and found as signed"), f"{said.payloads:,}"),
        Fact(_("Checkpoints"), f"{said.checkpoints:,}", holds=said.checkpoints > 0),
        _last_checkpoint(),
    ]


def _altered() -> list[Fact]:
    """One bit at a time, at three places of the file."""
    bundle = _bundle()
    facts = []
    for share in (3, 5, 9):
        place = len(bundle) * share // 10
        said = verdict_on(with_one_bit_flipped(bundle, place))
        label = _("Bit flipped in byte {place}").format(place=f"{place:,}")
        facts.append(
            Fact(
                label,
                lie_in_words(said) if isinstance(said, Lie) else _("not noticed"),
                isinstance(said, Lie),
            )
        )
    return facts


def decided_pool() -> Pool | None:
    """Inside the trust: the first pool that was packaged and not given up."""
    kept = Pool.objects.exclude(state=PoolState.CANCELLED).order_by("packaged_at")
    return kept.select_related("run").first()


def _decision_of(pool: Pool) -> dict[str, Any]:
    """The decision's bundle as anybody may download it."""
    document = IssuedDocument.objects.get(subject_id=pool.pk, kind=DocumentKind.DECISION)
    return json.loads(gzip.decompress(content_of(document)))


def _nothing_decided() -> list[Fact]:
    return [Fact(_("A packaged pool"), _("not yet"))]


def _findings(bundle: dict[str, Any], seal: str) -> list[str]:
    """The fields that are not as they were sealed, or do not follow."""
    from pools.packaging.bundle import check_bundle  # heavy: solvers and compiled kernels

    return [finding.field for finding in check_bundle(bundle, sealed=seal)]


def _decided_again() -> list[Fact]:
    """Eligibility, packing, price, tranches and the count of votes, from the inputs alone."""
    pool = decided_pool()
    if pool is None:
        return _nothing_decided()
    bundle, entry = _decision_of(pool), ledger.payload(pool.packaged_index)
    findings = _findings(bundle, entry["seal"])
    results, votes = bundle["results"], bundle["votes"]
    price = full_money(Money.from_minor(results["price_minor"], pool.currency))
    same_root = bundle["about"]["results_root"] == pool.run.results_root
    return [
        Fact(_("Pool"), pool.name),
        Fact(_("Assets that were looked at"), f"{len(bundle['candidates']['asset']):,}"),
        Fact(_("Assets chosen, the same again"), f"{len(results['selection']):,}", not findings),
        Fact(_("Votes for and in all"), f"{sum(votes.values())} / {len(votes)}", not findings),
        Fact(_("Price, the same again"), price, not findings),
        Fact(_("Seal on the ledger"), entry["seal"][:16], holds=entry["seal"] == pool.seal),
        Fact(_("Values are those of the screening on the ledger"), _("Yes"), holds=same_root),
    ]


def _altered_copies(bundle: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """(what was done, the field that must be named, the bundle with that one field changed)."""
    value, vote, price = deepcopy(bundle), deepcopy(bundle), deepcopy(bundle)
    row = len(bundle["candidates"]["asset"]) // 2
    value["candidates"]["net_value_minor"][row] += 1
    voter = min(vote["votes"])
    vote["votes"][voter] = not vote["votes"][voter]
    price["results"]["price_minor"] += 1
    return [
        (_("One asset's value raised by a cent"), f"candidates[{row}].net_value_minor", value),
        (_("One vote turned round"), f"votes.{voter}", vote),
        (_("The price raised by a cent"), "results.price_minor", price),
    ]


def _altered_decision() -> list[Fact]:
    pool = decided_pool()
    if pool is None:
        return _nothing_decided()
    facts = []
    for done, wanted, bundle in _altered_copies(_decision_of(pool)):
        named = _findings(bundle, pool.seal)
        words = ", ".join(_field_in_words(name, pool) for name in named)
        facts.append(Fact(done, words or _("not noticed"), holds=named == [wanted]))
    return facts


def _field_in_words(name: str, pool: Pool) -> str:
    """A field of the bundle as a committee member would call it, or its own name."""
    if found := re.fullmatch(r"candidates\[(\d+)\]\.net_value_minor", name):
        return _("the net value of candidate %(number)s") % {"number": f"{int(found[1]) + 1:,}"}
    if found := re.fullmatch(r"votes\.([0-9a-f-]{36})", name):
        voter = UUID(found[1])
        names = {"person": people_named({voter}).get(voter, "–"), "facility": pool.facility.name}
        return _("the vote of %(person)s on the facility %(facility)s") % names
    return _("the price") if name == "results.price_minor" else name


STORY = Story(
    slug="the-decision-re-run",
    title=lazy("The decision re-run"),
    lead=lazy(
        "Somebody who trusts nobody takes the trust's export home, proves it without our software's"
        " database, and names what was altered."
    ),
    icon="shield",
    steps=(
        StoryStep(
            lazy("The export proves itself"),
            lazy(
                "Made and verified now: every entry in its place, each signed by a key that the log"
                " itself had approved, every payload as it was signed. The same is done at home"
                " with: python -m ledger.verifier EXPORT"
            ),
            Page("trust", "ledger", lazy("The trust's ledger")),
            "trust",
            _proven,
        ),
        StoryStep(
            lazy("One altered bit is named"),
            lazy(
                "The same export with a single bit changed, at three places. The verifier says"
                " where."
            ),
            Page("trust", "ledger", lazy("The trust's ledger")),
            "trust",
            _altered,
        ),
        StoryStep(
            lazy("The decision, decided again"),
            lazy(
                "The bundle of the pool holds what the committee had before it: terms, votes and"
                " every candidate with its value. It is run again now, as anybody can at home"
                " with: python -m pools.rerun BUNDLE --seal HASH"
            ),
            Page("trust", "documents", lazy("The bundle among the documents")),
            "trust",
            _decided_again,
        ),
        StoryStep(
            lazy("One altered field is named"),
            lazy(
                "The same bundle with one field changed, three times: a value, a vote, the price."
                " Each time the outsider is told which one."
            ),
            Page("trust", "documents", lazy("The bundle among the documents")),
            "trust",
            _altered_decision,
        ),
    ),
)
