"""What the demo hands over: ledgers as files, proven offline before anybody asks."""

from pathlib import Path

from django.utils.text import slugify

from config.demo.cast import LESSORS
from config.demo.scene import Scene
from config.demo.stage import Facts, Step
from config.demo.steps.days import days_passed
from ledger.services import export_ledger, seal_checkpoint
from ledger.verifier.check import verify_bundle


def ledger_file(scene: Scene, schema: str) -> Path:
    """Where an institution's exported ledger lies."""
    return scene.folder / f"ledger-{schema}.bundle"


def export_ledgers(scene: Scene) -> Facts:
    """Every institution's log as one file, verified as a stranger would.

    Up to the newest checkpoint that meets its trust policy, where there is one.
    """
    files, proven, left_out, unmet = 0, 0, 0, 0
    at = scene.moment(days=days_passed(scene), hour=2)
    for schema in (*LESSORS, "trust"):
        path = ledger_file(scene, schema)
        part = path.with_name(path.name + ".part")
        with scene.inside(schema), part.open("wb") as stream:
            found = export_ledger(stream=stream, at=at)
        with part.open("rb") as stream:
            proven += verify_bundle(stream, portable=False).entries
        left_out += found.later
        unmet += not found.is_met
        files += 1
        part.replace(path)
    return {
        "ledger_files": files,
        "entries_proven_in_them": proven,
        "newer_entries_left_out": left_out,
        "files_still_to_be_cosigned_as_their_policy_asks": unmet,
    }


def issue_circulars(scene: Scene) -> Facts:
    """The pool's circular in both languages; without a pool the indicative one."""
    # heavy libraries come with these: a start with everything played does without
    from monitoring.services.indicative import issue_indicative_circular
    from pools.circular.documents import content_of
    from pools.circular.issue import issue_pool_circular
    from pools.distributions.selectors import paying_pools

    pages = {}
    with scene.inside("trust"):
        seal_checkpoint(at=scene.moment(minute=40))
        by, at = scene.person("analyst", "trust"), scene.moment(minute=41)
        pools = paying_pools()
        for language in ("en", "zh-hans"):
            if pools:
                document = issue_pool_circular(pool=pools[0][0], language=language, by=by, at=at)
            else:
                document = issue_indicative_circular(
                    language=language, by=by, at=at, as_of=scene.as_of
                )
            (scene.folder / f"circular-{language}.pdf").write_bytes(content_of(document))
            pages[language] = document.pages
    return {"pages_english": pages["en"], "pages_chinese": pages["zh-hans"]}


def issue_tapes(scene: Scene) -> Facts:
    """The regulator's file of the newest paid period of each pool."""
    from pools.circular.documents import content_of
    from pools.distributions.selectors import paying_pools
    from pools.tapes.services import issue_tape

    assets = 0
    with scene.inside("trust"):
        by, at = scene.person("analyst", "trust"), scene.moment(days=days_passed(scene), hour=1)
        for pool, row in paying_pools():
            if row is None:
                continue
            document = issue_tape(
                pool=pool, start=row.start, end=row.end, known_at=row.known_at, by=by, at=at
            )
            (scene.folder / f"tape-ex102-{slugify(pool.name)}.xml").write_bytes(
                content_of(document)
            )
            assets += pool.assets
    return {"assets_on_tape": assets}


CIRCULAR = (
    Step("circular", "writing the offering circular in two languages", issue_circulars, True),
)
STEPS = (
    Step("tape", "writing the regulator's tape of the paid month", issue_tapes, in_parts=True),
    Step(
        "exports",
        "exporting the ledgers and proving them offline",
        export_ledgers,
        in_parts=True,
        joins=True,  # a copy of the whole ledger is made when nobody writes beside it
    ),
)
