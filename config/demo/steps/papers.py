"""What the demo hands over: ledgers as files, proven offline before anybody asks."""

from pathlib import Path

from config.demo.cast import LESSORS
from config.demo.scene import Scene
from config.demo.stage import Facts, Step
from ledger.services import export_ledger, seal_checkpoint
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


def issue_circulars(scene: Scene) -> Facts:
    """The indicative offering circular in both languages, its hash on the trust's ledger."""
    # heavy libraries come with these: a start with everything played does without
    from monitoring.services.indicative import issue_indicative_circular
    from pools.circular.documents import content_of

    pages = {}
    with scene.inside("trust"):
        seal_checkpoint(at=scene.moment(minute=20))
        for language in ("en", "zh-hans"):
            document = issue_indicative_circular(
                language=language,
                by=scene.person("analyst", "trust"),
                at=scene.moment(minute=25),
                as_of=scene.as_of,
            )
            (scene.folder / f"circular-{language}.pdf").write_bytes(content_of(document))
            pages[language] = document.pages
    return {"pages_english": pages["en"], "pages_chinese": pages["zh-hans"]}


STEPS = (
    Step("circular", "writing the offering circular in two languages", issue_circulars, True),
    Step("exports", "exporting the ledgers and proving them offline", export_ledgers, True),
)
