"""The application that tests of rooms are given."""

from datetime import UTC, datetime

import pytest
from flask import g
from sqlalchemy import insert, select

from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.sequences import Sequence


def write(series):
    with db.engine.begin() as connection:
        connection.execute(insert(Sequence).values(series=series, last=1))


@pytest.mark.parametrize("series", ["cohort:530128:2025", "cohort:530724:2025"])
def test_each_test_has_the_tables_and_none_of_another_tests_rows(app, series):
    write(series)
    assert db.session.scalars(select(Sequence.series)).all() == [series]


def test_a_request_shares_nothing_with_the_test_but_the_database_and_the_clock(app, client):
    @app.before_request
    def seen():
        write("written by the request")
        return {"of the test": "account" in g, "now": clock.now().isoformat()}

    g.account = "signed in for the test alone"
    assert db.session.scalars(select(Sequence)).all() == []
    with clock.at(datetime(2025, 8, 7, tzinfo=UTC)):
        assert client.get("/seen").json == {"of the test": False, "now": "2025-08-07T00:00:00+00:00"}
    assert [row.series for row in db.session.scalars(select(Sequence))] == ["written by the request"]
