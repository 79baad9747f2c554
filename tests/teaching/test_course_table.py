"""The 9-column course table: every row's findings at once, the good rows or nothing, a copy to send back, and out again."""

import csv
import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from lbcert.cohorts.models import CohortState, PlannedTrainer
from lbcert.core.access import Role
from lbcert.core.findings import Forbidden, Level, Refused
from lbcert.core.policy import set_policy
from lbcert.core.sheets import RESULT_TITLE, Table, write_workbook
from lbcert.core.staging import findings_of, marked
from lbcert.teaching.models import Mode
from lbcert.teaching.operations.course_table import (
    discard_course_table,
    import_course_table,
    receive_course_table,
)
from lbcert.teaching.operations.sessions import add_session, add_venue, cancel_session
from lbcert.teaching.queries import sessions_of
from lbcert.teaching.queries.course_table import course_rows, lesson_of, staged_tables
from lbcert.teaching.sheets import COURSE_TABLE, read_place, write_place
from lbcert.testing.factories import FUKANG, account, cohort, id_number, organisation, person, store

TITLES = [column.title for column in COURSE_TABLE]


@pytest.fixture
def row(world):
    """Give the cells of a row that may be planned, changed as wanted."""
    usual = (
        "2025-07-24",
        "安全用电",
        "4",
        "20:00",
        "23:00",
        "阜康实训室",
        "陈建国",
        world.teacher.id_number,
        "《电工》劳动社",
    )

    def cells(**changes):
        keys = [column.key for column in COURSE_TABLE]
        return [changes.get(key, value) for key, value in zip(keys, usual, strict=True)]

    return cells


def sheet(*rows):
    text = io.StringIO()
    csv.writer(text).writerows([TITLES, *rows])
    return text.getvalue().encode("gb18030")


def staged(world, *rows):
    return receive_course_table(world.clerk, world.cohort.id, sheet(*rows), "课程表.csv")


def said(table):
    return {
        kept.row_number: [finding.rule for finding in kept.said if finding.level is not Level.NOTE]
        for kept in table.rows
        if kept.remarked
    }


def refused(call, *args):
    with pytest.raises(Refused) as caught:
        call(*args)
    return [finding.rule for finding in caught.value.findings if finding.stops]


def test_every_row_gets_all_of_its_findings(world, row):
    stranger = person("外来教师")
    other = cohort(world.school, name="植保班")
    store(PlannedTrainer(cohort_id=other.id, person_id=world.teacher.id))
    morning = replace(world.lesson, module_id=other.plan[0].module_id, venue_id=None, mode=Mode.ONLINE)
    at = world.lesson.starts_at
    add_session(world.clerk, other.id, replace(morning, starts_at=at.replace(hour=8), ends_at=at.replace(hour=11)))
    second = person("陈建国")
    store(PlannedTrainer(cohort_id=world.cohort.id, person_id=second.id))
    table = staged(
        world,
        row(),
        row(content="电焊入门", day="2025-07-25"),
        row(trainer="外来教师", trainer_number=stranger.id_number, day="2025-07-26"),
        row(trainer="外来教师", trainer_number="", day="2025-07-27"),
        row(trainer_number="", day="2025-07-28"),
        row(trainer="陈建中", day="2025-07-29"),
        row(trainer_number=id_number()[:17] + "Y", day="2025-07-30"),
        row(content="操作实训", place="线上", day="2025-07-31"),
        row(hours="5", day="2025-08-01"),
        row(day="七月底", hours="半天", starts="八点", ends=""),
        row(starts="08:30", ends="11:30", place="二号教室"),
        row(day="2025-09-01", hours="1"),
        row(content="操作实训", day="2025-08-02", starts="23:00", ends="20:00"),
        row(content="操作实训", day="2025-08-03", place="线下"),
        row(content="操作实训", day="2025-08-04", hours="53"),
        row(content="操作实训：接线", day="2025-08-05", place="田间"),
    )
    assert said(table) == {
        3: ["teaching.unknown_module"],
        4: ["teaching.trainer_not_filed"],
        5: ["teaching.trainer_not_filed"],
        6: ["teaching.trainer_unclear"],
        7: ["teaching.trainer_name"],
        8: ["id_number.characters"],
        9: ["teaching.online_practice"],
        10: ["teaching.too_short", "teaching.beyond_plan"],
        11: ["sheets.empty_cell", "teaching.day_unreadable", "teaching.starts_unreadable", "teaching.hours_unreadable"],
        12: ["teaching.trainer_clash"],
        13: ["teaching.outside_cohort"],
        14: ["teaching.times"],
        15: ["teaching.no_venue"],
        16: ["teaching.too_short", "teaching.beyond_plan"],
        17: ["teaching.field_unnamed"],
    }
    assert (table.total, table.good) == (16, 2)
    words = {kept.row_number: " ".join(str(finding.message) for finding in kept.said) for kept in table.rows}
    assert words[3] == "第 3 行：教学计划里没有“电焊入门”；计划内的模块是：安全用电、电工基础、操作实训"
    assert "教师 陈建国 当时在上“植保班 2025-07-24 08:00”" in words[12]
    assert "备案的教师是 陈建国，不是“陈建中”" in words[7]
    assert world.teacher.id_number not in "".join(words.values())


def test_two_rows_that_clash_are_both_held_back(world, row):
    table = staged(
        world, row(), row(content="电工基础", starts="22:00", ends="23:30", hours="2"), row(day="2025-07-25")
    )
    clashes = ["teaching.trainer_clash", "teaching.venue_clash", "teaching.learner_clash"]
    assert said(table) == {2: clashes, 3: clashes}
    assert "当时在上“第 3 行 电工基础”" in str(table.rows[0].said[0].message)


def test_rows_are_counted_together_against_plan_and_day(world, row):
    set_policy(world.bureau, FUKANG, "teaching.hours_a_day", 8, date(2025, 1, 1), "本局设定")
    times = [("08:00", "11:00"), ("13:00", "16:00"), ("20:00", "23:00")]
    table = staged(world, *(row(content="电工基础", starts=a, ends=b) for a, b in times))
    assert said(table) == {4: ["teaching.hours_a_day"]}
    days = [f"2025-07-2{day}" for day in (4, 5, 6)]
    assert said(staged(world, *(row(day=day) for day in days))) == {4: ["teaching.beyond_plan"]}


def test_good_rows_are_planned_and_new_places_put_on_file(world, row):
    table = staged(
        world,
        row(content="安全用电：触电急救", place="线上（腾讯会议）"),
        row(content="操作实训", day="2025-07-25", place="二号车间"),
        row(content="操作实训", day="2025-07-26", place="二号车间"),
        row(content="没有的课", day="2025-07-27"),
    )
    import_course_table(world.clerk, table.id)
    online, workshop, again = sessions_of(world.cohort.id)
    assert (online.title, online.mode, online.venue, online.hours) == ("触电急救", Mode.ONLINE, None, 4)
    assert online.starts_at == world.lesson.starts_at
    assert (workshop.venue.name, workshop.venue.region_code) == ("二号车间", FUKANG)
    assert workshop.venue.organisation_id == world.school.id
    assert again.venue is workshop.venue
    assert refused(import_course_table, world.clerk, table.id) == ["sheets.decided"]
    assert staged_tables(world.cohort.id) == []


def test_what_is_planned_already_is_not_planned_twice(world, row):
    import_course_table(world.clerk, staged(world, row()).id)
    table = staged(world, row(), row(day="2025-07-25"))
    assert said(table) == {2: ["teaching.planned_already"]}
    import_course_table(world.clerk, table.id)
    assert len(sessions_of(world.cohort.id)) == 2


def test_nothing_is_planned_when_a_good_row_is_none_any_more(world, row):
    table = staged(world, row(), row(day="2025-07-25"))
    add_session(world.clerk, world.cohort.id, replace(world.lesson, hours=3))
    found = refused(import_course_table, world.clerk, table.id)
    assert found[0] == "sheets.outdated"
    assert "teaching.planned_already" in found
    assert len(sessions_of(world.cohort.id)) == 1


def test_a_sheet_without_a_good_row_or_thrown_away_plans_nothing(world, row):
    table = staged(world, row(content="没有的课"))
    assert refused(import_course_table, world.clerk, table.id) == ["sheets.no_good_rows"]
    good = staged(world, row())
    discard_course_table(world.clerk, good.id)
    assert refused(import_course_table, world.clerk, good.id) == ["sheets.decided"]
    assert (good.rows, sessions_of(world.cohort.id)) == ([], [])


def test_a_cohort_that_is_not_approved_is_said_above_the_rows(world, row):
    world.cohort = cohort(world.school, CohortState.DRAFT)
    table = staged(world, row())
    assert "teaching.cohort_state" in {finding.rule for finding in findings_of(table)}


def test_a_file_that_is_no_course_table_is_refused(world):
    with pytest.raises(Refused, match="没有找到表头"):
        receive_course_table(world.clerk, world.cohort.id, "甲,乙\n1,2\n".encode(), "别的.csv")


def test_the_marked_copy_is_the_senders_sheet_with_what_was_found(app, world, row):
    table = staged(world, row(), row(content="没有的课", day="2025-07-25"))
    with app.test_request_context():
        copy = marked(table)
    page = openpyxl.load_workbook(io.BytesIO(copy)).active
    cells = [[cell.value for cell in line] for line in page.rows]
    assert cells[0] == [*TITLES, RESULT_TITLE]
    assert cells[1] == [*row(), None]
    assert cells[2][9].startswith("第 3 行：教学计划里没有“没有的课”")
    again = receive_course_table(world.clerk, world.cohort.id, copy, "改.xlsx")
    assert (again.total, again.good) == (2, 1)


def test_what_is_exported_can_be_imported(world, row):
    import_course_table(
        world.clerk,
        staged(
            world, row(), row(content="操作实训：接线", day="2025-07-25", place="田间：示范基地"),
            row(content="电工基础", day="2025-07-26", place="线上"),
        ).id,
    )  # fmt: skip
    written = write_workbook(Table("课程表", COURSE_TABLE, course_rows(world.cohort.id)))
    assert world.teacher.id_number.encode() not in written
    before = [lesson_of(session) for session in sessions_of(world.cohort.id)]
    for session in sessions_of(world.cohort.id):
        cancel_session(world.clerk, session.id, "重新排课")
    table = receive_course_table(world.clerk, world.cohort.id, written, "课程表.xlsx")
    import_course_table(world.clerk, table.id)
    assert [lesson_of(s) for s in sessions_of(world.cohort.id) if not s.cancelled_reason] == before


def test_a_room_of_that_name_is_the_schools_own_or_must_be_told_apart(world, row):
    others = [organisation(name=name) for name in ("甲校", "乙校")]
    for other in others:
        add_venue(account(Role.PROVIDER_CLERK, other), other.id, "一号教室", FUKANG)
    table = staged(world, row(place="一号教室"), row(place="甲校·一号教室", day="2025-07-25"))
    assert said(table) == {2: ["teaching.venue_unclear"]}
    own = add_venue(world.clerk, world.school.id, "一号教室", FUKANG)
    table = staged(world, row(place="一号教室"))
    import_course_table(world.clerk, table.id)
    assert sessions_of(world.cohort.id)[0].venue_id == own.id


def test_another_school_neither_sends_nor_imports(world, row):
    table = staged(world, row())
    stranger = account(Role.PROVIDER_CLERK, organisation())
    with pytest.raises(Forbidden):
        import_course_table(stranger, table.id)
    with pytest.raises(Forbidden):
        receive_course_table(stranger, world.cohort.id, sheet(row()), "x.csv")


@pytest.mark.parametrize(
    ("text", "mode", "venue"),
    [
        ("一号教室", Mode.ON_SITE, "一号教室"),
        ("线上", Mode.ONLINE, ""),
        ("线上(腾讯会议)", Mode.ONLINE, "腾讯会议"),
        ("线上教室", Mode.ON_SITE, "线上教室"),
        ("田间", Mode.FIELD, ""),
        ("田间:示范基地(东)", Mode.FIELD, "示范基地(东)"),
        ("岗位:三号车间", Mode.WORKPLACE, "三号车间"),
        ("线下", Mode.ON_SITE, ""),
    ],
)
def test_the_place_may_say_how_a_lesson_is_held(text, mode, venue):
    assert read_place(text) == (mode, venue)


def test_a_place_is_read_as_it_was_written():
    for mode, venue in (
        (Mode.ON_SITE, "一号教室"),
        (Mode.FIELD, "示范基地"),
        (Mode.ONLINE, ""),
        (Mode.WORKPLACE, "车间"),
    ):
        assert read_place(write_place(mode, venue).replace("：", ":")) == (mode, venue)
