"""What the verifier in the browser refuses is worded in both languages, template by template."""

import re

from django.utils.translation import override

from config.environment import BASE_DIR
from ledger.proving import verifying
from ledger.verdict_words import REFUSALS

MODULES = BASE_DIR / "ledger" / "static" / "ledger" / "verify"
_TEXT = r'"((?:[^"\\]|\\.)*)"'
_REFUSAL = re.compile(r"new (?:Refusal|OtherLog)\(" + _TEXT)
#: What is named in the place of a value.
NAMED = {"the public key", "the signature's R", "the VRF's proof: gamma", "the VRF's key"}


def spoken() -> set[str]:
    found = set()
    for path in MODULES.glob("*js"):
        source = path.read_text()
        for call in re.split(r"(?=\bneed\()", source)[1:]:
            texts = re.findall(_TEXT, call[: _end(call)])
            if texts:
                found.add(texts[-1])
        found |= set(_REFUSAL.findall(source))
    return found


def _end(call: str) -> int:
    """Where the parenthesis of a call closes, texts and patterns apart."""
    bare = re.sub(_TEXT + r"|/\^[^\n]*?\$/", lambda found: "_" * len(found[0]), call)
    depth = 0
    for place, sign in enumerate(bare):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign == ")":
            return place
    raise AssertionError(call[:80])


def test_every_refusal_of_the_browsers_verifier_has_words():
    assert spoken() <= set(REFUSALS)
    assert set(REFUSALS) - NAMED <= spoken()


def test_no_refusal_is_put_together_where_no_page_could_word_it():
    for path in MODULES.glob("*.js"):
        for call in re.split(r"(?=\bneed\()", path.read_text())[1:]:
            assert "`" not in call[: _end(call)], (path.name, call[:100])


def test_a_chinese_page_is_given_chinese_words():
    with override("zh-hans"):
        facts = verifying()["verify_facts"]
    assert set(facts["refusals"]) == set(REFUSALS)
    del facts["words"]["lie_at"]  # its places alone
    for words in (*facts["refusals"].values(), *facts["parts"].values(), *facts["words"].values()):
        assert re.search(r"[\u4e00-\u9fff]", words), words
    with override("en"):
        assert verifying()["verify_facts"]["refusals"] == {}
