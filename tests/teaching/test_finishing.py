"""结课: only when the filed hours were held, or the bureau lets that pass, and every mark is made."""

from datetime import datetime

import pytest

from lbcert.cohorts.models import CohortState
from lbcert.cohorts.operations.life import finish_teaching
from lbcert.core import clock
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import load
from lbcert.core.findings import Level, Refused
from lbcert.core.waivers import grant_waiver
from lbcert.teaching.models import AttendanceMark
from lbcert.teaching.operations.attendance import Presence, record_attendance
from lbcert.teaching.operations.sessions import cancel_session
from lbcert.testing.factories import LUQUAN
from lbcert.testing.fixtures import browser_of


@pytest.fixture
def ended(taught):
    with clock.at(datetime(2025, 8, 7, 12, tzinfo=SHANGHAI)):
        yield taught


def refused(world):
    with pytest.raises(Refused) as caught:
        finish_teaching(world.clerk, world.cohort.id)
    return {finding.rule: finding for finding in caught.value.findings if finding.stops}


def mark_all(world, sessions):
    for session in sessions:
        record_attendance(
            world.clerk, session.id, {each.id: Presence(AttendanceMark.PRESENT) for each in world.learners}
        )


def test_teaching_ends_with_all_hours_held_and_all_marks_made(ended):
    mark_all(ended, ended.sessions[:-1])
    ((rule, finding),) = refused(ended).items()
    assert (rule, finding.level) == ("teaching.unmarked", Level.REFUSE)
    assert "2 名学员" in str(finding.message)
    assert "葛曾䮌（52 课时）" in str(finding.message)
    mark_all(ended, ended.sessions[-1:])
    assert finish_teaching(ended.clerk, ended.cohort.id).state is CohortState.TAUGHT


def test_hours_that_were_not_held_wait_for_the_bureau(app, ended):
    cancel_session(ended.clerk, ended.sessions[1].id, "停电")
    mark_all(ended, [ended.sessions[0], ended.sessions[2]])
    ((rule, finding),) = refused(ended).items()
    assert (rule, finding.level) == ("teaching.hours_not_held", Level.EXCEPTION)
    assert "电工基础（备案 12 课时，已上 0 课时）" in str(finding.message)
    assert "安全用电" not in str(finding.message)
    page = browser_of(app, ended.bureau).get(f"/cohorts/{ended.cohort.id}").text
    assert 'value="teaching.hours_not_held"' in page, "the bureau finds the exception to grant on the cohort's page"
    grant_waiver(ended.bureau, rule, finding.subject, LUQUAN, "停电停课，另行自学")
    finish_teaching(ended.clerk, ended.cohort.id)
    assert load(type(ended.cohort), ended.cohort.id).state is CohortState.TAUGHT
