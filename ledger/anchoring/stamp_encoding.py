"""What OpenSSL's authorities send, in the order that DER asks for.

The certificates of a CMS SignedData are a SET OF (RFC 5652, 5.1), which DER sorts (X.690, 11.6).
`openssl ts -reply` with a chain sends them in the order of the chain instead, and a strict reader
refuses that. They stand outside of what is signed, so that sorting them changes no proof: whoever
verifies looks for the signer by issuer and serial number.
"""

from Crypto.Util.asn1 import DerObject, DerSequence

_SEQUENCE, _SET = 0x10, 0x11


def with_sorted_certificates(response: bytes) -> bytes:
    """A TimeStampResp (RFC 3161, 2.4.2) with its token's certificates in DER's order.

    What holds no token with certificates comes back as it is: its reader says what is wrong.
    """
    try:
        return _sorted(response)
    except (ValueError, IndexError, TypeError):
        return response


def _sorted(response: bytes) -> bytes:
    outer = DerSequence().decode(response)
    token = DerSequence().decode(outer[1])
    content = DerObject(_SEQUENCE, explicit=0, constructed=True).decode(token[1])
    signed = DerSequence().decode(DerObject(_SEQUENCE, content.payload, constructed=True).encode())
    certificates = DerObject(_SET, implicit=0, constructed=True).decode(signed[3])
    each = DerSequence().decode(
        DerObject(_SEQUENCE, certificates.payload, constructed=True).encode()
    )
    # a shorter one that begins a longer one cannot be: each says its own length
    certificates.payload = b"".join(sorted(each))
    signed[3] = certificates.encode()
    content.payload = signed.encode()
    content.payload = DerObject(_SEQUENCE, constructed=True).decode(content.payload).payload
    token[1] = content.encode()
    outer[1] = token.encode()
    return outer.encode()
