"""The pages on which outcomes are recorded."""

from datetime import date, datetime

import pytest

from lbcert.cohorts.models import CohortState, EnrolmentState
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.parties.models import OrganisationKind
from lbcert.placement.models import EmploymentRecord, InServiceOutcome
from lbcert.testing.factories import FUKANG, LUQUAN, NINGLANG, account, cohort, enrolment, organisation, person


@pytest.fixture
def learner(app):
    group = cohort(organisation(), CohortState.TAUGHT)
    with clock.at(datetime(2025, 12, 1, 12, tzinfo=SHANGHAI)):
        yield enrolment(group, person("沙马拉毕"), state=EnrolmentState.COMPLETED)


@pytest.fixture
def officer(learner, signed_in):
    return signed_in(account(Role.SERVICE_CENTRE, LUQUAN))


JOB = {
    "place_region_code": FUKANG, "post": "电工", "started_on": "2025-08-15", "wage": "5600.50", "channel": "organised",
    "has_contract": "y",
}  # fmt: skip


def test_a_job_is_typed_in_yuan_and_kept_in_fen(learner, officer):
    employer = organisation(OrganisationKind.EMPLOYER, FUKANG)
    page = f"/placement/learners/{learner.id}/job"
    assert officer.post(page, data={**JOB, "employer_id": str(employer.id)}).status_code == 302
    record = db.session.scalar(db.select(EmploymentRecord))
    assert (record.wage_fen, record.started_on, record.has_contract) == (560050, date(2025, 8, 15), True)
    listed = officer.get(f"/placement/cohorts/{learner.cohort_id}").get_data(as_text=True)
    assert "5,600.50" in listed
    assert "待登记" not in listed


def test_a_refused_form_keeps_what_was_typed_and_says_why(learner, officer):
    employer = organisation(OrganisationKind.EMPLOYER, FUKANG)
    sent = {**JOB, "employer_id": str(employer.id), "started_on": "2025-07-01"}
    answer = officer.post(f"/placement/learners/{learner.id}/job", data=sent)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "早于开班日期" in text
    assert 'value="5600.50"' in text
    assert db.session.scalar(db.select(EmploymentRecord)) is None


def test_two_who_put_a_promotion_right_are_told(learner, signed_in):
    worker = enrolment(learner.cohort, state=EnrolmentState.COMPLETED, in_service=True, job_before="普工")
    officer = signed_in(account(Role.SERVICE_CENTRE, LUQUAN))
    employer = organisation(OrganisationKind.EMPLOYER, FUKANG)
    page = f"/placement/learners/{worker.id}/promotion"
    sent = {
        "employer_id": str(employer.id), "post_before": "普工", "wage_before": "4500", "post_after": "电工",
        "wage_after": "5600", "as_of": "2025-09-01",
    }  # fmt: skip
    assert 'value="普工"' in officer.get(page).get_data(as_text=True)
    assert officer.post(page, data=sent).status_code == 302
    assert officer.post(page, data={**sent, "wage_after": "5700", "version": "1"}).status_code == 302
    late = officer.post(page, data={**sent, "wage_after": "9999", "version": "1"})
    assert late.status_code == 422
    assert "刚刚被他人修改" in late.get_data(as_text=True)
    assert db.session.scalar(db.select(InServiceOutcome.wage_after_fen)) == 570000


def test_a_visit_keeps_the_job_alive_and_a_leaving_ends_it(learner, officer):
    employer = organisation(OrganisationKind.EMPLOYER, FUKANG)
    officer.post(f"/placement/learners/{learner.id}/job", data={**JOB, "employer_id": str(employer.id)})
    record = db.session.scalar(db.select(EmploymentRecord))
    assert (
        officer.post(f"/placement/jobs/{record.id}/seen", data={"day": "2025-11-15", "version": "1"}).status_code == 302
    )
    assert (
        officer.post(f"/placement/jobs/{record.id}/ended", data={"day": "2025-11-01", "version": "2"}).status_code
        == 422
    )
    assert (
        officer.post(f"/placement/jobs/{record.id}/ended", data={"day": "2025-11-20", "version": "2"}).status_code
        == 302
    )
    db.session.expire_all()
    assert (record.confirmed_to, record.ended_on) == (date(2025, 11, 15), date(2025, 11, 20))


def test_a_station_at_the_site_finds_its_cohort_and_no_other(learner, signed_in):
    elsewhere = cohort(organisation(region=NINGLANG), CohortState.TAUGHT, site_region_code=NINGLANG)
    station = signed_in(account(Role.STATION, organisation(OrganisationKind.STATION_AWAY, FUKANG)))
    for page in ("/placement/", "/cohorts/"):
        listed = station.get(page).get_data(as_text=True)
        assert learner.cohort.number in listed
        assert elsewhere.number not in listed
    page = station.get(f"/placement/cohorts/{learner.cohort_id}").get_data(as_text=True)
    assert "登记下一名的去向" in page
    assert station.get(f"/placement/cohorts/{elsewhere.id}").status_code == 403
