"""What the demo produced, in two files: for a program and for a reader."""

import json
from hashlib import sha256
from typing import Any

from django_tenants.utils import schema_context

from config.demo.scene import Scene
from config.demo.stage import PART
from config.demo.steps import STEPS
from config.models import DemoStep

WHOLE = "*.*"
_SKIPPED = {".partial"}


def write_summary(scene: Scene, seconds: float) -> dict[str, Any]:
    """Write `summary.json` and `summary.md`; `failed` names steps that are not done."""
    with schema_context("public"):
        whole = DemoStep.objects.exclude(key__contains=PART).order_by("done_at")
        rows = list(whole.values("key", "seconds", "facts"))
    done = {row["key"] for row in rows}
    summary: dict[str, Any] = {
        "leases": scene.leases,
        "as_of": scene.as_of.isoformat(),
        "seconds": round(seconds, 1),
        "steps": rows,
        "files": _files(scene),
        "failed": [step.key for step in STEPS if step.key not in done],
    }
    (scene.folder / "summary.json").write_text(
        json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
    )
    (scene.folder / "summary.md").write_text(_as_text(summary))
    return summary


def _files(scene: Scene) -> list[dict[str, Any]]:
    found = []
    for path in sorted(scene.folder.glob(WHOLE)):
        if path.is_file() and not path.name.startswith("summary"):
            content = path.read_bytes()
            found.append(
                {"name": path.name, "bytes": len(content), "sha256": sha256(content).hexdigest()}
            )
    return found


def _as_text(summary: dict[str, Any]) -> str:
    titles = {step.key: step.title for step in STEPS}
    lines = [
        f"# LeaseLedger demo: {summary['leases']:,} leases as of {summary['as_of']}",
        "",
        "| Step | Result | Seconds |",
        "|---|---|---:|",
    ]
    for row in summary["steps"]:
        told = ", ".join(
            f"{name.replace('_', ' ')} {value}" for name, value in row["facts"].items()
        )
        lines.append(f"| {titles.get(row['key'], row['key'])} | {told} | {row['seconds']:.1f} |")
    lines += ["", "| File | Bytes | SHA-256 |", "|---|---:|---|"]
    lines += [f"| {f['name']} | {f['bytes']:,} | `{f['sha256']}` |" for f in summary["files"]]
    return "\n".join(lines) + "\n"
