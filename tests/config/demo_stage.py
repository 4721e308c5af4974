"""A small demo played once for a module; each test goes on with a copy of its own."""

import contextlib
import io
import shutil
from collections.abc import Iterator

from config.demo import cast as demo_cast
from config.demo.pulse import advance_day
from config.demo.scene import Scene
from config.demo.stage import play
from tests.stages import Stage, new_stage


@contextlib.contextmanager
def demo_stage(home, blocker, steps, *, leases: int, days: int = 0) -> Iterator[Stage]:
    """The steps played in a database of its own, and days lived after them."""
    with new_stage(home) as stage:
        with blocker.unblock(), stage.entered():
            demo_cast.ensure_people()
            scene = Scene(leases=leases, folder=home / "demo")
            scene.folder.mkdir()
            played = play(steps, scene, io.StringIO())
            assert played == [step.key for step in steps]
            for _ in range(days):
                advance_day(scene)
        yield stage


@contextlib.contextmanager
def demo_copy(stage: Stage, home, blocker, *, leases: int) -> Iterator[Scene]:
    """What was played there, for one test that commits."""
    shutil.copytree(stage.keys.parent / "demo", home / "demo")
    with new_stage(home, stage) as own, blocker.unblock(), own.entered():
        yield Scene(leases=leases, folder=home / "demo")
