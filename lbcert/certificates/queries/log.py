"""The log as anybody may read it: its files, proofs of inclusion and consistency, and whether it holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from lbcert.certificates.log import note, tree
from lbcert.certificates.log.entry import Event, read_event
from lbcert.certificates.log.note import Checkpoint, Proof, Verifier
from lbcert.certificates.log.tree import HASH, WIDTH, Tiles
from lbcert.certificates.models import Certificate, LogCheckpoint, LogKey, LogLeaf, LogTile, Reason, StatusChange
from lbcert.certificates.queries.mirror import Published
from lbcert.core.database import db
from lbcert.core.words import Message, say

#: The folder of the log in addresses and in a mirror, and the files in it that are no tiles.
FOLDER = "log"
CHECKPOINT = "checkpoint"
#: The public key as a vkey, for whoever begins to watch; trust it from elsewhere than the log itself.
KEY = "key"

_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_FLEETING, _FOR_EVER = "max-age=5", "max-age=31536000, immutable"
_TILE = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)  # fmt: skip
_THOUSAND = 1000


def witnessed(certificate: Certificate) -> list[LogLeaf]:
    """List what the log holds about a certificate, oldest first."""
    return leaves_of(certificate.token_digest)


def leaves_of(subject: str) -> list[LogLeaf]:
    """List what the log holds about a token or key, by its hash, oldest first."""
    query = select(LogLeaf).where(LogLeaf.subject == subject)
    return list(db.session.scalars(query.order_by(LogLeaf.position)))


def proof_of(certificate: Certificate) -> str | None:
    """Prove that a certificate's issue is in the log, as ``tlog-proof@v1`` text; its ``extra`` is the event's four lines.

    It is proven against the newest checkpoint, and stays good for ever. None for a certificate older than the log.
    """
    issue = next((leaf for leaf in witnessed(certificate) if leaf.event == "issue"), None)
    return None if issue is None else str(proof_of_leaf(issue))


def proof_of_leaf(leaf: LogLeaf) -> Proof:
    """Prove that a leaf is in the tree of the newest checkpoint."""
    newest = checkpoints(1)[0]
    return Proof(leaf.position, tree.inclusion(tiles(), leaf.position, newest.size), newest.note, event_of(leaf).text)


def event_of(leaf: LogLeaf) -> Event:
    """Give what a leaf witnesses."""
    return Event(leaf.event, leaf.subject, leaf.at)


def holds(proof: Proof, verifier: Verifier) -> Checkpoint:
    """Check a proof whose ``extra`` is the event, and give the checkpoint that it leads to. Raises ValueError."""
    checkpoint = note.read_checkpoint(proof.checkpoint, verifier)
    leaf = tree.leaf_hash(read_event(proof.extra).entry)
    if not tree.includes(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root):
        raise ValueError("the proof does not lead to the checkpoint")
    return checkpoint


def verifier_of(key: LogKey) -> Verifier:
    """Give a key's public half under the log's name."""
    return Verifier(key.origin, key.public_key)


def verifier() -> Verifier | None:
    """Give the log's public key; None before its first event."""
    key = db.session.get(LogKey, 1)
    return verifier_of(key) if key else None


def checkpoints(most: int, before: int | None = None) -> list[LogCheckpoint]:
    """List the newest checkpoints, newest first; of a size below ``before``."""
    query = select(LogCheckpoint).order_by(LogCheckpoint.size.desc()).limit(most)
    return list(db.session.scalars(query if before is None else query.where(LogCheckpoint.size < before)))


def checkpoint_of(size: int) -> LogCheckpoint | None:
    """Give the checkpoint that was signed at a size."""
    return db.session.get(LogCheckpoint, size)


def grown_from(old: int, new: int) -> tuple[bool, int] | None:
    """Prove, and check as a stranger would, that the newer of two checkpoints continues the older; with how many hashes.

    None where one of the two was never signed, or they are in the wrong order.
    """
    rows = [checkpoint_of(size) if 0 < size < 1 << 62 else None for size in (old, new)]
    known = verifier()
    if old > new or known is None or None in rows:
        return None
    first, last = (note.read_checkpoint(row.note, known) for row in rows if row)
    proof = tree.consistency(tiles(), old, new)
    return tree.extends(first.size, first.root, last.size, last.root, proof), len(proof)


def tiles() -> Tiles:
    """Give a reader of tiles that asks the database for each once."""
    kept: dict[tuple[int, int], bytes] = {}

    def read(level: int, number: int) -> bytes:
        if (level, number) not in kept:
            query = select(LogTile.hashes).where(LogTile.level == level, LogTile.number == number)
            kept[level, number] = db.session.scalar(query) or b""
        return kept[level, number]

    return read


# Files


def path_of(level: int | str, number: int, width: int) -> str:
    """Give the path of a tile in the folder; ``level`` is "entries" for a bundle of entries."""
    parts = [f"{number % _THOUSAND:03}"]
    while number := number // _THOUSAND:
        parts.insert(0, f"x{number % _THOUSAND:03}")
    return f"tile/{level}/{'/'.join(parts)}" + (f".p/{width}" if width < WIDTH else "")


def find(name: str) -> Published | None:
    """Give a file of the folder; None where there is none."""
    if name == KEY:
        known = verifier()
        return Published(f"{known}\n".encode(), _TEXT, _FLEETING) if known else None
    if name == CHECKPOINT:
        newest = checkpoints(1)
        return Published(newest[0].note.encode(), _TEXT, _FLEETING) if newest else None
    if not (asked := _TILE.fullmatch(name)):
        return None
    level, path, partial = asked.groups()
    number, width = int(path.replace("/", "").replace("x", "")), int(partial or WIDTH)
    if width > WIDTH - bool(partial) or number >= 1 << 55 or name != path_of(level, number, width):
        return None
    body = _bundle(number, width) if level == "entries" else tiles()(int(level), number)[: width * HASH]
    complete = width * (2 + HASH if level == "entries" else HASH)
    return Published(body, _BYTES, _FOR_EVER) if len(body) == complete else None


def files() -> Iterator[tuple[str, bytes]]:
    """Give each file of the log with its path in a mirror: of one size, that of the newest checkpoint."""
    newest = checkpoints(1)
    if not newest:
        return
    yield f"{FOLDER}/{KEY}", f"{verifier()}\n".encode()
    yield f"{FOLDER}/{CHECKPOINT}", newest[0].note.encode()
    read, level, count = tiles(), 0, newest[0].size
    while count:
        for number in range(-(-count // WIDTH)):
            width = min(WIDTH, count - number * WIDTH)
            yield f"{FOLDER}/{path_of(level, number, width)}", read(level, number)[: width * HASH]
            if level == 0:
                yield f"{FOLDER}/{path_of('entries', number, width)}", _bundle(number, width)
        level, count = level + 1, count // WIDTH


def _bundle(number: int, width: int) -> bytes:
    """Give a bundle of entries, each after its length in two bytes."""
    query = select(LogLeaf).where(LogLeaf.position >= number * WIDTH, LogLeaf.position < number * WIDTH + width)
    return b"".join(
        HASH.to_bytes(2) + event_of(leaf).entry for leaf in db.session.scalars(query.order_by(LogLeaf.position))
    )


# Whether it holds


@dataclass(frozen=True)
class Inspection:
    """What came of walking the whole log."""

    leaves: int
    checkpoints: int
    problems: list[Message]


def inspect() -> Inspection:
    """Walk the whole log: leaves against tiles, tiles against checkpoints, and both against the register."""
    problems: list[Message] = []
    size = db.session.scalar(select(func.coalesce(func.max(LogLeaf.position) + 1, 0))) or 0
    read = tiles()
    for start in range(0, size, WIDTH):
        width = min(WIDTH, size - start)
        entries = _bundle(start // WIDTH, width)
        hashes = [tree.leaf_hash(entries[at + 2 : at + 2 + HASH]) for at in range(0, len(entries), HASH + 2)]
        if b"".join(hashes) != read(0, start // WIDTH):
            problems.append(say("第 {first} 至 {last} 条与树中的哈希不符", first=start, last=start + width - 1))
    signed = _signed(read, size, problems)
    return Inspection(size, signed, problems + _against_the_register())


def _signed(read: Tiles, size: int, problems: list[Message]) -> int:
    """Check each checkpoint's signature and root; the last one covers every leaf."""
    known, count, newest = verifier(), 0, 0
    for row in db.session.scalars(select(LogCheckpoint).order_by(LogCheckpoint.size).execution_options(yield_per=500)):
        count, newest = count + 1, row.size
        try:
            checkpoint = note.read_checkpoint(row.note, known) if known else None
        except ValueError:
            checkpoint = None
        if checkpoint is None:
            problems.append(say("规模 {size} 的检查点签名无效", size=row.size))
        elif row.size > size or (checkpoint.size, checkpoint.root) != (row.size, tree.root(read, row.size)):
            problems.append(say("规模 {size} 的检查点与日志内容不符", size=row.size))
    if newest != size:
        problems.append(say("最后 {count} 条没有签名的检查点", count=size - newest))
    return count


def _against_the_register() -> list[Message]:
    """Find certificates and changes that the log does not hold as they are now, and events of which nothing is known."""
    same = and_(
        LogLeaf.subject == Certificate.token_digest, LogLeaf.event == "issue", LogLeaf.at == Certificate.issued_at
    )
    unlogged = select(Certificate.number).where(~select(LogLeaf.position).where(same).exists())
    unknown = select(LogLeaf.position).where(LogLeaf.event == "issue", ~select(Certificate.id).where(same).exists())
    problems = [
        say("证书 {number} 的签发不在日志里，或时间不符", number=number) for number in db.session.scalars(unlogged)
    ]
    problems += [say("第 {position} 条所记的签发，登记册里没有", position=each) for each in db.session.scalars(unknown)]
    changes = db.session.execute(
        select(Certificate.token_digest, StatusChange.status, StatusChange.created_at)
        .join(StatusChange, StatusChange.certificate_id == Certificate.id)
        .where(StatusChange.reason != Reason.ISSUED)
    )
    made = Counter((digest, f"status/{status}", at.replace(microsecond=0)) for digest, status, at in changes)
    logged = db.session.scalars(select(LogLeaf).where(LogLeaf.event.startswith("status/")))
    kept = Counter((leaf.subject, leaf.event, leaf.at) for leaf in logged)
    for digest, event, at in (made - kept).elements():
        problems.append(say("{at} 的状态变更（{event}，{digest}）不在日志里", at=at, event=event, digest=digest[:16]))
    for digest, event, at in (kept - made).elements():
        problems.append(say("日志里 {at} 的 {event}（{digest}），登记册里没有", at=at, event=event, digest=digest[:16]))
    return problems
