"""Entries travel: the lessors seal and send, the trust verifies, cosigns and keeps its copy."""

from datetime import datetime

from config.demo.cast import LESSORS
from config.demo.scene import Scene
from config.demo.stage import Facts, Step
from ledger.exchange.services import receive_parcels, send_parcels
from tenants.problems import Refused


class ParcelRefused(Refused):
    """A parcel of the demo did not verify: nothing after it can be true."""

    code = "demo.parcel"
    title = "A parcel was refused."


def exchange_all(scene: Scene, at: datetime) -> Facts:
    """Both ways between every lessor and the trust, until nothing waits. Repeatable."""
    parcels = 0
    for schema in LESSORS:
        for sender, receiver in ((schema, "trust"), ("trust", schema)):
            post(scene, sender, receiver, at)
            parcels += take(scene, receiver, sender, at)
        parcels += take(scene, "trust", schema, at)  # the lessor's cosignature
    return {"parcels": parcels}


def post(scene: Scene, sender: str, receiver: str, at: datetime) -> int:
    """Seal and send what `receiver` may read; how many parcels went."""
    to_tenant = scene.tenant(receiver)
    with scene.inside(sender):
        return send_parcels(to_tenant=to_tenant, at=at).parcels


def take(scene: Scene, receiver: str, sender: str, at: datetime) -> int:
    """Verify and keep what `sender` left; how many parcels there were."""
    from_tenant = scene.tenant(sender)
    with scene.inside(receiver):
        received = receive_parcels(from_tenant=from_tenant, at=at)
    if received.refusals:
        refusal = received.refusals[0]
        raise ParcelRefused(
            detail="%(code)s: %(detail)s", params={"code": refusal.code, "detail": refusal.detail}
        )
    return received.parcels


def share_all(scene: Scene) -> Facts:
    """The first exchange after the grants: the whole of both books."""
    return exchange_all(scene, scene.moment(minute=5))


STEPS = (
    Step("exchange", "entries travel with proofs into the trust's copy", share_all, in_parts=True),
)
