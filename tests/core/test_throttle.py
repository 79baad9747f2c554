"""Counts of tries, which every process sees."""

import subprocess
import sys

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from lbcert.config import Settings
from lbcert.core.database import db
from lbcert.core.throttle import DatabaseStorage, ThrottleCount
from lbcert.testing.fixtures import running

CHILD = """
import sys
from lbcert.app import create_app
from lbcert.core.throttle import DatabaseStorage
with create_app().app_context():
    print([DatabaseStorage().incr("guess", 60) for _ in range(int(sys.argv[1]))])
"""


@pytest.fixture
def storage(app):
    return DatabaseStorage()


def test_tries_add_up_until_the_window_ends(storage, monkeypatch):
    clock = [1_000_000.0]
    monkeypatch.setattr("lbcert.core.throttle.time.time", lambda: clock[0])
    assert [storage.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    assert storage.incr("b", 60) == 1
    assert (storage.get("a"), storage.get_expiry("a")) == (3, 1_000_060)
    clock[0] += 60
    assert storage.get("a") == 0
    assert storage.incr("a", 60) == 1
    storage.clear("a")
    assert storage.get("a") == 0
    assert storage.reset() == 1


def test_what_was_tried_cannot_be_read_back(storage):
    storage.incr("name:zhang.san", 60)
    assert "zhang" not in db.session.query(ThrottleCount).one().key


def test_another_process_sees_the_counts(app, storage):
    assert [storage.incr("guess", 60) for _ in range(2)] == [1, 2]
    settings = app.config["LBCERT"]
    url = db.engine.url.render_as_string(hide_password=False)
    environment = {"LBCERT_HOME": str(settings.home), "LBCERT_DATABASE_URL": url, "PYTHONPATH": ".:plugins"}
    child = subprocess.run(
        [sys.executable, "-c", CHILD, "3"], env=environment, capture_output=True, text=True, check=True
    )
    assert child.stdout.strip() == "[3, 4, 5]"
    assert storage.incr("guess", 60) == 6


def test_a_limit_stands_on_it(storage):
    limit, limiter = parse("2 per minute"), FixedWindowRateLimiter(storage)
    assert [limiter.hit(limit, "somebody") for _ in range(3)] == [True, True, False]
    assert limiter.test(limit, "somebody else")


def is_let_in(app, said, times=1):
    """Ask so often for a number, as from an address that a proxy or a liar names; tell whether the last was answered."""
    client = app.test_client()
    asked = [client.get("/api/v1/verify/number/A", headers={"X-Forwarded-For": said}) for _ in range(times)]
    return asked[-1].status_code == 200


def test_behind_a_proxy_each_visitor_has_a_count_of_his_own(sqlite_databases, tmp_path):
    with sqlite_databases.fresh() as url, running(url, tmp_path, LBCERT_TRUSTED_PROXIES="1") as app:
        assert is_let_in(app, "10.0.0.1", 30)
        assert not is_let_in(app, "10.0.0.1")
        assert is_let_in(app, "10.0.0.2")
        assert not is_let_in(app, "10.0.0.3, 10.0.0.1"), "only what our own proxy says is believed"


def test_without_a_proxy_nobody_names_his_own_address(sqlite_databases, tmp_path):
    with sqlite_databases.fresh() as url, running(url, tmp_path) as app:
        assert is_let_in(app, "10.0.0.1", 30)
        assert not is_let_in(app, "10.0.0.2")


def test_a_setting_that_is_no_number_is_named(tmp_path):
    with pytest.raises(ValueError, match="LBCERT_TRUSTED_PROXIES"):
        Settings.from_environment({"LBCERT_HOME": str(tmp_path), "LBCERT_TRUSTED_PROXIES": "10.0.0.1"})
