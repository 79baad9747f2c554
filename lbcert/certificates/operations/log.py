"""The log's only writer: the events of a transaction become its next leaves, right before it commits."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app

from lbcert.certificates.log import note, tree
from lbcert.certificates.log.entry import Event
from lbcert.certificates.log.note import Checkpoint
from lbcert.certificates.models import LogCheckpoint, LogKey, LogLeaf, LogTile
from lbcert.certificates.queries import log as queries
from lbcert.core import sequences
from lbcert.core.database import db
from lbcert.core.operation import at_the_end

_SERIES = "log"


def witness(kind: str, subject: str, at: datetime) -> None:
    """Have the log hold an event, if the operation under way stands: ``kind`` and ``subject`` as in `Event`."""
    at_the_end(_append, Event(kind, subject, at.replace(microsecond=0)))


def _append(events: list[Event]) -> None:
    """Write leaves, tiles and one checkpoint; the series is locked from here to the commit, and nothing after it but the audit log."""
    last = sequences.take(_SERIES, len(events))
    size = last.start - 1
    key = db.session.get(LogKey, 1) or _new_key()
    db.session.add_all(
        LogLeaf(position=position, event=event.kind, subject=event.subject, at=event.at)
        for position, event in enumerate(events, size)
    )
    tiles = queries.tiles()
    changed = tree.grown(tiles, size, [tree.leaf_hash(event.entry) for event in events])
    for (level, number), hashes in changed.items():
        _keep(level, number, hashes)
    db.session.flush()
    total = size + len(events)
    verifier = queries.verifier_of(key)
    checkpoint = Checkpoint(key.origin, total, tree.root(queries.tiles(), total))
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key.private_key))
    db.session.add(LogCheckpoint(size=total, note=note.sign(str(checkpoint), verifier, private)))
    db.session.flush()


def _keep(level: int, number: int, hashes: bytes) -> None:
    tile = db.session.get(LogTile, (level, number))
    if tile is None:
        db.session.add(LogTile(level=level, number=number, hashes=hashes))
    else:
        tile.hashes = hashes


def _new_key() -> LogKey:
    """Make the log's key with its first event. The name is the address of now; it need not be reachable for ever."""
    private = Ed25519PrivateKey.generate()
    address = urlsplit(current_app.config["LBCERT"].public_url)
    key = LogKey(
        id=1,
        origin=f"{address.netloc}{address.path.rstrip('/')}/{queries.FOLDER}",
        public_key=private.public_key().public_bytes_raw(),
        private_key=private.private_bytes_raw().hex(),
    )
    db.session.add(key)
    return key


def sign_note(text: str) -> str:
    """Sign a text of this installation that is no checkpoint: its first line says what it is, and it ends with a newline.

    Anybody who has the log's key checks it as he checks a checkpoint (C2SP signed-note).
    """
    key = db.session.get(LogKey, 1) or _new_key()
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key.private_key))
    return note.sign(text, queries.verifier_of(key), private)
