"""The auditor keeps a copy of each institution's log: every entry and proof, and no content.

Nobody granted it anything, so that it reads what everybody with a copy reads: keys and erasures. It
verifies the rest without reading it, and cosigns what is whole. Its own log, of the registry's
roots, goes to nobody: it is sealed here, since no job seals what a demo carries by hand.
"""

from uuid import UUID

import structlog

from config.demo.cast import AUDITED
from config.demo.scene import Scene
from config.demo.steps.exchange import post, take
from ledger.services import open_log, seal_checkpoint
from tenants import clock

log = structlog.get_logger("demo")


def audited(scene: Scene) -> list[tuple[UUID, UUID]]:
    """Between whom parcels travel for the auditor."""
    auditor = scene.tenant("auditor").pk
    others = [scene.tenant(schema).pk for schema in AUDITED]
    return [pair for other in others for pair in ((other, auditor), (auditor, other))]


def audit_all(scene: Scene) -> None:
    """Carry every log's newest entries to the auditor, and its cosignatures back. Repeatable."""
    with scene.inside("auditor"):
        at = clock.now()
        open_log(at=at)
    for schema in AUDITED:
        try:
            post(scene, schema, "auditor", at)
            try:
                take(scene, "auditor", schema, at)
            finally:  # what is refused is told back, too
                take(scene, schema, "auditor", at)
        except Exception:  # one log that does not verify hides no other
            log.exception("demo_audit_failed", log=schema)
    with scene.inside("auditor"):
        seal_checkpoint(at=at)
