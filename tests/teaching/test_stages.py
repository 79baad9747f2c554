"""The three stages bind the plan: an order's day of departure, electives side by side, and an employer's workshop and mentor."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from lbcert.brands.models import MenuVersion, Module, ModuleKind
from lbcert.cohorts.models import ModuleChoice, PlannedTrainer
from lbcert.cohorts.operations.drafting import change_cohort
from lbcert.cohorts.operations.life import finish_teaching
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.findings import Refused
from lbcert.core.policy import set_policy
from lbcert.core.staging import findings_of
from lbcert.parties.models import OrganisationKind
from lbcert.teaching.models import AttendanceMark, Mode, Venue
from lbcert.teaching.operations.attendance import Presence, record_attendance
from lbcert.teaching.operations.course_table import receive_course_table
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.resources import add_trainer
from lbcert.teaching.operations.sessions import Room, add_session, add_venue
from lbcert.teaching.queries import sessions_of
from lbcert.teaching.queries.solving import Asked, setting_of
from lbcert.testing.factories import FUKANG, account, cohort, enrolment, item, organisation, person, store, trade


def at(hour, minute=0, day=24):
    return datetime(2025, 7, day, hour, minute, tzinfo=SHANGHAI)


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {finding.rule: str(finding.message) for finding in caught.value.findings if finding.stops}


def test_the_last_session_leaves_the_orders_people_time_to_travel_and_arrive(world, employer, solved):
    in_time = replace(
        world.lesson, starts_at=at(20, day=24) + timedelta(days=12), ends_at=at(23, day=24) + timedelta(days=12)
    )
    late = replace(
        in_time, starts_at=in_time.starts_at + timedelta(days=1), ends_at=in_time.ends_at + timedelta(days=1)
    )
    assert "订单 DD-1" in refused(add_session, world.clerk, world.cohort.id, late)["teaching.after_order"]
    assert add_session(world.clerk, world.cohort.id, in_time).starts_at == in_time.starts_at
    sheet = "上课日期,上课内容,课时,开始时间,结束时间,上课地点,培训教师\n2025-08-06,电工基础,4,20:00,23:00,阜康实训室,陈建国\n"
    staged = receive_course_table(world.clerk, world.cohort.id, sheet.encode(), "课程表.csv")
    assert staged.good == 0

    change_cohort(world.clerk, world.cohort.id, "停电顺延", {"ends_on": date(2025, 8, 20)})
    set_policy(world.bureau, "530000", "teaching.evening_window", "20:00-23:00", date(2025, 1, 1), "示例文件")
    choose_pattern(world.clerk, world.cohort.id, [], "每天 20:00-23:00")
    proposal = solved(Asked(date(2025, 7, 24), venues=(world.venue.id,))).staged
    assert proposal.good == proposal.total == 12
    left = [str(one.message) for one in findings_of(proposal) if one.rule == "teaching.unplaced"]
    assert sum(int(one.split("还有 ")[1].split()[0]) for one in left) == 5
    assert "订单 DD-1 的学员最迟 2025-08-05 结课" in " ".join(str(one.message) for one in findings_of(proposal))


@pytest.fixture
def electives(world):
    """Give a running cohort of the menu stage with a required module and two electives, one chosen by each learner."""
    taught = item(name="焊接与接线", trade=trade())
    menu = MenuVersion(item_id=taught.id, version_number=2)
    menu.modules = [
        Module(position=1, name="基础", kind=ModuleKind.THEORY, hours=12, required=True, online_allowed=False),
        *(
            Module(
                position=place, name=name, kind=ModuleKind.PRACTICE, hours=8, required=False, online_allowed=False,
                elective_group="专长",
            )
            for place, name in ((2, "焊接"), (3, "接线"))
        ),
    ]  # fmt: skip
    store(menu)
    group = cohort(world.school, item=taught, by_menu=True, name="菜单班")
    base, weld, wire = (row.module for row in group.plan)
    other = person("马玉梅")
    store(*(PlannedTrainer(cohort_id=group.id, person_id=who.id) for who in (world.teacher, other)))
    learners = [enrolment(group, person(name)) for name in ("普光明", "阿西·拉姆")]
    for learner, elective in zip(learners, (weld, wire), strict=True):
        store(
            *(ModuleChoice(enrolment_id=learner.id, module_id=one.id, chosen_by="learner") for one in (base, elective))
        )
    return group, (base, weld, wire), other, learners


def test_electives_meet_side_by_side_for_different_learners_and_not_for_one_who_has_both(world, electives):
    group, (_base, weld, wire), other, learners = electives
    set_policy(world.bureau, "652300", "teaching.hours_a_day", 4, date(2025, 1, 1), "昌吉州文件")
    choose_pattern(world.clerk, group.id, [], "每天 08:00-23:00", 4, in_order=True)
    hall = add_venue(world.clerk, world.school.id, "接线室", FUKANG, 20)
    lesson = replace(world.lesson, module_id=weld.id)
    beside = replace(lesson, module_id=wire.id, trainer_id=other.id, venue_id=hall.id)
    first = add_session(world.clerk, group.id, lesson)
    assert add_session(world.clerk, group.id, beside).starts_at == first.starts_at

    problem = setting_of({group: Asked(date(2025, 7, 24), venues=(hall.id,))}).problem
    bodies = {
        str(piece.label).removeprefix("菜单班 "): {need[0] for need in piece.needs if need[0].startswith("learners")}
        for piece in problem.pieces
    }
    assert len(bodies["基础"]) == 2
    assert bodies["焊接"].isdisjoint(bodies["接线"])

    store(ModuleChoice(enrolment_id=learners[0].id, module_id=wire.id, chosen_by="learner"))
    both = replace(beside, starts_at=at(22), ends_at=at(23, 30), hours=2, venue_id=world.venue.id, trainer_id=other.id)
    found = refused(add_session, world.clerk, group.id, replace(both, module_id=weld.id))
    assert "1 名学员当时要上“菜单班 接线 2025-07-24 20:00”：普光明" in found["teaching.learner_clash"]
    assert "共排 10 课时" in found["teaching.hours_a_day"]


def test_an_employers_workshop_its_hours_and_its_mentor_are_resources(world, employer, signed_in):
    desk, mentor = account(Role.EMPLOYER, employer), person("冯师傅")
    shop = add_venue(desk, employer.id, "一号车间", FUKANG, 30, Room(windows="工作日 08:00-18:00", stations=1))
    add_trainer(desk, employer.id, mentor.id)
    stranger = store(
        Venue(name="别家车间", region_code=FUKANG, organisation_id=organisation(OrganisationKind.EMPLOYER, FUKANG).id)
    )
    at_work = replace(
        world.lesson, module_id=world.modules[2].id, mode=Mode.WORKPLACE, venue_id=shop.id, trainer_id=mentor.id,
        starts_at=at(9), ends_at=at(12),
    )  # fmt: skip
    by_night = replace(at_work, starts_at=at(20), ends_at=at(23))
    assert (
        "一号车间 2025-07-24 可用的时段是 08:00–18:00"
        in refused(add_session, world.clerk, world.cohort.id, by_night)["teaching.venue_hours"]
    )
    theory = replace(at_work, module_id=world.modules[0].id, mode=Mode.ON_SITE)
    assert set(refused(add_session, world.clerk, world.cohort.id, theory)) == {"teaching.mentor_elsewhere"}
    elsewhere = replace(at_work, venue_id=stranger.id, trainer_id=world.teacher.id)
    assert set(refused(add_session, world.clerk, world.cohort.id, elsewhere)) == {"teaching.workshop_of_another"}
    in_class = replace(at_work, venue_id=world.venue.id, trainer_id=world.teacher.id)
    assert set(refused(add_session, world.clerk, world.cohort.id, in_class)) == {"teaching.workplace_elsewhere"}
    page = signed_in(world.clerk).get(f"/teaching/cohorts/{world.cohort.id}/sessions/new").text
    assert "一号车间（准东能源）" in page
    assert "冯师傅" in page
    session = add_session(world.clerk, world.cohort.id, at_work)

    client = signed_in(desk)
    with clock.at(at(8)):
        assert "没有待签认的课时" in client.get("/teaching/workshops").text
    with clock.at(at(13)):
        record_attendance(world.clerk, session.id, {one.id: Presence(AttendanceMark.PRESENT) for one in world.learners})
    with clock.at(at(12, day=28)):
        found = refused(finish_teaching, world.clerk, world.cohort.id)
        assert "准东能源，4 课时" in found["teaching.hours_unsigned"]
        assert "1 节岗位课的课时待签认" in client.get("/").text
        page = client.get("/teaching/workshops").text
        assert "操作实训" in page
        assert (
            client.post(
                f"/teaching/sessions/{session.id}/sign", data={f"session-{session.id}-mentor_id": mentor.id}
            ).status_code
            == 302
        )
        assert "teaching.hours_unsigned" not in refused(finish_teaching, world.clerk, world.cohort.id)
    assert [one.trainer_id for one in sessions_of(world.cohort.id)] == [mentor.id]


def test_practice_at_work_is_planned_in_the_employers_workshop_with_its_mentors(world, employer):
    desk, mentor = account(Role.EMPLOYER, employer), person("冯师傅")
    shop = add_venue(desk, employer.id, "黄田车间", FUKANG, 30)  # listed after the school's own room
    add_trainer(desk, employer.id, mentor.id)
    choose_pattern(world.clerk, world.cohort.id, [], "每天 08:00-20:00")
    asked = Asked(date(2025, 7, 24), practice_mode=Mode.WORKPLACE)
    needs = {
        str(piece.label).split()[-1]: {name for need in piece.needs for name in need if not name.startswith("learners")}
        for piece in setting_of({world.cohort: asked}).problem.pieces
    }
    teacher = f"trainer:{world.teacher.id}"
    assert needs["操作实训"] == {teacher, f"trainer:{mentor.id}", f"venue:{shop.id}"}
    assert needs["安全用电"] == {teacher, f"venue:{world.venue.id}"}, "theory stays at the school"


def test_theory_is_planned_in_a_workshop_where_it_was_chosen_for_it_alone(world, employer):
    shop = add_venue(account(Role.EMPLOYER, employer), employer.id, "一号车间", FUKANG, 30)
    choose_pattern(world.clerk, world.cohort.id, [], "每天 08:00-20:00")

    def rooms(**asked):
        pieces = setting_of({world.cohort: Asked(date(2025, 7, 24), **asked)}).problem.pieces
        of_module = {
            str(piece.label).split()[-1]: {name for need in piece.needs for name in need if name.startswith("venue")}
            for piece in pieces
        }
        assert of_module["安全用电"] == of_module["电工基础"]
        return of_module["安全用电"], of_module["操作实训"]

    room, workshop = f"venue:{world.venue.id}", f"venue:{shop.id}"
    assert rooms() == ({room}, {room, workshop})
    assert rooms(practice_mode=Mode.WORKPLACE) == ({room}, {workshop})
    assert rooms(practice_venues=(shop.id,)) == ({room}, {workshop})
    assert rooms(venues=(shop.id,)) == ({workshop}, {workshop})
    assert rooms(venues=(shop.id, world.venue.id)) == ({room, workshop}, {room, workshop})
