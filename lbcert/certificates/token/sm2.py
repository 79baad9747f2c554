"""SM2 with SM3 (GB/T 32918.2), by OpenSSL's command: `cryptography` knows neither the curve nor the scheme.

Keys pass through pipes, so that nothing secret lies on a disk or shows in the list of processes.
"""

from __future__ import annotations

import os
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from lbcert.core.findings import Refused, refuse
from lbcert.core.words import say

#: SubjectPublicKeyInfo of a key on SM2's curve (1.2.156.10197.1.301), before its two numbers.
_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
_HALF = 32
#: Who signs, where nobody says otherwise (GM/T 0009, 10).
_SIGNER = "distid:1234567812345678"
_DIGEST = ("dgst", "-sm3", "-sigopt", _SIGNER)
_PATIENCE = 20
#: GB/T 32918.5, A.2: a public key, and its signature of "message digest".
_EXAMPLE = (
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13",
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA",
    b"message digest",
)


@dataclass(frozen=True)
class Sm2Key:
    """A private key."""

    #: PKCS #8
    pem: str = field(repr=False)

    @classmethod
    def fresh(cls) -> Sm2Key:
        """Make a new one; raises `Refused` where OpenSSL cannot."""
        demand()
        return cls(_openssl(["genpkey", "-algorithm", "SM2"]).stdout.decode())

    @property
    def public_key(self) -> bytes:
        """Its public half as SubjectPublicKeyInfo, DER."""
        return _done(_openssl(["pkey", "-pubout", "-outform", "DER"], self.pem.encode()))

    def sign(self, message: bytes) -> bytes:
        """Sign in 64 bytes, r‖s; anew each time, for the scheme draws a random number."""
        with _piped(self.pem.encode()) as key:
            signed = _openssl([*_DIGEST, "-sign", f"/dev/fd/{key}"], message, [key])
        r, s = decode_dss_signature(_done(signed))
        return r.to_bytes(_HALF) + s.to_bytes(_HALF)


def verifies(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature (r‖s) is a key's over a message; raises `Refused` where OpenSSL cannot."""
    demand()
    return _verifies(public_key, signature, message)


def point_of(public_key: bytes) -> tuple[bytes, bytes]:
    """Give the two numbers of a public key; raises ``ValueError`` for one of another kind."""
    point = public_key.removeprefix(_SPKI)
    if len(point) != 2 * _HALF:
        raise ValueError("no key on the curve of SM2")
    return point[:_HALF], point[_HALF:]


def spki_of(x: bytes, y: bytes) -> bytes:
    """Write a public key of these numbers as SubjectPublicKeyInfo, DER."""
    return _SPKI + x + y


def demand() -> None:
    """Raise `Refused` (``certificates.sm2_missing``) where OpenSSL is not there, or does not know the standard's example."""
    if not is_there():
        message = say("本机的 openssl 命令不会 SM2：请安装 OpenSSL 3.0 以上版本（apt install openssl）")
        raise Refused([refuse("certificates.sm2_missing", message, "GB/T 32918.5")])


@cache
def is_there() -> bool:
    """Tell whether OpenSSL's command is there and agrees with the standard's example; asked once a process."""
    point, signature, message = _EXAMPLE
    try:
        return _verifies(_SPKI + bytes.fromhex(point), bytes.fromhex(signature), message)
    except OSError:
        return False


def _verifies(public_key: bytes, signature: bytes, message: bytes) -> bool:
    pem = b"-----BEGIN PUBLIC KEY-----\n" + b64encode(public_key) + b"\n-----END PUBLIC KEY-----\n"
    der = encode_dss_signature(int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:]))
    with ExitStack() as pipes:
        key, signed = (pipes.enter_context(_piped(data)) for data in (pem, der))
        words = [*_DIGEST, "-verify", f"/dev/fd/{key}", "-signature", f"/dev/fd/{signed}"]
        return _openssl(words, message, [key, signed]).returncode == 0


@contextmanager
def _piped(data: bytes) -> Iterator[int]:
    """Give a descriptor from which data of less than a pipe's size is read."""
    reading, writing = os.pipe()
    try:
        os.write(writing, data)
        os.close(writing)
        yield reading
    finally:
        os.close(reading)


def _openssl(
    words: Sequence[str], given: bytes = b"", passed: Sequence[int] = ()
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 (words of our own)
        ["openssl", *words],  # noqa: S607 (the one in the path)
        input=given,
        capture_output=True,
        pass_fds=passed,
        timeout=_PATIENCE,
        check=False,
    )


def _done(done: subprocess.CompletedProcess[bytes]) -> bytes:
    if done.returncode:
        raise ValueError(done.stderr.decode(errors="replace"))
    return done.stdout
