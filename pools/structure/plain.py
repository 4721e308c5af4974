"""Terms as plain data and back: what is stored, put into a ledger entry, or re-run offline.

Pure. A dataclass becomes a dict of strings, integers, booleans, lists and dicts; `Decimal`, dates
and enums become text. No float passes: terms are exact.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from tenants.problems import Invalid

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Plain data of a dataclass, or of anything that its fields may hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal | date):
        return str(value)
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, dict):
        return {str(to_plain(key)): to_plain(item) for key, item in value.items()}
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"{type(value).__name__} is not exact: terms hold text, integers and Decimal")


def from_plain(kind: type[T], data: Any) -> T:
    """The dataclass of its plain data; unknown, missing or malformed fields raise `Invalid`."""
    try:
        return cast(T, _read(kind, data))
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise Invalid(
            code="terms_malformed",
            detail="These terms of a %(kind)s cannot be read: %(error)s.",
            mend="Write the fields as this product exports them.",
            params={"kind": kind.__name__, "error": repr(error)},
        ) from error


def _read(kind: Any, data: Any) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        if data is None:
            return None
        return _read(next(arg for arg in args if arg is not NoneType), data)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return tuple(_read(args[0], item) for item in data)
    if origin is tuple:
        return tuple(_read(arg, item) for arg, item in zip(args, data, strict=True))
    if origin is frozenset:
        return frozenset(_read(args[0], item) for item in data)
    if origin is dict:
        return {_read(args[0], key): _read(args[1], item) for key, item in data.items()}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        unknown = set(data) - set(hints)
        if unknown:
            raise KeyError(f"unknown {', '.join(sorted(unknown))}")
        return cast(Any, kind)(**{name: _read(hints[name], item) for name, item in data.items()})
    if kind is date:
        return date.fromisoformat(data)
    if kind is Decimal and isinstance(data, str):
        return Decimal(data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if kind in (str, int, bool) and type(data) is kind:
        return data
    raise TypeError(f"{data!r} is no {getattr(kind, '__name__', kind)}")


def canonical(value: Any) -> str:
    """One text for equal data: JSON with sorted keys and no spaces."""
    return json.dumps(to_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """SHA-256 of `canonical`, in hex: what a decision pins its inputs with."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
