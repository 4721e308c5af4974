"""Trust policies: both verifiers read the same ones, and find the same quorums met."""

import json
import random
import subprocess
from collections import Counter

from ledger.core.checkpoints import Checkpoint
from ledger.core.hashing import leaf_hash
from ledger.core.mldsa import MlDsaSecretKey
from ledger.core.notes import (
    ED25519,
    ED25519_COSIGNATURE,
    Note,
    NoteKey,
    SignatureLine,
    cosign_text,
    cosigner_key,
    sign_text,
)
from ledger.core.policy import Policy, PolicyError
from ledger.core.tlog_proof import TlogProof
from tests.ledger import reference
from tests.ledger.bundles import ORIGIN, SmallLog, bundle, secret
from tests.ledger.test_policy import EXAMPLE, KEYS, NAMES
from tests.ledger.test_second_verifier import CLI, SEED, both, node

POLICIES = """
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { parsePolicy } from "%s/policy.js";
import { use } from "%s/platform.js";
use({ sha256: (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest()) });
const { policies, sets } = JSON.parse(readFileSync(0, "utf8"));
const said = [];
for (const text of policies) {
  const policy = await parsePolicy(new Uint8Array(Buffer.from(text, "hex"))).catch(() => null);
  said.push(policy && { logs: policy.logs, met: sets.map((set) => policy.isMet(new Set(set))) });
}
console.log(JSON.stringify(said));
"""


def test_both_read_and_judge_policies_alike():
    """The example of tlog-policy.md, and what a changed byte or line makes of it."""
    rng, good = random.Random(SEED), EXAMPLE.encode()
    policies, lines = [good], EXAMPLE.splitlines(keepends=True)
    for _ in range(200):
        changed = bytearray(good)
        changed[rng.randrange(len(good))] ^= 1 << rng.randrange(8)
        order = rng.sample(lines, rng.randrange(len(lines) - 2, len(lines) + 1))
        policies += [bytes(changed), "".join(order).encode(), _grouped(rng).encode()]
    numbers = ("1", "3", "4", "0", "02", "any", "all", "none", "X-and-Y", "x\\x80", "\\t")
    for number in numbers:
        policies.append(EXAMPLE.replace(" 2 ", f" {number} ").encode("latin-1"))
    sets = [rng.sample(NAMES, rng.randrange(len(NAMES) + 1)) for _ in range(20)]
    given = {
        "policies": [policy.hex() for policy in policies],
        "sets": [[KEYS[name].vkey() for name in names] for names in sets],
    }
    program = POLICIES.replace("%s", CLI.parent.as_uri())
    command = [node(), "--input-type=module", "-e", program]
    done = subprocess.run(
        command, input=json.dumps(given).encode(), capture_output=True, check=True
    )
    verdicts = Counter()
    for data, theirs in zip(policies, json.loads(done.stdout), strict=True):
        try:
            read = Policy.parse(data)
        except PolicyError:
            ours = None
        else:
            ours = {
                "logs": [item.key.vkey() for item in read.logs],
                "met": [_is_met(read, names) for names in sets],
            }
        assert theirs == ours, data
        verdicts[None if ours is None else sum(ours["met"])] += 1
    assert verdicts[None] > 100 and sum(verdicts.values()) - verdicts[None] > 190
    assert len(verdicts) > 5


def _grouped(rng: random.Random) -> str:
    """Groups of what no group has yet, by a rule each, and the last of them as quorum."""
    lines = [f"witness {name} {KEYS[name].vkey()}\n" for name in NAMES]
    free, quorum = list(NAMES), rng.choice([*NAMES, "none"])
    for number in range(rng.randrange(4)):
        members = rng.sample(free, rng.randrange(1, len(free) + 1))
        rule = rng.choice(["all", "any", *map(str, range(1, len(members) + 1))])
        quorum = f"g{number}"
        lines.append(f"group {quorum} {rule} {' '.join(members)}\n")
        free = [name for name in free if name not in members] + [quorum]
    return "".join([*lines, f"quorum {quorum}\n"])


def _is_met(policy: Policy, cosigners: list[str]) -> bool:
    keys = {KEYS[name] for name in cosigners}
    return policy.is_met(frozenset(n for n, item in policy.witnesses.items() if item.key in keys))


def test_a_policy_may_trust_a_logs_second_key(tmp_path):
    """Each line by a key that the policy names must hold, and one of a log must be there."""
    log, second = SmallLog(), MlDsaSecretKey(b"q" * 32)
    key, text = cosigner_key(ORIGIN, second), Checkpoint(ORIGIN, 1, leaf_hash(b"leaf")).text()
    first_line = sign_text(text, ORIGIN, log.log)
    second_line = cosign_text(text, ORIGIN, second, 1)
    broken = SignatureLine(ORIGIN, key.id, bytes(8 + 2420))
    leaf, path, policy = (tmp_path / name for name in ("leaf", "a.tlog-proof", "policy"))
    leaf.write_bytes(b"leaf")
    trusted = [f"log {log.log_key.vkey()}", f"log {key.vkey()}"]
    cases = [
        (trusted[:1], [first_line, broken], 0),  # by a key that nobody asked for
        (trusted[:1], [second_line], 1),
        (trusted[1:], [first_line, second_line], 0),
        (trusted[1:], [first_line], 1),
        (trusted, [second_line], 0),
        (trusted, [first_line, broken], 1),
    ]
    for keys, lines, wanted in cases:
        policy.write_text("\n".join([*keys, "quorum none", ""]))
        path.write_bytes(TlogProof(0, (), Note(text, tuple(lines)).to_bytes()).to_bytes())
        assert both(path, "--leaf", str(leaf), "--policy", str(policy))[0] == wanted


def test_both_command_lines_ask_for_a_policys_quorum(tmp_path):
    log, path, policy = SmallLog(), tmp_path / "export", tmp_path / "policy"
    path.write_bytes(bundle(log.records))
    other = NoteKey("example.test/z", ED25519_COSIGNATURE, secret("z").public)
    lines = [
        f"log {log.log_key.vkey()}",
        f"witness w {log.witness_key.vkey()}",
        f"witness z {other.vkey()}",
    ]

    def under(*more: str, key: str = "") -> tuple[int, str, str]:
        policy.write_text("\n".join([*lines, *more, ""]))
        return both(path, "--policy", str(policy), key=key)

    told = f'cosigned by "{log.witness_key.name}"'
    code, *said = under("quorum w")  # whoever pins a key knows whose it is
    assert code == 0
    assert all(told in words and "the file" not in words for words in said)
    kept, lines[1] = lines[1], "# none"
    code, *said = under("quorum none")
    assert code == 0 and all("cosigned by a key that the file calls" in words for words in said)
    assert all("the names are the file's word (pin" in words for words in said)
    lines[1] = kept
    code, *said = under("group both all w z", "quorum both")
    assert code == 1 and all("too few witnesses cosigned" in words for words in said)
    assert not any("did it change its key" in words for words in said)
    older = NoteKey(log.witness_key.name, ED25519_COSIGNATURE, secret("o").public)
    lines[1] = f"witness w {older.vkey()}"
    code, *said = under("quorum w")  # the policy was written before the witness changed its key
    assert code == 1
    assert all(f"{older.name} cosigned with a key that the policy" in words for words in said)
    lines[1] = kept
    assert under("quorum nobody")[0] == 2
    assert both(path, "--policy", str(tmp_path / "none"))[0] == 2
    own, lines[0] = lines[0], f"log {NoteKey(ORIGIN, ED25519, secret('x').public).vkey()}"
    assert under("quorum none")[0] == 1
    assert under("quorum w", key=log.log_key.vkey())[0] == 0
    del lines[0]
    assert under("quorum w")[0] == 2
    lines.insert(0, own)
    text = Checkpoint(ORIGIN, 1, reference.mth([b"leaf"])).text()
    leaf, path = tmp_path / "entry-0.leaf", tmp_path / "entry-0.tlog-proof"
    leaf.write_bytes(b"leaf")
    cosigned = cosign_text(text, log.witness_key.name, log.witness, 1_700_000_000)
    for more, wanted in ([], 1), ([cosigned], 0):
        note = Note(text, (sign_text(text, ORIGIN, log.log), *more)).to_bytes()
        path.write_bytes(TlogProof(0, (), note).to_bytes())
        policy.write_text("\n".join([*lines, "quorum w", ""]))
        code, *said = both(path, "--leaf", str(leaf), "--policy", str(policy))
        assert code == wanted
        assert all((told in words) is (wanted == 0) for words in said)


def test_a_key_of_another_log_is_wrong_use_and_no_lie(tmp_path):
    """Also the title registry's; one of the same log that did not sign stays a lie."""
    log, path, policy = SmallLog(), tmp_path / "export", tmp_path / "policy"
    path.write_bytes(bundle(log.records))
    for name in ("example.test/other", "example.test/titles"):
        code, *said = both(path, key=NoteKey(name, ED25519, secret("x").public).vkey())
        assert code == 2
        for words in said:
            assert f"this key is of another log: {name}" in words.replace("'", "").replace('"', "")
            assert "LIE" not in words and ORIGIN in words
            assert ("given by --title-key" in words) == name.endswith("/titles")
    path.write_bytes(bundle(SmallLog(seed=2).records))
    second = cosigner_key(ORIGIN, MlDsaSecretKey(b"q" * 32))
    for given in ({"key": second.vkey()}, {}):  # the log's own, but not the one that leads it
        policy.write_text(f"log {second.vkey()}\nquorum none\n")
        code, *said = both(path, *([] if given else ["--policy", str(policy)]), **given)
        assert code == 2
        assert all("give that one" in words and "LIE" not in words for words in said)
    policy.write_text(
        f"log {NoteKey('a.test/x', ED25519, secret('x').public).vkey()}\nquorum none\n"
    )
    assert both(path, "--policy", str(policy))[0] == 2
    text = Checkpoint(ORIGIN, 1, reference.mth([b"leaf"])).text()
    leaf, path = tmp_path / "entry-0.leaf", tmp_path / "entry-0.tlog-proof"
    leaf.write_bytes(b"leaf")
    note = Note(text, (sign_text(text, ORIGIN, log.log),)).to_bytes()
    path.write_bytes(TlogProof(0, (), note).to_bytes())
    assert both(path, "--leaf", str(leaf), "--policy", str(policy))[0] == 2
