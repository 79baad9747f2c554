"""A body from home that travels, or a body of the host: each with a filing for the site, each rule by the region it follows."""

from __future__ import annotations

import pytest

from lbcert.exams import operations
from lbcert.exams.queries.regulations import regulations_of, way_of_examining
from lbcert.parties.models import FilingKind, OrganisationKind
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from tests.exams import scene as stage
from tests.exams.scene import HELD, refused, rules_of

pytestmark = pytest.mark.usefixtures("app", "exam_day")
CHANGJI = "652300"


def test_a_body_of_the_host_examines_by_its_own_rules_and_one_from_home_travels_with_its_own(app):
    scene = stage.ready()
    stage.policy("exams.min_examiners", 5, CHANGJI)
    stage.policy("exams.hours_taught_share", 10, make.FUKANG)
    stage.policy("exams.hours_taught_share", 99, make.LUQUAN)
    host = make.organisation(OrganisationKind.ASSESSMENT_BODY, region=CHANGJI, name="昌吉评价中心")
    make.filing(host, scene.cohort.item.trade, FilingKind.ASSESS, site_region_code="530000")
    plan = operations.plan_batch
    assert rules_of(refused(plan, scene.officer, scene.cohort.id, host.id, HELD, "考点")) == {"exams.not_filed"}
    make.filing(host, scene.cohort.item.trade, FilingKind.ASSESS, site_region_code="650000")
    travels = plan(scene.officer, scene.cohort.id, scene.body.id, HELD, "考点")
    hosts = plan(scene.officer, scene.cohort.id, host.id, HELD, "考点")
    assert str(way_of_examining(travels)) == "跨省：评价机构从昆明市赴阜康市考评"
    assert str(way_of_examining(hosts)) == "跨省：由考点所在地（昌吉回族自治州）的评价机构考评"

    def found(batch, key):
        return next((one.ruling.value, one.region) for one in regulations_of(batch) if one.key.name == key)

    assert found(travels, "exams.min_examiners") == (3, "昆明市")
    assert found(hosts, "exams.min_examiners") == (5, "昌吉回族自治州")
    for batch in (travels, hosts):  # hours by the site, attendance by home, whoever examines
        assert found(batch, "exams.hours_taught_share") == (10, "阜康市")
        assert found(batch, "teaching.attendance_share")[0] == 80
    assert found(hosts, "exams.pass_theory")[0] is None  # never another province's value
    page = browser_of(app, scene.officer).get(f"/exams/{hosts.id}").text
    assert "跨省：由考点所在地（昌吉回族自治州）的评价机构考评" in page
    assert "评价机构所在地 · 昌吉回族自治州" in page
