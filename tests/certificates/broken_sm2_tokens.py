"""SM2's part of the corpus. SM2 signs anew each time, so signatures made once stand here: of the corpus's good claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from lbcert.certificates.token.keys import Algorithm, Signer
from lbcert.certificates.token.reasons import Reason
from lbcert.certificates.token.sm2 import Sm2Key

#: A signer whose secret is counting bytes.
SIGNER = Signer.of(
    Sm2Key(
        "-----BEGIN PRIVATE KEY-----\nMEECAQAwEwYHKoZIzj0CAQYIKoEcz1UBgi0EJzAlAgEBBCABAgMEBQYHCAkKCwwN\n"
        "Dg8QERITFBUWFxgZGhscHR4fIA==\n-----END PRIVATE KEY-----\n"
    )
)
GOOD = bytes.fromhex(
    "0730777ab2366a927f80d45e31f8226f526fbe73a86a4e084785bce43be0363b"
    "704f488de73fc66fdecb2a98ef33d2b59f50667bbd6660c1919a0e17fdd0fe70"
)
#: By the same key, for a signer who is called "lbcert".
_OF_ANOTHER_SIGNER = bytes.fromhex(
    "bc390ae974e7d7f5bc9d6359c202099d6365f70959a58f362b0cbaee986623a7"
    "ed369cd8c3e55ed604ec0fccd40240dacd1c2e8125981345eb14a398e7ae5d0f"
)

#: what is wrong → the token by a forger with this signer's header, and the code under which it is refused
BROKEN: dict[str, tuple[Callable[[Any], bytes], Reason]] = {
    "SM2 with a flipped bit": (lambda f: f.token(signature=GOOD[:-1] + bytes([GOOD[-1] ^ 1])), Reason.SIGNATURE),
    "SM2 with a signature of zeros": (lambda f: f.token(signature=bytes(64)), Reason.SIGNATURE),
    "SM2 with a signature of ones": (lambda f: f.token(signature=b"\xff" * 64), Reason.SIGNATURE),
    "SM2 with r and s changed about": (lambda f: f.token(signature=GOOD[32:] + GOOD[:32]), Reason.SIGNATURE),
    "SM2 for another signer": (lambda f: f.token(signature=_OF_ANOTHER_SIGNER), Reason.SIGNATURE),
    "SM2 with a level raised after signing": (
        lambda f: f.token(signature=GOOD).replace(b"\x04\x05\x05", b"\x04\x01\x05"),
        Reason.SIGNATURE,
    ),
    "SM2 in DER": (
        lambda f: f.token(signature=encode_dss_signature(int.from_bytes(GOOD[:32]), int.from_bytes(GOOD[32:]))),
        Reason.DER_SIGNATURE,
    ),
    "SM2 with 63 bytes": (lambda f: f.token(signature=GOOD[:-1]), Reason.SIGNATURE_LENGTH),
    "ES256 under an SM2 key": (
        lambda f: f.token(header=f.header | {1: int(Algorithm.ES256)}, signature=GOOD),
        Reason.WRONG_ALGORITHM,
    ),
    "SM2 by the number of COSE's ESP256": (
        lambda f: f.token(header=f.header | {1: -9}, signature=GOOD),
        Reason.WRONG_ALGORITHM,
    ),
}
