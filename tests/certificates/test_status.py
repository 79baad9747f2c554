"""What becomes of a certificate: a history that only grows, and records that keep in step."""

from __future__ import annotations

import json

import pytest

from lbcert.certificates.models import Reason, Status
from lbcert.certificates.operations import status
from lbcert.certificates.operations.status import reinstate, replace, revoke, suspend
from lbcert.certificates.queries.waiting import todo
from lbcert.certificates.token import base36
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import db, load
from lbcert.core.findings import Forbidden, Refused
from lbcert.exams.models import Amendment, Result
from lbcert.exams.operations.amendments import answer_amendment, request_amendment
from lbcert.exams.queries.results import standing_result
from lbcert.parties.models import Qualification
from lbcert.testing import factories as make
from tests.certificates.scene import PREFIX, THE_DAY, issued, run
from tests.certificates.test_status_lists import read, work


def stands(certificate):
    return db.session.query(Qualification).filter_by(number=certificate.number).one().stands


def test_a_suspended_certificate_may_stand_again(app):
    scene = issued()
    certificate = scene.certificates[0]
    suspend(scene.issuer, certificate.id, Reason.UNDER_REVIEW, "接到举报")
    assert (certificate.status, stands(certificate)) == (Status.SUSPENDED, False)
    reinstate(scene.officer, certificate.id, Reason.CLEARED, "查无实据")
    assert (certificate.status, stands(certificate)) == (Status.VALID, True)
    assert [(h.status.value, h.reason.value, h.authority) for h in certificate.history] == [
        ("valid", "issued", "示例评价中心"),
        ("suspended", "under_review", "示例评价中心"),
        ("valid", "cleared", "昆明市人力资源和社会保障部门"),
    ]


def test_revoked_is_for_good(app):
    scene = issued()
    certificate = scene.certificates[0]
    revoke(scene.issuer, certificate.id, Reason.FRAUD, "替考")
    assert (certificate.status, stands(certificate)) == (Status.REVOKED, False)
    for step, reason in ((reinstate, Reason.CLEARED), (suspend, Reason.UNDER_REVIEW), (revoke, Reason.ERROR)):
        with pytest.raises(Refused) as refusal:
            step(scene.issuer, certificate.id, reason, "再改")
        assert "certificates.step" in refusal.value


def test_a_replaced_certificate_names_its_successor(app):
    scene = issued()
    old = scene.certificates[0]
    run("UPDATE persons SET name = '张三丰' WHERE id = :id", id=old.person_id)
    db.session.expire_all()
    with clock.at(THE_DAY):
        new = replace(scene.issuer, old.id, Reason.DATA_CHANGED, "更名，户口簿复印件已存")
    assert (old.status, old.successor.id, new.replaces_id) == (Status.REPLACED, new.id, old.id)
    assert (new.status, new.number) == (Status.VALID, f"{PREFIX}255000003")
    assert (json.loads(old.claims)["name"], json.loads(new.claims)["name"]) == ("张三", "张三丰")
    assert (stands(old), stands(new)) == (False, True)
    with pytest.raises(Refused) as refusal:
        replace(scene.issuer, old.id, Reason.DAMAGED, "再来一本")
    assert "certificates.step" in refusal.value


def test_a_certificate_revoked_by_mistake_gets_a_successor_and_stays_revoked(app):
    scene = issued()
    old = scene.certificates[0]
    revoke(scene.issuer, old.id, Reason.ERROR, "撤错了人")
    with clock.at(THE_DAY):
        new = replace(scene.issuer, old.id, Reason.ERROR, "重新发证")
    assert (old.status, old.successor.id, new.status) == (Status.REVOKED, new.id, Status.VALID)


def test_each_step_has_its_reasons_and_an_explanation(app):
    scene = issued()
    with pytest.raises(Refused) as refusal:
        suspend(scene.issuer, scene.certificates[0].id, Reason.FRAUD, "  ")
    assert {finding.rule for finding in refusal.value.findings} == {"certificates.reason", "certificates.detail"}
    assert scene.certificates[0].status is Status.VALID


def test_only_the_issuer_and_its_bureau_decide(app):
    scene = issued()
    elsewhere = make.account(Role.BUREAU_OFFICER, make.NINGLANG)
    for account in (elsewhere, scene.school_issuer):
        with pytest.raises(Forbidden):
            revoke(account, scene.certificates[0].id, Reason.FRAUD, "越权")
    with pytest.raises(Forbidden):
        replace(scene.officer, scene.certificates[0].id, Reason.DAMAGED, "人社局不发证")


def amend(scene, practice):
    """Amend the first candidate's practice points, as two people grant it."""
    asking = make.account(Role.RESULT_OFFICER, scene.body)
    granting = make.account(Role.RESULT_OFFICER, scene.body)
    result = standing_result(load(Result, scene.certificates[0].result_id).candidate_id)
    asked = request_amendment(
        asking, result.id, 80, practice, None, "登分错误", b"%PDF-", "复核.pdf", "application/pdf"
    )
    return answer_amendment(granting, asked.id, granted=True)


def waits(account):
    return "\n".join(str(each.message) for each in todo(account))


def test_a_result_that_falls_suspends_its_certificate_in_the_same_transaction(app):
    scene = issued()
    first, second = scene.certificates
    amend(scene, 50)
    assert (first.status, stands(first), second.status) == (Status.SUSPENDED, False, Status.VALID)
    change = first.history[-1]
    assert (change.reason, change.detail) == (Reason.RESULT_AMENDED, "认定结果更正为“不合格”（成绩更改第 1 号）")
    work()
    assert read().status_of(first.status_index) is Status.SUSPENDED
    assert "暂停使用" in app.test_client().get(f"/V/{base36.encode(first.token)}").text
    assert f"证书已暂停使用，请撤销：{first.person.name}" in waits(scene.issuer)
    with pytest.raises(Refused) as refusal:
        reinstate(scene.issuer, first.id, Reason.CLEARED, "恢复")
    assert "certificates.result_amended" in refusal.value
    with pytest.raises(Refused) as refusal, clock.at(THE_DAY):
        replace(scene.issuer, first.id, Reason.RESULT_AMENDED, "换发")
    assert "certificates.ground_gone" in refusal.value
    assert first.status is Status.SUSPENDED
    revoke(scene.issuer, first.id, Reason.RESULT_AMENDED, "成绩复核后不合格")
    assert "请撤销" not in waits(scene.issuer)


def test_a_result_that_rises_again_lets_its_certificate_stand_again(app):
    scene = issued()
    first = scene.certificates[0]
    amend(scene, 50)
    amend(scene, 90)
    assert first.status is Status.SUSPENDED  # the issuer decides, not the program
    assert reinstate(scene.issuer, first.id, Reason.CLEARED, "复核更正").status is Status.VALID


def test_other_points_that_still_pass_ask_for_a_certificate_that_says_so(app):
    scene = issued()
    first = scene.certificates[0]
    amend(scene, 95)
    assert (first.status, stands(first)) == (Status.VALID, True)
    assert f"请按新成绩换发：{first.person.name}" in waits(scene.issuer)
    with clock.at(THE_DAY):
        new = replace(scene.issuer, first.id, Reason.RESULT_AMENDED, "成绩更正")
    assert json.loads(new.claims)["marks"] == {"theory": 80, "practice": 95}
    assert (first.status, new.result_id != first.result_id) == (Status.REPLACED, True)
    assert "换发" not in waits(scene.issuer)


def test_an_amendment_whose_certificate_cannot_be_suspended_is_none(app, monkeypatch):
    scene = issued()
    first = scene.certificates[0]
    monkeypatch.setattr(status, "witness", broken)
    with pytest.raises(RuntimeError, match="the log is out"):
        amend(scene, 50)
    db.session.expire_all()
    assert (first.status, len(first.history)) == (Status.VALID, 1)
    assert standing_result(load(Result, first.result_id).candidate_id).id == first.result_id
    assert db.session.query(Amendment).one().granted is None


def broken(*_):
    raise RuntimeError("the log is out")
