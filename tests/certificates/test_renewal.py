"""Certificates that end: reminders in time, and a successor on the same ground."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pypdfium2 import PdfDocument

from lbcert.certificates import rules
from lbcert.certificates.models import Reason, Status
from lbcert.certificates.operations import renew
from lbcert.certificates.queries import register
from lbcert.certificates.queries.verdict import of_number
from lbcert.certificates.queries.waiting import todo
from lbcert.certificates.shipped import SKILL_LEVEL
from lbcert.certificates.types import all_types
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.findings import Refused
from lbcert.core.policy import set_policy
from lbcert.core.words import say
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from lbcert.testing.scenes import played_once
from tests.certificates.scene import issued, printed, published

NEAR_THE_END = datetime(2026, 8, 1, 4, tzinfo=UTC)


@pytest.fixture
@played_once
def scene(app):
    scene = published()
    for key, value in (("validity_months", {"skill_level": 12}), ("reminder_days", 30)):
        set_policy(scene.officer, make.KUNMING, f"certificates.{key}", value, date(2025, 1, 1), "昆人社〔2025〕9号")
    return issued(scene)


def test_who_answers_for_it_is_reminded_in_time(scene):
    first = scene.certificates[0]
    assert (first.expires_on, register.expiring(scene.issuer)) == (date(2026, 8, 20), register.expiring(scene.officer))
    watching = [scene.issuer, scene.school_issuer, scene.officer]
    elsewhere = make.account(Role.BUREAU_OFFICER, make.NINGLANG)
    with clock.at(datetime(2026, 7, 20, 4, tzinfo=UTC)):
        assert [register.expiring(actor) for actor in watching] == [[], [], []]
    with clock.at(NEAR_THE_END):
        assert [len(register.expiring(actor)) for actor in (*watching, elsewhere)] == [2, 2, 2, 0]
        assert [each.endpoint for each in todo(scene.officer)] == ["certificates.expiring"]


def test_a_renewed_certificate_has_a_successor_on_the_same_ground(scene, app):
    first = scene.certificates[0]
    with pytest.raises(Refused) as refusal, clock.at(datetime(2026, 1, 1, tzinfo=UTC)):
        renew(scene.issuer, first.id, Reason.RENEWED, "早了")
    assert "certificates.renewed_early" in refusal.value
    with clock.at(NEAR_THE_END):
        app.config["WTF_CSRF_ENABLED"] = False
        browser = browser_of(app, scene.issuer)
        assert first.number in browser.get("/certificates/expiring").text
        assert f"/certificates/{first.id}/renew" in browser.get(f"/certificates/{first.id}").text
        sent = {"reason": "renewed", "detail": "本人申请"}
        assert browser.post(f"/certificates/{first.id}/renew", data=sent).status_code == 302
        new = first.successor
        assert (first.status, new.result_id, new.expires_on) == (Status.REPLACED, first.result_id, date(2027, 8, 1))
        assert first not in register.expiring(scene.issuer)
        verdict = of_number(new.number)
        assert (verdict.outcome, dict(verdict.fields)[say("有效期至")]) == ("valid", "2027-08-01")
    with clock.at(datetime(2027, 9, 1, tzinfo=UTC)):
        assert of_number(new.number).outcome == "expired"


def test_the_end_is_printed_on_the_one_page(scene):
    pdf = PdfDocument(printed(scene).certificates[0].file.read())
    assert (len(pdf), "有效期至2026年8月20日" in pdf[0].get_textpage().get_text_bounded()) == (1, True)


def test_a_type_without_renewal_says_why(scene, monkeypatch):
    monkeypatch.setitem(all_types(), "skill_level", replace(SKILL_LEVEL, no_renewal=say("须重新评定")))
    with pytest.raises(Refused, match="须重新评定"), clock.at(NEAR_THE_END):
        renew(scene.issuer, scene.certificates[0].id, Reason.RENEWED, "续")


def test_what_has_no_end_needs_no_renewal(app):
    scene = issued()
    assert scene.certificates[0].expires_on is None
    with pytest.raises(Refused) as refusal:
        renew(scene.issuer, scene.certificates[0].id, Reason.RENEWED, "续")
    assert "certificates.no_end" in refusal.value


def test_the_end_is_the_same_day_of_a_later_month_or_its_last():
    end = [rules.end_of({"completion": months}, "completion", date(2025, 8, 31)) for months in (1, 6, 36)]
    assert end == [date(2025, 9, 30), date(2026, 2, 28), date(2028, 8, 31)]
    assert rules.end_of(None, "completion", date(2025, 8, 31)) is None
