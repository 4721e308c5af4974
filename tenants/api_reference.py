"""The API's own page: the OpenAPI document of this host, as people read it.

`groups_of` is a plain walk over the document; the page is ours, so that it needs no script, no
other server's files, and speaks the reader's language around the document's English.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from tenants.web import open_to_all

METHODS = ("get", "post", "put", "patch", "delete")
JSON = "application/json"


@dataclass(frozen=True)
class Member:
    """A parameter, or a member of a body."""

    name: str
    kind: str
    required: bool
    text: str


@dataclass(frozen=True)
class Answer:
    """One status and what comes with it."""

    status: str
    text: str
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    summary: str
    text: str
    anchor: str
    parameters: tuple[Member, ...]
    body: tuple[Member, ...]
    answers: tuple[Answer, ...]


@dataclass
class Group:
    """Operations below one first part of the path."""

    name: str
    operations: list[Operation] = field(default_factory=list)


def groups_of(document: Mapping[str, Any]) -> list[Group]:
    """Every operation of an OpenAPI 3 document, grouped by the resource after the version."""
    groups: dict[str, Group] = {}
    for path, methods in document.get("paths", {}).items():
        parts = [part for part in path.split("/") if part and not part.startswith("{")]
        name = parts[2] if len(parts) > 2 else path
        for method in METHODS:
            if method in methods:
                group = groups.setdefault(name, Group(name))
                group.operations.append(_operation(document, path, method, methods[method]))
    return list(groups.values())


def _operation(document, path: str, method: str, spec: Mapping[str, Any]) -> Operation:
    parameters = (
        Member(
            one["name"],
            _kind(document, one.get("schema", {})),
            one.get("required", False),
            one.get("description", ""),
        )
        for one in spec.get("parameters", ())
    )
    answers = (
        Answer(status, one.get("description", ""), tuple(_body(document, one)))
        for status, one in spec.get("responses", {}).items()
    )
    return Operation(
        method=method.upper(),
        path=path,
        summary=spec.get("summary", ""),
        text=spec.get("description", ""),
        anchor=spec.get("operationId", ""),
        parameters=tuple(parameters),
        body=tuple(_body(document, spec.get("requestBody", {}))),
        answers=tuple(answers),
    )


def _body(document, part: Mapping[str, Any]) -> Iterator[Member]:
    content = part.get("content", {})
    chosen = content.get(JSON) or next(iter(content.values()), {})
    schema = _resolved(document, chosen.get("schema", {}))
    if schema.get("type") == "array":
        schema = _resolved(document, schema.get("items", {}))
    required = schema.get("required", ())
    for name, spec in schema.get("properties", {}).items():
        shown = _resolved(document, spec)
        text = spec.get("description", "") or shown.get("description", "")
        yield Member(name, _kind(document, spec), name in required, text)


def _resolved(document, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema a reference points to; `allOf` of one is that one."""
    if "$ref" in schema:
        return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if len(schema.get("allOf", ())) == 1:
        return _resolved(document, schema["allOf"][0])
    return schema


def _kind(document, schema: Mapping[str, Any]) -> str:
    found = _resolved(document, schema)
    if "enum" in found:
        return " | ".join(map(str, found["enum"]))
    if found.get("type") == "array":
        return f"[{_kind(document, found.get('items', {}))}]"
    if "additionalProperties" in found and found["additionalProperties"]:
        return f"{{text: {_kind(document, found['additionalProperties'])}}}"
    return str(found.get("format") or found.get("type", ""))


@open_to_all
def reference(request):
    """The operations of this host."""
    document = SchemaGenerator(urlconf=request.urlconf).get_schema(request=None, public=True)
    return render(request, "tenants/api_reference.html", {"groups": groups_of(document)})
