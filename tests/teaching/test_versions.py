"""Published timetables: frozen, compared, refused with clashes, and the request for the bureau when they change."""

from dataclasses import replace

import pytest

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import CONSOLE, Console, Role
from lbcert.core.database import db, load
from lbcert.core.findings import Refused
from lbcert.core.messages import inbox
from lbcert.core.operation import operation
from lbcert.teaching.models import Mode, TimetableVersion
from lbcert.teaching.operations.course_table import receive_course_table
from lbcert.teaching.operations.resources import Terms, add_trainer, book_trainer, book_venue, set_travel, unbook
from lbcert.teaching.operations.sessions import Room, add_session, cancel_session, describe_venue, move_session
from lbcert.teaching.operations.versions import publish_timetable
from lbcert.teaching.queries.versions import frozen, unpublished
from lbcert.teaching.versions import compare
from lbcert.testing.factories import FUKANG, LUQUAN, account, cohort, enrolment, person, store
from lbcert.testing.scenes import played_once
from tests.teaching.conftest import at
from tests.teaching.test_views import characters_of, rows_of, week  # noqa: F401 (the scene)


@pytest.fixture
@played_once
def published(week):  # noqa: F811
    """Give the world with its timetable published, then one session moved, one cancelled and one added."""
    with clock.at(at(9)):
        week.version = publish_timetable(week.clerk, week.cohort.id)
        move_session(week.clerk, week.second.id, replace(week.lesson, starts_at=at(9, day=27), ends_at=at(12, day=27)))
        cancel_session(week.clerk, week.first.id, "停电")
        add_session(
            week.clerk, week.cohort.id,
            replace(week.lesson, module_id=week.modules[1].id, starts_at=at(20, day=29), ends_at=at(23, day=29)),
        )  # fmt: skip
    return week


def test_a_version_stays_as_it_was_and_says_what_has_changed_since(published):
    assert [row["content"] for row in frozen(published.version)] == ["安全用电：触电急救", "安全用电"]
    changes = unpublished(published.cohort.id)
    assert [(change.kind, (change.before or change.after)["day"]) for change in changes] == [
        ("dropped", "2025-07-24"), ("changed", "2025-07-26"), ("added", "2025-07-29"),
    ]  # fmt: skip
    assert changes[1].columns == [
        ("上课日期", "2025-07-26", "2025-07-27"), ("上课开始时间", "08:30", "09:00"), ("上课结束时间", "11:30", "12:00"),
    ]  # fmt: skip


def test_a_change_is_published_with_its_reason_and_compared(published, signed_in):
    browser = signed_in(published.clerk)
    url = f"/teaching/cohorts/{published.cohort.id}/versions"
    assert "公布后又有 3 节课变动" in browser.get(url).text
    with clock.at(at(9)):
        refused = browser.post(url, data={"reason": " "})
        assert refused.status_code == 422
        assert "课程表公布后有变动，请写明原因" in refused.text
        assert browser.post(url, data={"reason": "场地停电"}).status_code == 302
        again = browser.post(url, data={"reason": "再来一次"})
    assert "与第 2 版相同，不需要再公布" in again.text
    told = inbox(published.learners[0].person_id).unread
    assert [str(each.message) for each in told] == [str(each.message) for each in inbox(published.teacher.id).unread]
    assert "课程表有变动（第 2 版，场地停电）：取消 2025-07-24 20:00" in str(told[0].message)
    assert "2025-07-26 08:30“安全用电”：上课日期 2025-07-26 → 2025-07-27、" in str(told[0].message)
    listed = browser.get("/teaching/messages?unread=1").text
    assert listed.count("（第 2 版，场地停电）") == len(published.learners) + 1
    first, second = db.session.scalars(db.select(TimetableVersion).order_by(TimetableVersion.number))
    assert [change.kind for change in compare(frozen(first), frozen(second))] == ["dropped", "changed", "added"]
    page = browser.get(f"/teaching/timetable-versions/{second.id}").text
    assert "从第 1 版到第 2 版：3 节课不同" in page
    assert "<del>2025-07-26</del> → <ins>2025-07-27</ins>" in page
    backwards = browser.get(f"/teaching/timetable-versions/{first.id}?beside=2").text
    assert "从第 2 版到第 1 版：3 节课不同" in backwards
    words, _ = characters_of(browser.get(f"/teaching/timetable-versions/{second.id}/request.pdf").data)
    flat = "".join(words.split())
    for said in ("课程表变更申请表", "第1版", "2025-07-26", "2025-07-27", "场地停电", "人社部门意见"):
        assert said in flat
    assert browser.get(f"/teaching/timetable-versions/{first.id}/request.pdf").status_code == 404


def test_the_request_can_be_printed_before_the_change_is_published(published, signed_in):
    browser, url = signed_in(published.bureau), f"/teaching/cohorts/{published.cohort.id}/change-request.pdf"
    words, _ = characters_of(browser.get(url).data)
    assert "共变更 3 节课" in words
    with clock.at(at(9)):
        publish_timetable(published.clerk, published.cohort.id, "场地停电")
    assert browser.get(url).status_code == 404


def test_a_timetable_with_a_clash_is_not_published(week):  # noqa: F811
    second = person("马玉兰")
    store(PlannedTrainer(cohort_id=week.other.id, person_id=second.id))
    late = replace(week.lesson, starts_at=at(22), ends_at=at(23), hours=1, mode=Mode.FIELD, venue_id=None)
    add_session(week.other_clerk, week.other.id, replace(late, trainer_id=second.id))
    enrolment(week.other, week.learners[0].person)
    with clock.at(at(9)), pytest.raises(Refused) as refused:
        publish_timetable(week.clerk, week.cohort.id)
    (finding,) = refused.value.findings
    assert finding.rule == "teaching.learner_clash"
    assert "葛曾䮌" in str(finding.message)
    assert f"{week.cohort.name} 安全用电 2025-07-24 20:00" in str(finding.message)
    with clock.at(at(23, 30)):
        assert publish_timetable(week.clerk, week.cohort.id).number == 1


def test_a_timetable_is_not_published_while_a_room_or_a_trainer_is_not_to_be_had(week):  # noqa: F811
    profile = add_trainer(week.clerk, week.school.id, week.teacher.id, Terms())
    stocktaking = book_venue(week.clerk, week.venue.id, at(18, day=24), at(21, day=24), "盘点")
    leave = book_trainer(week.clerk, profile.id, at(0, day=26), at(0, day=27), "请假")
    with clock.at(at(9)), pytest.raises(Refused) as refused:
        publish_timetable(week.clerk, week.cohort.id)
    assert [(finding.rule, str(finding.message).split("：")[0]) for finding in refused.value.findings] == [
        ("teaching.venue_booked", f"{week.cohort.name} 安全用电 2025-07-24 20:00"),
        ("teaching.trainer_booked", f"{week.cohort.name} 安全用电 2025-07-26 08:30"),
    ]
    unbook(week.clerk, stocktaking.id)
    unbook(week.clerk, leave.id)
    describe_venue(week.clerk, week.venue.id, "阜康实训室", 40, Room(windows="每天 20:00-23:00"))
    with clock.at(at(9)), pytest.raises(Refused) as refused:
        publish_timetable(week.clerk, week.cohort.id)
    assert [finding.rule for finding in refused.value.findings] == ["teaching.venue_hours"]
    describe_venue(week.clerk, week.venue.id, "阜康实训室", 40, Room())
    at_home = cohort(week.other_school, item=week.cohort.item, site_region_code=LUQUAN)
    store(PlannedTrainer(cohort_id=at_home.id, person_id=week.teacher.id))
    field = replace(week.lesson, starts_at=at(13, day=25), ends_at=at(16, day=25), mode=Mode.FIELD, venue_id=None)
    add_session(week.other_clerk, at_home.id, field)
    set_travel(week.clerk, week.school.id, FUKANG, LUQUAN, 15)
    with clock.at(at(9)), pytest.raises(Refused) as refused:
        publish_timetable(week.clerk, week.cohort.id)
    assert [finding.rule for finding in refused.value.findings] == ["teaching.travel_time"]  # from 23:00 to 13:00
    set_travel(week.clerk, week.school.id, FUKANG, LUQUAN, 14)
    with clock.at(at(9)):
        assert publish_timetable(week.clerk, week.cohort.id).number == 1


def test_nothing_is_published_of_nothing(world):
    with pytest.raises(Refused) as refused:
        publish_timetable(world.clerk, world.cohort.id)
    assert "teaching.nothing_planned" in refused.value


@operation("testing.rewrite_version", allow=CONSOLE)
def rewrite(actor, version_id):
    load(TimetableVersion, version_id).content = "[]"


def test_the_database_keeps_a_version_as_it_is(published):
    with pytest.raises(Refused) as refused:
        rewrite(Console(), published.version.id)
    assert "teaching.version.update" in refused.value


def test_a_draft_shows_its_clashes_in_red_beside_what_stands(week, signed_in):  # noqa: F811
    head = "上课日期,课别(上课内容),课时,上课开始时间,上课结束时间,上课地点(教室名称),培训教师\n"
    rows = "2025-07-24,操作实训,2,21:00,22:30,田间,陈建国\n2025-07-25,操作实训,2,19:00,20:30,田间,陈建国\n某日,操作实训,2,19:00,20:30,田间,陈建国\n"
    staged = receive_course_table(week.clerk, week.cohort.id, (head + rows).encode(), "草案.csv")
    browser = signed_in(week.clerk)
    assert f"/teaching/course-tables/{staged.id}/calendar" in browser.get(f"/teaching/course-tables/{staged.id}").text
    page = browser.get(f"/teaching/course-tables/{staged.id}/calendar").text
    cells = rows_of(page)
    assert list(cells) == ["08:30", "19:00", "20:00", "21:00"]
    assert "第 2 行：教师 陈建国 当时在上" in cells["21:00"][3]
    assert page.count('class="slot slot-clash"') == 2  # once in the table, once in the list by day
    assert "不能导入" not in cells["19:00"][4]
    assert "已排" in cells["20:00"][3]
    assert "1 节课有冲突或不合规定，画成红色" in page
    assert "1 行有读不懂的内容" in page


def test_who_only_looks_is_told_who_publishes(taught, signed_in):
    page, name = f"/teaching/cohorts/{taught.cohort.id}/versions", taught.school.name
    told = f"由培训机构（{name}）公布"
    centre = signed_in(account(Role.SERVICE_CENTRE))
    assert f"课程表还没有公布，{told}" in centre.get(page).text
    assert told not in signed_in(taught.clerk).get(page).text
    publish_timetable(taught.clerk, taught.cohort.id)
    assert told not in centre.get(page).text
