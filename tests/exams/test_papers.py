"""The exam's papers as PDF, read back: what each must say, and that the score sheet says nobody's name."""

from datetime import datetime, timedelta

import pypdfium2
import pytest

from lbcert.core import clock, jobs
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.demo.photos import portrait
from lbcert.exams import operations
from lbcert.exams.models import MappingOpening, Part, Seat
from lbcert.exams.printing import Printed
from lbcert.parties.operations import set_photo
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from tests.exams import scene as stage
from tests.exams.scene import number_of, refused, rules_of

pytestmark = pytest.mark.usefixtures("app", "exam_day")
NINE = datetime(2025, 8, 9, 9, tzinfo=SHANGHAI)


def seated():
    """Seat three candidates, one of them with a photo, in a room for the theory and a workshop."""
    policies = {**stage.POLICIES, "exams.late_minutes": 30}
    scene = stage.staffed(stage.ready(policies=policies))
    centre = make.account(Role.SERVICE_CENTRE, make.LUQUAN)
    set_photo(centre, scene.learners[0].person_id, portrait(3, long_hair=False))
    for part, room, hours in ((Part.THEORY, "第 1 考场", 0), (Part.PRACTICE, "电工车间", 5)):
        begins = NINE + timedelta(hours=hours)
        operations.add_sitting(scene.clerk, scene.batch.id, part, room, 30, begins, begins + timedelta(hours=2))
        operations.draw_seats(scene.clerk, scene.batch.id, part)
    return scene


def texts(answer):
    """Give the text of each page of a PDF, without blanks."""
    assert answer.status_code == 200, answer.text[:500]
    assert answer.mimetype == "application/pdf"
    document = pypdfium2.PdfDocument(answer.data)
    pages = ["".join(page.get_textpage().get_text_bounded().split()) for page in document]
    pictures = sum(one.type == 3 for page in document for one in page.get_objects())  # 3: an image
    document.close()
    return pages, pictures


def secrets_of(scene):
    """Give whatever tells who a learner is."""
    people = [one.person for one in scene.learners]
    return [text for one in people for text in (one.name, one.id_number, one.id_masked)]


def test_before_the_exam_tickets_sign_in_record_and_score_sheet(app):
    scene = seated()
    clerk, at = browser_of(app, scene.clerk), f"/exams/{scene.batch.id}/papers"
    assert clerk.post(f"{at}/tickets.pdf").status_code == 422, "nothing printed yet"
    begun = clerk.post(f"{at}/tickets", follow_redirects=True)
    assert "已完成 0 / 1" in begun.text
    assert "下载准考证" not in begun.text
    jobs.run(db.session.query(jobs.Job).one().id)
    done = clerk.get(f"{at}/tickets").text
    assert "已完成 1 / 1" in done
    assert "请重新制作" not in done
    pages, pictures = texts(clerk.post(f"{at}/tickets.pdf"))
    assert (len(pages), pictures) == (2, 1)  # two on a sheet, one of the three with a photo
    whole = "".join(pages)
    for one in scene.learners:
        for known in (one.person.name, one.person.id_masked, number_of(scene, one.person.name)):
            assert known in whole
        assert one.person.id_number not in whole
    seat = db.session.query(Seat).filter_by(part=Part.PRACTICE).order_by(Seat.number).first()
    for text in (
        "电工五级/初级工",
        "2025年8月9日",
        "14:00—16:00",
        f"电工车间{seat.number}",
        "开考30分钟后不得入场",
        "考生须知",
    ):
        assert text in whole
    assert "方可交卷离场" not in whole  # no rule on file, so none is printed

    pages, _ = texts(clerk.post(f"{at}/sign-in.pdf"))
    assert len(pages) == 2
    for page, room in zip(pages, ("第1考场", "电工车间"), strict=True):
        for text in (room, "座号准考证号姓名性别身份证号考生签名备注", "应到3人", number_of(scene, "张三"), "王五"):
            assert text in page
    assert [row.reason for row in db.session.query(MappingOpening).order_by(MappingOpening.id)] == [
        "打印准考证", "下载准考证", "打印考场签到表",
    ]  # fmt: skip
    with clock.at(stage.DAY + timedelta(minutes=1)):
        operations.draw_seats(scene.clerk, scene.batch.id, Part.PRACTICE, reason="工位坏了")
    assert "请重新制作" in clerk.get(f"{at}/tickets").text

    pages, _ = texts(clerk.get(f"{at}/record.pdf"))
    for text in ("考场情况记录", "第1考场", "应考人数3", "试卷启封时间", "违纪作弊情况", "质量督导员签名"):
        assert text in pages[0]
    assert not any(secret in page for page in pages for secret in secrets_of(scene))

    answer = clerk.get(f"{at}/scoring.pdf")
    pages, _ = texts(answer)
    assert len(pages) == 2
    for page, part in zip(pages, ("理论知识", "操作技能"), strict=True):
        assert part in page
        for one in scene.batch.candidates:
            assert one.number in page
        assert not any(secret in page for secret in secrets_of(scene))
    assert not any(one.person.name.encode() in answer.data for one in scene.learners)  # nor in its metadata
    assert db.session.query(MappingOpening).count() == 3


def test_after_the_decision_summary_and_masked_notice(app):
    scene = stage.judged()
    clerk, at = browser_of(app, scene.clerk), f"/exams/{scene.batch.id}/papers"
    (page,), _ = texts(clerk.post(f"{at}/summary.pdf"))
    assert "序号准考证号姓名身份证号理论知识操作技能结论备注" in page
    assert f"李四{scene.learners[1].person.id_masked}7059不合格" in page
    assert "60缺考缺考" in page
    assert number_of(scene, "张三") in page
    (page,), _ = texts(clerk.get(f"{at}/notice.pdf"))
    assert "张*电工五级/初级工8090合格" in page
    assert "李" not in page
    assert not any(secret in page for secret in [*secrets_of(scene), number_of(scene, "张三")])


def test_a_scorer_prints_no_names_and_nobody_an_empty_paper(app):
    scene = stage.staffed()
    both = make.account(Role.ASSESSMENT_CLERK, scene.body, scene.leader.person)
    clerk, at = browser_of(app, scene.clerk), f"/exams/{scene.batch.id}/papers"
    for call in (
        clerk.post(f"{at}/tickets"), clerk.post(f"{at}/tickets.pdf"), clerk.get(f"{at}/record.pdf"), clerk.get(f"{at}/notice.pdf"),
    ):  # fmt: skip
        assert call.status_code == 422
    assert "考场和座位还没有编排好" in clerk.get(at).text
    refusal = refused(operations.print_named_paper, both, scene.batch.id, Printed.SUMMARY)
    assert "exams.scorer_opens_mapping" in rules_of(refusal)
    for name in ("print_tickets", "take_tickets"):
        assert "exams.scorer_opens_mapping" in rules_of(refused(getattr(operations, name), both, scene.batch.id))
    assert (db.session.query(MappingOpening).count(), db.session.query(jobs.Job).count()) == (0, 0)
