"""Many certificates revoked together: a dry run, suspended at once, taken back by a second person, or revoked for good."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from sqlalchemy import text

from lbcert.certificates.models import Reason, Settled, Status
from lbcert.certificates.operations import reinstate, replace, revoke, revoke_together, suspend, undo_revocation
from lbcert.certificates.operations.revocations import finish_what_is_due
from lbcert.certificates.queries import revocations
from lbcert.certificates.queries.verdict import of_number
from lbcert.certificates.rules import Fate
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.findings import Refused
from lbcert.core.papers import papers_of
from lbcert.core.policy import set_policy
from lbcert.core.sheets import Column, Table, write_workbook
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from tests.certificates.scene import THE_DAY, issued, run

PAPER = b"%PDF-1.7 decision"


@pytest.fixture
def scene(app):
    scene = issued()
    scene.second = make.account(Role.ISSUER, scene.body)
    set_policy(scene.officer, make.KUNMING, "certificates.revocation_hours", 48, date(2025, 1, 1), "昆人社〔2025〕9号")
    with clock.at(THE_DAY):
        yield scene


def begin(scene, *certificates):
    ids = [each.id for each in certificates or scene.certificates]
    return revoke_together(scene.issuer, ids, Reason.FRAUD, "考场作弊查实", PAPER, "决定.pdf", "考核批次")


def after(hours):
    return clock.at(THE_DAY + timedelta(hours=hours))


def statuses(scene):
    db.session.expire_all()
    return [each.status for each in scene.certificates]


def test_the_dry_run_says_what_would_become_of_each(scene):
    first, second = scene.certificates
    assert [line.fate for line in revocations.of_batch(scene.issuer, scene.batch.number)] == [Fate.SUSPEND] * 2
    revoke(scene.issuer, first.id, Reason.FRAUD, "替考")
    suspend(scene.issuer, second.id, Reason.UNDER_REVIEW, "举报")
    lines, missing = revocations.of_numbers(scene.officer, [first.number, f" {second.number.lower()} ", "没有"])
    assert ([line.fate for line in lines], missing) == ([Fate.OVER, Fate.STAY_SUSPENDED], ["没有"])
    assert revocations.of_cohort(make.account(Role.BUREAU_OFFICER, make.NINGLANG), scene.cohort.number) == []
    assert len(revocations.of_cohort(scene.officer, scene.cohort.number, "skill_level")) == 2


def test_suspended_at_once_and_revoked_by_the_sweep_when_the_hours_are_over(scene):
    first, second = scene.certificates
    suspend(scene.issuer, second.id, Reason.UNDER_REVIEW, "举报")
    made = begin(scene)
    assert statuses(scene) == [Status.SUSPENDED] * 2
    assert (first.history[-1].reason, len(second.history)) == (Reason.FRAUD, 2)
    assert [paper.file.read() for paper in papers_of(f"bulk_revocation:{made.id}")] == [PAPER]
    with after(47):
        finish_what_is_due()
        assert statuses(scene) == [Status.SUSPENDED] * 2
    with after(48):
        finish_what_is_due()
        assert (statuses(scene), revocations.due()) == ([Status.REVOKED] * 2, [])
        verdict = of_number(second.number)
        assert (verdict.outcome, verdict.history[-1].reason) == ("revoked", Reason.FRAUD)
        assert verdict.history[-1].authority == "示例评价中心"
        with pytest.raises(Refused) as refusal:
            undo_revocation(scene.second, made.id, [first.id], "太迟")
    assert {"certificates.undo_window", "certificates.none_chosen"} == {each.rule for each in refusal.value.findings}


def test_a_second_person_takes_back_within_the_hours(scene):
    first, second = scene.certificates
    suspend(scene.issuer, second.id, Reason.UNDER_REVIEW, "举报")
    made = begin(scene)
    with pytest.raises(Refused) as refusal:
        undo_revocation(scene.issuer, made.id, [first.id], "自己收回")
    assert "certificates.undo_by_another" in refusal.value
    for actor in (scene.issuer, scene.second):
        with pytest.raises(Refused) as refusal:
            reinstate(actor, first.id, Reason.CLEARED, "绕过")
        assert "certificates.reinstated_alone" in refusal.value
    assert [each.endpoint for each in revocations.todo(scene.second)] == ["certificates.bulk_revocation"]
    assert revocations.todo(scene.issuer) == []
    with after(47):
        undo_revocation(scene.second, made.id, [first.id, second.id], "查无实据")
    assert statuses(scene) == [Status.VALID, Status.SUSPENDED]  # as they were
    with after(48):
        finish_what_is_due()
    assert statuses(scene) == [Status.VALID, Status.SUSPENDED]


def test_what_was_replaced_or_revoked_by_itself_is_passed_over(scene):
    first, second = scene.certificates
    made = begin(scene)
    replace(scene.issuer, first.id, Reason.DAMAGED, "另发")
    revoke(scene.issuer, second.id, Reason.FRAUD, "先行撤销")
    with after(48):
        finish_what_is_due()
    assert statuses(scene) == [Status.REPLACED, Status.REVOKED]
    assert {item.settled for item in revocations.items_of(made.id)} == {Settled.PASSED_OVER}


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_changed(scene):
    first, second = scene.certificates
    revoke(scene.issuer, first.id, Reason.FRAUD, "替考")
    run("UPDATE policy_entries SET valid_to = '2025-02-01' WHERE key = 'certificates.revocation_hours'")
    with pytest.raises(Refused) as refusal:
        revoke_together(scene.issuer, [first.id, second.id], Reason.DAMAGED, " ", b"GIF89a", "决定.gif", "编号清单")
    assert {each.rule for each in refusal.value.findings} == {
        "certificates.not_to_be_revoked", "certificates.reason", "certificates.detail", "core.paper_type",
        "certificates.no_revocation_hours",
    }  # fmt: skip
    assert statuses(scene) == [Status.REVOKED, Status.VALID]


def test_the_database_holds_the_second_person_and_the_window(scene):
    made = begin(scene)
    item, first = revocations.items_of(made.id)[0].id, scene.certificates[0]
    undone = "UPDATE bulk_revocation_items SET settled = 'undone', undone_by = :who, settled_at = :at WHERE id = :id"
    soon, late = (text(undone).bindparams(at=THE_DAY + timedelta(hours=hours)) for hours in (1, 49))
    attacks = [
        ("certificates.undo_by_another", soon.bindparams(who=scene.issuer.person_id, id=item)),
        ("certificates.undo_window", late.bindparams(who=scene.second.person_id, id=item)),
        ("certificates.undo_window", text("UPDATE bulk_revocation_items SET settled = 'revoked', settled_at = :at WHERE id = :id").bindparams(at=THE_DAY, id=item)),
        ("certificates.bulk_revocation.update", text("UPDATE bulk_revocations SET chosen = '' WHERE id = :id").bindparams(id=made.id)),
        ("certificates.bulk_revocation_item.delete", text("DELETE FROM bulk_revocation_items WHERE id = :id").bindparams(id=item)),
        ("certificates.reinstated_alone", text("UPDATE certificates SET status = 'valid' WHERE id = :id").bindparams(id=first.id)),
    ]  # fmt: skip
    history = "INSERT INTO status_changes (certificate_id, status, reason, detail, authority, created_at) VALUES (:id, 'valid', 'cleared', '', '', :at)"
    run(history, id=first.id, at=THE_DAY)
    for rule, attack in attacks:
        with pytest.raises(Exception, match=rule), db.engine.begin() as connection:
            connection.execute(attack)


def test_on_the_pages(scene, app):
    app.config["WTF_CSRF_ENABLED"] = False
    browser = browser_of(app, scene.issuer)
    first = scene.certificates[0]
    sheet = write_workbook(Table("名单", [Column("n", "证书编号", digits=True)], [{"n": first.number}, {"n": "X1"}]))
    shown = browser.post("/certificates/revocations/new", data={"sheet": (BytesIO(sheet), "名单.xlsx"), "type": ""})
    assert (shown.status_code, "立即暂停使用，到时撤销" in shown.text, "X1" in shown.text) == (200, True, True)
    assert browser.post("/certificates/revocations/new", data={"cohort": "A", "batch": "B"}).status_code == 422
    assert statuses(scene) == [Status.VALID] * 2  # it was a dry run
    sent = {"certificate_ids": str(first.id), "chosen": "编号清单", "reason": "fraud", "detail": "查实"}
    assert browser.post("/certificates/revocations", data=sent).status_code == 422  # no paper
    made = browser.post("/certificates/revocations", data={**sent, "paper": (BytesIO(PAPER), "决定.pdf")})
    page = made.headers["Location"]
    assert (made.status_code, statuses(scene)) == (302, [Status.SUSPENDED, Status.VALID])
    assert ("收回选中的证书" in browser.get(page).text, browser.get(f"{page}/paper").data) == (False, PAPER)
    second = browser_of(app, scene.second)
    assert "收回选中的证书" in second.get(page).text
    assert second.post(f"{page}/undo", data={"certificate_id": [str(first.id)], "detail": "误撤"}).status_code == 302
    assert statuses(scene) == [Status.VALID] * 2
    assert "编号清单，2 个" in shown.text
    assert page.rpartition("/")[2] in second.get("/certificates/revocations").text
