"""Every operation and every route, tried with every role, here and elsewhere."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import url_for

from lbcert.core.access import CONSOLE, Console
from lbcert.core.api import PREFIX
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.operation import OPERATIONS, operation
from lbcert.parties.operations.tokens import account_of_token, create_token
from lbcert.testing.fixtures import Visitor, browser_of, running
from tests.access.machinery import OPERATION_ROWS, ROUTE_ROWS, Stage, operations, routes


class RolledBack(Exception):
    """What an operation did has been seen, and is undone."""


@operation("testing.rehearse", allow=CONSOLE)
def rehearse(actor, call):
    call()
    raise RolledBack


@pytest.fixture(scope="module")
def app(sqlite_databases, tmp_path_factory):
    """One app for all rows: making it anew takes longer than trying a row."""
    with sqlite_databases.fresh() as url, running(url, tmp_path_factory.mktemp("home")) as made:
        made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        made.test_client_class = Visitor
        yield made


@pytest.fixture(scope="module")
def set_stage(app):
    return Stage()


@pytest.fixture
def stage(set_stage):
    with kept_as_it_was("stage"), set_stage.kept():
        yield set_stage


@contextmanager
def kept_as_it_was(name):
    """Put the database back afterwards as it is now; gives a way to do so in between."""
    file = Path(db.engine.url.database)
    kept = file.with_suffix(f".{name}")
    settle()
    shutil.copyfile(file, kept)
    before = trace(file)

    def rewind():
        db.session.rollback()
        if trace(file) != before:
            settle()
            shutil.copyfile(kept, file)
            before[:] = trace(file)

    yield rewind
    rewind()


def trace(file):
    """Tell what a commit changes of a file or of its write-ahead log."""
    stats = [path.stat() for path in (file, file.with_name(f"{file.name}-wal")) if path.exists()]
    return [(stat.st_size, stat.st_mtime_ns) for stat in stats if stat.st_size]


def settle():
    """Close the last connection, with which the write-ahead log goes into the file."""
    db.session.rollback()
    db.engine.dispose()


def test_every_operation_has_a_row_and_no_row_is_left_over(app):
    assert sorted(operations() - set(OPERATION_ROWS)) == [], "add a row to tests/access/<room>.py"
    assert sorted(set(OPERATION_ROWS) - operations()) == [], "these are no operations"


def test_every_route_has_a_row_and_no_row_is_left_over(app):
    assert sorted(set(routes(app)) - set(ROUTE_ROWS)) == [], "add a row to tests/access/<room>.py"
    assert sorted(set(ROUTE_ROWS) - set(routes(app))) == [], "these are no routes"


def is_admitted(name, actor, arguments):
    """Really carry the operation out, and roll it back."""
    admitted = True

    def call():
        nonlocal admitted
        try:
            OPERATIONS[name].carry_out(actor, **arguments)
        except Forbidden:
            admitted = False
        except Refused:
            pass  # let in, and refused for what it brought

    if OPERATION_ROWS[name].may == "inside":
        call()
    else:
        with pytest.raises(RolledBack):
            rehearse(Console(), call)
    return admitted


@pytest.mark.parametrize("name", sorted(OPERATION_ROWS))
def test_operation(name, stage):
    row = OPERATION_ROWS[name]
    arguments = row.arguments(stage)
    tried = row.accounts(stage) | row.strangers()
    found = {who: is_admitted(name, actor, arguments) for who, (actor, _) in tried.items()}
    assert found == {who: may for who, (_, may) in tried.items()}


@pytest.mark.parametrize("way", sorted(ROUTE_ROWS))
def test_route(way, app, stage):
    row, method = ROUTE_ROWS[way], way.partition(" ")[0]
    with app.test_request_context():
        url = url_for(routes(app)[way], **row.arguments(stage))
    tried, form = row.accounts(stage), row.send(stage)
    client_of = program_of if url.startswith(PREFIX) else browser_of
    browsers = {who: client_of(app, account) for who, (account, _) in tried.items()} | {"visitor": app.test_client()}
    found = {}
    with kept_as_it_was("row") as rewind:
        for who, browser in browsers.items():
            found[who] = is_open(browser.open(url, method=method, data=form)) or row.is_public
            rewind()
    assert found == {who: may for who, (_, may) in tried.items()} | {"visitor": row.is_public}


def program_of(app, account):
    """Give a program that calls with a token of the account."""
    secret = f"token of account {account.id}"
    if account_of_token(secret) is None:
        create_token(account, "程序", secret)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def is_open(answer):
    """Tell whether a page let somebody in; a page that breaks, or takes no such request, fails the test."""
    answer.close()
    assert answer.status_code < 500, answer.text[:2000]
    assert answer.status_code != 405
    sent_away = answer.status_code == 302 and answer.location.startswith("/sign-in")
    return answer.status_code not in {401, 403, 404} and not sent_away
