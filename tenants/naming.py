"""What a schema and a host may be called. Pure."""

import re
from typing import Final

RESERVED_SCHEMAS: Final = frozenset({"public", "information_schema", "extensions", "template"})
_SCHEMA: Final = re.compile(r"[a-z][a-z0-9_]{1,47}")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")

SCHEMA_WORDS: Final = (
    "This cannot be used as a schema.",
    "Use 2 to 48 lower-case letters, digits and underscores, starting with a letter; not public,"
    " template, extensions or a name that starts with pg_.",
)
HOST_WORDS: Final = (
    "This is not a host name.",
    "Write it in lower case without scheme, port or path: anda.example.com.",
)


def is_schema_name(text: str) -> bool:
    """True for a name that PostgreSQL takes unquoted and nobody else needs."""
    reserved = text in RESERVED_SCHEMAS or text.startswith("pg_")
    return _SCHEMA.fullmatch(text) is not None and not reserved


def is_host_name(text: str) -> bool:
    """True for a host name (RFC 1123) in lower case."""
    return _HOST.fullmatch(text) is not None
