"""Reading the process environment; every setting has a default that runs."""

from __future__ import annotations

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("LL_VAR", BASE_DIR / "var")).resolve()
POSTGRES_ROOT = Path(os.environ.get("LL_POSTGRES_ROOT", VAR / "postgres"))
DATABASE_STATE = VAR / "database-roles.json"
DEVELOPMENT_SECRET = "development-only-secret-do-not-serve-anything-real-with-it"


def flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on."""
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """Comma-separated list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]
