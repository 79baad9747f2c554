"""Equipment (设备): what a module's lessons need, and venues that lack it, for all who plan."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from lbcert.brands.equipment import Need, lacking, read_needs, read_stock
from lbcert.brands.models import Module, ModuleKind
from lbcert.brands.operations.menus import add_module, change_module, draft_menu, publish_menu
from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock, jobs
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db, load
from lbcert.core.findings import Refused
from lbcert.teaching.models import Replan
from lbcert.teaching.operations.course_table import receive_course_table
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.replans import start_replan
from lbcert.teaching.operations.sessions import Room, add_session, add_venue, describe_venue
from lbcert.teaching.queries.planning import Board
from lbcert.teaching.queries.solving import Asked, setting_of
from lbcert.teaching.replans import read
from lbcert.testing.factories import FUKANG, cohort, enrolment, person, store

FIRST = date(2025, 7, 24)


def at(hour, day=24):
    return datetime(2025, 7, day, hour, tzinfo=SHANGHAI)


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {finding.rule: str(finding.message) for finding in caught.value.findings if finding.stops}


@pytest.fixture
def welding(world):
    """Give a cohort of three in a module that needs a machine for every two and a fan; its lesson in the cohort's own venue."""
    draft = draft_menu(world.bureau, world.cohort.item_id, "会议决定")
    said = refused(
        add_module, world.bureau, draft.id, "焊接", ModuleKind.PRACTICE, 8, required=True, equipment="若干焊机"
    )
    assert said == {"brands.equipment_unreadable": "设备第 1 行读不懂，请写成“焊机 1 台/2 人”或“投影仪 1 台”"}
    module = add_module(world.bureau, draft.id, "焊接", ModuleKind.PRACTICE, 8, required=False, equipment="焊机 1 台")
    needs = "焊机 1 台／2 人\n排风扇 1 台"
    change_module(world.bureau, module.id, "焊接", ModuleKind.PRACTICE, 8, required=False, equipment=needs)
    publish_menu(world.bureau, draft.id)
    db.session.expire_all()
    group = cohort(world.school, item=world.cohort.item, menu_id=draft.id, name="焊接班")
    store(PlannedTrainer(cohort_id=group.id, person_id=world.teacher.id))
    for name in ("普光明", "阿西·拉姆", "马玉兰"):
        enrolment(group, person(name))
    assert [one.equipment for one in draft_menu(world.bureau, world.cohort.item_id, "再议").modules][-1] == needs
    return group, replace(world.lesson, module_id=load(Module, module.id).id)


def test_a_venue_that_lacks_what_a_module_needs_is_refused_by_what_lacks_and_passed_over_by_the_engine(
    world, welding, signed_in
):
    group, lesson = welding
    (unknown,) = [one for one in Board(group, [lesson]).findings(lesson) if "equipment" in one.rule]
    assert (unknown.rule, unknown.stops) == ("teaching.equipment_unknown", False)
    describe_venue(world.clerk, world.venue.id, "阜康实训室", 40, Room(equipment="焊机 1 台\n投影仪"))
    lacks = "场地“阜康实训室”缺少模块“焊接”要用的设备：焊机（要 2台，有 1）、排风扇（要 1台，有 0）；请换场地，或先更新场地的设备"
    assert refused(add_session, world.clerk, group.id, lesson) == {"teaching.equipment": lacks}
    sheet = (
        "上课日期,上课内容,课时,开始时间,结束时间,上课地点,培训教师\n2025-07-24,焊接,4,20:00,23:00,阜康实训室,陈建国\n"
    )
    staged = receive_course_table(world.clerk, group.id, sheet.encode(), "课程表.csv")
    assert (staged.good, [one.rule for one in staged.rows[0].said if one.stops]) == (0, ["teaching.equipment"])
    assert "设备：焊机 1 台／2 人；排风扇 1 台" in signed_in(world.bureau).get(f"/brands/menus/{group.menu_id}").text

    choose_pattern(world.clerk, group.id, [], "每天 08:00-23:00")
    setting = setting_of({group: Asked(FIRST)})
    assert lacks in [str(one.message) for one in setting.findings]
    assert not any("焊接" in str(piece.label).split()[-1] for piece in setting.problem.pieces)
    shop = add_venue(world.clerk, world.school.id, "焊工车间", FUKANG, 20, Room(equipment="焊机 2 台；排风扇"))
    pieces = setting_of({group: Asked(FIRST)}).problem.pieces
    venues = {
        str(one.label).split()[-1]: {name for need in one.needs for name in need if "venue" in name} for one in pieces
    }
    assert venues["焊接"] == {f"venue:{shop.id}"}
    assert len(venues["安全用电"]) == 2
    session = add_session(world.clerk, group.id, replace(lesson, venue_id=shop.id))
    with clock.at(at(6)):
        run = start_replan(world.clerk, None, shop.id, at(0), at(0, day=31), "检修")
        jobs.run(run.job_id)
        proposal = read(load(Replan, run.id).proposal)
    assert {move.after.venue_id for move in proposal.moves} <= {shop.id}
    describe_venue(world.clerk, world.venue.id, "阜康实训室", 40, Room(equipment="焊机 5 台；排风扇"))
    with clock.at(at(6)):
        run = start_replan(world.clerk, None, shop.id, at(0), at(0, day=31), "检修")
        jobs.run(run.job_id)
        (move,) = read(load(Replan, run.id).proposal).moves
    assert (move.session_id, move.after.venue_id) == (session.id, world.venue.id)


def test_a_room_that_is_known_to_have_everything_comes_before_one_of_which_nobody_said_so(world, welding):
    group, _ = welding
    add_venue(world.clerk, world.school.id, "焊工车间", FUKANG, 20, Room(equipment="焊机 2 台；排风扇"))
    choose_pattern(world.clerk, group.id, [], "每天 08:00-23:00")
    costs = {
        str(piece.label).split()[-1]: set(piece.costs) for piece in setting_of({group: Asked(FIRST)}).problem.pieces
    }
    assert costs.pop("焊接") == {f"venue:{world.venue.id}"}
    assert not any(costs.values()), "where nothing is needed, any room is as good"


def test_equipment_is_read_as_it_is_typed():
    needs, findings = read_needs("焊机 1 台/2 人\n万用表3只／10人\n\n12寸钳 5 把\n投影仪")
    assert needs == [Need("焊机", 1, "台", 2), Need("万用表", 3, "只", 10), Need("12寸钳", 5, "把")]
    assert [str(one.message)[:7] for one in findings] == ["设备第 5 行"]
    assert [need.among(11) for need in needs] == [6, 6, 5]
    stock = read_stock("焊机 4 台；焊机 1台\n万用表 若干\n12寸钳 5 把")
    assert stock == {"焊机": 5, "万用表 若干": None, "12寸钳": 5}
    assert [(need.thing, count, there) for need, count, there in lacking(needs, stock, 11)] == [
        ("焊机", 6, 5),
        ("万用表", 6, 0),
    ]
