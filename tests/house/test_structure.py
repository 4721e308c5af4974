"""What import rules do not show: foreign keys that point up, and Django reached from pure code."""

import subprocess
import sys
import tomllib
from pathlib import Path

from django.apps import apps

from config.environment import BASE_DIR

LAYERS = ["tenants", "ledger", "origination", "pools", "monitoring"]  # low to high
HEIGHT = {name: height for height, name in enumerate(LAYERS)} | {"mobile_api": 4}
CONTRACTS = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["tool"]["importlinter"]
PURE = next(c for c in CONTRACTS["contracts"] if c["type"] == "forbidden")["source_modules"]


def _relations():
    for model in apps.get_models():
        if model._meta.app_label not in HEIGHT:
            continue
        for field in model._meta.get_fields():
            other = getattr(field, "related_model", None)
            own = field.concrete and other is not None and other is not model
            if own and other._meta.app_label in HEIGHT:
                yield model, field, other


def test_tables_of_a_tenant_hold_no_key_to_shared_tables():
    crossing = [
        f"{model.__name__}.{field.name} → {other.__name__}"
        for model, field, other in _relations()
        if (model._meta.app_label == "tenants") != (other._meta.app_label == "tenants")
    ]
    assert crossing == []


def test_foreign_keys_point_down_and_show_nothing_above():
    wrong = []
    for model, field, other in _relations():
        here, there = model._meta.app_label, other._meta.app_label
        if here == there:
            continue
        name = f"{model.__name__}.{field.name}"
        if HEIGHT[there] > HEIGHT[here]:
            wrong.append(f"{name} points up to {there}")
        if not field.remote_field.hidden:
            wrong.append(f"{name} shows a reverse accessor: related_name='+'")
    assert wrong == []


def _python_modules(package: str) -> list[str]:
    root = Path(BASE_DIR, *package.split("."))
    if not root.is_dir():
        return [package]
    files = [path.relative_to(BASE_DIR).with_suffix("") for path in sorted(root.rglob("*.py"))]
    names = [".".join(path.parts).removesuffix(".__init__") for path in files]
    return [name for name in names if not name.endswith("__main__")]


def test_pure_modules_load_without_django():
    """Imported for real in a process where Django cannot be imported."""
    names = [name for package in PURE for name in _python_modules(package)]
    code = (
        "import sys, importlib\n"
        "for name in ('django', 'rest_framework', 'channels', 'procrastinate'):\n"
        "    sys.modules[name] = None\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=BASE_DIR)
    assert done.stderr.decode() == ""
