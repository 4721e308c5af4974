"""The trust's side: positions from its own copies, rolled forward to the demo's day."""

from datetime import timedelta

from config.demo.scene import Scene
from config.demo.stage import Facts, Step
from monitoring.services.roll_forward import Rolled
from monitoring.services.watching import roll_all_forward


def first_roll(scene: Scene) -> Facts:
    """How every shared lease stands at the end of history."""
    with scene.inside("trust"):
        rolled = roll_all_forward(as_of=scene.as_of, at=scene.moment(minute=10), full=True)
    return {"assets": rolled.derived, "problems": rolled.problems}


def roll_to(scene: Scene, number: int) -> Rolled:
    """Bring the trust's positions to the `number`th day after the end of history."""
    day = scene.as_of + timedelta(days=number)
    with scene.inside("trust"):
        return roll_all_forward(as_of=day, at=scene.moment(days=number - 1, hour=23))


STEPS = (Step("positions", "how every asset stands", first_roll),)
