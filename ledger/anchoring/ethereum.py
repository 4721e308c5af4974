"""The few encodings that an anchor needs of Ethereum, on well-kept libraries. Pure.

Addresses: Yellow Paper (212) and section 7; transactions: EIP-1559 and EIP-2718; calls: the
contract ABI for functions of static 32-byte arguments only. `coincurve` and `rlp` are optional
packages (`requirements/anchoring.txt`).
"""

from __future__ import annotations

from dataclasses import dataclass

from Crypto.Hash import keccak

WORD = 32


def keccak256(data: bytes) -> bytes:
    """Ethereum's hash (Keccak before SHA-3's padding)."""
    return keccak.new(digest_bits=256, data=data).digest()


def parse_address(text: str) -> bytes:
    """20 bytes of `0x` and 40 hex digits; mixed case must carry a right checksum (EIP-55)."""
    body = text.removeprefix("0x")
    if len(text) != 42 or len(body) != 40:
        raise ValueError("an address is 0x and 40 hexadecimal digits")
    raw = bytes.fromhex(body)
    if body not in (body.lower(), body.upper()) and show_address(raw) != text:
        raise ValueError("the checksum of the address is wrong: one of its digits is mistyped")
    return raw


def show_address(raw: bytes) -> str:
    """An address with its checksum (EIP-55)."""
    body = raw.hex()
    digits = keccak256(body.encode()).hex()
    return "0x" + "".join(
        letter.upper() if int(digit, 16) >= 8 else letter
        for letter, digit in zip(body, digits, strict=False)
    )


def call_data(signature: str, *words: bytes | int) -> bytes:
    """Selector and arguments, such as `call_data("anchor(bytes32,uint64,bytes32)", …)`."""
    parts = [keccak256(signature.encode())[:4]]
    for word in words:
        raw = word.to_bytes(WORD) if isinstance(word, int) else word
        parts.append(raw.rjust(WORD, b"\0") if len(raw) == 20 else raw)
        if len(parts[-1]) != WORD:
            raise ValueError("an argument is an address, a number or 32 bytes")
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Account:
    """A secp256k1 key that pays for its transactions."""

    secret: bytes

    @property
    def address(self) -> bytes:
        """The last 20 bytes of the public key's hash."""
        from coincurve import PrivateKey

        return keccak256(PrivateKey(self.secret).public_key.format(compressed=False)[1:])[12:]

    def contract_at(self, nonce: int) -> bytes:
        """Address of the contract that this account's transaction of `nonce` creates."""
        import rlp

        return keccak256(rlp.encode([self.address, nonce]))[12:]

    def sign(self, transaction: Transaction) -> bytes:
        """The raw transaction as it is sent: 0x02 || RLP."""
        import rlp
        from coincurve import PrivateKey

        fields = transaction.fields()
        digest = keccak256(b"\x02" + rlp.encode(fields))
        made = PrivateKey(self.secret).sign_recoverable(digest, hasher=None)
        r, s, parity = int.from_bytes(made[:32]), int.from_bytes(made[32:64]), made[64]
        return b"\x02" + bytes(rlp.encode([*fields, parity, r, s]))


@dataclass(frozen=True, slots=True)
class Transaction:
    """EIP-1559. Fees in wei a gas; `to` empty creates a contract."""

    chain_id: int
    nonce: int
    max_priority_fee: int
    max_fee: int
    gas: int
    to: bytes
    data: bytes

    def fields(self) -> list[object]:
        """In the order of the RLP list, without a signature; no value, no access list."""
        return [
            self.chain_id,
            self.nonce,
            self.max_priority_fee,
            self.max_fee,
            self.gas,
            self.to,
            0,
            self.data,
            [],
        ]
