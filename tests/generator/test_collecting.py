"""What collectors hear is drawn by how late a lease is, the same for the same seed."""

from collections import Counter

import numpy as np

from origination.domain.collections.contacts import NOTE_LENGTH, OUTCOMES, Channel, Outcome
from origination.generator.collecting import draw_contact


def drawn(step, days, count=400, seed=3):
    rng = np.random.default_rng(seed)
    return [draw_contact(step, days, rng) for _ in range(count)]


def test_every_contact_that_is_drawn_may_be_recorded():
    for step in ("", *Channel):
        for one in drawn(step, 50):
            assert one.outcome in OUTCOMES[one.channel] and len(one.note) <= NOTE_LENGTH
            assert (one.promised > 0) == (one.outcome is Outcome.PROMISED)
            assert 2 <= one.due_days <= 15 and 1 <= one.next_days <= 7
            assert not one.is_barred or one.outcome is Outcome.REFUSED
    assert drawn("call", 9) == drawn("call", 9) != drawn("call", 9, seed=4)


def test_who_is_later_promises_less_and_is_reached_less():
    early, late = (Counter(one.outcome for one in drawn("call", days)) for days in (10, 70))
    assert early[Outcome.PROMISED] > late[Outcome.PROMISED] > 0
    assert early[Outcome.NOT_REACHED] < late[Outcome.NOT_REACHED]
