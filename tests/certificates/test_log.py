"""The log of certificates: what it holds, what it proves, and what it notices."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lbcert.certificates.log import note, tree
from lbcert.certificates.models import LogCheckpoint, LogLeaf, Reason
from lbcert.certificates.operations.keys import init_keys
from lbcert.certificates.operations.status import replace, revoke, suspend
from lbcert.certificates.queries import log
from lbcert.certificates.token import base36
from lbcert.certificates.views import log as views
from lbcert.cli import published
from lbcert.core import clock
from lbcert.core.access import Console
from lbcert.core.database import db
from lbcert.core.findings import Refused
from tests.certificates.scene import THE_DAY, issued, run


def events():
    rows = db.session.query(LogLeaf).order_by(LogLeaf.position)
    return [(row.position, row.event, row.subject) for row in rows]


def sizes():
    return [row.size for row in reversed(log.checkpoints(100))]


@pytest.fixture
def told(app):
    """Give a scene of two certificates, the first suspended and revoked, the second replaced; and its first leaf's number."""
    scene = issued()
    scene.first, scene.second = scene.certificates
    scene.start = sizes()[-1] - 2
    suspend(scene.issuer, scene.first.id, Reason.UNDER_REVIEW, "核查")
    revoke(scene.issuer, scene.first.id, Reason.FRAUD, "替考")
    with clock.at(THE_DAY):
        scene.third = replace(scene.issuer, scene.second.id, Reason.DAMAGED, "破损")
    return scene


def test_each_event_is_a_leaf_and_each_batch_ends_with_one_checkpoint(told):
    start = told.start
    first, second, third = (each.token_digest for each in (told.first, told.second, told.third))
    assert events()[start:] == [
        (start, "issue", first),
        (start + 1, "issue", second),
        (start + 2, "status/suspended", first),
        (start + 3, "status/revoked", first),
        (start + 4, "status/replaced", second),
        (start + 5, "issue", third),
    ]
    assert events()[0][1] == "key/active"
    assert sizes()[-4:] == [start + 2, start + 3, start + 4, start + 6]
    found = log.inspect()
    assert (found.leaves, found.problems) == (start + 6, [])


def test_a_log_of_one_leaf_is_examined_like_any_other(app):
    init_keys(Console())
    found = log.inspect()
    assert (found.leaves, found.checkpoints, found.problems) == (1, 1, [])


def test_a_proof_convinces_somebody_who_has_the_key_alone(told):
    verifier = log.verifier()
    for certificate in (told.first, told.second, told.third):
        proof = note.read_proof(log.proof_of(certificate))
        assert log.holds(proof, verifier).size == told.start + 6
        assert proof.extra.decode().splitlines()[:3] == ["lbcert-log-1", "issue", certificate.token_digest]
        with pytest.raises(ValueError, match="does not lead"):
            log.holds(
                note.Proof(proof.index, proof.hashes, proof.checkpoint, proof.extra.replace(b"issue", b"other")),
                verifier,
            )
    old, new = (
        note.read_checkpoint(log.checkpoint_of(size).note, verifier) for size in (told.start + 2, told.start + 6)
    )
    grown = tree.consistency(log.tiles(), old.size, new.size)
    assert tree.extends(old.size, old.root, new.size, new.root, grown)


def test_what_was_refused_or_killed_before_its_commit_leaves_no_leaf(told, monkeypatch):
    before = events(), sizes()
    with pytest.raises(Refused):
        replace(told.issuer, told.second.id, Reason.DAMAGED, "再来")
    monkeypatch.setattr("lbcert.core.audit.append", lambda _notes: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        suspend(told.issuer, told.third.id, Reason.UNDER_REVIEW, "核查")
    assert (events(), sizes()) == before
    monkeypatch.undo()
    suspend(told.issuer, told.third.id, Reason.UNDER_REVIEW, "核查")
    assert (len(events()), log.inspect().problems) == (len(before[0]) + 1, [])


def test_the_database_lets_nobody_rewrite_it(told):
    for statement in (
        "DELETE FROM log_leaves WHERE position = 1",
        "UPDATE log_leaves SET event = 'issue' WHERE position > 2",
        "INSERT INTO log_leaves (position, event, subject, at) VALUES (90, 'issue', 'x', '2025-01-01')",
        "UPDATE log_tiles SET hashes = substr(hashes, 2)",
        "DELETE FROM log_tiles",
        "UPDATE log_checkpoints SET note = 'x'",
        "DELETE FROM log_checkpoints",
        "DELETE FROM log_keys",
    ):
        with pytest.raises(IntegrityError, match=r"certificates\.log"):
            run(statement)


def drop_triggers():
    """Take away what guards the tables, as whoever owns the database can."""
    dialect = db.session.get_bind().dialect.name
    for table in ("log_leaves", "log_tiles", "certificates", "status_changes"):
        if dialect == "postgresql":
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            continue
        with db.engine.connect() as connection:
            query = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t")
            names = connection.scalars(query, {"t": table}).all()
        for name in names:
            run(f"DROP TRIGGER {name}")


def test_an_owner_of_the_database_who_rewrites_history_is_found_out(told):
    drop_triggers()
    run("UPDATE certificates SET issued_at = '2025-08-19 04:00:00' WHERE id = :id", id=told.third.id)  # backdated
    run("UPDATE log_leaves SET event = 'status/valid' WHERE event = 'status/revoked'")  # a revocation that never was
    db.session.rollback()
    said = [str(problem) for problem in log.inspect().problems]
    assert any("与树中的哈希不符" in each for each in said)
    assert any(told.third.number in each for each in said)
    assert any("status/revoked" in each for each in said)
    assert db.session.query(LogCheckpoint).count() == len(sizes())


def test_the_files_are_served_as_they_are_mirrored(told, client):
    files = dict(log.files())
    size = told.start + 6
    assert set(files) == {
        f"log/{name}" for name in ("key", "checkpoint", f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}")
    }
    for path, body in files.items():
        answer = client.get(f"/{path}")
        assert (answer.status_code, answer.data, "Set-Cookie" in answer.headers) == (200, body, False)
    assert "immutable" in client.get(f"/log/tile/0/000.p/{size - 1}").headers["Cache-Control"]
    for nothing in (
        "tile/0/000",
        f"tile/0/000.p/{size + 1}",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/00/000.p/1",
        "tile/0/x000/000.p/1",
        "tile/1/000.p/1",
    ):
        assert client.get(f"/log/{nothing}").status_code == 404


def test_a_tiles_path_is_the_specifications():
    assert log.path_of(0, 1234067, 256) == "tile/0/x001/x234/067"
    assert log.path_of("entries", 5, 3) == "tile/entries/005.p/3"


def test_the_command_line_examines_the_log_and_writes_the_mirror(told, tmp_path, capsys):
    published.verify.callback.__wrapped__()  # in the app of this test
    assert f"{told.start + 6} " in capsys.readouterr().out
    published.publish.callback.__wrapped__(tmp_path)
    assert (tmp_path / "log/checkpoint").read_text("utf-8") == log.checkpoints(1)[0].note


def test_the_page_says_in_words_what_the_log_proves(told, app, client):
    old, new = told.start + 2, told.start + 6
    page = client.get(f"/log/?old={old}&new={new}").text
    assert f"前 {old} 条在 {new} 条的日志里一条没少、一条没改" in page
    for nothing in ("old=1&new=999", "old=9&new=1", "old=-1&new=2", "old=x&new=2"):
        assert "一条没少" not in client.get(f"/log/?{nothing}").text
    with app.test_request_context("/log/"):
        said = [event["what"] for event in views._events(base36.encode(told.first.token))]
        assert said == ["签发", "暂停使用", "已撤销"]
        assert views._events("HTTPS://X/V/NONSENSE") == []
