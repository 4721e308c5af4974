"""Every reason that the core, the exchange and the witnesses give is worded in Chinese, too."""

import ast
import re
import time

import pytest
from django.core.management import CommandError, call_command
from django.template import Context, Template
from django.utils.translation import gettext, override

from config.environment import BASE_DIR
from ledger.checking.words import notice
from ledger.core.canonical import parse
from ledger.core.errors import LedgerError, MalformedError
from ledger.core.policy import Policy, PolicyError
from ledger.models import LedgerCheck
from ledger.problems import LogKeyLost, MalformedRecord, PayloadMissing
from ledger.reasons import REASONS, Reason, worded
from ledger.reasons.matching import Templates
from ledger.reasons.pages import reason
from tenants.problems import FieldError
from tests.ledger.reading_pages import english

ROOMS = ("core", "exchange", "witnessing", "checking", "anchoring", "titles")
MARKED = {"_", "gettext", "gettext_noop", "gettext_lazy"}
PLACE = re.compile(r"\{(\d)\}")
#: English texts in these rooms that are no reason on a page, and why.
NO_REASON = {
    "of a line of a file, a header or a query": re.compile(
        r"\s*(SELECT|WITH) |INSERT |old |index |extra |log \{|witness \{|group (everyone|\{)"
        r"|quorum (everyone|none)$"
        r"|cosignature/v1|\{\d\}\{\d\} \{\d\}\n|— |attachment; |text/plain"
        r"|\{0\}\n\{1\}\nepoch |key \{0\}\nold-key "
    ),
    "parts that others are joined with": re.compile(
        r"[ ,;\[\]\t+]+$|\{\d?\} \{\d?\}$|\{0\} of \{1\}$"
    ),
    "a status, or what a node says itself": re.compile(r"HTTP %\(status\)s$|\{0\}: \{1\}$"),
    "why a freeze ended, kept for the operator": re.compile(r"the log was restored from the copy"),
    "when a task runs": re.compile(r"[\d*/ ]+$"),
    "for the operator whose key file is another": re.compile(
        r"\{0\}(\.key)? is not the key that epoch|\{0\}\.key is missing, and epochs were sealed"
    ),
    "for a programmer who prints a secret key": re.compile(r"<\w*Secret(Key)? of"),
    "bodies for other servers": re.compile(
        r"(more than \{0\} bytes|no such log was cosigned here|too many requests)\n$"
    ),
}  # fmt: skip


def template_of(node):
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    parts, places = [], 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value)
        else:
            parts.append(f"{{{places}}}")
            places += 1
    return "".join(parts)


def texts_of(node):
    """Every text of more than one word: no docstrings, nothing that is marked or a problem's own.

    Those of problems are in the catalogue: `tests/house/test_translations.py`.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Call):
            if getattr(child.func, "id", "") in MARKED:
                continue
            child.keywords = [word for word in child.keywords if word.arg not in ("detail", "mend")]
        if isinstance(child, ast.Constant | ast.JoinedStr):
            if " " in (text := template_of(child)):
                yield text
        else:
            yield from texts_of(child)


def given():
    for room in ROOMS:
        for path in sorted((BASE_DIR / "ledger" / room).rglob("*.py")):
            for text in texts_of(ast.parse(path.read_text())):
                if not any(kind.match(text) for kind in NO_REASON.values()):
                    yield text, f"{room}/{path.name}"


def test_every_reason_has_a_template():
    with override("zh-hans"):
        missing = {
            (text, where)
            for text, where in given()
            if text not in REASONS and (not text[0].isupper() or gettext(text) == text)
        }
    assert sorted(missing) == []


def test_every_template_is_translated_with_its_places():
    with override("zh-hans"):
        for template in REASONS:
            words = gettext(template)
            assert sorted(PLACE.findall(words)) == sorted(PLACE.findall(template)), template
            if template not in {"an Ed25519", "an ML-DSA-44", "HTTP {0}"}:
                assert re.search(r"[\u4e00-\u9fff]", words), template


def test_a_filled_template_is_recognised_as_itself():
    templates = Templates(REASONS)
    for template in REASONS:
        values = [f"<{place}>" for place in PLACE.findall(template)]
        text = PLACE.sub(lambda place: f"<{place[1]}>", template)
        assert templates.find(text) == (template, values)
        assert worded(text, str) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the signature does not match", "签名不匹配"),
        ("entry 5: dev_sig: the signature does not match", "条目 5：签名：签名不匹配"),
        (
            "the signature of a.test does not hold: the public key has small order",
            "a.test 的签名不成立：公钥阶数过小",
        ),
        ("an Ed25519 public key is 32 bytes, not 31", "Ed25519 公钥应为 32 字节，而非 31"),
        ("not base64: '{0}%s'", "不是 base64：'{0}%s'"),
        ("gone.test said: so what", "gone.test said: so what"),
        ("", ""),
    ],
)
def test_reasons_within_reasons_and_what_is_none(text, words):
    with override("zh-hans"):
        assert worded(text, gettext) == words
    with override("en"):
        assert worded(text, gettext) == text


@pytest.mark.parametrize(
    "data", [b"{", b"[1,]", b"\xff", b'{"a":', b'{"a" 1}', b'"\x01"', b"{} x", b"[" * 200_000]
)
def test_what_the_reader_of_json_says_is_worded(data):
    with pytest.raises(MalformedError) as refused, override("zh-hans"):
        parse(data)
    with override("zh-hans"):
        assert english(worded(str(refused.value), gettext)) == []


def test_policy_errors_are_worded():
    for text in (
        "x\n",
        "log\n",
        "quorum a\n",
        "log a\nquorum none\n",
        "group a 3 b\n",
        "log x",
        "",
    ):
        with pytest.raises(PolicyError) as refused:
            Policy.parse(text.encode())
        with override("zh-hans"):
            assert english(worded(refused.value.detail, gettext)) == []


def test_problems_word_their_reasons_for_a_reader_and_stay_english_in_logs():
    error = LedgerError("the value of 'rate' is not text")
    problem = MalformedRecord(detail="%(reason)s.", params={"reason": Reason(error)})
    field = FieldError("x", "x", "The signature does not hold: %(reason)s.", params=problem.params)
    assert "the value of 'rate' is not text." in str(problem)
    assert problem.to_problem_details()["detail"] == "the value of 'rate' is not text."
    with override("zh-hans"):
        assert problem.text("detail", gettext) == "'rate' 的值不是文本。"
        assert field.as_dict(gettext)["detail"] == "签名不成立：'rate' 的值不是文本。"


@pytest.mark.parametrize("problem", [PayloadMissing(), LogKeyLost(), MalformedRecord()])
def test_a_problem_that_was_stored_as_text_is_worded(problem):
    """A parcel whose content a room does not take is refused with the whole problem."""
    with override("zh-hans"):
        told = reason(str(problem))
        assert english(told) == [] and problem.text("title", gettext) in told
    with override("en"):
        assert reason(str(problem)) == str(problem)
    with override("zh-hans"):
        assert reason("It is late.  So what.\n") == "It is late.  So what.\n"


def test_no_text_makes_the_search_slow():
    hostile = "the signature of " + " does not hold: entry : the " * 2_000
    began = time.monotonic()
    worded(hostile, str)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("1234567 entries were signed, and 9 are stored", "older backup"),
        ("the entries do not lead to the root that was signed", "Somebody changed rows"),
        ("its entries lead to 2 keys of the log, and 1 are published", "older backup"),
        ("its entries lead to other keys of the log than were published", "Somebody changed rows"),
    ],
)
def test_a_rollback_is_not_told_as_altered_rows(detail, words):
    row = LedgerCheck(index=1_234_567, part="signer", detail=detail)
    found = notice(row)
    assert words in found["mend"] and "1,234,567" in found["title"]
    pill = Template("{% load ledger_words %}{{ row|altered }}").render(Context({"row": row}))
    assert pill == ("Rolled back" if words == "older backup" else "Altered")
    with override("zh-hans"):
        told = notice(row)
        assert english(f"{told['title']} {told['mend']}".partition("docs/")[0]) == []


def test_a_cipher_beside_what_makes_no_key_is_named():
    for option in ("dry_run", "retire"):
        with pytest.raises(CommandError, match=f"--{option.replace('_', '-')} makes no new key"):
            call_command("rotate_keys", "kek", all=True, cipher="sm4", **{option: True})
