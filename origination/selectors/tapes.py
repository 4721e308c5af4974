"""What a check found, ready to be shown and to be handed out."""

import csv
import io
from collections.abc import Callable, Iterator

from django.utils.translation import gettext_noop

from origination.domain.lease_fields import Finding
from origination.domain.tapes.mapping import ASSET_NUMBER
from origination.domain.tapes.reported import TARGETS
from origination.domain.tapes.rules import SEVERITY_WORDS
from origination.domain.tapes.score import WEIGHTS
from origination.models import TapeUpload
from origination.services.tapes.findings import opened, severity_of, words_of

Translate = Callable[[str], str]
_HEADER = (
    gettext_noop("Row"),
    gettext_noop("Field"),
    gettext_noop("Value"),
    gettext_noop("Severity"),
    gettext_noop("Rule"),
    gettext_noop("What is wrong"),
    gettext_noop("How to mend it"),
)


def field_name(name: str, translate: Translate) -> str:
    """A field's label, or its name where it is a column of the file."""
    if name == ASSET_NUMBER:
        return translate("Record id")
    return translate(TARGETS[name].label) if name in TARGETS else name


def found_rules(upload: TapeUpload, translate: Translate) -> list[dict[str, object]]:
    """Each rule that rows break, the heaviest first."""
    order = [str(severity) for severity in SEVERITY_WORDS]
    found = sorted(upload.report.get("found", []), key=lambda one: (order.index(one[2]), -one[3]))
    return [
        {
            "field": field_name(name, translate),
            "severity": severity,
            "severity_name": translate(SEVERITY_WORDS[severity_of(Finding(name, code))]),
            "rows": rows,
        }
        | _words(name, code, translate)
        for name, code, severity, rows in found
    ]


def _words(name: str, code: str, translate: Translate) -> dict[str, str]:
    words = words_of(Finding(name, code)).as_dict(translate)
    return {"code": code, "detail": words["detail"], "mend": words["mend"]}


def score_parts(upload: TapeUpload, translate: Translate) -> list[dict[str, object]]:
    """Why points were lost, each reason with the rules behind it."""
    return [
        {
            "label": translate(WEIGHTS[code][1]),
            "lost": lost,
            "count": count,
            "of": of,
            "rules": [
                (words_of(Finding(name, rule)).as_dict(translate)["detail"], rows)
                for name, rule, rows in rules
            ],
        }
        for code, lost, count, of, rules in upload.report.get("parts", [])
    ]


def findings_csv(upload: TapeUpload, translate: Translate) -> Iterator[bytes]:
    """Every finding of an upload, chunk by chunk; with the mark by which Excel knows UTF-8."""
    yield b"\xef\xbb\xbf" + _line([translate(name) for name in _HEADER])
    said: dict[tuple[str, str], list[str]] = {}
    for chunk in upload.chunks.defer("content").iterator(chunk_size=1):
        if chunk.findings is None:
            continue
        frame = opened(chunk.findings).select("row", "field", "value", "code")
        for row, name, value, code in frame.iter_rows():
            if (name, code) not in said:
                finding = Finding(name, code)
                words = words_of(finding).as_dict(translate)
                severity = translate(SEVERITY_WORDS[severity_of(finding)])
                said[name, code] = [severity, code, words["detail"], words["mend"]]
            start = [str(chunk.first_row + row), field_name(name, translate), _plain(value)]
            yield _line(start + said[name, code])


def _plain(value: str) -> str:
    """A value that a spreadsheet does not take for a formula (OWASP, CSV injection)."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t") else value


def _line(texts: list[str]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerow(texts)
    return stream.getvalue().encode()
