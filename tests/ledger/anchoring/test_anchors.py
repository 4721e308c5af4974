"""Anchors against the real thing: an EVM in this process, and OpenSSL's time-stamping authority."""

import hashlib
import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest

from ledger.anchoring.ethereum import (
    Account,
    call_data,
    keccak256,
    parse_address,
    show_address,
)
from ledger.anchoring.evm import ARTIFACT, GWEI, EvmAnchor, artifact
from ledger.anchoring.statement import AnchorError, Statement
from ledger.anchoring.timestamping import TimestampAnchor, roots_of
from ledger.core.checkpoints import Checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.notes import Note, sign_text
from tests.http_server import serving
from tests.ledger.anchoring.authority import Authority
from tests.ledger.anchoring.chain import BASE_FEE, CHAIN_ID, GENESIS_TIME, Chain, Sent

ORIGIN = "localhost/ledger/aaaa"


def statement(size: int, root: int = 1) -> Statement:
    text = Checkpoint(ORIGIN, size, bytes([root]) * 32).text()
    return Statement(Note(text, (sign_text(text, ORIGIN, SecretKey(bytes(32))),)).to_bytes())


# -- encodings, against published examples ----------------------------------------------------


def test_keccak_and_addresses_are_ethereums():
    # EIP-55's own examples
    for text in (
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ):
        assert show_address(parse_address(text.lower())) == text
        assert parse_address(text) == parse_address(text.lower())
    assert keccak256(b"").hex().startswith("c5d2460186f7233c927e7db2dcc703c0")
    # the ABI specification's example of a selector
    assert call_data("baz(uint32,bool)", 69, 1)[:4].hex() == "cdcd77c0"


@pytest.mark.parametrize(
    "text",
    ["", "0x", "0x12", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x" + "g" * 40,
     "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"],
)  # fmt: skip
def test_a_mistyped_address_is_refused(text):
    with pytest.raises(ValueError):
        parse_address(text)


def test_an_account_has_the_address_that_everyone_gives_it():
    # the first account of the widely used test mnemonic "test test … junk"
    secret = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
    account = Account(bytes.fromhex(secret))
    assert show_address(account.address) == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    # where that account's first contract stands on every development chain
    assert show_address(account.contract_at(0)) == "0x5FbDB2315678afecb367f032d93F642f64180aa3"


# -- the contract -----------------------------------------------------------------------------


@pytest.fixture
def evm():
    """(chain, anchor): the contract deployed by its publisher, 3 confirmations."""
    chain = Chain()
    account = Account(b"\x01" * 32)
    with serving(chain.answer) as url:
        anchor = EvmAnchor(url, CHAIN_ID, account.contract_at(0), account, confirmations=3)
        anchor.deploy()
        chain.mine()
        yield chain, anchor


def test_the_artifact_is_compiled_from_the_source_that_stands_beside_it():
    source = ARTIFACT.with_suffix(".sol").read_bytes()
    assert hashlib.sha256(source).hexdigest() == artifact()["source_sha256"]
    assert "0.8.37" in artifact()["compiler"]


def test_a_checkpoint_is_anchored_and_counts_when_its_block_is_deep_enough(evm):
    chain, anchor = evm
    assert anchor.code_is_ours()
    said = statement(5)
    posted = anchor.post(said)
    assert not posted.is_confirmed
    assert not anchor.check(said, posted.receipt).is_confirmed  # nobody mined it yet
    chain.mine()
    height = len(chain.blocks) - 1
    assert not anchor.check(said, posted.receipt).is_confirmed
    chain.mine(2)
    found = anchor.check(said, posted.receipt)
    assert found.is_confirmed
    assert found.at == datetime.fromtimestamp(GENESIS_TIME + 12 * height, tz=UTC)
    told = json.loads(found.receipt)
    assert told["publisher"] == show_address(anchor.account.address)
    assert found.reference == told["transaction"]
    # another checkpoint is not anchored by this one's receipt
    assert not anchor.check(
        statement(5, root=2), json.dumps(told | {"transaction": None}).encode()
    ).is_confirmed


def test_posting_again_sends_nothing_twice(evm):
    chain, anchor = evm
    said = statement(5)
    first = anchor.post(said)
    again = anchor.post(said)  # a crash lost the first answer: the same transaction
    assert again.reference == first.reference
    assert len(chain.waiting) == 1
    chain.mine(3)
    sent = chain.calls.count("eth_sendRawTransaction")
    assert anchor.post(said).is_confirmed
    assert chain.calls.count("eth_sendRawTransaction") == sent


def test_the_contract_takes_only_growing_sizes_of_a_log(evm):
    chain, anchor = evm
    anchor.post(statement(5))
    chain.mine()
    for older in (statement(5, root=2), statement(4)):
        with pytest.raises(AnchorError, match="reverted"):
            anchor.post(older)
    anchor.post(statement(6))
    chain.mine(3)
    assert anchor.check(statement(6), anchor._receipt(None)).is_confirmed
    assert anchor.check(statement(5), anchor._receipt(None)).is_confirmed  # keeps its time


def test_nobody_anchors_under_the_name_of_another(evm):
    chain, anchor = evm
    other = EvmAnchor(anchor.url, CHAIN_ID, anchor.contract, Account(b"\x02" * 32), 1)
    other.post(statement(9))
    chain.mine(3)
    assert other.check(statement(9), other._receipt(None)).is_confirmed
    assert not anchor.check(statement(9), anchor._receipt(None)).is_confirmed
    anchor.post(statement(3))  # and nobody can take the sizes of another


def test_a_reorganisation_takes_the_anchor_away_and_it_is_sent_again(evm):
    chain, anchor = evm
    said = statement(5)
    posted = anchor.post(said)
    chain.mine(2)
    chain.blocks = chain.blocks[:2]  # the chain forgets the block
    chain.mine(5)
    assert not anchor.check(said, posted.receipt).is_confirmed
    assert not anchor.post(said).is_confirmed
    chain.mine(3)
    assert anchor.check(said, posted.receipt).is_confirmed


def test_a_transaction_that_failed_is_told(evm):
    chain, anchor = evm
    posted = anchor.post(statement(5))
    (mine,) = chain.waiting
    chain.waiting = []  # another server of the same account anchors a larger size first
    anchor.post(statement(7))
    chain.mine()
    chain.waiting = [Sent(mine.raw, 2, mine.fee, mine.gas, mine.to, mine.data, mine.sender)]
    chain.mine(3)
    with pytest.raises(AnchorError, match="refused the transaction"):
        anchor.check(statement(5), posted.receipt)


def test_a_fee_beyond_the_limit_is_not_paid(evm):
    chain, anchor = evm
    chain.base_fee = 60 * GWEI
    with pytest.raises(AnchorError, match="gwei"):
        anchor.post(statement(5))
    assert chain.waiting == []
    chain.base_fee = BASE_FEE
    anchor.post(statement(5))


def test_another_chain_another_contract_or_nonsense_is_told(evm):
    chain, anchor = evm
    elsewhere = EvmAnchor(anchor.url, 1, anchor.contract, anchor.account)
    with pytest.raises(AnchorError, match="of chain 31337, not of 1"):
        elsewhere.post(statement(5))
    nothing = EvmAnchor(anchor.url, CHAIN_ID, b"\x07" * 20, anchor.account)
    with pytest.raises(AnchorError, match="no anchor contract"):
        nothing.post(statement(5))
    assert not nothing.code_is_ours()
    for body in (b"", b"<html>", b"[]", b'{"id":0,"result":"0x1"}', b"null"):
        with serving(lambda _asked, body=body: (200, "text/html", body)) as url:
            broken = EvmAnchor(url, CHAIN_ID, anchor.contract, anchor.account)
            with pytest.raises(AnchorError):
                broken.post(statement(5))


# -- time stamps ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tsa"))


def test_a_time_stamp_is_had_verified_and_proven_by_openssl_alone(authority):
    said = statement(5)
    with serving(authority.answer) as url:
        anchor = TimestampAnchor(url, roots_of(authority.root))
        found = anchor.post(said)
    assert found.is_confirmed
    assert abs(found.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert anchor.check(said, found.receipt) == found  # offline
    assert authority.verified_by_openssl(said.text, found.receipt)
    assert not authority.verified_by_openssl(b"another", found.receipt)
    with pytest.raises(AnchorError, match="Mismatch"):
        anchor.check(statement(6), found.receipt)


def test_an_authority_of_openssl_that_sends_its_chain_is_taken(tmp_path):
    # of all orders in which the three are sent one is DER's, and a chain's rarely is
    authority, said = Authority(tmp_path, chained=True), statement(5)
    chain = (tmp_path / "chain.pem").read_text()
    for order in itertools.permutations(chain.split("-----END CERTIFICATE-----\n")[:-1]):
        sent = "".join(one + "-----END CERTIFICATE-----\n" for one in order)
        (tmp_path / "chain.pem").write_text(sent)
        with serving(authority.answer) as url:
            found = TimestampAnchor(url, roots_of(authority.root)).post(said)
        assert found.is_confirmed
    assert authority.verified_by_openssl(said.text, found.receipt)  # kept as it was sent
    stranger = Authority(tmp_path / "stranger", "Stranger")
    with pytest.raises(AnchorError, match="does not hold"):
        TimestampAnchor("", roots_of(stranger.root)).check(said, found.receipt)


def test_a_refused_stamp_says_what_was_wrong(authority):
    said = statement(5)
    anchor = TimestampAnchor("", roots_of(authority.root))
    with pytest.raises(AnchorError, match=r"no time stamp: .*ASN\.1"):
        anchor.check(said, b"<html>")
    with pytest.raises(AnchorError, match=r"refused \(status 2\): Bad request format"):
        anchor.check(said, authority.answer(b"nonsense")[2])


def test_a_stamp_of_a_stranger_a_replay_or_garbage_is_refused(authority, tmp_path):
    said = statement(5)
    with serving(authority.answer) as url:
        honest = TimestampAnchor(url, roots_of(authority.root)).post(said)
    stranger = Authority(tmp_path / "stranger", "Stranger")
    hostile = {
        "another root": stranger.answer,
        "a replay": lambda _asked: (200, "application/timestamp-reply", honest.receipt),
        "garbage": lambda _asked: (200, "application/timestamp-reply", b"\x30\x03abc"),
        "empty": lambda _asked: (200, "application/timestamp-reply", b""),
        "an error": lambda _asked: (500, "text/plain", b"no"),
    }
    for name, answer in hostile.items():
        with serving(answer) as url, pytest.raises(AnchorError):
            TimestampAnchor(url, roots_of(authority.root)).post(said)
            pytest.fail(name)
    for at in range(40, len(honest.receipt), 97):  # an altered stamp never holds for another text
        altered = bytearray(honest.receipt)
        altered[at] ^= 1
        with pytest.raises(AnchorError):
            TimestampAnchor("", roots_of(authority.root)).check(statement(6), bytes(altered))
