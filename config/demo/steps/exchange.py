"""Entries travel: the lessors seal and send, the trust verifies, cosigns and keeps its copy."""

import time
from datetime import datetime
from uuid import UUID

from config.demo.calendar import reach
from config.demo.cast import LESSORS
from config.demo.scene import Scene
from config.demo.silence import silent_since
from config.demo.stage import SIDE, Facts, Step, is_done, main_lives
from ledger.exchange.carriers import carrying
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.models import Replica
from tenants.problems import Refused


class ParcelRefused(Refused):
    """A parcel of the demo did not verify: nothing after it can be true."""

    code = "demo.parcel"
    title = "A parcel was refused."


def exchange_all(scene: Scene, at: datetime) -> Facts:
    """Both ways between every lessor and the trust, until nothing waits. Repeatable."""
    heard = [schema for schema in LESSORS if schema not in silent_since()]
    return {"parcels": sum(exchange_with(scene, schema, at) for schema in heard)}


def exchange_with(scene: Scene, schema: str, at: datetime) -> int:
    """Both ways between one lessor and the trust; how many parcels were taken in. Repeatable.

    What is refused is told back to its sender before `ParcelRefused` is raised.
    """
    parcels, refused = 0, None
    with carrying(carried(scene)):
        for sender, receiver in ((schema, "trust"), ("trust", schema)):
            post(scene, sender, receiver, at)
            try:
                parcels += take(scene, receiver, sender, at)
            except ParcelRefused as refusal:
                refused = refused or refusal
        parcels += take(scene, "trust", schema, at)  # the lessor's cosignature
    if refused is not None:
        raise refused
    return parcels


def carried(scene: Scene) -> list[tuple[UUID, UUID]]:
    """Between whom parcels travel by the demo's calendar while it is played."""
    trust = scene.tenant("trust").pk
    lessors = [scene.tenant(schema).pk for schema in LESSORS]
    return [pair for lessor in lessors for pair in ((lessor, trust), (trust, lessor))]


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


def ferry(scene: Scene) -> Facts:
    """Carry over what Anda books, while it books it.

    Ends with a crossing that began when the last of it was booked, or when nobody books any more.
    """
    parcels = 0
    while True:
        last = not scene.parallel or is_done(LAST_BOOKED) or not main_lives()
        carried = exchange_with(scene, "anda", scene.moment(minute=5))
        parcels += carried
        if last:
            return {"parcels": parcels}
        if not carried:
            time.sleep(0.5)


def second_boat(scene: Scene) -> Facts:
    """Xingyu's entries, by the process that has booked Anda's, while the ferry carries the rest."""
    if is_done("exchange"):  # by a version that had no second boat
        return {"parcels": 0}
    return {"parcels": exchange_with(scene, "xingyu", scene.moment(minute=5))}


def share_all(scene: Scene) -> Facts:
    """Whatever the ferry left: afterwards the trust holds the whole of both books."""
    exchange_all(scene, scene.moment(minute=6))
    reach(scene.as_of)
    with scene.inside("trust"):
        sizes = list(Replica.objects.values_list("size", flat=True))
    return {"copies": len(sizes), "entries": sum(sizes)}


LAST_BOOKED = "outside-anda"
FERRY = Step(
    "ferry", "Anda's entries travel with proofs to the trust", ferry, in_parts=True, track=SIDE
)
STEPS = (
    Step("boat", "Xingyu's entries travel with proofs to the trust", second_boat, in_parts=True),
    Step("exchange", "the trust's copies are whole", share_all, in_parts=True, joins=True),
)
