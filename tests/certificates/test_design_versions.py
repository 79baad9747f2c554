"""Versions of a design: who puts one in force, and which certificate is printed in it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy.exc import DatabaseError

from lbcert.certificates import operations
from lbcert.certificates.models import Certificate
from lbcert.certificates.operations.grounds import issue_skill_certificates
from lbcert.certificates.queries.designs import designable_types, todo
from lbcert.certificates.rendering.design import Source, shipped_design
from lbcert.core import clock, jobs
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.findings import Missing, Refused
from lbcert.testing import factories as make
from tests.certificates.scene import THE_DAY, published, run
from tests.certificates.test_rendering import printed

SHIPPED = Source.read(shipped_design("skill_level"))


def test_a_certificate_is_printed_in_the_design_that_was_in_force_when_it_was_issued(app):
    scene = published()
    second = make.account(Role.ISSUER, scene.body)
    draft = operations.begin_design(scene.issuer, scene.body.id, "skill_level")
    with pytest.raises(Refused) as refused:
        operations.begin_design(scene.issuer, scene.body.id, "skill_level")
    assert "certificates.design_open" in refused.value
    own = replace(SHIPPED, template=SHIPPED.template.replace("特发此证。", "以资证明。"))
    operations.write_design(scene.issuer, draft.id, own, "改了结语")
    operations.ask_design(scene.issuer, draft.id)
    assert [each.arguments for each in todo(second)] == [{"design_id": draft.id}]
    assert todo(scene.issuer) == []
    for wrong, rule in [
        (lambda: operations.write_design(scene.issuer, draft.id, SHIPPED), "certificates.design_not_draft"),
        (lambda: operations.answer_design(scene.issuer, draft.id, granted=True), "certificates.design_second_person"),
    ]:
        with pytest.raises(Refused) as refused:
            wrong()
        assert rule in refused.value
    assert operations.answer_design(scene.officer, draft.id, granted=True).number == 2
    with clock.at(THE_DAY):
        issued = issue_skill_certificates(scene.issuer, scene.batch.id)
    later = operations.begin_design(second, scene.body.id, "skill_level")
    run(
        "UPDATE certificate_designs SET asked_by = drafted_by, decided_by = :officer, in_force_at = :now WHERE id = :id",
        officer=scene.officer.id, now=THE_DAY, id=later.id,
    )  # fmt: skip

    jobs.run(issued.job.id)
    db.session.expire_all()
    certificate = db.session.get(Certificate, issued.certificates[0].id)
    assert (certificate.template_version, certificate.design_id) == (2, draft.id)
    assert "以资证明。" in printed(certificate.file.read())
    assert json.loads(certificate.claims)["name"] in printed(certificate.file.read())
    for statement in (
        "UPDATE certificate_designs SET style = 'p {}' WHERE id = :id",
        "DELETE FROM certificate_designs WHERE id = :id",
        "UPDATE certificates SET design_id = NULL WHERE design_id = :id",
    ):
        with pytest.raises(DatabaseError, match="frozen"):
            run(statement, id=draft.id)


def test_an_organisation_is_offered_the_types_that_it_issues(app):
    scene = published()
    offered = [kind.name for kind in designable_types([scene.body])]
    assert offered == ["skill_level"]
    with pytest.raises(Missing):
        operations.begin_design(scene.issuer, scene.body.id, "completion")


def test_an_odd_beginning_of_a_draft_is_none_and_breaks_nothing(app, signed_in):
    scene = published()
    draft = {"organisation_id": scene.body.id, "type": "skill_level", "start": "9" * 5000}
    assert signed_in(scene.issuer).post("/certificates/designs", data=draft).status_code == 302
