"""Signed notes, checkpoints and proofs as text (c2sp.org/signed-note, tlog-checkpoint, tlog-proof@v1)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PROOF = "c2sp.org/tlog-proof@v1"
#: The byte that stands for Ed25519 in key ids and verifier keys.
_ED25519 = b"\x01"
_ID_BYTES = 4
_DASH = "\u2014"
_SIGNATURES = f"\n\n{_DASH} "


@dataclass(frozen=True)
class Verifier:
    """The public key of a log, under its name."""

    name: str
    #: 32 bytes
    public_key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        """Write it as a vkey, which every reader of signed notes takes."""
        return f"{self.name}+{self.id.hex()}+{_text(_ED25519 + self.public_key)}"

    def opens(self, signed: str) -> str:
        """Give the text of a note that this key signed. Raises ValueError."""
        body, dash, signatures = signed.rpartition(_SIGNATURES)
        text = body + "\n"
        for line in f"{_DASH} {signatures}".splitlines() if dash else ():
            name, _, encoded = line.removeprefix(f"{_DASH} ").rpartition(" ")
            signature = _bytes(encoded)
            if name == self.name and signature[:_ID_BYTES] == self.id:
                try:
                    Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature[_ID_BYTES:], text.encode())
                except InvalidSignature:
                    raise ValueError("the note's signature does not fit") from None
                return text
        raise ValueError(f"no note signed by {self.name}")


def sign(text: str, verifier: Verifier, private_key: Ed25519PrivateKey) -> str:
    """Sign a text, which ends with a newline."""
    signature = _text(verifier.id + private_key.sign(text.encode()))
    return f"{text}\n{_DASH} {verifier.name} {signature}\n"


@dataclass(frozen=True)
class Checkpoint:
    """How large a log is, and its root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        """Write the text that is signed."""
        return f"{self.origin}\n{self.size}\n{_text(self.root)}\n"


def read_checkpoint(signed: str, verifier: Verifier) -> Checkpoint:
    """Read a signed checkpoint. Raises ValueError."""
    lines = verifier.opens(signed).split("\n")
    if len(lines) < 4 or lines[0] != verifier.name or not lines[1].isdecimal() or str(int(lines[1])) != lines[1]:  # noqa: PLR2004 (three lines and the end)
        raise ValueError("no checkpoint of this log")
    return Checkpoint(lines[0], int(lines[1]), _bytes(lines[2]))


@dataclass(frozen=True)
class Proof:
    """That one entry is in the log, to be kept beside what it is about."""

    index: int
    hashes: Sequence[bytes]
    #: the signed checkpoint, verbatim
    checkpoint: str
    #: what a reader needs to make the entry again; not signed, so believed only when the proof holds
    extra: bytes = b""

    def __str__(self) -> str:
        """Write it as ``tlog-proof@v1``."""
        extra = f"extra {_text(self.extra)}\n" if self.extra else ""
        hashes = "".join(f"{_text(each)}\n" for each in self.hashes)
        return f"{PROOF}\n{extra}index {self.index}\n{hashes}\n{self.checkpoint}"


def read_proof(text: str) -> Proof:
    """Read a proof. Raises ValueError for another form; what it proves is for the caller to check."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    extra = b""
    if len(lines) > 1 and lines[1].startswith("extra "):
        extra = _bytes(lines.pop(1).removeprefix("extra "))
    number = lines[1].removeprefix("index ") if len(lines) > 1 else ""
    if not blank or lines[0] != PROOF or lines[1:2] != [f"index {number}"] or not number.isdecimal():
        raise ValueError("no tlog-proof@v1")
    return Proof(int(number), [_bytes(line) for line in lines[2:]], checkpoint, extra)


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return b64decode(text, validate=True)
