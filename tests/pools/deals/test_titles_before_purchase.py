"""Nothing is bought against the last proof of who holds the receivables."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from ledger.services import seal_checkpoint
from ledger.titles import asking
from ledger.titles.asking import ask_for_proof
from ledger.titles.problems import ProofDoesNotHold
from ledger.titles.sealing import seal_epoch
from ledger.titles.writing import write_roots
from pools.deals import services
from tenants.registry import release_rights, reserve_rights
from tests.pools.deals.books import AT, answer, approve
from tests.pools.refusals import refused

pytestmark = pytest.mark.usefixtures("packaged_book")

RIGHT = "receivables"
PROVE = "ress “Proofs”, then “Ask as of epoch {}”"


@pytest.fixture
def pool(packaged, cast):
    return approve(packaged, cast)


def epoch(cast, minutes=0):
    """One more, under a checkpoint of the trust's ledger; its number."""
    sealed = seal_epoch(now=timezone.now() + timedelta(minutes=minutes))
    with tenant_context(cast.trust):
        write_roots(at=AT)
        seal_checkpoint(at=AT)
    return sealed.root.epoch


def ask(cast, subject):
    with tenant_context(cast.trust):
        return ask_for_proof(subject_id=subject, by=cast.analyst.pk, now=timezone.now(), at=AT)


def asked_for(pool, cast):
    """Reserved, and accepted by the lessor."""
    with tenant_context(cast.trust):
        services.request_pledges(pool=pool, by=cast.portfolio_manager.pk, at=AT)
    answer(cast.anda, cast.trust, manager=cast.manager)


def buy(pool, cast):
    with tenant_context(cast.trust):
        return services.purchase_pool(pool=pool, by=cast.portfolio_manager.pk, at=AT)


def test_a_right_that_was_proven_to_be_anothers_is_not_bought(pool, cast, client_of):
    member = pool.members.select_related("asset").order_by("asset_id").first()
    desk, path = client_of(cast.portfolio_manager, cast.trust), f"/deals/pools/{pool.pk}/"
    holder = cast.tenants.auditor.pk
    others = {"claim_ids": [member.asset_id], "right": RIGHT, "holder": holder, "at": AT}
    reserve_rights(**others)
    first = epoch(cast)
    assert PROVE.format(first) in desk.get(path).content.decode()
    assert ask(cast, pool.pk).taken == [str(member.asset_id)]
    release_rights(**others)  # and reserved by the trust, but nobody proved that
    asked_for(pool, cast)
    contract = member.asset.contract_number
    with refused("rights_not_ours") as refusal:
        buy(pool, cast)
    assert f"1 of them: {contract}." in str(refusal.value)
    page = desk.post(f"{path}purchase/")
    assert page.status_code == 409 and contract in page.content.decode()
    second = epoch(cast, 20)
    assert PROVE.format(second) in desk.get(path).content.decode()
    page = desk.get(f"{path}purchase/").content.decode()
    assert f"epoch {second} is newer: ask again" in page
    assert ask(cast, member.asset_id).verdict == "held"  # of the lease alone, and later
    assert buy(pool, cast).state == "purchased"


def test_after_a_false_answer_nothing_is_bought_until_a_later_epoch_is_proven(
    pool, cast, client_of, monkeypatch
):
    asked_for(pool, cast)
    desk, path = client_of(cast.portfolio_manager, cast.trust), f"/deals/pools/{pool.pk}/purchase/"
    epoch(cast)
    assert "No proof yet: ask for it" in desk.get(path).content.decode()
    honest = asking.look_up

    def hiding(indexes, of):
        return {i: type(found)(None, found.proof) for i, found in honest(indexes, of).items()}

    with monkeypatch.context() as patch:
        patch.setattr(asking, "look_up", hiding)
        with pytest.raises(ProofDoesNotHold):
            ask(cast, pool.pk)
    for _again in range(2):
        with refused("title_answers_false"):
            buy(pool, cast)
        assert ask(cast, pool.pk).verdict == "held"  # in the same epoch: who lied once may again
    epoch(cast, 60 * 25)
    assert ask(cast, pool.pk).verdict == "held"
    assert buy(pool, cast).state == "purchased"
