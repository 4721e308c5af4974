"""Pledges in threads over one map: lessors claim the same vehicles, holders race for them, let go,
epochs are sealed and proven, while something else happens.
"""

import random
import threading
import time
import uuid
from contextlib import contextmanager
from functools import partial
from itertools import count

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from ledger.core.title_proof import FREE, HELD, TitleProof
from ledger.log_keys import own_log_keys
from ledger.services.disclosure import disclosure_file
from ledger.titles.asking import answers, provable_root
from ledger.titles.books import Claim
from ledger.titles.problems import IndexKeyGone
from ledger.titles.sealing import seal_epoch
from ledger.titles.told import key_handovers
from ledger.verifier.title import prove_title
from tenants.models import TitleEpoch
from tenants.registry import (
    ClaimRequest,
    RightUnavailable,
    claim_rights,
    release_rights,
    reserve_rights,
)
from tenants.registry.retrying import could_not_serialise
from tests.ledger.faults.threads import Threads

RIGHT = "receivables"
RACERS = 3


def newest_epoch() -> int:
    return TitleEpoch.objects.order_by("-epoch").values_list("epoch", flat=True)[0]


class Pledging(Threads):
    """`won`: who holds each vehicle: holder, claim, and the first epoch that must have it."""

    def __init__(self, ground, name_of, first: int):
        jobs = {f"race {n}": partial(self._race, count()) for n in range(RACERS)}
        super().__init__(jobs | {"seal": self._seal, "prove": self._prove})
        self.ground, self.name_of, self.first = ground, name_of, first
        self.won: dict[int, list] = {}
        self.let_go: set[int] = set()
        self.lost = 0
        self.proofs: list[tuple[int, bytes]] = []
        self._lock = threading.Lock()

    def _race(self, turns):
        """Each racer comes to each vehicle once; the first takes it, some let go for the next."""
        number = self.first + next(turns)
        sides = [self.ground.lessor, self.ground.trust]
        claimant, holder = random.choice(sides), random.choice(sides)
        request = ClaimRequest(uuid.uuid4(), (self.name_of(number),))
        now = timezone.now()
        self._again(lambda: claim_rights(claims=[request], by_tenant=claimant.pk, at=now))
        given = {"claim_ids": [request.claim_id], "right": RIGHT, "holder": holder.pk}
        try:
            self._again(lambda: reserve_rights(**given, at=now))
        except RightUnavailable:
            with self._lock:
                self.lost += 1
            return
        # the epoch after the newest may have been in the making
        won = (holder.pk, request.claim_id, newest_epoch() + 2)
        with self._lock:
            self.won.setdefault(number, []).append(won)
        if number % 3 == 0 and number not in self.let_go:
            self.let_go.add(number)
            self._again(lambda: release_rights(**given, at=timezone.now()))
            with self._lock:
                self.won[number].remove(won)

    def _again(self, work):
        while True:
            try:
                with transaction.atomic():
                    return work()
            except Exception as error:
                if not could_not_serialise(error):
                    raise

    def _seal(self):
        seal_epoch(now=timezone.now())
        self.ground.tell()
        time.sleep(0.05)

    def _prove(self):
        """A proof of what was won, at this moment, by its holder."""
        with self._lock:
            held = [(n, *one) for n, found in self.won.items() for one in found if n % 3]
        for one in random.sample(held, min(len(held), 1)):
            self.proof(*one)
        time.sleep(0.02)

    def proof(self, number, holder, claim_id, since):
        """Made and verified by the trust's ledger, and kept; its epoch."""
        with tenant_context(self.ground.trust):
            root = provable_root()
            try:
                made = answers(
                    [Claim(claim_id, RIGHT, self.name_of(number))], epoch=root.epoch, asker=holder
                )
            except IndexKeyGone:
                assert provable_root().epoch > root.epoch, "a key was destroyed too early"
                return None
            entry = disclosure_file(index=root.index, names=list(root.fields))
            file = TitleProof(tuple(made), entry, key_handovers()).to_bytes()
        verdict = self.verdict(file)
        assert verdict == HELD or (verdict == FREE and root.epoch < since), (verdict, root.epoch)
        self.proofs.append((root.epoch, file))
        return root.epoch

    def verdict(self, file):
        """For a reader who trusts the registry's first key."""
        with tenant_context(self.ground.trust):
            pinned = [own_log_keys().newest]
        return prove_title(file, pinned=pinned, title_key=self.ground.first_key).verdict

    @property
    def reached(self):
        """One past the last vehicle that anybody came to."""
        return self.first + max(self.done[f"race {n}"] for n in range(RACERS)) + 1


@contextmanager
def pledging(ground, name_of, first):
    """Pledges are made inside, over vehicles from number `first` on."""
    with Pledging(ground, name_of, first).running() as running:
        yield running
