"""What people see and send: roll call, leave, the book, papers, the school's test, the course table, what waits."""

import io
import re
from datetime import date, datetime

import openpyxl
import pypdfium2

from lbcert.cohorts.models import EnrolmentState
from lbcert.cohorts.operations.enrolment import leave as leave_class
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import load
from lbcert.core.policy import set_policy
from lbcert.teaching.models import AttendanceMark, Session
from lbcert.teaching.operations.attendance import Presence, decide_leave, record_attendance, request_leave
from lbcert.teaching.operations.sessions import add_session
from lbcert.teaching.queries import attended_hours_of, items_of, ledger_of, marks_of, sessions_of
from lbcert.teaching.queries.todo import todo
from lbcert.teaching.rules import ATTENDANCE_SHARE
from lbcert.testing.factories import account, organisation
from lbcert.testing.factories import cohort as make_cohort

PRESENT, ABSENT, LEAVE = (
    Presence(mark) for mark in (AttendanceMark.PRESENT, AttendanceMark.ABSENT, AttendanceMark.LEAVE)
)


def words_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def called(world, session, mark_one, mark_two):
    one, two = world.learners
    record_attendance(world.clerk, session.id, {one.id: mark_one, two.id: mark_two})


def test_a_roll_call_is_saved_as_one_with_all_present_by_default(taught, signed_in):
    one, two = taught.learners
    url = f"/teaching/sessions/{taught.sessions[0].id}/roll-call"
    client = signed_in(taught.trainer)
    page = client.get(url).text
    assert re.findall(r'name="mark-(\d+)" value="present" checked', page) == [str(one.id), str(two.id)]
    form = {f"mark-{one.id}": "present", f"in-{one.id}": "00:05", f"mark-{two.id}": "absent", f"in-{two.id}": ""}
    assert client.post(url, data=form).status_code == 302
    marks = marks_of([taught.sessions[0].id])
    first, second = (marks[taught.sessions[0].id, learner.id] for learner in (one, two))
    assert (first.mark, clock.local(first.in_at)) == (
        AttendanceMark.PRESENT,
        datetime(2025, 7, 24, 0, 5, tzinfo=SHANGHAI),
    )
    assert (second.mark, second.in_at) == (AttendanceMark.ABSENT, None)
    assert "都已经点过名" in client.get(url).text


def test_a_roll_call_that_cannot_be_read_saves_nothing_and_keeps_what_was_tapped(taught, signed_in):
    one, two = taught.learners
    url = f"/teaching/sessions/{taught.sessions[0].id}/roll-call"
    form = {f"mark-{one.id}": "absent", f"mark-{two.id}": "present", f"in-{two.id}": "morning"}
    answer = signed_in(taught.clerk).post(url, data=form)
    assert answer.status_code == 422
    assert "沙马拉毕 的考勤读不懂" in answer.text
    assert f'name="mark-{one.id}" value="absent" checked' in answer.text
    assert marks_of([taught.sessions[0].id]) == {}
    assert signed_in(taught.clerk).post(url, data={f"mark-{one.id}": "asleep"}).status_code == 422


def test_who_was_granted_leave_is_on_leave_by_default(taught, signed_in):
    one, session = taught.learners[0], taught.sessions[0]
    decide_leave(taught.clerk, request_leave(taught.trainer, session.id, one.id, "住院").id, True)
    page = signed_in(taught.clerk).get(f"/teaching/sessions/{session.id}/roll-call").text
    assert f'name="mark-{one.id}" value="leave" checked' in page


def test_a_correction_needs_a_reason_and_shows_the_old_mark(taught, signed_in):
    called(taught, taught.sessions[0], ABSENT, PRESENT)
    mark = marks_of([taught.sessions[0].id])[taught.sessions[0].id, taught.learners[0].id]
    client, url = signed_in(taught.trainer), f"/teaching/marks/{mark.id}/correct"
    assert client.post(url, data={"mark": "late", "reason": ""}).status_code == 422
    assert client.post(url, data={"mark": "late", "in_time": "00:20", "reason": "迟到二十分钟"}).status_code == 302
    page = client.get(f"/teaching/sessions/{taught.sessions[0].id}").text
    assert "原为 缺勤：迟到二十分钟" in re.sub(r"\s+", " ", page)


def test_leave_is_asked_for_and_granted_on_the_sessions_page(taught, signed_in):
    one, session = taught.learners[0], taught.sessions[0]
    asked = signed_in(taught.trainer).post(
        f"/teaching/sessions/{session.id}/leave", data={"enrolment_id": one.id, "reason": "家中有事"}
    )
    assert asked.status_code == 302
    client = signed_in(taught.clerk)
    action = re.search(r"/teaching/leave/(\d+)/decide", client.get(f"/teaching/sessions/{session.id}").text)
    assert client.post(action[0], data={"granted": "yes"}).status_code == 302
    assert "已准假" in client.get(f"/teaching/sessions/{session.id}").text
    assert client.post(action[0], data={"granted": "no"}).status_code == 422


def test_the_lesson_log_counts_who_was_there(taught, signed_in):
    called(taught, taught.sessions[0], ABSENT, PRESENT)
    client, url = signed_in(taught.trainer), f"/teaching/sessions/{taught.sessions[0].id}/log"
    assert re.search(r'name="head_count"[^>]*value="1"', client.get(url).text)
    assert client.post(url, data={"content": "触电急救", "head_count": "1"}).status_code == 302
    assert "触电急救" in client.get(f"/teaching/sessions/{taught.sessions[0].id}").text


def test_a_session_is_planned_moved_and_cancelled_by_forms(world, signed_in):
    client, here = signed_in(world.clerk), f"/teaching/cohorts/{world.cohort.id}"
    form = {
        "module_id": world.modules[0].id, "title": "触电急救", "day": "2025-07-24", "starts": "20:00", "ends": "21:00",
        "hours": "4", "mode": "on_site", "venue_id": world.venue.id, "trainer_id": world.teacher.id, "material": "",
    }  # fmt: skip
    refused = client.post(f"{here}/sessions/new", data=form)
    assert (refused.status_code, "4 课时需要 180 分钟" in refused.text) == (422, True)
    assert client.post(f"{here}/sessions/new", data=form | {"ends": "23:00"}).status_code == 302
    session = sessions_of(world.cohort.id)[0]
    assert "安全用电：触电急救" in client.get(here).text
    moved = client.post(
        f"/teaching/sessions/{session.id}/move", data=form | {"ends": "23:30", "version": session.version}
    )
    assert moved.status_code == 302
    stale = client.post(f"/teaching/sessions/{session.id}/move", data=form | {"ends": "23:00", "version": 1})
    assert (stale.status_code, "刚刚被他人修改过" in stale.text) == (422, True)
    assert client.post(f"/teaching/sessions/{session.id}/cancel", data={"reason": " "}).status_code == 422
    assert client.post(f"/teaching/sessions/{session.id}/cancel", data={"reason": "停电"}).status_code == 302
    assert load(Session, session.id).cancelled_reason == "停电"


def test_the_book_signs_each_session_and_judges_by_the_policy(taught):
    set_policy(taught.bureau, "530128", ATTENDANCE_SHARE.name, 80, date(2025, 1, 1), "禄人社〔2025〕3号")
    first, second, third = taught.sessions
    called(taught, first, PRESENT, LEAVE)
    called(taught, second, Presence(AttendanceMark.LATE), PRESENT)
    called(taught, third, PRESENT, ABSENT)
    book = ledger_of(taught.cohort.id)
    assert {line.learner.person.name: [line.sign(s.id) for s in book.sessions] for line in book.lines} == {
        "葛曾䮌": ["/", "△", "/"],
        "沙马拉毕": ["×", "/", "○"],
    }
    judged = {line.learner.person.name: [found.rule for found in line.findings] for line in book.lines}
    assert judged == {"葛曾䮌": [], "沙马拉毕": ["teaching.attendance_share"]}
    assert attended_hours_of(taught.cohort.id)[taught.learners[0].id] == {
        module.id: module.hours for module in taught.modules
    }


def test_who_has_left_stands_in_the_book_until_that_day(taught):
    two = taught.learners[1]
    called(taught, taught.sessions[0], PRESENT, PRESENT)
    leave_class(taught.clerk, two.id, date(2025, 7, 25), "家中有事")
    book = ledger_of(taught.cohort.id)
    line = next(line for line in book.lines if line.learner.id == two.id)
    assert line.learner.state is EnrolmentState.LEFT
    assert ([line.sign(s.id) for s in book.sessions], line.share.due, line.share.percent) == (["/", "—", "—"], 8, 100)


def test_the_book_goes_to_excel_and_to_paper(taught, signed_in):
    called(taught, taught.sessions[0], PRESENT, ABSENT)
    client, here = signed_in(taught.clerk), f"/teaching/cohorts/{taught.cohort.id}/attendance"
    page = openpyxl.load_workbook(io.BytesIO(client.get(f"{here}.xlsx").data)).active
    rows = [[cell.value for cell in row] for row in page.rows]
    assert rows[0][:4] == ["序号", "姓名", "身份证号", "07-24 00:00 安全用电"]
    assert rows[0][6:] == ["应到课时", "出勤课时", "缺勤课时", "请假课时", "未记课时", "出勤率（%）"]
    assert {row[1]: [row[3], *row[6:]] for row in rows[1:]} == {
        "葛曾䮌": ["/", 72, 8, 0, 0, 64, 11],
        "沙马拉毕": ["○", 72, 0, 8, 0, 64, 0],
    }
    words = words_of(client.get(f"{here}.pdf").data)
    assert all(word in words for word in ("学员出勤簿", "葛曾䮌", "○", "11%"))


def test_the_signing_sheet_lists_who_is_due_without_whole_numbers(taught, signed_in):
    one = taught.learners[0].person
    paper = signed_in(taught.trainer).get(f"/teaching/sessions/{taught.sessions[0].id}/signing-sheet.pdf")
    words = words_of(paper.data)
    assert all(word in words for word in ("学员签到表", "葛曾䮌", "沙马拉毕", "2025年7月24日", "应到 2 人"))
    assert one.id_masked in words
    assert one.id_number not in words


def test_the_schools_test_goes_from_items_to_a_result(taught, signed_in):
    one, two = taught.learners
    for session in taught.sessions:
        called(taught, session, PRESENT, PRESENT)
    client, here = signed_in(taught.clerk), f"/teaching/cohorts/{taught.cohort.id}/test"
    assert client.post(f"{here}/items", data={"names": "导线连接\n\n照明安装"}).status_code == 302
    items = items_of(taught.cohort.id)
    assert [item.name for item in items] == ["导线连接", "照明安装"]
    ticked = signed_in(taught.trainer).post(f"{here}/learners/{one.id}", data={"able": [items[0].id, items[1].id]})
    assert ticked.location.endswith(f"/learners/{two.id}")
    form = {"taken_on": "2025-08-06", f"theory-{one.id}": "90", f"practice-{one.id}": "88", f"theory-{two.id}": "缺考"}
    refused = client.post(f"{here}/marks", data=form)
    assert (refused.status_code, "沙马拉毕 的两项成绩都应为" in refused.text) == (422, True)
    assert client.post(f"{here}/marks", data=form | {f"practice-{two.id}": "100"}).status_code == 302
    assert (load(type(one), one.id).state, load(type(two), two.id).state) == (
        EnrolmentState.COMPLETED,
        EnrolmentState.FAILED,
    )
    page = client.get(here).text
    assert "合格" in page
    assert "缺考" in page
    again = client.get(f"{here}/marks").text
    assert f"theory-{one.id}" not in again
    assert f"theory-{two.id}" in again


def test_somebody_of_another_cohort_is_not_ticked_here(taught, signed_in):
    other = make_cohort(taught.school)
    page = signed_in(taught.clerk).get(f"/teaching/cohorts/{other.id}/test/learners/{taught.learners[0].id}")
    assert page.status_code == 404


def test_a_course_table_is_checked_shown_imported_and_written(world, signed_in):
    client, here = signed_in(world.clerk), f"/teaching/cohorts/{world.cohort.id}/course-table"
    titles = [
        cell.value
        for cell in openpyxl.load_workbook(io.BytesIO(client.get("/teaching/course-table-form").data)).active[1]
    ]
    rows = [["2025-07-24", "安全用电", "4", "20:00", "23:00", "二号教室", "陈建国", "", ""], ["2025-07-25", "焊接", "4", "20:00", "23:00", "线上", "陈建国", "", ""]]  # fmt: skip
    text = "\n".join(",".join(row) for row in [titles, *rows])
    sent = client.post(here, data={"file": (io.BytesIO(text.encode()), "课程表.csv")})
    page = client.get(sent.location).text
    assert "教学计划里没有“焊接”" in page
    assert client.get(f"{sent.location}/marked").mimetype.endswith("sheet")
    assert client.post(f"{sent.location}/import").status_code == 302
    assert client.post(f"{sent.location}/discard").status_code == 422
    written = openpyxl.load_workbook(io.BytesIO(client.get(f"{here}.xlsx").data)).active
    assert [cell.value for cell in written[2]][1:7] == ["安全用电", 4, "20:00", "23:00", "二号教室", "陈建国"]
    broken = client.post(here, data={"file": (io.BytesIO(b"PK\x03\x04 nothing"), "坏的.xlsx")})
    assert broken.status_code == 422


def test_a_table_thrown_away_is_gone(world, signed_in):
    client, here = signed_in(world.clerk), f"/teaching/cohorts/{world.cohort.id}/course-table"
    text = "上课日期,上课内容,课时,开始时间,结束时间,上课地点,培训教师\n2025-07-24,安全用电,1,20:00,21:00,线上,陈建国\n"
    sent = client.post(here, data={"file": (io.BytesIO(text.encode()), "课程表.csv")})
    assert client.post(f"{sent.location}/discard").status_code == 302
    assert client.get(sent.location).status_code == 404


def test_venues_are_put_on_file_and_corrected_by_their_school(world, signed_in):
    client = signed_in(world.clerk)
    form = {
        "name": "二号车间",
        "region_code": "652302 阜康市",
        "organisation_id": world.school.id,
        "capacity": "30",
    }
    strangers = client.post("/teaching/venues/new", data=form | {"organisation_id": organisation().id})
    assert (strangers.status_code, 'value="二号车间"' in strangers.text) == (422, True), "what was typed stays"
    assert client.post("/teaching/venues/new", data=form).status_code == 302
    twice = client.post("/teaching/venues/new", data=form)
    assert (twice.status_code, "已有同名的场地" in twice.text) == (422, True)
    url = f"/teaching/venues/{world.venue.id}"
    assert client.post(url, data={"name": "实训楼 101", "capacity": "", "version": "1"}).status_code == 302
    assert "实训楼 101" in client.get("/teaching/venues").text
    stranger = signed_in(account(Role.PROVIDER_CLERK, organisation()))
    assert "实训楼 101" not in stranger.get("/teaching/venues").text
    assert stranger.post(url, data={"name": "改名"}).status_code == 403


def test_only_a_list_with_an_empty_line_is_called_optional(world, signed_in):
    page = signed_in(world.clerk).get(f"/teaching/cohorts/{world.cohort.id}/sessions/new").text
    assert "课程模块</label>" in page
    assert "上课地点<small>选填</small></label>" in page


def test_a_trainer_is_told_what_waits_and_others_are_not(taught):
    session = taught.sessions[0]
    request_leave(taught.trainer, session.id, taught.learners[0].id, "住院")

    def waiting(who):
        return [(row.endpoint, str(row.message)) for row in todo(who)]

    def of(endpoint, found):
        return [message for where, message in found if where == endpoint]

    found = waiting(taught.trainer)
    assert of("teaching.roll_call", found)[0] == f"补点名：07-24 安全用电 · {taught.cohort.name}"
    assert len(of("teaching.log", found)) == 3
    assert of("teaching.session", waiting(taught.clerk)) == ["葛曾䮌 请假：住院"]
    called(taught, session, PRESENT, PRESENT)
    assert len(of("teaching.roll_call", waiting(taught.trainer))) == 2
    assert waiting(account(Role.TRAINER, taught.school)) == []
    assert waiting(account(Role.PROVIDER_CLERK, organisation())) == []


def test_many_things_to_do_are_folded_and_counted(taught, signed_in):
    for learner in taught.learners:
        for session in taught.sessions:
            request_leave(taught.trainer, session.id, learner.id, f"事假{session.id}")
    page = signed_in(taught.clerk).get("/teaching/").text
    open_ones, folded = page.split('<details class="tasks-more">')
    said = [str(row.message) for row in todo(taught.clerk)]
    assert len(said) == 10
    assert [line in open_ones for line in said] == [True] * 5 + [False] * 5
    assert [line in folded for line in said] == [False] * 5 + [True] * 5
    assert "还有 5 件" in folded


def test_today_a_trainer_finds_the_sessions_of_today(world, signed_in):
    add_session(world.clerk, world.cohort.id, world.lesson)
    with clock.at(world.lesson.starts_at.replace(hour=8)):
        assert [row.arguments for row in todo(world.trainer)] == [{"session_id": sessions_of(world.cohort.id)[0].id}]
    page = signed_in(world.trainer).get("/teaching/").text
    assert world.cohort.name in page
    assert world.cohort.name not in signed_in(account(Role.TRAINER, world.school)).get("/teaching/").text


def test_no_id_number_stands_on_a_page(taught, signed_in):
    called(taught, taught.sessions[0], PRESENT, PRESENT)
    client, number = signed_in(taught.clerk), taught.learners[0].person.id_number
    here = f"/teaching/cohorts/{taught.cohort.id}"
    for path in (here, f"{here}/attendance", f"{here}/test", f"/teaching/sessions/{taught.sessions[0].id}"):
        assert number not in client.get(path).text
