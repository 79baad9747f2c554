"""From a nomination to stars on a certificate, and away again."""

import json
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy.exc import IntegrityError

from lbcert.brands.operations import switch_plugins
from lbcert.certificates.models import Reason, Status
from lbcert.certificates.operations import reinstate, replace, revoke, suspend
from lbcert.cohorts.models import EnrolmentState
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Missing, Refused
from lbcert.parties.models import OrganisationKind
from lbcert.teaching.models import Mode, Session
from lbcert.testing.factories import NINGLANG, account, cohort, enrolment, organisation, store
from lbcert_star_rating import operations, queries
from lbcert_star_rating.models import Award, Evidence, NominationState
from lbcert_star_rating.tests.scene import AFTER_NOTICE, at_work, awarded, data, nominated, noticed, reviewed
from tests.certificates.scene import run
from tests.exams.scene import policy


def rules_of(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {finding.rule for finding in caught.value.findings if finding.stops}


def test_a_scheme_that_judges_nobody_is_refused_with_everything(scene):
    bad = data(scene.association, name="另一方案", criteria=[], thresholds=[(3, 90), (4, 80)], reviewers=2)
    assert rules_of(operations.set_scheme, scene.officer, scene.brand.id, bad) == {
        "star_rating.weights", "star_rating.thresholds", "star_rating.reviewers",
    }  # fmt: skip


def test_two_schemes_of_a_brand_have_two_names(scene):
    assert rules_of(operations.set_scheme, scene.officer, scene.brand.id, data(scene.association)) == {
        "star_rating.scheme_name"
    }


def test_nobody_is_nominated_under_a_retired_scheme(scene):
    operations.retire_scheme(scene.officer, scene.scheme.id)
    assert rules_of(nominated, scene) == {"star_rating.retired"}


def test_evidence_is_drawn_exactly_and_says_what_it_rests_on(scene):
    found = queries.evidence_shown(nominated(scene))
    assert {label: (each.points, each.basis) for label, each in found.items()} == {
        "出勤": (100, "4/4"), "认定成绩": (85, "80 / 90"),
    }  # fmt: skip


def test_an_outcome_counts_as_the_scheme_says(scene):
    learner = scene.learner
    assert queries.evidence_of(Evidence.OUTCOME, learner, 60) is None
    employer = organisation(OrganisationKind.EMPLOYER, name="阜康铝业")
    job = at_work(learner, employer, confirmed_to=date(2025, 12, 1))
    assert queries.evidence_of(Evidence.OUTCOME, learner, 60) == queries.Found(
        Fraction(60), "阜康铝业 · 2025-09-01 → 2025-12-01"
    )
    policy("placement.stable_months", 3, scene.cohort.home_region_code)
    assert queries.evidence_of(Evidence.OUTCOME, learner, 60).points == 100
    run("UPDATE employment_records SET ended_on = '2025-12-01' WHERE id = :id", id=job.id)
    db.session.rollback()
    assert queries.evidence_of(Evidence.OUTCOME, learner, 60).points == 0


def test_what_is_not_on_file_is_not_zero(scene):
    strict = data(scene.association, name="看就业", criteria=[("就业", 1, Evidence.OUTCOME)])
    other = operations.set_scheme(scene.officer, scene.brand.id, strict)
    with pytest.raises(Refused, match="张三 没有“就业”所依据的记录") as caught:
        operations.nominate(scene.officer, other.id, scene.learner.id)
    assert "star_rating.no_evidence" in caught.value


def test_only_who_passed_has_marks(scene):
    assert queries.newest_result(scene.learners[1]) is None
    assert queries.newest_result(scene.learner).theory == 80


def test_a_learner_without_a_certificate_or_of_another_brand_is_not_nominated(scene):
    failed = scene.learners[1]
    assert rules_of(operations.nominate, scene.officer, scene.scheme.id, failed.id) == {
        "star_rating.no_certificate", "star_rating.no_evidence",
    }  # fmt: skip
    stranger = enrolment(cohort(organisation()), state=EnrolmentState.ENROLLED)
    assert rules_of(operations.nominate, scene.officer, scene.scheme.id, stranger.id) == {
        "star_rating.no_certificate", "star_rating.no_evidence", "star_rating.other_brand", "star_rating.not_completed",
    }  # fmt: skip


def test_nobody_is_nominated_twice_at_a_time(scene):
    nominated(scene)
    assert rules_of(nominated, scene) == {"star_rating.nominated"}


def test_three_reviews_decide_and_the_points_are_exact(scene):
    nomination = reviewed(scene, (100, 100, 99))
    assert nomination.state is NominationState.REVIEWED
    assert nomination.points == str(20 + Fraction(85 * 30, 100) + Fraction(299, 6))
    assert nomination.stars == 5


def test_a_hair_below_a_threshold_is_below_it(scene):
    nomination = reviewed(scene, (69, 69, 68))  # 79.83
    assert nomination.stars == 3


def test_nothing_is_decided_before_the_last_review_and_nobody_reviews_twice(scene):
    nomination = nominated(scene)
    operations.review(scene.reviewers[0], nomination.id, {"服务质量": 80})
    assert nomination.state is NominationState.NOMINATED
    again = rules_of(operations.review, scene.reviewers[0], nomination.id, {"服务质量": 90})
    assert again == {"star_rating.reviewed_twice"}


def test_one_veto_leaves_no_star_and_he_may_be_nominated_anew(scene):
    veto = scene.scheme.vetoes[0].id
    nomination = reviewed(scene, vetoes=((), (veto,), ()))
    assert (nomination.state, nomination.stars) == (NominationState.REJECTED, 0)
    assert nominated(scene).state is NominationState.NOMINATED


def test_points_missing_or_out_of_range_are_refused(scene):
    nomination, first = nominated(scene), scene.reviewers[0]
    assert rules_of(operations.review, first, nomination.id, {}) == {"star_rating.points"}
    assert rules_of(operations.review, first, nomination.id, {"服务质量": 101, "出勤": 5}, (999,)) == {
        "star_rating.points", "star_rating.criterion", "star_rating.veto",
    }  # fmt: skip


def test_who_taught_or_examined_the_learner_stands_aside(scene):
    nomination, teacher = nominated(scene), scene.reviewers[0]
    start = datetime(2025, 7, 24, 20, tzinfo=SHANGHAI)
    store(
        Session(
            cohort_id=scene.cohort.id, module_id=scene.cohort.plan[0].module_id, starts_at=start,
            ends_at=start + timedelta(hours=3), hours=4, mode=Mode.ONLINE, trainer_id=teacher.person_id,
        )
    )  # fmt: skip
    examiner = account(Role.REVIEWER, scene.brand.region_code, next(iter(scene.staff.values())).person)
    for somebody in (teacher, examiner):
        assert rules_of(operations.review, somebody, nomination.id, {"服务质量": 90}) == {"star_rating.not_independent"}


def test_nobody_reviews_themselves(scene):
    nomination = nominated(scene)
    oneself = account(Role.REVIEWER, scene.brand.region_code, scene.learner.person)
    assert rules_of(operations.review, oneself, nomination.id, {"服务质量": 90}) == {"star_rating.review_of_oneself"}


def test_the_notice_is_of_all_who_wait_and_an_award_waits_for_its_end(scene):
    first, second = reviewed(scene), reviewed(scene, learner=scene.learners[2])
    assert rules_of(operations.award, scene.awarder, first.id) == {"star_rating.state"}
    operations.begin_notice(scene.officer, scene.scheme.id)
    for nomination in (first, second):
        assert (nomination.notice_from, nomination.notice_to) == (date(2025, 12, 1), date(2025, 12, 8))
        assert rules_of(operations.award, scene.awarder, nomination.id) == {"star_rating.notice_runs"}
    assert rules_of(operations.begin_notice, scene.officer, scene.scheme.id) == {"star_rating.nobody"}


def test_an_objection_that_proves_true_ends_it_with_a_reason(scene):
    nomination = noticed(scene)
    assert rules_of(operations.reject, scene.officer, nomination.id, " ") == {"star_rating.reason"}
    operations.reject(scene.officer, nomination.id, "异议属实")
    with clock.at(AFTER_NOTICE):
        assert rules_of(operations.award, scene.awarder, nomination.id) == {"star_rating.state"}


def test_stars_come_with_a_certificate_and_last_as_long_as_the_scheme_says(scene):
    made = awarded(scene)
    assert (made.stars, made.awarded_on, made.valid_to) == (4, date(2025, 12, 9), date(2027, 12, 9))
    assert made.nomination.state is NominationState.AWARDED
    certificate = made.certificate
    assert (certificate.type, certificate.level, certificate.expires_on) == ("star", 4, date(2027, 12, 9))
    assert certificate.organisation_id == scene.association.id


def test_who_reviewed_does_not_award(scene):
    nomination = noticed(scene)
    both = account(Role.ISSUER, scene.association, scene.reviewers[0].person)
    with clock.at(AFTER_NOTICE):
        assert rules_of(operations.award, both, nomination.id) == {"star_rating.issuer_reviewed"}


def test_stars_need_a_certificate_that_still_stands(scene):
    nomination = noticed(scene)
    revoke(scene.issuer, scene.certificates[0].id, Reason.FRAUD, "替考")
    with clock.at(AFTER_NOTICE):
        assert rules_of(operations.award, scene.awarder, nomination.id) == {"star_rating.no_certificate"}


def test_new_stars_take_the_place_of_the_old(scene):
    old = awarded(scene)
    with clock.at(AFTER_NOTICE):
        nomination = noticed(scene, points=(100, 100, 100))
    with clock.at(AFTER_NOTICE + timedelta(days=14)):
        new = operations.award(scene.awarder, nomination.id)
    assert (new.stars, new.certificate.status) == (5, Status.VALID)
    assert old.certificate.status is Status.REPLACED
    assert old.certificate.successor is new.certificate


def test_withdrawn_stars_take_their_certificate_with_them_once(scene):
    made = awarded(scene)
    assert rules_of(operations.withdraw, scene.officer, made.id, "") == {"star_rating.reason"}
    operations.withdraw(scene.officer, made.id, "投诉属实")
    assert (made.withdrawn_on, made.certificate.status) == (date(2025, 12, 1), Status.REVOKED)
    assert made.certificate.history[-1].reason is Reason.AWARD_WITHDRAWN
    assert rules_of(operations.withdraw, scene.officer, made.id, "再来") == {"star_rating.withdrawn"}


def test_the_association_nominates_and_does_not_decide(scene):
    helper = account(Role.ASSOCIATION, scene.association)
    nomination = operations.nominate(helper, scene.scheme.id, scene.learner.id)
    with pytest.raises(Forbidden):
        operations.review(helper, nomination.id, {"服务质量": 90})
    with pytest.raises(Forbidden):
        operations.begin_notice(helper, scene.scheme.id)
    with pytest.raises(Forbidden):
        operations.nominate(account(Role.BUREAU_OFFICER, NINGLANG), scene.scheme.id, scene.learner.id)


def test_nothing_can_be_done_for_a_brand_that_has_it_off(scene):
    nomination = nominated(scene)
    switch_plugins(scene.officer, scene.brand.id, [])
    for call in (
        lambda: operations.set_scheme(scene.officer, scene.brand.id, data(scene.association, name="另一方案")),
        lambda: operations.nominate(scene.officer, scene.scheme.id, scene.learners[2].id),
        lambda: operations.review(scene.reviewers[0], nomination.id, {"服务质量": 90}),
        lambda: operations.begin_notice(scene.officer, scene.scheme.id),
    ):
        with pytest.raises(Missing):
            call()


# What becomes of the certificates


def test_stars_rest_on_the_holders_skill_certificate_and_fall_and_rise_with_it(scene):
    star, skill = awarded(scene).certificate, scene.certificates[0]
    suspend(scene.issuer, skill.id, Reason.UNDER_REVIEW, "接到举报")
    assert (star.status, star.history[-1].reason) == (Status.SUSPENDED, Reason.RESTS_ON_FALLEN)
    alone = rules_of(reinstate, scene.awarder, star.id, Reason.CLEARED, "先恢复")
    assert (alone, star.status) == ({"star_rating.no_certificate"}, Status.SUSPENDED)
    reinstate(scene.issuer, skill.id, Reason.CLEARED, "查无实据")
    assert star.status is Status.VALID
    suspend(scene.awarder, star.id, Reason.UNDER_REVIEW, "另有投诉")
    revoke(scene.issuer, skill.id, Reason.ERROR, "替考")
    with clock.at(AFTER_NOTICE):
        replace(scene.issuer, skill.id, Reason.ERROR, "撤错了人")
    assert (star.status, star.history[-1].reason) == (Status.SUSPENDED, Reason.UNDER_REVIEW)
    assert [each.status.value for each in star.history] == ["valid", "suspended", "valid", "suspended"]


def test_a_revoked_skill_certificate_suspends_the_stars_and_its_successor_lifts_them(scene):
    star, skill = awarded(scene).certificate, scene.certificates[0]
    revoke(scene.issuer, skill.id, Reason.ERROR, "撤错了人")
    assert star.status is Status.SUSPENDED
    with clock.at(AFTER_NOTICE):
        replace(scene.issuer, skill.id, Reason.ERROR, "重新发证")
    assert star.status is Status.VALID


def test_a_star_certificate_is_issued_anew_and_withdrawn_with_its_award(scene):
    made = awarded(scene)
    old = made.certificate
    run("UPDATE persons SET name = '张三丰' WHERE id = :id", id=old.person_id)
    db.session.expire_all()
    with clock.at(AFTER_NOTICE):
        new = replace(scene.awarder, old.id, Reason.DATA_CHANGED, "更名")
    assert (old.status, new.status, made.certificate) == (Status.REPLACED, Status.VALID, new)
    assert (json.loads(new.claims)["name"], new.level, new.expires_on) == ("张三丰", 4, made.valid_to)
    operations.withdraw(scene.officer, made.id, "投诉属实")
    assert new.status is Status.REVOKED
    assert rules_of(replace, scene.awarder, new.id, Reason.ERROR, "再发") == {"star_rating.withdrawn"}


def test_a_star_certificate_is_not_issued_anew_without_what_it_rests_on(scene):
    made = awarded(scene)
    revoke(scene.issuer, scene.certificates[0].id, Reason.FRAUD, "替考")
    with clock.at(datetime(2028, 1, 5, tzinfo=SHANGHAI)):
        refused = rules_of(replace, scene.awarder, made.certificate_id, Reason.DAMAGED, "遗失")
    assert refused == {"star_rating.no_certificate", "star_rating.over"}
    assert made.certificate.status is Status.SUSPENDED


def test_a_star_certificate_of_a_brand_that_has_it_off_is_clearly_not_issued_anew(scene):
    made = awarded(scene)
    switch_plugins(scene.officer, scene.brand.id, [])
    with pytest.raises(Refused, match="已停用该插件，不能换发"):
        replace(scene.awarder, made.certificate_id, Reason.DAMAGED, "遗失")
    assert made.certificate.status is Status.VALID


# What the database holds by itself


def early(nomination, **values):
    usual = {"stars": 4, "awarded_on": date(2025, 12, 9), "valid_to": date(2027, 12, 9)}
    return Award(nomination_id=nomination.id, person_id=nomination.person_id, **{**usual, **values})


@pytest.mark.parametrize("wrong", [{"stars": 5}, {"awarded_on": date(2025, 12, 8)}])
def test_the_database_wants_what_was_noticed_and_the_notice_over(scene, wrong):
    assert rules_of(store, early(noticed(scene), **wrong)) == {"star_rating.other_than_noticed"}


def test_the_database_wants_all_reviews(scene):
    nomination = nominated(scene)
    state = {"state": "noticed", "stars": 4, "day": date(2025, 12, 8), "id": nomination.id}
    run("UPDATE star_rating_nominations SET state = :state, stars = :stars, notice_to = :day WHERE id = :id", **state)
    assert rules_of(store, early(nomination)) == {"star_rating.too_few_reviews"}


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE star_rating_reviews SET points = '{}'",
        "DELETE FROM star_rating_reviews",
        "UPDATE star_rating_nominations SET stars = 5",
        "UPDATE star_rating_nominations SET evidence = '{}'",
        "UPDATE star_rating_nominations SET state = 'noticed'",
        "UPDATE star_rating_awards SET stars = 5",
        "UPDATE star_rating_awards SET valid_to = '2099-01-01'",
        "UPDATE star_rating_awards SET certificate_id = (SELECT MIN(id) FROM certificates)",
        "DELETE FROM star_rating_awards",
    ],
)
def test_what_was_judged_stays_as_it_was(scene, attack):
    awarded(scene)
    db.session.rollback()
    with pytest.raises(IntegrityError, match="star_rating"):
        run(attack)


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
