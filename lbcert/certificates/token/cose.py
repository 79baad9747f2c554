"""COSE_Sign1 (RFC 9052): claims in, a signed token out."""

from __future__ import annotations

import cbor2

from lbcert.certificates.token import cbor
from lbcert.certificates.token.claims import Claims, from_cbor, to_cbor
from lbcert.certificates.token.keys import Signer
from lbcert.certificates.token.reasons import Reason, Unreadable

SIGN1_TAG = 18
CWT_TAG = 61
ALG, CRIT, KID = 1, 2, 4
MAX_BYTES = 512


def sign(claims: Claims, signer: Signer) -> bytes:
    """Build and sign a certificate's token, about 150 bytes.

    Raises `Unreadable` for claims that the reader would refuse, so that nothing is printed which cannot be checked.
    """
    payload = encode(to_cbor(claims))
    from_cbor(cbor.decode(payload))
    protected = encode({ALG: int(signer.alg), KID: signer.kid})
    signature = signer.sign(to_be_signed(protected, payload))
    token = encode(cbor2.CBORTag(SIGN1_TAG, [protected, {}, payload, signature]))
    if len(token) > MAX_BYTES:
        raise Unreadable(Reason.TOO_LONG)
    return token


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Give the Sig_structure over a protected header and a payload, both as they stand (RFC 9052, 4.4)."""
    return encode(["Signature1", protected, b"", payload])


def encode(value: object) -> bytes:
    """Encode deterministically. For the small keys of a token, cbor2's order (RFC 7049) and RFC 8949's are the same."""
    return cbor2.dumps(value, canonical=True)
