"""A database goes back to its past, however often it was written to since."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from lbcert.core.database import db
from lbcert.core.sequences import Sequence
from lbcert.testing.moments import Moments


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def write(series):
    with db.engine.begin() as connection:
        connection.execute(insert(Sequence).values(series=series, last=1))


def written():
    db.session.rollback()
    return sorted(row.series for row in db.session.scalars(select(Sequence)))


def test_what_was_written_since_a_moment_is_gone_and_what_was_before_is_there(app):
    moments = Moments()
    empty = moments.keep()
    write("first")
    one = moments.keep()
    for series in ("second", "third"):
        write(series)
        assert moments.is_written_to()
        assert written() == sorted(["first", series])
        moments.go_back(one)
        assert written() == ["first"]
    moments.go_back(empty)
    assert written() == []
    moments.go_back(one)
    assert written() == ["first"]


def test_where_nothing_was_written_the_moment_is_the_same(app):
    moments = Moments()
    first = moments.keep()
    assert written() == []
    assert not moments.is_written_to()
    assert moments.keep() == first
    write("first")
    assert moments.keep() != first
