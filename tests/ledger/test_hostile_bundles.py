"""Bundles and words on the command line that were made to mislead: both verifiers say the same."""

import os
from dataclasses import replace
from hashlib import sha256

import pytest

from ledger.core.hashing import leaf_hash
from ledger.core.keys import key_id
from ledger.core.leaves import Leaf
from ledger.verifier.__main__ import main
from tests.ledger.bundles import ENTRY, LOG_ID, SmallLog, bundle
from tests.ledger.test_second_verifier import both, by_node, by_python, comparable


class CountedLog(SmallLog):
    """Ends with a batch that states so many items, none of them shown, signed by a known key."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__()

    def _spoil(self) -> None:
        self.add(self.draft("document.issued", 77, {"a": "1"}), self.service)  # its key is ready
        plain = self.draft("payments.batch", 78, {"a": "1"})
        core = replace(
            plain.core(log_id=LOG_ID, device=key_id(self.service.public)),
            items_root=bytes(32),
            items_count=self.count,
        )
        leaf = Leaf(core, sha256(b"ct").digest(), self.service.sign(core.to_bytes())).to_bytes()
        self.records.append((ENTRY, leaf))
        self.frontier.append(leaf_hash(leaf))
        self.add(self.draft("document.issued", 79, {"a": "1"}), self.service)


@pytest.mark.parametrize("count", [2**63 - 1, 2**63, 10**19 - 1])
def test_both_refuse_a_count_that_no_number_of_the_format_holds(count):
    data = bundle(CountedLog(count).records, 40)
    (said,) = by_node([data])
    ours = by_python(data)
    assert comparable(said) == ours
    assert ours == {"lie": ("entry 16", "leaf")} if count >= 2**63 else "proven" in ours


def test_bytes_that_are_no_text_are_wrong_use_and_no_lie(tmp_path):
    log, path, policy = SmallLog(), tmp_path / "export", tmp_path / "policy"
    path.write_bytes(bundle(log.records))
    key = log.log_key.vkey()
    spoilt = [os.fsdecode(b"\xff"), f"{os.fsdecode(bytes([0xC3]))}{key}", key + "\udcff"]
    spoilt.append(key.replace("ledger", "ledg\udce9r"))
    for word in spoilt:
        policy.write_bytes(f"log {word}\nquorum none\n".encode("utf-8", "surrogateescape"))
        for given in (
            ["--log-key", word],
            ["--log-key", key, "--title-key", word],
            ["--log-key", key, "--policy", str(policy)],
            ["--log-key", key, "--policy", f"{tmp_path}/{word.replace('/', '')}"],
        ):
            assert main([str(path), *given]) == 2
    assert both(path, key=word)[0] == 2
    assert both(path, "--title-key", word, key=key)[0] == 2
    assert both(path, "--policy", str(policy), key=key)[0] == 2
