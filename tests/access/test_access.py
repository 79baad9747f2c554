"""Every operation and every route, tried with every role, here and elsewhere."""

import pytest
from flask import url_for
from sqlalchemy import select

from lbcert.core.access import CONSOLE, Console
from lbcert.core.api import PREFIX
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.operation import OPERATIONS, operation
from lbcert.parties.models import Person
from lbcert.parties.operations.tokens import account_of_token, create_token
from lbcert.testing import factories
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
    with set_stage.kept():
        yield set_stage


def test_every_operation_has_a_row_and_no_row_is_left_over(app):
    assert sorted(operations() - set(OPERATION_ROWS)) == [], "add a row to tests/access/<room>.py"
    assert sorted(set(OPERATION_ROWS) - operations()) == [], "these are no operations"


def test_every_route_has_a_row_and_no_row_is_left_over(app):
    assert sorted(set(routes(app)) - set(ROUTE_ROWS)) == [], "add a row to tests/access/<room>.py"
    assert sorted(set(ROUTE_ROWS) - set(routes(app))) == [], "these are no routes"


def test_what_one_row_made_the_next_is_given_without_what_was_done_to_it(set_stage):
    made = []

    def visitor():
        made.append(factories.person("甲"))
        return made[-1]

    for _ in range(2):
        with set_stage.kept():
            assert people("甲", "乙") == []
            assert set_stage.once("visitor", visitor).name == "甲"
            factories.person("乙")
            assert people("甲", "乙") == ["甲", "乙"]
    assert len(made) == 1


def people(*names):
    return sorted(db.session.scalars(select(Person.name).where(Person.name.in_(names))), key=names.index)


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
    arguments, tried, form = row.arguments(stage), row.accounts(stage), row.send(stage)
    with app.test_request_context():
        url = url_for(routes(app)[way], **arguments)
    client_of = program_of if url.startswith(PREFIX) else browser_of
    browsers = {who: client_of(app, account) for who, (account, _) in tried.items()} | {"visitor": app.test_client()}
    found, moment = {}, stage.moments.keep()
    for who, browser in browsers.items():
        found[who] = is_open(browser.open(url, method=method, data=form)) or row.is_public
        stage.moments.go_back(moment)
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
