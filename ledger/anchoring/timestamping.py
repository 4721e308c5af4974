"""Anchoring with an RFC 3161 time-stamping authority. The receipt is its answer (DER), whole.

Anyone proves it without us, by OpenSSL (the roots in ROOTS.pem, the note text in CHECKPOINT.txt):

    openssl ts -verify -data CHECKPOINT.txt -in RECEIPT.tsr -CAfile ROOTS.pem
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.x509 import Certificate, load_pem_x509_certificates

from ledger.anchoring.stamp_encoding import with_sorted_certificates
from ledger.anchoring.statement import AnchorError, Standing, Statement
from ledger.outbound import request
from tenants.problems import Problem


def roots_of(pem: str) -> list[Certificate]:
    """The certificates of a PEM text; `ValueError` if there is none."""
    found = load_pem_x509_certificates(pem.encode())
    if not found:
        raise ValueError("no certificate")
    return found


@dataclass(frozen=True)
class TimestampAnchor:
    """The authority at `url`; its chain must end in one of `roots`."""

    url: str
    roots: Sequence[Certificate]

    def post(self, statement: Statement) -> Standing:
        """Ask for a time stamp with a fresh nonce, and verify it before it is believed."""
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

        builder = TimestampRequestBuilder().data(statement.text)
        builder = builder.hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True)
        asked = builder.cert_request(cert_request=True).build()
        headers = {"Content-Type": "application/timestamp-query"}
        try:
            answer = request("POST", self.url, asked.as_bytes(), headers=headers)
        except Problem as problem:
            raise AnchorError(problem.text()) from problem
        if answer.status != 200:
            raise AnchorError(f"the authority answered {answer.status}")
        return self._verified(statement, answer.body, asked.nonce)

    def check(self, statement: Statement, receipt: bytes) -> Standing:
        """Verify a stored time stamp, offline."""
        return self._verified(statement, receipt, None)

    def _verified(self, statement: Statement, receipt: bytes, nonce: int | None) -> Standing:
        from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

        try:
            response = decode_timestamp_response(with_sorted_certificates(receipt))
        except ValueError as error:
            raise AnchorError(f"the answer is no time stamp: {error}") from error
        if response.status != 0:  # RFC 3161, 2.4.2: 0 is granted
            said = "; ".join(response.status_string) or "no reason given"
            raise AnchorError(f"the authority refused (status {response.status}): {said[:300]}")
        verifier = VerifierBuilder(roots=list(self.roots), nonce=nonce).build()
        try:
            verifier.verify(response, statement.digest)
        except (VerificationError, ValueError) as error:
            raise AnchorError(f"the time stamp does not hold: {error}") from error
        stamped = response.tst_info
        return Standing(receipt, True, str(stamped.serial_number), stamped.gen_time)
