"""The one way to change anything."""

import json
import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from lbcert.core import audit
from lbcert.core.access import CONSOLE, PUBLIC, Console, Place, Role, holds
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Forbidden, Missing, Refused, refuse
from lbcert.core.operation import INSIDE, OPERATIONS, after_commit, at_the_end, once, operation, together
from lbcert.core.reference import Trade, TradeKind
from lbcert.core.words import say
from lbcert.parties.models import Organisation, Person
from lbcert.testing.factories import FUKANG, LUQUAN, account, organisation, person
from lbcert.testing.fixtures import home_at, running


def _at(region):
    return Place(regions=(region,))


@operation("testing.add_trade", allow=holds(Role.BUREAU_OFFICER, at=_at))
def add_trade(actor, region, name, *, phone=""):
    trade = Trade(kind=TradeKind.LOCAL, name=name)
    db.session.add(trade)
    after_commit(lambda: SEEN.append(name))
    at_the_end(ENDED.append, name)
    if name == "坏":
        raise Refused([refuse("testing.bad", say("名称不行")), refuse("testing.worse", say("真的不行"))])
    return trade


@operation("testing.add_trades", allow=PUBLIC)
def add_trades(actor, names):
    kept = []
    for name in names:
        try:
            kept.append(add_trade(actor, LUQUAN, name))
        except Refused:
            continue
    return kept[0]


@operation("testing.inside", allow=INSIDE)
def inside(actor):
    return None


@operation("testing.rename", allow=CONSOLE)
def rename(actor, organisation_id, name):
    row = load(Organisation, organisation_id, lock=True)
    row.name, row.phone = name, "0871-1234567"
    return row


SEEN = []
ENDED: list[list[str]] = []


@pytest.fixture(autouse=True)
def nothing_seen():
    SEEN.clear()


def trades():
    return sorted(db.session.scalars(select(Trade.name)))


def log_of(name):
    return list(db.session.scalars(select(audit.AuditEntry).where(audit.AuditEntry.operation == name)))


def test_an_officer_acts_within_the_region_and_not_outside_it(app):
    officer = account(Role.BUREAU_OFFICER, LUQUAN)
    add_trade(officer, LUQUAN, "甲")
    with pytest.raises(Forbidden):
        add_trade(officer, FUKANG, "乙")
    assert trades() == ["甲"]


def test_another_role_is_not_enough(app):
    with pytest.raises(Forbidden):
        add_trade(account(Role.AUDITOR, LUQUAN), LUQUAN, "甲")


def test_a_refusal_gives_all_findings_and_stores_nothing(app):
    officer = account(Role.BUREAU_OFFICER, LUQUAN)
    with pytest.raises(Refused) as refused:
        add_trade(officer, LUQUAN, "坏")
    assert [finding.rule for finding in refused.value.findings] == ["testing.bad", "testing.worse"]
    assert (trades(), SEEN, log_of("testing.add_trade")) == ([], [], [])


def test_an_inner_operation_joins_and_one_that_is_refused_leaves_no_trace(app):
    officer = account(Role.BUREAU_OFFICER, LUQUAN)
    add_trades(officer, ["甲", "坏", "乙"])
    assert (trades(), SEEN) == (["乙", "甲"], ["甲", "乙"])
    assert len(log_of("testing.add_trade")) == 2
    assert len(log_of("testing.add_trades")) == 1


def add_trades_of(officer, *named):
    for region, name in named:
        add_trade(officer, region, name)


def seen_by_others():
    """Count the trades on a connection of another thread, which is in no operation."""
    engine = db.engine

    def count():
        with engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(Trade))

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(count).result(timeout=60)


def test_operations_together_commit_at_once_each_with_its_own_row_and_permission(app):
    officer, asked = account(Role.BUREAU_OFFICER, LUQUAN), []
    with together():
        for name in ("甲", "坏", "乙"):
            once("asked", lambda: asked.append(1))
            with suppress(Refused):
                add_trade(officer, LUQUAN, name)
        assert SEEN == []
        assert seen_by_others() == 0, "committed before the end"
    assert (trades(), SEEN, asked, len(log_of("testing.add_trade"))) == (["乙", "甲"], ["甲", "乙"], [1], 2)
    assert seen_by_others() == 2
    with pytest.raises(Forbidden), together():
        add_trades_of(officer, (LUQUAN, "丙"), (FUKANG, "丁"))
    with together(), suppress(Refused):
        add_trade(officer, LUQUAN, "坏")
    assert (trades(), len(log_of("testing.add_trade")), audit.verify()[1]) == (["乙", "甲"], 2, [])
    with pytest.raises(Forbidden), together():
        inside(Console())


@operation("testing.ask_and_fail", allow=PUBLIC)
def ask_and_fail(actor, asked):
    once("locked", lambda: asked.append(1))
    raise Refused([refuse("testing.bad", say("名称不行"))])


def test_what_was_asked_under_a_lock_that_is_gone_is_asked_again(app):
    asked = []
    with together():
        for _ in range(2):
            with suppress(Refused):
                ask_and_fail(Console(), asked)
    assert asked == [1, 1]


def test_a_writer_waits_for_another_without_resting_and_not_forever(sqlite_database, tmp_path, monkeypatch):
    with running(sqlite_database, home_at(tmp_path / "home")), sqlite3.connect(db.engine.url.database) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        did = []
        event.listen(
            db.engine, "before_cursor_execute", lambda _connection, _cursor, statement, *_: did.append(statement)
        )

        def look(seconds):
            did.append(seconds)
            if did.count(seconds) == 3:
                other.execute("COMMIT")

        monkeypatch.setattr("lbcert.core.database.time.sleep", look)
        officer = Console()
        assert rename_nothing(officer) is None
        tries = [*["BEGIN IMMEDIATE", 0.002] * 3, "BEGIN IMMEDIATE"]
        assert did[:9] == ["PRAGMA busy_timeout=0", *tries, "PRAGMA busy_timeout=15000"]
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("lbcert.core.database.PATIENCE", 0.001)
        with pytest.raises(OperationalError, match="locked"):
            rename_nothing(officer)
        other.execute("COMMIT")
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 1


@operation("testing.rename_nothing", allow=CONSOLE)
def rename_nothing(actor):
    db.session.execute(text("SELECT 1"))


def test_what_only_runs_inside_is_refused_outside(app):
    with pytest.raises(Forbidden):
        inside(Console())


def test_an_event_that_fails_stops_nothing_and_is_logged(app, caplog):
    @operation("testing.bad_event", allow=CONSOLE)
    def bad_event(actor):
        after_commit(lambda: 1 / 0)
        after_commit(lambda: SEEN.append("次"))

    try:
        with caplog.at_level(logging.ERROR):
            bad_event(Console())
    finally:
        OPERATIONS.pop("testing.bad_event")
    assert SEEN == ["次"]
    assert "testing.bad_event" in caplog.text


def test_nothing_is_written_outside_an_operation(app):
    db.session.add(Trade(kind=TradeKind.LOCAL, name="甲"))
    with pytest.raises(RuntimeError, match="outside an operation"):
        db.session.flush()
    db.session.rollback()
    with pytest.raises(RuntimeError, match="outside an operation"):
        db.session.execute(text("DELETE FROM trades"))


def test_an_operation_that_names_an_argument_its_gate_lacks_is_refused_at_import(app):
    with pytest.raises(ValueError, match="region"):
        operation("testing.mistyped", allow=holds(Role.ADMIN, at=_at))(lambda actor: None)


def test_two_who_save_the_same_row_do_not_overwrite_each_other(app):
    @operation("testing.overtaken", allow=CONSOLE)
    def overtaken(actor, organisation_id):
        row = load(Organisation, organisation_id)
        db.session.connection().exec_driver_sql("UPDATE organisations SET version = version + 1, name = '先'")
        row.name = "后"

    body = organisation()
    try:
        with pytest.raises(Refused) as refused:
            overtaken(Console(), body.id)
    finally:
        OPERATIONS.pop("testing.overtaken")
    assert "core.stale" in refused.value
    assert stale(load(Organisation, body.id), body.version + 1)
    assert stale(load(Organisation, body.id), body.version) == []


def test_text_longer_than_its_column_and_a_number_beyond_every_column_are_refused(app):
    with pytest.raises(Refused) as refused:
        add_trade(account(Role.BUREAU_OFFICER, LUQUAN), LUQUAN, "名" * 10_000)
    assert [str(finding.message) for finding in refused.value.findings] == ["填写的内容太长（10000 字），最多 60 字"]

    @operation("testing.huge", allow=CONSOLE)
    def huge(actor):
        db.session.add(Trade(kind=TradeKind.OCCUPATION, name="甲", code="1", edition=10**30))

    try:
        with pytest.raises(Refused, match="存不下"):
            huge(Console())
    finally:
        OPERATIONS.pop("testing.huge")


def test_a_row_that_is_not_there_is_missing(app):
    with pytest.raises(Missing):
        load(Organisation, 999_999)


def test_the_log_keeps_what_changed_and_hides_what_is_personal(app):
    officer = account(Role.BUREAU_OFFICER, LUQUAN)
    add_trade(officer, LUQUAN, "甲", phone="13812345678")
    body = organisation(name="旧")
    rename(Console(), body.id, "新")
    (added,), (renamed,) = log_of("testing.add_trade"), log_of("testing.rename")
    assert json.loads(added.arguments) == {"region": LUQUAN, "name": "甲", "phone": "●"}
    assert added.account_id == officer.id
    assert added.subject == f"trade:{db.session.scalar(select(Trade.id))}"
    ((table, key, edits),) = json.loads(renamed.changes)["changed"]
    assert (table, key, edits) == ("organisations", body.id, {"name": ["旧", "新"], "phone": ["●", "●"]})


def test_personal_data_lies_encrypted_in_the_database(app):
    who = person("沙马拉毕", phone="13812345678")
    number = who.id_number
    raw = db.session.connection().exec_driver_sql("SELECT id_number, phone FROM persons").one()
    assert number.encode() not in bytes(raw[0])
    assert b"13812345678" not in bytes(raw[1])
    assert db.session.scalar(select(func.count()).where(Person.id_index == who.id_index)) == 1


def test_what_many_operations_share_is_done_once_at_the_end_and_only_for_those_that_stood(app):
    ENDED.clear()
    add_trades(account(Role.BUREAU_OFFICER, LUQUAN), ["末一", "坏", "末二"])
    assert ENDED == [["末一", "末二"]]
