"""How far an order got, person by person; and 人 beside 人次."""

from datetime import date

import pytest

from lbcert.cohorts.models import CohortState, EnrolmentState
from lbcert.core.access import Role
from lbcert.core.pages import Paging
from lbcert.core.policy import set_policy
from lbcert.demand.models import Order, OrderKind, OrderLine
from lbcert.parties.models import OrganisationKind
from lbcert.placement.models import Channel, EmploymentRecord
from lbcert.placement.rules import STABLE_MONTHS
from lbcert.reports.queries import BrandCount, Progress, brand_counts, orders_page, progress_of
from lbcert.testing.factories import FUKANG, LUQUAN, NINGLANG, account, cohort, enrolment, organisation, person, store


@pytest.fixture
def order(app):
    """Give an order of which six people were enrolled, each of whom got one step further than the one before."""
    set_policy(account(Role.BUREAU_OFFICER), "530000", STABLE_MONTHS.name, 3, date(2020, 1, 1), "云人社 2020")
    employer, school = organisation(OrganisationKind.EMPLOYER, FUKANG), organisation()
    running, taught = cohort(school), cohort(school, CohortState.TAUGHT)
    waiting = cohort(school, CohortState.APPROVED)
    line = OrderLine(
        item_id=taught.item_id, headcount=10, wage_min_fen=1, wage_max_fen=2, place_region_code=FUKANG,
        arrival_on=date(2025, 8, 15),
    )  # fmt: skip
    made = store(
        Order(
            number="DD1", kind=OrderKind.EMPLOYER, party_id=employer.id, home_region_code=LUQUAN,
            signed_on=date(2025, 6, 1), lines=[line],
        )
    )  # fmt: skip
    enrolment(waiting, line_id=line.id)
    enrolment(running, line_id=line.id)
    enrolment(taught, line_id=line.id, state=EnrolmentState.COMPLETED)
    seen = {
        "seasonal": (date(2025, 12, 1), True),
        "short": (date(2025, 11, 14), False),
        "stable": (date(2025, 11, 15), False),
    }
    for who, (confirmed_to, seasonal) in seen.items():
        learner = enrolment(taught, person(who), line_id=line.id, state=EnrolmentState.COMPLETED)
        store(
            EmploymentRecord(
                person_id=learner.person_id, enrolment_id=learner.id, employer_id=employer.id, line_id=line.id,
                place_region_code=FUKANG, post="电工", started_on=date(2025, 8, 15), wage_fen=500000, has_contract=True,
                channel=Channel.ORGANISED, confirmed_to=confirmed_to, seasonal=seasonal,
            )
        )  # fmt: skip
    return made


def test_each_step_counts_who_reached_it(order):
    (line,) = order.lines
    expected = Progress(wanted=10, enrolled=6, opened=5, completed=4, certified=0, arrived=3, stable=1)
    assert progress_of([line.id]) == {line.id: expected}


def test_an_officer_sees_the_orders_of_the_county_and_an_employer_its_own(order):
    def numbers(actor):
        return [row[0].number for row in orders_page(actor, Paging()).rows]

    assert numbers(account(Role.BUREAU_OFFICER, LUQUAN)) == ["DD1"]
    assert numbers(account(Role.BUREAU_OFFICER, NINGLANG)) == []
    assert numbers(account(Role.EMPLOYER, order.party)) == ["DD1"]
    assert numbers(account(Role.EMPLOYER, organisation(OrganisationKind.EMPLOYER))) == []


def test_one_person_in_two_cohorts_is_one_person_and_two_person_times(app):
    school = organisation()
    first = cohort(school)
    second = cohort(school, item=first.item, brand=first.brand)
    who = person()
    enrolment(first, who)
    enrolment(second, who)
    enrolment(second, state=EnrolmentState.APPLIED)
    officer = account(Role.BUREAU_OFFICER, LUQUAN)
    assert brand_counts(officer) == [BrandCount(first.brand.name, 2, 1, 2, 0)]
    assert brand_counts(account(Role.BUREAU_OFFICER, NINGLANG)) == []
