"""What the demo hands over: ledgers as files, proven offline before anybody asks."""

from pathlib import Path

from config.demo.cast import LESSORS
from config.demo.scene import Scene
from config.demo.stage import Facts, Step
from ledger.services import export_ledger
from ledger.verifier.check import verify_bundle


def ledger_file(scene: Scene, schema: str) -> Path:
    """Where an institution's exported ledger lies."""
    return scene.folder / f"ledger-{schema}.bundle"


def export_ledgers(scene: Scene) -> Facts:
    """Every institution's log as one file, verified as a stranger would."""
    entries = 0
    for schema in (*LESSORS, "trust"):
        path = ledger_file(scene, schema)
        part = path.with_name(path.name + ".part")
        with scene.inside(schema), part.open("wb") as stream:
            export_ledger(stream=stream, at=scene.moment(hour=2))
        with part.open("rb") as stream:
            entries += verify_bundle(stream, portable=False).entries
        part.replace(path)
    return {"proven_entries": entries}


STEPS = (Step("exports", "exporting the ledgers and proving them offline", export_ledgers, True),)
