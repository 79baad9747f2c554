"""Status lists: the draft's bytes, what an offline reader learns from them, and who builds them when."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import cbor2
import pytest

from lbcert.certificates import status_list
from lbcert.certificates.models import Reason, Status
from lbcert.certificates.operations.status import reinstate, replace, revoke, suspend
from lbcert.certificates.operations.status_lists import build_status_list, build_what_is_due, close_status_lists
from lbcert.certificates.queries import keys, status_lists
from lbcert.core import clock, jobs
from lbcert.core.access import Console
from lbcert.core.database import db
from lbcert.core.findings import Refused
from tests.certificates.scene import THE_DAY, issued

VECTORS = json.loads((Path(__file__).parent / "status_list_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['bits']} bits")
def test_the_drafts_vectors_come_out_byte_for_byte(vector):
    compressed = status_list.compress(vector["statuses"], vector["bits"])
    assert cbor2.dumps(status_list.status_list(compressed, vector["bits"])).hex() == vector["cbor"]


def work():
    """Do what the operations left to a worker, but for printing."""
    for job in db.session.query(jobs.Job).filter_by(kind="certificates.status_list").all():
        jobs.run(job.id)


def read(number=0):
    return status_list.read_list(status_lists.find(f"{number}.cwt").body, keys.ring(fresh=True))


def test_an_offline_reader_sees_every_status(app):
    scene = issued()
    first, second = scene.certificates
    build_what_is_due()
    assert [read().status_of(each.status_index) for each in (first, second)] == [Status.VALID, Status.VALID]
    suspend(scene.issuer, first.id, Reason.UNDER_REVIEW, "核查")
    with clock.at(THE_DAY):
        replace(scene.issuer, second.id, Reason.DAMAGED, "破损")
    assert read().status_of(first.status_index) is Status.VALID  # nobody signs while the clerk waits
    work()
    assert [read().status_of(each.status_index) for each in (first, second)] == [Status.SUSPENDED, Status.REPLACED]
    reinstate(scene.issuer, first.id, Reason.CLEARED, "无误")
    work()
    assert read().status_of(first.status_index) is Status.VALID
    revoke(scene.issuer, first.id, Reason.FRAUD, "替考")
    work()
    assert read().status_of(first.status_index) is Status.REVOKED
    assert read().uri == json.loads(status_lists.find("lists.json").body)["status_lists"][0]


def test_a_list_is_built_daily_and_ends_after_fourteen_days_and_the_last_one_never(app):
    issued()
    start = THE_DAY + timedelta(hours=1)
    with clock.at(start):
        assert status_lists.due() == [0]
        build_what_is_due()
        assert status_lists.due() == []
        found = read()
    assert found.speaks(start + timedelta(days=14))
    assert not found.speaks(start + timedelta(days=14, seconds=1))
    with clock.at(start + timedelta(days=1)):
        assert status_lists.due() == [0]
        close_status_lists(Console())
        assert read().expires is None
    with clock.at(start + timedelta(days=400)):
        assert status_lists.due() == []
        build_status_list(Console(), 0)
        assert read().expires is None


def test_a_list_that_was_tampered_with_or_signed_by_a_key_for_some_brands_is_refused(app, signer, keys):
    now = THE_DAY
    good = status_list.sign_list("https://x/status/0.cwt", status_list.compress([(5, 1)]), signer, now)
    with pytest.raises(ValueError, match="may not sign"):
        status_list.read_list(good, keys)
    with pytest.raises(ValueError, match="signature"):
        status_list.read_list(good[:-1] + bytes([good[-1] ^ 1]), keys)
    with pytest.raises(ValueError, match="no status list"):
        status_list.read_list(b"\xd2\x84", keys)


def test_without_a_key_for_all_brands_nothing_is_built(app):
    with pytest.raises(Refused):
        build_status_list(Console(), 0)


def test_the_lists_are_cached_and_asked_for_by_their_hash(app):
    issued()
    build_what_is_due()
    client = app.test_client()
    answer = client.get("/status/0.cwt")
    assert (answer.status_code, answer.content_type) == (200, "application/statuslist+cwt")
    assert "max-age" in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    again = client.get("/status/0.cwt", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert dict(status_lists.files())["status/0.cwt"] == answer.data
    for nothing in ("1.cwt", "00.cwt", "-1.cwt", "9" * 30 + ".cwt", "²．cwt", "x/0.cwt", "0"):
        assert client.get(f"/status/{nothing}").status_code == 404
    assert client.get("/status/lists.json").json == {"status_lists": [status_lists.address_of(0)]}
