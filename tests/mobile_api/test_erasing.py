"""A person is forgotten: in the lessor's book, its photos, and what the trust projected of her."""

import json
from hashlib import sha256

from django_tenants.utils import tenant_context

from ledger import services as ledger
from ledger.core.encoding import unb64
from ledger.core.fields import fields_root
from ledger.core.leaves import Leaf
from ledger.drafts import instant
from ledger.exchange.erasing import erase_record
from ledger.exchange.services import receive_parcels, send_parcels
from mobile_api.models import Photo
from origination.models import Lease
from origination.services.erasing import PERSONAL
from origination.services.sharing import grant_access
from pools.models import Asset
from tests.mobile_api.phone import LEASE
from tests.mobile_api.test_submission import (  # noqa: F401
    inside,
    officer,
    phone,
    send,
    signed,
)
from tests.mobile_api.test_uploads import picture, upload

AT = "2026-11-26T08:00:00.000000Z"


def _erased(client, *rids):
    """Which of these a phone must forget; None where it may not ask."""
    asked = {"rids": list(rids)}
    answer = client.post("/api/v1/leases/erased/", asked, content_type="application/json")
    return answer.json() if answer.status_code == 200 else None


def test_every_room_forgets_the_person_and_keeps_the_contract(
    officer,  # noqa: F811
    phone,  # noqa: F811
    inside,  # noqa: F811
    cast,
):
    content = picture()
    upload(officer, content)
    named = {"photo_sha256": sha256(content).hexdigest(), "credit_score": "700"}
    body = signed(phone, LEASE | named)
    assert send(officer, body).status_code == 201
    rid, trust, lessor = body["rid"], cast.tenants.trust, cast.anda
    with tenant_context(trust):
        ledger.open_log(at=AT)
    with tenant_context(lessor):
        grant_access(to_tenant=trust, by=cast.manager.pk, at=instant(AT))
        send_parcels(to_tenant=trust, at=AT)
    with tenant_context(trust):
        assert receive_parcels(from_tenant=lessor, at=AT).refusals == []
        before = Asset.objects.get(rid=rid)
        assert before.credit_score == 700
    with tenant_context(lessor):
        index = Lease.objects.get(rid=rid).entry_index
        erase_record(index=index, reason="subject_request", by=cast.manager.pk, at=AT)
        lease = Lease.objects.get(rid=rid)
        assert lease.lessee_name == lease.lessee_id_number == ""
        assert not set(PERSONAL) & lease.record.keys()
        assert LEASE["lessee_name"] not in json.dumps(lease.record, ensure_ascii=False)
        assert (lease.vin, lease.contract_number) == (LEASE["vin"], LEASE["contract_number"])
        assert not Photo.objects.exists()
        assert _erased(officer, rid) == []  # no checkpoint covers it yet
        send_parcels(to_tenant=trust, at=AT)
    (told,) = _erased(officer, rid)
    assert (told["rid"], told["fields"]["entry"]) == (rid, str(index))
    salts = b"".join(unb64(told["salts"][name]) for name in sorted(told["fields"]))
    leaf = Leaf.parse(unb64(told["receipt"]["leaf"]))
    assert leaf.core.fields_root == fields_root(told["fields"], salts)
    assert _erased(inside(cast.manager), rid) in ([], None)  # no phone of theirs signed it
    with tenant_context(trust):
        assert receive_parcels(from_tenant=lessor, at=AT).refusals == []
        asset = Asset.objects.get(rid=rid)
        assert asset.obligor == rid.replace("-", "") != before.obligor
        assert (asset.credit_score, asset.lessee_income_monthly_minor) == (None, None)
        assert (asset.employment, asset.vin, asset.rent_minor) == (
            "",
            before.vin,
            before.rent_minor,
        )
