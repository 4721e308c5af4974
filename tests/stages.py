"""Databases with a scene that many tests start from: made once for each worker, never changed.

A stage is a database and the folder of its keys. A module enters one, and its tests roll back what
they do; who commits enters a copy.
"""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from tests.conftest import _use_database as use_database
from tests.template_database import copy_template, drop, ensure_template


@dataclass(frozen=True)
class Stage:
    """A database and the folder of its keys."""

    database: str
    keys: Path

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """The process works on this database with these keys."""
        before, keys = connections.settings["default"]["NAME"], settings.KEY_DIR
        use_database(self.database)
        settings.KEY_DIR = self.keys
        try:
            yield
        finally:
            connection.set_schema_to_public()
            connection.close()  # nobody may be in a database that is copied
            use_database(before)
            settings.KEY_DIR = keys


@contextlib.contextmanager
def new_stage(home: Path, on: Stage | None = None) -> Iterator[Stage]:
    """A stage with the cast alone or on top of another, its keys in `home`; dropped afterwards."""
    if on is not None:
        shutil.copytree(on.keys, home / "keys")
    stage = Stage(copy_template(on.database if on else ensure_template()), home / "keys")
    try:
        yield stage
    finally:
        drop(stage.database)
