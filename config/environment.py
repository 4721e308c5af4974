"""Reading the process environment; every setting has a default that runs."""

from __future__ import annotations

import os
import re
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("LL_VAR", BASE_DIR / "var")).resolve()
POSTGRES_ROOT = Path(os.environ.get("LL_POSTGRES_ROOT", VAR / "postgres"))
DATABASE_STATE = VAR / "database-roles.json"
DEVELOPMENT_SECRET = "development-only-secret-do-not-serve-anything-real-with-it"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
#: Fewer leases than this leave no pool to package; more were never drawn.
MIN_LEASES, MAX_LEASES = 100, 1_000_000


def flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on."""
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """Comma-separated list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


class BadSetting(SystemExit):
    """A setting that cannot be used: its name, what is wrong, the mend.

    Uncaught it ends the process with that one line and code 1, instead of a traceback.
    """

    def __init__(self, name: str, wrong: str, mend: str) -> None:
        super().__init__(f"{name}: {wrong} {mend}")


def whole_number(name: str, text: str, *, least: int, most: int, example: str) -> int:
    """A number within its bounds, or `BadSetting`."""
    number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip()) else None
    if number is None or not least <= number <= most:
        wrong = f"{text[:40]!r} is not a whole number from {least:,} to {most:,}."
        raise BadSetting(name, wrong, f"For example: {example}")
    return number


def log_level(default: str = "INFO") -> str:
    """How much is logged, in any case; or `BadSetting`."""
    text = os.environ.get("LL_LOG_LEVEL", "").strip() or default
    if text.upper() not in LOG_LEVELS:
        wrong = f"{text[:40]!r} is no level of logging."
        raise BadSetting("LL_LOG_LEVEL", wrong, f"Choose one of {', '.join(LOG_LEVELS)}.")
    return text.upper()


def title_epoch_minutes() -> int:
    """How long the title registry's map rests between two epochs."""
    text = os.environ.get("LL_TITLE_EPOCH_MINUTES", "") or "15"
    return whole_number("LL_TITLE_EPOCH_MINUTES", text, least=1, most=1440, example="15")


def port() -> int:
    """Where the product is served."""
    text = os.environ.get("LL_PORT", "") or "8000"
    return whole_number("LL_PORT", text, least=1, most=65535, example="make demo LL_PORT=8001")


def lease_count(text: str) -> int:
    """How many leases a demo is to have."""
    example = "make demo LEASES=2000"
    return whole_number("LEASES", text, least=MIN_LEASES, most=MAX_LEASES, example=example)
