"""Anchoring in the contract `contract/CheckpointAnchor.sol` of an EVM chain.

A receipt is JSON {chain, contract, publisher, transaction}. Nothing in it is believed: `check`
asks the chain for the contract's own memory, and for how deep the block lies.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.anchoring.ethereum import (
    Account,
    Transaction,
    call_data,
    keccak256,
    show_address,
)
from ledger.anchoring.jsonrpc import call, number, octets
from ledger.anchoring.statement import AnchorError, Standing, Statement
from ledger.core.errors import MalformedError
from ledger.told_times import told_time

GWEI = 10**9
ARTIFACT = Path(__file__).parent / "contract" / "CheckpointAnchor.json"


def artifact() -> dict[str, Any]:
    """The compiled contract, and how it was compiled."""
    found: dict[str, Any] = json.loads(ARTIFACT.read_text())
    return found


@dataclass(frozen=True)
class EvmAnchor:
    """The contract at `contract` on chain `chain_id`, asked through the node at `url`.

    A transaction whose fee would pass `max_fee` (wei a gas) is not sent. A block counts when it
    and those on it are `confirmations` many.
    """

    url: str
    chain_id: int
    contract: bytes
    account: Account
    confirmations: int = 12
    max_fee: int = 100 * GWEI

    def post(self, statement: Statement) -> Standing:
        """Send the transaction, unless the contract holds the digest already."""
        self._check_chain()
        if self._anchored_at(statement.digest, "latest"):
            return self.check(statement, self._receipt(None))
        size, digest = statement.checkpoint.size, statement.digest
        data = call_data("anchor(bytes32,uint64,bytes32)", statement.log, size, digest)
        return Standing(*self._receipt_of(self._send(self.contract, data)))

    def check(self, statement: Statement, receipt: bytes) -> Standing:
        """Confirmed when the contract holds the digest in a block that is deep enough."""
        self._check_chain()
        told = json.loads(receipt)
        head = number(call(self.url, "eth_blockNumber"))
        deep = head - self.confirmations + 1
        seconds = self._anchored_at(statement.digest, hex(deep)) if deep >= 0 else 0
        if not seconds:
            self._check_not_failed(told.get("transaction"))
        try:
            at = told_time(seconds) if seconds else None
        except MalformedError as error:
            raise AnchorError(f"{error}") from error
        reference = told.get("transaction") or show_address(self.contract)
        return Standing(receipt, bool(seconds), reference, at)

    def deploy(self) -> str:
        """Create the contract; answers the transaction. Its address is `Account.contract_at`."""
        self._check_chain()
        return self._send(b"", bytes.fromhex(artifact()["bytecode"]))

    def code_is_ours(self) -> bool:
        """Whether the code at the contract's address is what our source compiles to."""
        code = octets(call(self.url, "eth_getCode", show_address(self.contract), "latest"))
        return code.hex() == artifact()["deployed_bytecode"]

    def nonce(self) -> int:
        """Number of the account's next transaction; a stuck one is replaced, not queued behind."""
        return number(
            call(self.url, "eth_getTransactionCount", show_address(self.account.address), "latest")
        )

    def _check_chain(self) -> None:
        found = number(call(self.url, "eth_chainId"))
        if found != self.chain_id:
            raise AnchorError(f"the node is of chain {found}, not of {self.chain_id}", final=True)

    def _anchored_at(self, digest: bytes, block: str) -> int:
        data = call_data("anchoredAt(address,bytes32)", self.account.address, digest)
        asked = {"to": show_address(self.contract), "data": "0x" + data.hex()}
        answer = octets(call(self.url, "eth_call", asked, block))
        if not answer and block != "latest":
            return 0  # the contract is younger than the block
        if len(answer) != 32:
            raise AnchorError("there is no anchor contract at this address", final=True)
        return int.from_bytes(answer)

    def _send(self, to: bytes, data: bytes) -> str:
        asked = {"from": show_address(self.account.address), "data": "0x" + data.hex()}
        if to:
            asked["to"] = show_address(to)
        gas = number(call(self.url, "eth_estimateGas", asked)) * 12 // 10
        tip, fee = self._fees()
        nonce = self.nonce()
        raw = self.account.sign(Transaction(self.chain_id, nonce, tip, fee, gas, to, data))
        call(self.url, "eth_sendRawTransaction", "0x" + raw.hex())
        return "0x" + keccak256(raw).hex()

    def _fees(self) -> tuple[int, int]:
        tip = number(call(self.url, "eth_maxPriorityFeePerGas"))
        block = call(self.url, "eth_getBlockByNumber", "latest", False)
        base = number(block.get("baseFeePerGas") if isinstance(block, dict) else block)
        fee = 2 * base + tip
        if fee > self.max_fee:
            dear, limit = fee / GWEI, self.max_fee / GWEI
            raise AnchorError(f"gas costs up to {dear:.1f} gwei now, more than {limit:.1f}")
        return tip, fee

    def _check_not_failed(self, transaction: str | None) -> None:
        if transaction is None:
            return
        found = call(self.url, "eth_getTransactionReceipt", transaction)
        if isinstance(found, dict) and number(found.get("status")) == 0:
            raise AnchorError("the contract refused the transaction", final=True)

    def _receipt(self, transaction: str | None) -> bytes:
        told = {
            "chain": self.chain_id,
            "contract": show_address(self.contract),
            "publisher": show_address(self.account.address),
            "transaction": transaction,
        }
        return json.dumps(told, indent=1).encode()

    def _receipt_of(self, transaction: str) -> tuple[bytes, bool, str]:
        return self._receipt(transaction), False, transaction
