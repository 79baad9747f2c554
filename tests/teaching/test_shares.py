"""Joint providers (联合办班): each one's class hours beside what it filed, and plans that keep to the division."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from lbcert.cohorts.models import CohortProvider, PlannedTrainer, ProviderPart
from lbcert.core import clock, jobs
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db, load
from lbcert.core.policy import set_policy
from lbcert.demand.models import Agreement, AgreementParty, Duty
from lbcert.teaching.models import Replan, TrainerProfile
from lbcert.teaching.operations.course_table import receive_course_table
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.replans import start_replan
from lbcert.teaching.operations.resources import Terms, add_trainer, book_trainer
from lbcert.teaching.operations.sessions import add_session
from lbcert.teaching.queries.planning import Board
from lbcert.teaching.queries.shares import Division
from lbcert.teaching.queries.solving import Asked, setting_of
from lbcert.teaching.replans import read
from lbcert.teaching.shares import Part, divide, shared_out
from lbcert.testing.factories import NINGLANG, account, organisation, person, store


def at(hour, minute=0, day=24):
    return datetime(2025, 7, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def joint(world):
    """Give a second school with 32 of the 72 hours, and a trainer of it; the cohort's own trainer is of the first."""
    second = organisation(name="昌吉职业技术学院")
    store(
        CohortProvider(cohort_id=world.cohort.id, organisation_id=second.id, part=ProviderPart.JOINT, hours=32),
        CohortProvider(cohort_id=world.cohort.id, organisation_id=organisation().id, part=ProviderPart.HOST),
    )
    other = person("马玉梅")
    store(PlannedTrainer(cohort_id=world.cohort.id, person_id=other.id))
    add_trainer(world.clerk, world.school.id, world.teacher.id)
    subjects = Terms(subjects="电工基础\n操作实训")
    add_trainer(account(Role.PROVIDER_CLERK, second), second.id, other.id, subjects)
    world.second, world.other = second, other
    return second


def test_what_each_provider_teaches_stands_beside_what_it_filed_and_a_departure_is_named(world, joint, signed_in):
    client, page = signed_in(world.clerk), f"/teaching/cohorts/{world.cohort.id}"
    practice = replace(world.lesson, module_id=world.modules[2].id, ends_at=at(20) + timedelta(hours=22.5), hours=30)
    add_session(
        world.clerk, world.cohort.id, replace(practice, starts_at=at(0), ends_at=at(22, 30), trainer_id=world.other.id)
    )
    assert [(part.filed, part.planned) for part in Division(world.cohort).parts] == [(40, 0), (32, 30)]
    shown = client.get(page).text
    assert "办班单位课时" in shown
    assert "与备案的课时分工不符" not in shown

    sheet = "上课日期,上课内容,课时,开始时间,结束时间,上课地点,培训教师\n2025-07-25,操作实训,4,19:00,22:00,阜康实训室,马玉梅\n"
    staged = receive_course_table(world.clerk, world.cohort.id, sheet.encode(), "课程表.csv")
    said = [str(one.message) for one in staged.rows[0].said if one.rule == "teaching.provider_share"]
    assert said == [
        "第 2 行：昌吉职业技术学院备案承担 32 课时，这样排了 34 课时，多出 2 课时；请改由其他办班单位的教师上"
    ]
    assert staged.good == 1

    beyond = replace(practice, starts_at=at(0, day=26), ends_at=at(22, 30, day=26), hours=22, trainer_id=world.other.id)
    add_session(world.clerk, world.cohort.id, beyond)
    theory = replace(world.lesson, starts_at=at(0, day=28), ends_at=at(22, 30, day=28), hours=8)
    add_session(world.clerk, world.cohort.id, theory)
    add_session(
        world.clerk, world.cohort.id,
        replace(theory, module_id=world.modules[1].id, hours=12, starts_at=at(0, day=29), ends_at=at(22, 30, day=29)),
    )  # fmt: skip
    for address in (page, f"{page}/versions"):
        text = client.get(address).text
        assert "昌吉职业技术学院备案承担 32 课时，这样排了 52 课时，多出 20 课时" in text
        assert f"{world.school.name}备案承担 40 课时，只排了 20 课时，少 20 课时" in text


def test_the_engine_has_each_provider_teach_what_it_filed(world, joint):
    set_policy(world.bureau, "650000", "teaching.hours_a_day", 8, date(2025, 1, 1), "示例文件")
    choose_pattern(world.clerk, world.cohort.id, [], "每天 08:00-12:30\n每天 14:00-18:30", in_order=True)
    done = replace(
        world.lesson, starts_at=at(8), ends_at=at(11), module_id=world.modules[2].id, trainer_id=world.other.id
    )
    add_session(world.clerk, world.cohort.id, done)
    setting = setting_of({world.cohort: Asked(date(2025, 7, 24), venues=(world.venue.id,))})
    hours = Counter()
    for piece in setting.problem.pieces:
        (trainer,) = next(need for need in piece.needs if need[0].startswith("trainer"))
        hours[trainer] += piece.count * piece.hours
    assert hours == {f"trainer:{world.teacher.id}": 40, f"trainer:{world.other.id}": 32}


def test_a_proposal_leaves_each_provider_the_hours_that_it_filed(world, joint):
    third = person("周大伟")
    store(PlannedTrainer(cohort_id=world.cohort.id, person_id=third.id))
    colleague = add_trainer(world.clerk, world.school.id, third.id, Terms(subjects="电工基础"))
    profile = db.session.scalars(select(TrainerProfile).where(TrainerProfile.person_id == world.teacher.id)).one()
    basics = replace(world.lesson, module_id=world.modules[1].id)
    with clock.at(at(6)):
        practice = replace(basics, module_id=world.modules[2].id, trainer_id=world.other.id)
        add_session(
            world.clerk,
            world.cohort.id,
            replace(practice, starts_at=at(0, day=28), ends_at=at(22, 30, day=28), hours=28),
        )
        choose_pattern(world.clerk, world.cohort.id, [], "每天 08:00-12:30\n每天 14:00-18:30")
        hit = add_session(
            world.clerk, world.cohort.id, replace(basics, starts_at=at(8, day=25), ends_at=at(11, day=25))
        )
        book_trainer(world.clerk, colleague.id, at(7), at(0, day=26), "开会")

        def proposed():
            run = start_replan(world.clerk, profile.id, None, at(7), at(0, day=30).replace(month=9), "病假")
            jobs.run(run.job_id)
            return read(load(Replan, run.id).proposal)

        (moved,) = proposed().moves
        assert moved.after == replace(moved.before, trainer_id=world.other.id)
        further = replace(practice, starts_at=at(14, day=29), ends_at=at(15, 30, day=29), hours=2)
        add_session(world.clerk, world.cohort.id, further)
        (moved,) = proposed().moves
        assert (moved.session_id, moved.after.trainer_id) == (hit.id, third.id)
        assert moved.after.starts_at >= at(0, day=26)
        book_trainer(world.clerk, colleague.id, at(0, day=26), at(0, day=30).replace(month=9), "出差")
        store(PlannedTrainer(cohort_id=world.cohort.id, person_id=person("和丽").id))  # of none of the providers
        ((unplaced, why),) = proposed().unplaced
        assert unplaced == hit.id
        assert "昌吉职业技术学院备案承担 32 课时" in str(why.message)


def test_a_trainer_of_a_school_that_has_no_part_is_named_unless_it_is_of_a_partners_region(world):
    away = organisation(region=NINGLANG, name="宁蒗职校")
    add_trainer(account(Role.PROVIDER_CLERK, away), away.id, world.teacher.id)

    def named():
        found = Board(world.cohort, [world.lesson]).findings(world.lesson)
        return [str(one.message) for one in found if one.rule == "teaching.trainer_of_another"]

    assert named() == [
        "陈建国 是宁蒗职校的教师，该校不是本班的办班单位，也不在合作地区；请换教师，或先把它列为联合培训机构"
    ]
    agreement = Agreement(
        number="XZ-1", name="两地协作", home_region_code=world.cohort.home_region_code, signed_on=date(2025, 1, 1),
        valid_from=date(2025, 1, 1), valid_to=date(2025, 12, 31),
    )  # fmt: skip
    agreement.parties = [AgreementParty(organisation_id=organisation(region=NINGLANG).id, duty=Duty.TRANSFER)]
    store(agreement)
    assert named() == []


def test_hours_are_divided_so_that_each_provider_keeps_to_its_share_even_where_one_must_hand_on():
    left = {1: 8, 2: 12, 3: 52}
    divided = divide(left, {10: 40, 20: 32}, {1: [10, 20], 2: [10, 20], 3: [10]})
    assert divided == {(1, 20): 8, (2, 20): 12, (3, 10): 40, (3, None): 12}
    assert divide({1: 8, 2: 4}, {10: 8, 20: 4}, {1: [10, 20], 2: [10]}) == {(1, 20): 4, (1, 10): 4, (2, 10): 4}
    lead, second = Part(10, "甲", None), Part(20, "乙", 32)
    assert [part.filed for part in shared_out([lead, second], 10, 72)] == [40, 32]
    assert [part.filed for part in shared_out([lead, Part(20, "乙", None)], 10, 72)] == [None, None]
