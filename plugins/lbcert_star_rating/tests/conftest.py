"""A brand with stars switched on, a certified learner of it, and those who decide."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from lbcert.brands.models import BrandPlugin
from lbcert.cohorts.models import CohortState, EnrolmentState
from lbcert.core import clock
from lbcert.core.access import Console, Role
from lbcert.core.clock import SHANGHAI
from lbcert.parties.models import OrganisationKind
from lbcert.testing.factories import NINGLANG, account, cohort, enrolment, organisation, person, store
from lbcert_star_rating.operations import set_scheme
from lbcert_star_rating.tests.scene import data


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
