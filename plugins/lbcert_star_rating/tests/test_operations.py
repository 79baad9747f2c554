"""From a nomination to stars on a certificate, and away again."""

from datetime import date, datetime, timedelta

import pytest

from lbcert.cohorts.models import EnrolmentState
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.findings import Forbidden, Refused
from lbcert.teaching.models import Mode, Session
from lbcert.testing.factories import account, cohort, enrolment, organisation, store
from lbcert_star_rating import operations
from lbcert_star_rating.models import Award, NominationState
from lbcert_star_rating.tests.scene import data


def rules_of(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {finding.rule for finding in caught.value.findings if finding.stops}


@pytest.fixture
def certified(world, monkeypatch):
    """Let the learner hold a certificate that stands; the real one is issued in the whole walk below."""
    monkeypatch.setattr(operations, "standing_certificate", lambda _enrolment: object())
    return world


def nominated(world):
    return operations.nominate(world.officer, world.scheme.id, world.learner.id)


def reviewed(world, points=(90, 80, 85), vetoes=((), (), ())):
    nomination = nominated(world)
    for reviewer, given, found in zip(world.reviewers, points, vetoes, strict=True):
        operations.review(reviewer, nomination.id, {"service": given}, found)
    return nomination


def test_a_scheme_that_judges_nobody_is_refused_with_everything(world):
    bad = data(world.association, name="另一方案", criteria=[], thresholds={3: 90, 4: 80}, reviewers=2)
    assert rules_of(operations.set_scheme, world.officer, world.cohort.brand_id, bad) == {
        "star_rating.weights", "star_rating.thresholds", "star_rating.reviewers",
    }  # fmt: skip


def test_a_brand_without_the_plugin_has_no_scheme(world):
    other = cohort(organisation())
    assert rules_of(operations.set_scheme, account(Role.BUREAU_OFFICER), other.brand_id, data(world.association)) == {
        "star_rating.off"
    }


def test_a_learner_without_a_certificate_or_of_another_brand_is_not_nominated(world):
    assert rules_of(operations.nominate, world.officer, world.scheme.id, world.learner.id) == {
        "star_rating.no_certificate"
    }
    stranger = enrolment(cohort(organisation()), state=EnrolmentState.ENROLLED)
    assert rules_of(operations.nominate, world.officer, world.scheme.id, stranger.id) == {
        "star_rating.no_certificate", "star_rating.other_brand", "star_rating.not_completed",
    }  # fmt: skip


def test_three_reviews_decide_and_the_points_are_exact(certified):
    nomination = reviewed(certified, (100, 100, 99))
    assert nomination.state is NominationState.REVIEWED
    assert nomination.points == "299/6"  # attendance 0, outcome 0, half of 299/3
    assert nomination.stars == 3


def test_nothing_is_decided_before_the_last_review_and_nobody_reviews_twice(certified):
    nomination = nominated(certified)
    operations.review(certified.reviewers[0], nomination.id, {"service": 80})
    assert nomination.state is NominationState.NOMINATED
    again = rules_of(operations.review, certified.reviewers[0], nomination.id, {"service": 90})
    assert again == {"star_rating.reviewed_twice"}


def test_one_veto_leaves_no_star(certified):
    veto = certified.scheme.vetoes[0].id
    nomination = reviewed(certified, vetoes=((), (veto,), ()))
    assert (nomination.state, nomination.stars) == (NominationState.REJECTED, 0)


def test_points_missing_or_out_of_range_are_refused(certified):
    nomination = nominated(certified)
    first = certified.reviewers[0]
    assert rules_of(operations.review, first, nomination.id, {}) == {"star_rating.points"}
    assert rules_of(operations.review, first, nomination.id, {"service": 101, "outcome": 5}, (999,)) == {
        "star_rating.points", "star_rating.criterion", "star_rating.veto",
    }  # fmt: skip


def test_who_taught_the_learner_stands_aside(certified):
    nomination, teacher = nominated(certified), certified.reviewers[0]
    module = certified.cohort.plan[0].module_id
    start = datetime(2025, 7, 24, 20, tzinfo=SHANGHAI)
    store(
        Session(
            cohort_id=certified.cohort.id, module_id=module, starts_at=start, ends_at=start + timedelta(hours=3), hours=4,
            mode=Mode.ONLINE, trainer_id=teacher.person_id,
        )
    )  # fmt: skip
    assert rules_of(operations.review, teacher, nomination.id, {"service": 90}) == {"star_rating.not_independent"}


def test_nobody_reviews_themselves(certified):
    nomination = nominated(certified)
    oneself = account(Role.REVIEWER, certified.region, certified.learner.person)
    assert rules_of(operations.review, oneself, nomination.id, {"service": 90}) == {"star_rating.review_of_oneself"}


def test_an_award_waits_for_the_notice_to_end(certified):
    nomination = reviewed(certified)
    assert rules_of(operations.award, certified.issuer, nomination.id) == {"star_rating.state"}
    operations.begin_notice(certified.officer, nomination.id)
    assert (nomination.notice_from, nomination.notice_to) == (date(2025, 12, 1), date(2025, 12, 8))
    assert rules_of(operations.award, certified.issuer, nomination.id) == {"star_rating.notice_runs"}


def test_the_association_nominates_and_does_not_decide(certified):
    helper = account(Role.ASSOCIATION, certified.region)
    nomination = operations.nominate(helper, certified.scheme.id, certified.learner.id)
    with pytest.raises(Forbidden):
        operations.review(helper, nomination.id, {"service": 90})
    with pytest.raises(Forbidden):
        operations.begin_notice(helper, nomination.id)


def test_the_database_itself_wants_three_reviews(certified):
    nomination = nominated(certified)
    early = Award(
        nomination_id=nomination.id, person_id=nomination.person_id, stars=5, awarded_on=date(2025, 12, 1),
        valid_to=date(2027, 12, 1),
    )  # fmt: skip
    assert rules_of(store, early) == {"star_rating.too_few_reviews"}


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 12, 9), 24, date(2027, 12, 9)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
    ],
)
def test_stars_last_whole_months(day, months, expected):
    assert operations.months_later(day, months) == expected
