"""The issuers' pages: what waits, a look before, the printing, the register, and what may be done."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pikepdf
import pytest

from lbcert.certificates.models import Certificate, NumberPrefix, Status
from lbcert.certificates.queries import log
from lbcert.core import clock, jobs
from lbcert.core.database import db
from lbcert.testing.fixtures import browser_of
from tests.certificates.scene import PREFIX, THE_DAY, after_school_test, completed, issued, printed, published, run
from tests.certificates.test_public_page import words_of


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def test_an_issuer_sees_who_waits_issues_and_watches_the_printing(app):
    scene = published(("张\ue000三", "李四", "王五"))
    browser = browser_of(app, scene.issuer)
    with clock.at(THE_DAY):
        waiting = browser.get("/certificates/issue")
        assert scene.batch.number in waiting.text
        path = f"/certificates/issue/batches/{scene.batch.id}"
        look = words_of(browser.get(path).text)
        assert "可以发 1 人" in look
        assert "不能发 1 人" in look
        assert "U+E000" in look
        sent = browser.post(path)
    assert sent.status_code == 302
    page = browser.get(sent.location)
    assert "已签发 1 本证书" in page.text
    assert "已完成 0 / 1" in page.text
    jobs.run(int(sent.location.rpartition("/")[2]))
    page = browser.get(sent.location)
    assert "已完成 1 / 1" in page.text
    assert "已结束" in page.text


def test_what_stops_all_is_said_and_nothing_can_be_pressed(app):
    scene = published()
    run("DELETE FROM number_prefixes")
    browser = browser_of(app, scene.issuer)
    with clock.at(THE_DAY):
        look = browser.get(f"/certificates/issue/batches/{scene.batch.id}").text
        assert "没有登记在有效期内的证书编号前缀" in look
        assert "确定签发" not in look
        sent = browser.post(f"/certificates/issue/batches/{scene.batch.id}")
    assert sent.status_code == 422
    assert db.session.query(Certificate).count() == 0


def test_the_school_issues_for_its_cohort(app):
    scene = after_school_test()
    run("UPDATE sessions SET cancelled_reason = '停电'")
    browser = browser_of(app, scene.school_issuer)
    with clock.at(THE_DAY):
        assert "72 课时" in browser.get(f"/certificates/issue/cohorts/{scene.cohort.id}").text
        assert browser.post(f"/certificates/issue/cohorts/{scene.cohort.id}").status_code == 302
    assert db.session.query(Certificate).filter_by(type="completion").count() == 2
    assert "没有待发的证书" in browser.get("/certificates/issue").text


def test_a_cohorts_certificates_come_as_one_pdf_and_as_a_zip(app):
    scene = printed(issued())
    browser = browser_of(app, scene.issuer)
    where = f"/certificates/cohorts/{scene.cohort.id}/skill_level"
    together = browser.get(f"{where}.pdf")
    with pikepdf.open(BytesIO(together.data)) as pdf:
        assert len(pdf.pages) == 2
    names = ZipFile(BytesIO(browser.get(f"{where}.zip").data)).namelist()
    assert names == [f"{c.number} {c.person.name}.pdf" for c in scene.certificates]
    assert not any(c.person.id_number in name for c in scene.certificates for name in names)
    assert browser.get(f"/certificates/cohorts/{scene.cohort.id}/completion.zip").status_code == 404


def test_the_register_searches_filters_and_exports(app):
    scene = issued()
    browser = browser_of(app, scene.issuer)
    first, second = scene.certificates
    found = browser.get("/certificates/?q=张三").text
    assert first.number in found
    assert second.number not in found
    offered = re.findall(r'<option value="(\w+)"', found[found.index('name="type"') : found.index('name="status"')])
    assert offered == ["skill_level"], "no type of which he sees no certificate"
    assert first.number in browser.get(f"/certificates/?q={first.number[:-1]}&type=skill_level&status=valid").text
    assert first.number not in browser.get("/certificates/?status=revoked").text
    exported = browser.get("/certificates/?format=csv").get_data().decode("utf-8-sig")
    assert first.number in exported
    assert second.number in exported
    assert first.number not in browser_of(app, scene.school_issuer).get("/certificates/?type=completion").text


def test_a_certificate_is_looked_at_downloaded_revoked_and_shown_so(app):
    scene = printed(issued())
    certificate = scene.certificates[0]
    browser = browser_of(app, scene.issuer)
    where = f"/certificates/{certificate.id}"
    page = browser.get(where).text
    for text in (certificate.number, "张三", "签发", "有效", f"{where}/pdf", f"{where}/revoke", f"{where}/replace"):
        assert text in page, text
    assert browser.get(f"{where}/pdf").data == certificate.file.read()
    assert f"{where}/proof" in page
    assert browser.get(f"{where}/proof").text == log.proof_of(certificate)
    empty = browser.post(f"{where}/revoke", data={"detail": "写了经过"})
    assert empty.status_code == 422
    assert "写了经过" in empty.text
    done = browser.post(f"{where}/revoke", data={"reason": "fraud", "detail": "替考"})
    assert (done.status_code, done.location) == (302, where)
    page = browser.get(where).text
    assert "已撤销" in page
    assert "替考" in page
    assert f"{where}/suspend" not in page
    refused = browser.post(f"{where}/suspend", data={"reason": "under_review", "detail": "再停"})
    assert refused.status_code == 422
    assert "不能暂停使用" in refused.text


def test_a_new_certificate_takes_the_old_ones_place(app):
    scene = issued()
    old = scene.certificates[0]
    browser = browser_of(app, scene.issuer)
    done = browser.post(f"/certificates/{old.id}/replace", data={"reason": "damaged", "detail": "遗失声明"})
    new = db.session.get(Certificate, int(done.location.rpartition("/")[2]))
    assert (new.replaces_id, db.session.get(Certificate, old.id).status) == (old.id, Status.REPLACED)
    assert new.number in browser.get(f"/certificates/{old.id}").text
    assert old.number in browser.get(done.location).text


def test_a_photo_that_cannot_be_opened_stops_that_print_alone_until_it_is_put_right(app):
    scene = issued()
    first, second = scene.certificates
    run("UPDATE persons SET photo_id = :file WHERE id = :id", file=scene.evidence.id, id=first.person_id)
    files = app.config["LBCERT"].home / "files" / "00" / "00"
    files.mkdir(parents=True)
    (files / ("0" * 64)).write_bytes(b"no picture")
    jobs.run(scene.issued.job.id)
    browser = browser_of(app, scene.issuer)
    page = browser.get(f"/certificates/printing/{scene.issued.job.id}").text
    assert "张三 的照片打不开" in page
    assert db.session.get(Certificate, second.id).file_id is not None
    run("UPDATE persons SET photo_id = NULL WHERE id = :id", id=first.person_id)
    again = browser.post(f"/certificates/printing/{scene.issued.job.id}/again")
    jobs.run(int(again.location.rpartition("/")[2]))
    assert db.session.get(Certificate, first.id).file_id is not None


def test_the_bureau_enters_and_ends_a_prefix(app):
    scene = published()
    browser = browser_of(app, scene.officer)
    typed = {"organisation_id": scene.body.id, "prefix": "X00005300012", "document": "批复〔2025〕3号", "valid_from": "2025-01-01"}  # fmt: skip
    refused = browser.post("/certificates/prefixes", data=typed)
    assert refused.status_code == 422
    assert "应为 13 位" in refused.text
    assert "批复〔2025〕3号" in refused.text
    assert browser.post("/certificates/prefixes", data={**typed, "prefix": "S000053000555"}).status_code == 302
    page = browser.get("/certificates/prefixes").text
    assert PREFIX in page
    assert "S000053000555" in page
    assert browser.post(f"/certificates/prefixes/{scene.prefix.id}/end").status_code == 302
    db.session.expire_all()
    assert db.session.get(NumberPrefix, scene.prefix.id).valid_to == clock.today()


def test_the_completions_of_a_school_are_printed_too(app):
    scene = after_school_test()
    run("UPDATE sessions SET cancelled_reason = '停电'")
    scene = printed(completed(scene))
    assert all(c.file.read().startswith(b"%PDF-") for c in scene.certificates)
