"""What becomes of a certificate: a history that only grows, and records that keep in step."""

from __future__ import annotations

import json

import pytest

from lbcert.certificates.models import Reason, Status
from lbcert.certificates.operations.status import reinstate, replace, revoke, suspend
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.parties.models import Qualification
from lbcert.testing import factories as make
from tests.certificates.scene import PREFIX, THE_DAY, issued, run


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
