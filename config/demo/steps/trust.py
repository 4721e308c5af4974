"""The trust's side. Each part is added as its room opens."""

from config.demo.scene import Scene
from config.demo.stage import Step


def roll_to(scene: Scene, number: int) -> None:
    """Bring the trust's positions to the `number`th day after the end of history."""


STEPS: tuple[Step, ...] = ()
