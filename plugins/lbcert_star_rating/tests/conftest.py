"""A brand with stars switched on, a certified learner of it, and those who decide."""

from datetime import date, datetime
from types import SimpleNamespace

import pytest

from lbcert.brands.models import BrandPlugin
from lbcert.cohorts.models import CohortState, EnrolmentState
from lbcert.core import clock
from lbcert.core.access import Console, Role
from lbcert.core.clock import SHANGHAI
from lbcert.parties.models import OrganisationKind
from lbcert.testing.factories import NINGLANG, account, cohort, enrolment, organisation, person, store
from lbcert_star_rating.models import Evidence
from lbcert_star_rating.operations import SchemeData, set_scheme


def data(body, **changed):
    """Give a scheme of three criteria, three to five stars, three reviewers."""
    usual = {
        "name": "宁蒗康养师星级认证",
        "organisation_id": body.id,
        "criteria": [
            ("attendance", "出勤", 20, Evidence.ATTENDANCE),
            ("outcome", "就业", 30, Evidence.OUTCOME),
            ("service", "服务质量", 50, Evidence.REVIEWERS),
        ],
        "thresholds": {3: 40, 4: 60, 5: 75},
        "vetoes": ["服务对象投诉属实", "弄虚作假"],
        "source": "宁蒗县劳务品牌领导小组办公室〔2025〕1号",
    }
    return SchemeData(**{**usual, **changed})


@pytest.fixture
def world(app):
    """Give the scheme and a learner who completed the training; the day is 1 December 2025."""
    school = organisation(region=NINGLANG)
    association = organisation(OrganisationKind.ASSOCIATION, NINGLANG, name="宁蒗康养协会")
    group = cohort(school, CohortState.TAUGHT)
    store(BrandPlugin(brand_id=group.brand_id, plugin="star_rating"))
    officer = account(Role.BUREAU_OFFICER, NINGLANG)
    region = group.brand.region_code
    officer = account(Role.BUREAU_OFFICER, region)
    learner = enrolment(group, person("阿苏子日"), state=EnrolmentState.COMPLETED)
    with clock.at(datetime(2025, 12, 1, 12, tzinfo=SHANGHAI)):
        yield SimpleNamespace(
            cohort=group,
            learner=learner,
            officer=officer,
            association=association,
            scheme=set_scheme(officer, group.brand_id, data(association)),
            reviewers=[account(Role.REVIEWER, region) for _ in range(3)],
            issuer=account(Role.ISSUER, association),
            region=region,
            console=Console(),
        )
