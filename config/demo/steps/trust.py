"""The trust's side: positions from its own copies, rolled forward to the demo's day."""

from datetime import timedelta

from config.demo.scene import Scene
from config.demo.stage import Facts, Step
from monitoring.models import PoolSnapshot
from monitoring.selectors.copies import CopiedBook
from monitoring.services.roll_forward import Rolled, roll_forward


def first_roll(scene: Scene) -> Facts:
    """How every copied lease stands at the end of history."""
    copied = CopiedBook()
    with scene.inside("trust"):
        copied.refresh()
        rolled = roll_forward(book=copied.whole(), as_of=scene.as_of, at=scene.moment(minute=10))
    return {"assets": rolled.derived, "problems": rolled.problems}


def roll_to(scene: Scene, copied: CopiedBook, number: int) -> Rolled:
    """Bring the trust's positions to the `number`th day after the end of history."""
    day = scene.as_of + timedelta(days=number)
    with scene.inside("trust"):
        touched = copied.refresh()
        last = PoolSnapshot.objects.order_by("-as_of").values_list("as_of", flat=True).first()
        since = last or scene.as_of
        due = copied.due_for_a_roll(touched=touched, since=since, as_of=day)
        at = scene.moment(days=number - 1, hour=23)
        return roll_forward(book=copied.part(due), as_of=day, at=at)


STEPS = (Step("positions", "how every asset stands", first_roll),)
