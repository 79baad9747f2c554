"""What a search for a timetable came to (自动排课方案) is spoken of as a proposal, on the pages that a sent sheet has too."""

import re

import pytest

from lbcert.teaching.models import SolveBeside, SolveRun
from lbcert.teaching.operations.course_table import receive_course_table
from lbcert.teaching.operations.sessions import add_session
from lbcert.testing.factories import cohort, store

HEAD = "上课日期,上课内容,课时,开始时间,结束时间,上课地点,培训教师\n"
ROWS = ("2025-07-25,安全用电,4,20:00,23:00,阜康实训室,陈建国", "2025-07-26,安全用电,4,20:00,23:00,阜康实训室,陈建国")
#: Of sheets that are sent, and of nothing else.
OF_A_SHEET = re.compile(r"导入 \d|行</|第 \d 行|\.xlsx|\.csv|不能导入|可以导入|检查结果|没有导入|重新上传|标注的表格")


def staged(world, *rows):
    return receive_course_table(
        world.clerk, world.cohort.id, (HEAD + "\n".join(rows)).encode(), "自动排课方案.xlsx.csv"
    )


@pytest.fixture
def proposal(world):
    """Give the course table that a search came to, of whose three lessons one can be planned."""
    add_session(world.clerk, world.cohort.id, world.lesson)
    kept = staged(world, *ROWS, "2025-07-24,电工基础,4,20:00,23:00,阜康实训室,陈建国")
    store(SolveRun(cohort_id=world.cohort.id, seconds=30, staged_id=kept.id))
    return kept


def words(page):
    return page.text[page.text.index("<main") :]


def test_a_proposal_is_looked_at_and_accepted_in_its_own_words(world, proposal, signed_in):
    client = signed_in(world.clerk)
    here = f"/teaching/course-tables/{proposal.id}"
    page = words(client.get(here))
    for said in ("自动排课方案", "采用方案，排入 1 节课", "下载方案（Excel）", "放弃这份方案", "不能排入和提醒"):
        assert said in page
    for address in (here, f"{here}?show=bad", f"{here}/calendar?day=2025-07-24"):
        assert OF_A_SHEET.findall(words(client.get(address))) == [], address
    notice = "自动排课方案：1 / 3 节课可以排入，还没有决定"
    for address in ("", "/course-table"):
        assert notice in client.get(f"/teaching/cohorts/{world.cohort.id}{address}").text
    answer = client.post(f"{here}/import", follow_redirects=True)
    assert "已排课 1 节" in answer.text
    assert "已采用" in words(client.get(here))
    again = client.post(f"{here}/import")
    assert (again.status_code, "这份方案已经采用或放弃，请重新排课" in again.text) == (422, True)
    assert OF_A_SHEET.findall(words(again)) == []


def test_a_proposal_is_discarded_in_its_own_words(world, proposal, signed_in):
    client = signed_in(world.clerk)
    answer = client.post(f"/teaching/course-tables/{proposal.id}/discard", follow_redirects=True)
    assert "已放弃这份方案，没有排课" in answer.text


def test_a_proposal_that_fits_no_more_asks_for_another_search(world, proposal, signed_in):
    add_session(world.clerk, world.cohort.id, world.lesson.__class__(**vars(world.lesson) | {
        "starts_at": world.lesson.starts_at.replace(day=25), "ends_at": world.lesson.ends_at.replace(day=25),
        "module_id": world.modules[1].id,
    }))  # fmt: skip
    answer = signed_in(world.clerk).post(f"/teaching/course-tables/{proposal.id}/import")
    assert "在册信息有了变化，这些课不能再排入；请重新排课" in answer.text
    assert "没有采用" in answer.text
    assert OF_A_SHEET.findall(words(answer)) == []


def test_a_cohort_that_was_planned_beside_another_has_a_proposal_too_and_a_sheet_that_was_sent_has_none(
    world, signed_in
):
    client = signed_in(world.clerk)
    beside, sent = staged(world, *ROWS), staged(world, *ROWS)
    other = cohort(world.school, item=world.cohort.item)
    store(
        SolveRun(cohort_id=other.id, seconds=30, beside=[SolveBeside(cohort_id=world.cohort.id, staged_id=beside.id)])
    )
    pages = [words(client.get(f"/teaching/course-tables/{each.id}")) for each in (beside, sent)]
    assert ["采用方案，排入 2 节课" in page for page in pages] == [True, False]
    assert ["导入 2 行" in page for page in pages] == [False, True]
