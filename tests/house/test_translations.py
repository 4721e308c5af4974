"""Every string that a person reads exists in Chinese."""

import ast
import re

import polib
import pytest
from django.utils.translation.template import templatize

from config.environment import BASE_DIR
from origination.domain.lease_fields import FIELDS
from origination.domain.lease_fields.findings import WORDS
from origination.domain.quotes.words import WORDS as QUOTE_WORDS
from origination.domain.tapes.changes import RULES as CHANGES
from origination.domain.tapes.mapping import LABELS
from origination.domain.tapes.reported import REPORTED, STATUSES
from origination.domain.tapes.rules import ACROSS, RULES, SEVERITY_WORDS
from origination.domain.tapes.score import WEIGHTS

ROOMS = ["tenants", "ledger", "origination", "pools", "monitoring", "mobile_api", "config"]
_CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
_TEMPLATE_CALL = re.compile(r"""(?<!\w)n?gettext\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_SHORT_CALL = re.compile(r"""(?<!\w)_\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
# names that are written the same in both languages
SAME = {"LeaseLedger", "English", "", "α", "β", "VIN"}


def _called(node):
    function = node.func
    return getattr(function, "id", getattr(function, "attr", None))


def _strings_of_python(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and _called(node) in _CALLS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _strings_of_template(path):
    source = templatize(path.read_text(), origin=str(path))
    for pattern in (_TEMPLATE_CALL, _SHORT_CALL):
        for match in pattern.finditer(source):
            yield ast.literal_eval(match[1])


def _strings(room):
    root = BASE_DIR / room
    for path in sorted(root.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _strings_of_python(path)
    for path in sorted(root.rglob("templates/**/*.html")):
        yield from _strings_of_template(path)


def _catalogue():
    known = {}
    for path in sorted(BASE_DIR.glob("*/locale/zh_Hans/LC_MESSAGES/django.po")):
        for entry in polib.pofile(str(path)):
            text = entry.msgstr or entry.msgstr_plural.get(0, "")
            if not (entry.obsolete or entry.fuzzy or entry.msgctxt) and text:
                known[entry.msgid] = text
    return known


_PARTS = {"title", "detail", "mend"}


def _words_of_problems(path):
    """Titles, details and mends: class attributes, keywords, and the texts of a FieldError."""
    for node in ast.walk(ast.parse(path.read_text())):
        found = []
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in _PARTS:
            found = [node.value]
        elif isinstance(node, ast.Call):
            found = [keyword.value for keyword in node.keywords if keyword.arg in _PARTS]
            if _called(node) == "FieldError":
                found += node.args[2:]
        for value in found:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


@pytest.fixture(scope="module")
def catalogue():
    return _catalogue()


@pytest.mark.parametrize("room", ROOMS)
def test_every_string_is_translated(room, catalogue):
    from django.utils.translation import gettext as django_gettext
    from django.utils.translation import override

    with override("zh-hans"):
        missing = sorted(
            {
                text
                for text in _strings(room)
                if text not in catalogue and text not in SAME and django_gettext(text) == text
            }
        )
    assert missing == []


@pytest.mark.parametrize("room", ["tenants", "ledger", "origination", "mobile_api"])
def test_every_refusal_is_translated(room, catalogue):
    texts = {text for path in (BASE_DIR / room).rglob("*.py") for text in _words_of_problems(path)}
    assert sorted(texts - set(catalogue) - SAME) == []


def test_every_word_of_a_lease_and_a_quote_is_translated(catalogue):
    words = {spec.label for spec in FIELDS} | {spec.group.value for spec in FIELDS}
    words |= {label for spec in FIELDS for label in spec.codes.values()}
    words |= {text for pair in (WORDS | QUOTE_WORDS).values() for text in pair}
    assert sorted(words - set(catalogue) - SAME) == []


def test_every_word_of_a_tape_is_translated(catalogue):
    rules = (*RULES, *ACROSS, *CHANGES.values())
    words = {text for rule in rules for text in (rule.says, rule.mend)}
    words |= {*LABELS.values(), *SEVERITY_WORDS.values(), *STATUSES.values()}
    words |= {word for _points, word in WEIGHTS.values()} | {spec.label for spec in REPORTED}
    assert sorted(words - set(catalogue)) == []


def test_placeholders_survive_translation(catalogue):
    places = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")
    wrong = [
        source
        for source, text in catalogue.items()
        if sorted(places.findall(source)) != sorted(places.findall(text))
    ]
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_catalogue_knows_that_chinese_has_one_form(room):
    """Without the rule, gettext looks for a second form and shows the English of it."""
    catalogue = polib.pofile(str(BASE_DIR / room / "locale/zh_Hans/LC_MESSAGES/django.po"))
    assert catalogue.metadata["Plural-Forms"] == "nplurals=1; plural=0;"
