"""A new key for what the registry keeps encrypted, while claims, pledges and contests go on.

`rotate_sealing_key` makes the next key, with which everything is sealed from then on, and seals
anew what stood before, batch by batch; run again after a crash it goes on. `retire_sealing_keys`
destroys the older ones once nothing needs them.
"""

import json
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from tenants.database.bound import run_bound
from tenants.models import Contest, TitleKeyring
from tenants.registry.claims import TABLE
from tenants.registry.locking import enter_alone
from tenants.registry.rotation import NotReady
from tenants.registry.sealing import (
    drop_sealing_key,
    fingerprint,
    head_of,
    kept_versions,
    make_sealing_key,
    seal,
    unseal,
)

_BATCH = 2_000
_OLDER = "sealed IS NOT NULL AND NOT starts_with(encode(sealed, 'hex'), %s)"
_CLAIMS = f"SELECT id, claim_id, sealed FROM {TABLE} WHERE id > %s AND {_OLDER}"
_OF_CONTESTS = f"""
    SELECT id FROM public.tenants_contest WHERE {_OLDER}
    UNION SELECT contest_id FROM public.tenants_contestquestion WHERE {_OLDER}
    UNION SELECT contest_id FROM public.tenants_contestpaper WHERE {_OLDER}
"""


def waiting() -> dict[str, int]:
    """Claim rows and contests that are sealed with an older key than the one in use."""
    head = _head(TitleKeyring.objects.get().sealing)
    claims = run_bound(f"SELECT count(*) FROM {TABLE} WHERE {_OLDER}", [head])[0][0]
    return {"claims": claims, "contests": len(run_bound(_OF_CONTESTS, [head] * 3))}


def rotate_sealing_key(*, at: datetime, progress: Callable[[str, int], object]) -> int:
    """Seal everything with a new key, or finish what a rotation before left; returns its version.

    While an older key is kept no further one is made: retire it first. `progress` hears
    what is sealed anew ("claims", "contests") and how many, batch by batch.
    """
    version = _begin(at)
    last = 0
    while (last := _fill_claims(version, last, progress)) is not None:
        pass
    for (contest_id,) in run_bound(_OF_CONTESTS, [_head(version)] * 3):
        _fill_contest(contest_id, version)
        progress("contests", 1)
    return version


@transaction.atomic
def retire_sealing_keys() -> list[str]:
    """Destroy the older keys; their files' names. Refused while anything is sealed with one."""
    ring = enter_alone()  # whoever sealed with an older key has ended
    if left := sum(waiting().values()):
        raise NotReady(
            detail="%(count)s claims and contests are still sealed with an older key.",
            mend="Run rotate_keys identifiers again, then retire.",
            params={"count": left},
        )
    return [drop_sealing_key(older) for older in kept_versions() if older < ring.sealing]


@transaction.atomic
def _begin(at: datetime) -> int:
    ring = enter_alone()
    if any(older < ring.sealing for older in kept_versions()):
        return ring.sealing
    ring.sealing += 1
    make_sealing_key(ring.sealing)
    ring.changed_at = at
    ring.save(update_fields=["sealing", "changed_at"])
    return ring.sealing


@transaction.atomic
def _fill_claims(version: int, last: int, progress: Callable[[str, int], object]) -> int | None:
    enter_alone()  # claims take their rows in orders of their own
    rows = run_bound(f"{_CLAIMS} ORDER BY id LIMIT %s", [last, _head(version), _BATCH])
    if not rows:
        return None
    anew = [seal(unseal(bytes(old), owner), owner, version=version) for _id, owner, old in rows]
    run_bound(
        f"UPDATE {TABLE} c SET sealed = n.sealed FROM unnest(%b::bigint[], %b::bytea[])"
        " AS n(id, sealed) WHERE c.id = n.id",
        [[row[0] for row in rows], anew],
    )
    progress("claims", len(rows))
    return rows[-1][0]


@transaction.atomic
def _fill_contest(contest_id: object, version: int) -> None:
    """A contest with its questions and papers; who answers one locks it first, as is done here."""
    contest = Contest.objects.select_for_update().get(pk=contest_id)
    words = unseal(bytes(contest.sealed), contest.pk)
    contest.sealed = seal(words, contest.pk, version=version)
    contest.fingerprint = fingerprint(f"vin:{json.loads(words)['vin']}", version=version)
    contest.save(update_fields=["sealed", "fingerprint"])
    for question in contest.questions.exclude(sealed=None):
        question.sealed = seal(
            unseal(bytes(question.sealed), question.pk), question.pk, version=version
        )
        question.save(update_fields=["sealed"])
    for paper in contest.papers.all():
        paper.sealed = seal(unseal(bytes(paper.sealed), contest.pk), contest.pk, version=version)
        paper.save(update_fields=["sealed"])


def _head(version: int) -> str:
    return head_of(version).hex()
