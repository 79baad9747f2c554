"""Pages are tested on SQLite; what PostgreSQL does differently is for the tests of the rooms."""

import pytest


@pytest.fixture
def database(sqlite_database):
    return sqlite_database
