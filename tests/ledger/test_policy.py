"""Trust policies: read strictly, met or not, and who is missing."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core.checkpoints import Checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.errors import LedgerError, SignatureError
from ledger.core.hashing import leaf_hash
from ledger.core.mldsa import MlDsaSecretKey
from ledger.core.notes import ED25519, Note, NoteKey, cosign_text, cosigner_key, sign_text
from ledger.core.policy import Group, Missing, Policy, PolicyError, PolicyWitness
from ledger.core.tlog_proof import TlogProof, verify_under_policy
from ledger.core.trust import PolicyNotMet, Times, judge

ORIGIN, TIME = "example.test/log", 1_700_000_000
LOG = SecretKey(b"l" * 32)
LOG_KEY = NoteKey(ORIGIN, ED25519, LOG.public)
NAMES = ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
SECRETS = {name: SecretKey(name.encode() * 16) for name in NAMES}
SECRETS["Y3"] = MlDsaSecretKey(b"Y3" * 16)
KEYS = {name: cosigner_key(f"w.test/{name}", secret) for name, secret in SECRETS.items()}
HEAD = Checkpoint(ORIGIN, 1, leaf_hash(b"entry"))
EXAMPLE = "\n".join(
    [
        f"log {LOG_KEY.vkey()} https://example.test/",
        "# the example of tlog-policy.md",
        "",
        *(f"witness {name} {KEYS[name].vkey()}" for name in NAMES),
        "group X-witnesses 2 X1 X2 X3",
        "  group\tY-witnesses any Y1 Y2 Y3 ",
        "group X-and-Y all X-witnesses Y-witnesses",
        "quorum X-and-Y",
        "",
    ]
)


def note(*names: str, times=None, text: str = HEAD.text()) -> bytes:
    lines = [sign_text(text, ORIGIN, LOG)]
    lines += [
        cosign_text(text, KEYS[name].name, SECRETS[name], (times or {}).get(name, TIME))
        for name in names
    ]
    return Note(text, tuple(lines)).to_bytes()


def policy(text: str = EXAMPLE) -> Policy:
    return Policy.parse(text.encode())


def test_the_example_reads():
    read = policy()
    assert [log.url for log in read.logs] == ["https://example.test/"]
    assert list(read.witnesses) == NAMES
    assert read.groups["X-witnesses"] == Group("X-witnesses", 2, ("X1", "X2", "X3"))
    assert [group.threshold for group in read.groups.values()] == [2, 1, 2]


@pytest.mark.parametrize("count", range(7))
def test_the_example_is_met_by_two_of_x_and_one_of_y(count):
    for names in itertools.combinations(NAMES, count):
        judged = judge(note(*names), policy())
        enough = sum(n[0] == "X" for n in names) >= 2 and any(n[0] == "Y" for n in names)
        assert judged.satisfied is enough
        assert set(judged.counted) == set(names)
        assert (judged.missing == ()) is enough


def test_who_is_missing():
    assert judge(note("X1"), policy()).missing == (
        Missing("X-witnesses", 1, ("X2", "X3")),
        Missing("Y-witnesses", 1, ("Y1", "Y2", "Y3")),
    )
    strict = policy(EXAMPLE.replace("group X-witnesses 2", "group X-witnesses all"))
    assert judge(note("X1", "Y1"), strict).missing == (Missing("X2"), Missing("X3"))
    single = policy(f"witness w {KEYS['X1'].vkey()}\nquorum w\n")
    assert judge(note(), single, logs=[LOG_KEY]).missing == (Missing("w"),)


def test_no_cosignature_is_asked_for_by_quorum_none():
    judged = judge(note(), policy("quorum none\n"), logs=[LOG_KEY])
    assert (judged.satisfied, judged.counted) == (True, ())
    with pytest.raises(SignatureError, match="is accepted"):
        judge(note(), policy("quorum none\n"))


def test_a_known_cosignature_that_fails_refuses_the_checkpoint_even_when_enough_others_hold():
    other = Checkpoint(ORIGIN, 1, leaf_hash(b"other")).text()
    good, bad = Note.parse(note("X1", "X2", "Y1")), Note.parse(note("Y2", text=other))
    mixed = Note(good.text, (*good.lines, bad.lines[1])).to_bytes()
    with pytest.raises(SignatureError):
        judge(mixed, policy())


def test_only_an_accepted_log_counts():
    stranger = SecretKey(b"s" * 32)
    text = HEAD.text()
    forged = Note(text, (sign_text(text, ORIGIN, stranger), *Note.parse(note("X1")).lines[1:]))
    with pytest.raises(SignatureError, match="did not sign"):
        judge(forged.to_bytes(), policy())
    elsewhere = Checkpoint("other.test/log", 1, HEAD.root).text()
    with pytest.raises(SignatureError, match="is accepted"):
        judge(Note(elsewhere, (sign_text(elsewhere, ORIGIN, LOG),)).to_bytes(), policy())


def test_a_log_may_sign_with_ml_dsa():
    secret = MlDsaSecretKey(b"q" * 32)
    key = cosigner_key(ORIGIN, secret)
    data = Note(HEAD.text(), (cosign_text(HEAD.text(), ORIGIN, secret, TIME),)).to_bytes()
    assert judge(data, policy(f"log {key.vkey()}\nquorum none\n")).logs == (key,)


def test_times_that_do_not_count():
    data = note("X1", "X2", "Y1", times={"X2": TIME - 100, "Y1": TIME + 100})
    assert judge(data, policy()).satisfied
    late = judge(data, policy(), times=Times(oldest=TIME - 50))
    assert (late.satisfied, late.untimely) == (False, ("X2",))
    ahead = judge(data, policy(), times=Times(newest=TIME + 50))
    assert (ahead.satisfied, ahead.untimely) == (False, ("Y1",))
    undated = judge(note("Y3", times={"Y3": 0}), policy(), times=Times(oldest=1))
    assert undated.untimely == ("Y3",)


def test_proof_files_under_a_policy():
    proof = TlogProof(0, (), note("X1", "X3", "Y3"))
    assert verify_under_policy(proof, b"entry", policy()).satisfied
    with pytest.raises(PolicyNotMet, match="1 of X2 X3"):
        verify_under_policy(TlogProof(0, (), note("X1", "Y3")), b"entry", policy())
    with pytest.raises(LedgerError):
        verify_under_policy(proof, b"other", policy())


W = f"witness w {KEYS['X1'].vkey()}\n"
V = f"witness v {KEYS['X2'].vkey()}\n"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 0, "no quorum"),
        (W, 0, "no quorum"),
        (W + "quorum w", 2, "does not end with a newline"),
        (W + "quorum w\nquorum w\n", 3, "above already"),
        (W + "quorum\n", 2, "a quorum line is"),
        (W + "quorum w w\n", 2, "a quorum line is"),
        ("quorum w\n" + W, 1, "of a line above"),
        (W + "quorum w\r\n", 2, "control character"),
        (W + "quorum w\x00\n", 2, "control character"),
        (W + "quorum w\x7f\n", 2, "control character"),
        ("witnes w\nquorum none\n", 1, "none of log, witness"),
        ("Quorum none\n", 1, "none of log, witness"),
        (W + W.replace(" w ", " v ") + "quorum w\n", 2, "same public key"),
        (W + V.replace(" v ", " w ") + "quorum w\n", 2, "defined twice"),
        (W + "group w any w\nquorum w\n", 2, "defined twice"),
        (W.replace(" w ", " none "), 1, "is taken"),
        (W + "group none any w\n", 2, "is taken"),
        (W + "group g any none\n", 2, "of a line above"),
        (W + "group g any\nquorum g\n", 2, "a group line is"),
        (W + "group g some w\n", 2, "none of all, any or a number"),
        (W + "group g 0 w\n", 2, "none of all, any or a number"),
        (W + "group g 01 w\n", 2, "none of all, any or a number"),
        (W + "group g -1 w\n", 2, "none of all, any or a number"),
        (W + "group g ١ w\n", 2, "none of all, any or a number"),
        (W + "group g 2 w\n", 2, "cannot be met"),
        (W + "group g any g\n", 2, "of a line above"),
        (W + "group g any w w\n", 2, "member already"),
        (W + "group g any w\ngroup h any w\n", 3, "member already"),
        (W + V + "group g any w h\ngroup h any v\n", 3, "of a line above"),
        ("witness w\n", 1, "a witness line is"),
        ("witness w " + "x " * 3 + "\n", 1, "a witness line is"),
        ("witness w x+1+2\n", 1, "cannot be read"),
        (W.replace("+", "+0", 1), 1, "cannot be read"),
        (f"witness w {LOG_KEY.vkey()}\n", 1, "type 0x01"),
        (f"log {KEYS['X1'].vkey()}\n", 1, "type 0x04"),
        (f"log {LOG_KEY.vkey()}\nlog {LOG_KEY.vkey()} u\n", 2, "same public key"),
        ("log\n", 1, "a log line is"),
        ("log a b c\n", 1, "a log line is"),
        ("\n\n# c\n bad\n", 4, "none of log, witness"),
        ("#" * (1 << 18) + "\n", 0, "at most"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text, line, why):
    with pytest.raises(PolicyError, match=why) as caught:
        policy(text)
    assert caught.value.line == line


def test_one_key_under_two_names_is_a_duplicate():
    again = NoteKey("other.test", KEYS["X1"].kind, KEYS["X1"].public)
    with pytest.raises(PolicyError, match="same public key"):
        policy(f"{W}witness v {again.vkey()}\n")


def test_names_are_opaque_octets():
    data = W.encode().replace(b" w ", b" \xffK ") + b"quorum \xffK\n"
    read = Policy.parse(data)
    assert read.is_met(frozenset(read.witnesses))
    with pytest.raises(PolicyError):
        Policy.parse(data.replace(b"quorum \xffK", "quorum \u212a".encode()))
    with pytest.raises(PolicyError, match="cannot be read"):
        Policy.parse(W.encode().replace(b"w.test", b"w\xff"))


def test_32_of_everything_are_read():
    secrets = [SecretKey(bytes([number]) * 32) for number in range(1, 65)]
    lines = [f"log {NoteKey(f'l{n}', 1, s.public).vkey()}" for n, s in enumerate(secrets[:32])]
    lines += [f"witness w{n} {cosigner_key('w', s).vkey()}" for n, s in enumerate(secrets[32:])]
    lines += [f"group g{n} any w{n}" for n in range(32)]
    read = policy(
        "\n".join([*lines, "group all 32 " + " ".join(f"g{n}" for n in range(32))])
        + "\nquorum all\n"
    )
    assert not read.is_met(frozenset(f"w{n}" for n in range(31)))
    assert read.is_met(frozenset(f"w{n}" for n in range(32)))


@st.composite
def policies(draw):
    """A random tree of groups over six witnesses, each name used once."""
    free, groups = list(NAMES), {}
    for number in range(draw(st.integers(1, 4))):
        members = draw(st.lists(st.sampled_from(free), min_size=1, unique=True))
        threshold = draw(st.integers(1, len(members)))
        groups[f"g{number}"] = Group(f"g{number}", threshold, tuple(members))
        free = [name for name in free if name not in members] + [f"g{number}"]
    witnesses = {name: PolicyWitness(name, KEYS[name]) for name in NAMES}
    return Policy(draw(st.sampled_from(free)), (), witnesses, groups)


@given(policies(), st.sets(st.sampled_from(NAMES)), st.sampled_from(NAMES))
@settings(max_examples=200, deadline=None)
def test_more_cosignatures_never_harm_and_the_missing_ones_suffice(read, names, another):
    have = frozenset(names)
    met = read.is_met(have)
    assert met is (read.missing(have) == ())
    if met:
        assert read.is_met(have | {another})
    assert read.is_met(frozenset(NAMES))
    lacking = have
    for _ in range(10):  # adding whoever is named leads to a quorum
        for item in read.missing(lacking):
            wanted = item.among[: item.needed] or (item.name,)
            lacking |= frozenset(_witnesses(read, wanted))
    assert read.is_met(lacking)


def _witnesses(read, names):
    for name in names:
        group = read.groups.get(name)
        yield from (name,) if group is None else _witnesses(read, group.members)


@given(st.integers(0, len(EXAMPLE) - 1), st.integers(1, 127))
@settings(max_examples=150, deadline=None)
def test_a_changed_byte_never_weakens_what_an_empty_set_meets(at, bit):
    changed = bytearray(EXAMPLE.encode())
    changed[at] ^= bit
    try:
        read = Policy.parse(bytes(changed))
    except PolicyError as error:
        assert error.detail
        return
    assert not read.is_met(frozenset())
