"""The log's proof that travels in a PDF: when the log took its certificate in, whatever the register says now."""

from __future__ import annotations

import zlib
from datetime import datetime
from hashlib import sha256
from io import BytesIO

import pikepdf

from lbcert.certificates.log.entry import read_event
from lbcert.certificates.log.note import read_proof
from lbcert.certificates.queries import log

#: The attachment's name (docs/formats.md).
NAME = "log-proof.txt"
#: Bytes at most: 64 hashes and a checkpoint take a third. A stranger's file may unpack to gigabytes.
_LONGEST = 16_384


def find_proof(pdf: bytes) -> str:
    """Give the text of the proof in a PDF; empty where there is none that can be read."""
    try:
        with pikepdf.open(BytesIO(pdf)) as opened:
            if NAME not in opened.attachments:
                return ""
            packed = opened.attachments[NAME].get_file().obj
            data = packed.read_raw_bytes()
            if packed.get("/Filter") is not None:
                data = zlib.decompressobj().decompress(data, _LONGEST)
            return data[:_LONGEST].decode()
    except (pikepdf.PdfError, zlib.error, RuntimeError, ValueError, KeyError, TypeError, AttributeError):
        return ""


def logged_at(proof: str, token: bytes) -> datetime | None:
    """Tell when the log took in a token's issue, by a proof; None where it proves nothing of the kind."""
    known = log.verifier()
    if known is None:
        return None
    try:
        read = read_proof(proof)
        log.holds(read, known)
        event = read_event(read.extra)
    except ValueError:
        return None
    is_its = event.kind == "issue" and event.subject == sha256(token).hexdigest()
    return event.at if is_its else None
