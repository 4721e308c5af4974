"""What the title registry proved last of a pool's receivables: nothing is bought against it."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext as _

from ledger.titles.last_verdicts import last_verdicts
from ledger.titles.selectors import title_facts
from pools.deals.pledging import members_of
from pools.deals.problems import RightsNotOurs, TitleAnswersFalse
from pools.models import Asset, Pool
from tenants.templatetags.ui import number

_NAMED = 10


def check_titles(pool: Pool) -> None:
    """Raise, with the contracts, if by its last proof a right is another's, or was not proven.

    A right that nobody asked for a proof of is no reason: the reservation is the last word.
    """
    found = last_verdicts(pool.pk, members_of(pool))
    if found.taken:
        raise RightsNotOurs(params=_named(found.taken))
    if found.broken:
        raise TitleAnswersFalse(params=_named(found.broken))


def _named(claims: Collection[UUID]) -> dict[str, object]:
    contracts = Asset.objects.filter(pk__in=claims).order_by("contract_number")
    names = list(contracts.values_list("contract_number", flat=True)[: _NAMED + 1])
    more = " …" if len(names) > _NAMED else ""
    return {"count": len(claims), "contracts": ", ".join(names[:_NAMED]) + more}


def standing_of_proof(pool: Pool) -> str:
    """For the page before a purchase: what is proven, as of when, and what to press for more."""
    facts = title_facts(pool.pk)
    proof, newest = facts["title_proof"], facts["title_newest"]
    if proof is None:
        return _("No proof yet: ask for it on the pool's page, Proofs")
    said = _("%(verdict)s, as of epoch %(epoch)s") % {
        "verdict": proof.get_verdict_display(), "epoch": number(proof.epoch)
    }  # fmt: skip
    if newest is None or newest <= proof.epoch:
        return said
    return _("%(said)s; epoch %(newest)s is newer: ask again on the pool's page, Proofs") % {
        "said": said, "newest": number(newest)
    }  # fmt: skip
