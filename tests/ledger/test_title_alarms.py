"""What a counterparty tells of the title registry: nothing is believed that it can make up."""

from dataclasses import replace

from django_tenants.utils import tenant_context

from ledger.core.canonical import canonical_bytes
from ledger.core.ed25519 import SecretKey
from ledger.core.notes import NoteKey
from ledger.core.title_root import FIRST, SignedRoot, TitleRoot
from ledger.exchange.notices import TITLE_ALARM, post_notice
from ledger.exchange.parcels import Notice
from ledger.exchange.services import receive_parcels
from ledger.models import Head, TitleAlarm
from ledger.titles.alarms import MOST
from ledger.titles.keys import root_key
from tests.ledger.root_secrets import root_secret
from tests.ledger.test_title_epochs import held, sealed
from tests.ledger.title_desk import AT

MINE = SecretKey(b"m" * 32)


def said(epoch: int, number: int, key: NoteKey, secret: SecretKey) -> SignedRoot:
    root = TitleRoot(key.name, epoch, bytes([number]) * 32, 1, secret.public, FIRST, AT)
    return SignedRoot(root, key, secret.sign(root.text().encode()))


def tell(sender, receiver, kind, epochs, key, secret):
    """The codes of what the receiver refuses of such alarms, and how many it keeps."""
    with tenant_context(sender):
        origin = Head.objects.get().origin
        for epoch in epochs:
            ours, theirs = (said(epoch, number, key, secret).fields() for number in (1, 2))
            evidence = canonical_bytes({"ours": ours, "theirs": theirs}).decode()
            notice = Notice(origin, epoch, {"kind": kind, "evidence": evidence})
            post_notice(receiver.pk, TITLE_ALARM, notice)
    with tenant_context(receiver):
        refusals = receive_parcels(from_tenant=sender, at=AT).refusals
        kept = TitleAlarm.objects.filter(other=sender.pk, kind=kind).count()
        return [refusal.code for refusal in refusals], kept


def test_nobody_convicts_the_platform_by_a_key_of_his_own(desk):
    """Also where the own ledger holds no root yet: the key is the platform's, or nobody's."""
    mine = NoteKey(root_key().name, 1, MINE.public)
    told = (desk.anda, desk.trust, "different", [1])
    assert tell(*told, mine, MINE) == (["bad_format"], 0)  # before there is an epoch
    held(desk, 1)
    assert sealed().key == root_key()
    assert tell(*told, mine, MINE) == (["bad_format"], 0)
    assert tell(*told, replace(mine, public=root_key().public), root_secret()) == ([], 1)


def test_one_sender_fills_no_ledger_with_alarms(desk):
    key = NoteKey("x/titles", 1, MINE.public)
    epochs = range(1, MOST + 10)
    assert tell(desk.anda, desk.trust, "unsigned", epochs, key, MINE) == ([], MOST)
    assert tell(desk.xingyu, desk.trust, "unsigned", [1], key, MINE) == ([], 1)
