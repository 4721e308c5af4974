"""One demo for the whole run: played once, then copied, with its keys and files, for who asks.

`python -m tests.played_demo FOLDER` plays it into the database that LL_DATABASE_NAME names.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from config.environment import BASE_DIR
from tests.template_database import copy_template, drop_all, ensure_template, rename

#: The smallest round number on which the models pass α and β: with fewer nothing may be priced.
LEASES = 20_000
_PREFIX = "ll_played_"


def play_for_checks() -> None:
    """Play it before anybody asks: `make test` says where."""
    ensure_played(Path(os.environ["CHECKS_PLAYED_DEMO"]), "checks")


def ensure_played(shared: Path, run: str) -> str:
    """The name of a database in which the demo was played; its files are `shared`/played."""
    name = f"{_PREFIX}{run}"
    with (shared / "played.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "played").exists():
            _play(shared, name)
    return name


def copy_files(shared: Path, to: Path) -> None:
    """Keys, media and what the demo wrote: keys change as checkpoints are signed."""
    shutil.copytree(shared / "played", to, dirs_exist_ok=True)


def _play(shared: Path, name: str) -> None:
    template = ensure_template()  # first: it starts the server, where none runs yet
    drop_all(_PREFIX)  # what a run before this one left
    draft = shared / "playing"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    rename(copy_template(template), name)
    environment = os.environ | {
        "LL_DATABASE_NAME": name,
        "LL_KEY_DIR": str(draft / "keys"),
        "LL_MEDIA_DIR": str(draft / "media"),
        "LL_DEMO_DIR": str(draft / "demo"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LL_LOG_LEVEL": "WARNING",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.played_demo", str(draft / "demo")],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"the demo failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    draft.rename(shared / "played")


def main(folder: str) -> None:
    import django

    django.setup()

    from config.demo import cast
    from config.demo.scene import Scene
    from config.demo.stage import play
    from config.demo.steps import STEPS

    cast.ensure_people()
    scene = Scene(leases=LEASES, folder=Path(folder), parallel=True)
    scene.folder.mkdir(parents=True, exist_ok=True)
    play(STEPS, scene, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
