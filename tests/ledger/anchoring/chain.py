"""A chain of one node: a real EVM (revm, in this process) behind the JSON-RPC that nodes speak.

Blocks are kept as their transactions; the state at a block is had by running all of them again on
a fresh EVM, so that old state and reorganisations are exact.
"""

import json
from dataclasses import dataclass, field

import rlp
from coincurve import PublicKey
from pyrevm import EVM, BlockEnv

from ledger.anchoring.ethereum import keccak256, show_address

CHAIN_ID = 31_337
GENESIS_TIME = 1_800_000_000
BASE_FEE = 7 * 10**9
TIP = 10**9
RICH = 10**20


@dataclass(frozen=True)
class Sent:
    """A transaction out of its raw bytes, its sender recovered from the signature."""

    raw: bytes
    nonce: int
    fee: int
    gas: int
    to: bytes
    data: bytes
    sender: bytes

    @property
    def hash(self) -> str:
        return "0x" + keccak256(self.raw).hex()

    @classmethod
    def parse(cls, raw: bytes) -> "Sent":
        assert raw[0] == 2, "only EIP-1559"
        *fields, parity, r, s = rlp.decode(raw[1:])
        chain, nonce, _tip, fee, gas, to, value, data, access = fields
        assert int.from_bytes(chain) == CHAIN_ID and value == b"" and access == []
        digest = keccak256(b"\x02" + rlp.encode(fields))
        signature = r.rjust(32, b"\0") + s.rjust(32, b"\0") + bytes([int.from_bytes(parity)])
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
        sender = keccak256(key.format(compressed=False)[1:])[12:]
        numbers = [int.from_bytes(item) for item in (nonce, fee, gas)]
        return cls(raw, *numbers, to, data, sender)


@dataclass
class Chain:
    """Blocks, the transactions that wait, and the method table."""

    blocks: list[list[Sent]] = field(default_factory=lambda: [[]])
    waiting: list[Sent] = field(default_factory=list)
    base_fee: int = BASE_FEE
    calls: list[str] = field(default_factory=list)

    def mine(self, count: int = 1) -> None:
        """The waiting transactions in a block, and empty blocks on it."""
        for _ in range(count):
            self.blocks.append(self.waiting)
            self.waiting = []

    def state(self, height: int) -> tuple[EVM, dict[str, bool]]:
        """The EVM after a block, and which transactions succeeded."""
        evm, done = EVM(), {}
        for number, block in enumerate(self.blocks[: height + 1]):
            evm.set_block_env(
                BlockEnv(number=number, timestamp=GENESIS_TIME + 12 * number, basefee=0)
            )
            for sent in block:
                done[sent.hash] = self._run(evm, sent)
        return evm, done

    @staticmethod
    def _run(evm: EVM, sent: Sent) -> bool:
        sender = show_address(sent.sender)
        evm.set_balance(sender, RICH)
        try:
            if sent.to:
                evm.message_call(sender, show_address(sent.to), calldata=sent.data, gas=sent.gas)
            else:
                evm.deploy(sender, sent.data, gas=sent.gas)
        except RuntimeError:  # reverted
            return False
        return True

    def answer(self, body: bytes) -> tuple[int, str, bytes]:
        """One JSON-RPC request."""
        asked = json.loads(body)
        told = {"jsonrpc": "2.0", "id": asked["id"]}
        self.calls.append(asked["method"])
        try:
            told["result"] = getattr(self, asked["method"])(*asked["params"])
        except RuntimeError as error:
            told["error"] = {"code": 3, "message": f"execution reverted: {error}"}
        except ValueError as error:
            told["error"] = {"code": -32000, "message": str(error)}
        return 200, "application/json", json.dumps(told).encode()

    def eth_chainId(self):
        return hex(CHAIN_ID)

    def eth_blockNumber(self):
        return hex(len(self.blocks) - 1)

    def eth_maxPriorityFeePerGas(self):
        return hex(TIP)

    def eth_getBlockByNumber(self, tag, full):
        return {"number": self.eth_blockNumber(), "baseFeePerGas": hex(self.base_fee)}

    def eth_getTransactionCount(self, address, tag):
        mined = [sent for block in self.blocks for sent in block]
        return hex(sum(show_address(sent.sender) == address for sent in mined))

    def _height(self, tag):
        return len(self.blocks) - 1 if tag == "latest" else int(tag, 16)

    def eth_getCode(self, address, tag):
        code = bytes(self.state(self._height(tag))[0].get_code(address) or b"")
        return "0x" + code.removesuffix(bytes(33)).hex()  # revm pads what it analysed

    def eth_call(self, asked, tag):
        evm, _ = self.state(self._height(tag))
        data = bytes.fromhex(asked["data"][2:])
        found = evm.message_call("0x" + "11" * 20, asked["to"], calldata=data, is_static=True)
        return "0x" + bytes(found).hex()

    def eth_estimateGas(self, asked):
        evm, _ = self.state(len(self.blocks) - 1)
        evm.set_balance(asked["from"], RICH)
        data = bytes.fromhex(asked["data"][2:])
        if "to" in asked:
            evm.message_call(asked["from"], asked["to"], calldata=data)
        else:
            evm.deploy(asked["from"], data)
        return hex(evm.result.gas_used)

    def eth_sendRawTransaction(self, raw):
        sent = Sent.parse(bytes.fromhex(raw[2:]))
        expected = int(self.eth_getTransactionCount(show_address(sent.sender), "latest"), 16)
        if sent.nonce != expected:
            raise ValueError("nonce too low" if sent.nonce < expected else "nonce too high")
        if sent.fee < self.base_fee:
            raise ValueError("max fee per gas less than block base fee")
        rivals = [one for one in self.waiting if one.sender == sent.sender]
        if any(sent.fee * 10 < one.fee * 11 and sent.hash != one.hash for one in rivals):
            raise ValueError("replacement transaction underpriced")
        self.waiting = [one for one in self.waiting if one not in rivals] + [sent]
        return sent.hash

    def eth_getTransactionReceipt(self, wanted):
        _, done = self.state(len(self.blocks) - 1)
        if wanted not in done:
            return None
        number = next(n for n, block in enumerate(self.blocks) if wanted in {s.hash for s in block})
        return {"status": hex(done[wanted]), "blockNumber": hex(number)}
