"""The offline root: its private key lies in a file of its own, under a passphrase, and never in the database.

The file is wanted for the seconds in which a trust list is signed. It belongs on two sticks in two safes (docs/operating.md).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)

from lbcert.certificates.token.keys import PrivateKey, Signer
from lbcert.core.findings import Refused, refuse
from lbcert.core.words import Message, say

#: A passphrase that is guessed is a root that is lost.
SHORTEST = 12


@dataclass(frozen=True)
class Root(Signer):
    """The root ready to sign; its key is of a kind that signs X.509 certificates too."""

    private_key: PrivateKey


def make_root(path: Path, passphrase: str) -> Root:
    """Make a root key (ES256, which every phone's browser verifies) in a new file readable by its owner alone.

    Refused for a short passphrase, and where there is a file already: a root is never written over.
    """
    if len(passphrase) < SHORTEST:
        raise _refused("root_passphrase_short", say("根密钥的口令至少 {least} 个字符", least=SHORTEST))
    private = ec.generate_private_key(ec.SECP256R1())
    encryption = BestAvailableEncryption(passphrase.encode())
    written = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        message = say("根密钥文件 {path} 写不了：已经存在，或没有权限", path=str(path))
        raise _refused("root_file", message) from error
    with os.fdopen(handle, "wb") as file:
        file.write(written)
    return Root.of(private)


def open_root(path: Path, passphrase: str) -> Root:
    """Read the root key out of its file. Refused for a wrong passphrase, and for what is no such file."""
    try:
        private = load_pem_private_key(path.read_bytes(), passphrase.encode())
    except (OSError, ValueError, TypeError) as error:
        message = say("根密钥文件 {path} 打不开：口令不对，或不是根密钥文件", path=str(path))
        raise _refused("root_file", message) from error
    if not isinstance(private, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise _refused("root_file", say("根密钥文件 {path} 里的密钥不是 P-256 或 Ed25519", path=str(path)))
    return Root.of(private)


def public_pem(public_key: bytes) -> bytes:
    """Write a public key (SubjectPublicKeyInfo, DER) as PEM."""
    return load_der_public_key(public_key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _refused(rule: str, message: Message) -> Refused:
    return Refused([refuse(f"certificates.{rule}", message)])
