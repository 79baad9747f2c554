"""An exam from its planning to an amended result, as five people see it, at a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from lbcert.core.database import db
from lbcert.demo.papers import signed_paper
from lbcert.exams import operations
from lbcert.exams.models import Batch, Post
from lbcert.exams.queries.marks import sheets_of
from tests.browser.chromium import look_at
from tests.exams import scene as stage
from tests.exams.test_transcription import good, number, sheet

pytestmark = pytest.mark.browser


def the_batch():
    """Give the batch as the server left it."""
    db.session.rollback()
    return db.session.query(Batch).one()


def file(name, content, kind="application/octet-stream"):
    return {"name": name, "mimeType": kind, "buffer": content}


def chosen_staff(scene, page, address, batch):
    for account, post in ((scene.leader, "考评组长"), (scene.second, "考评员"), (scene.third, "考评员")):
        page.goto(f"{address}/exams/{batch.id}/staff")
        page.get_by_label("岗位").select_option(label=post)
        page.get_by_label("人员").select_option(str(account.person_id))
        page.get_by_role("button", name="任命").click()
        page.get_by_text("已任命，请本人登录签署回避声明").wait_for()


def register_a_card(scene, clerk, address):
    clerk.goto(f"{address}/exams/cards")
    clerk.get_by_role("link", name="登记证卡").click()
    clerk.get_by_label("持证人").select_option(str(scene.second.person_id))
    clerk.get_by_label("证卡编号").fill("KP530100001")
    clerk.get_by_label("有效期自").fill("2024-01-01")
    clerk.get_by_label("有效期至").fill("2025-09-01")
    clerk.get_by_label("电工").select_option(label="三级/高级工及以下")
    look_at(clerk, "exams-card-form")
    clerk.get_by_label("证卡", exact=True).set_input_files(
        file("证卡.pdf", signed_paper("考评员证卡"), "application/pdf")
    )
    clerk.get_by_role("button", name="登记").click()
    clerk.get_by_text("KP530100001").first.wait_for()
    look_at(clerk, "exams-cards")


def write_a_rubric(clerk, address):
    clerk.goto(f"{address}/exams/rubrics")
    clerk.get_by_role("link", name="登记评分细则").click()
    clerk.get_by_label("等级").select_option(label="五级/初级工")
    clerk.get_by_label("科目").select_option(label="综合评审")
    clerk.get_by_label("评分项目").fill("技术总结，40，100，有数据有分析\n答辩，60，100")
    clerk.get_by_label("依据").fill("本机构制定")
    clerk.get_by_role("button", name="预览").click()
    clerk.get_by_text("登记后不能修改").wait_for()
    look_at(clerk, "exams-rubric-form")
    clerk.get_by_role("button", name="登记这一版").click()
    clerk.get_by_text("已登记评分细则第 1 版").wait_for()
    look_at(clerk, "exams-rubric")
    clerk.goto(f"{address}/exams/rubrics")
    look_at(clerk, "exams-rubrics")


@pytest.mark.parametrize("width", [1280, 360])
def test_an_exam_from_the_plan_to_an_amended_result(page_as, address, width):
    scene = stage.ready()
    stage.learner(scene.cohort, "赵缺课", attended=False)
    clerk = page_as(scene.clerk, width)
    register_a_card(scene, clerk, address)
    if width < 500:
        write_a_rubric(clerk, address)
    clerk.goto(f"{address}/exams/")
    clerk.get_by_role("link", name="新建批次").click()
    clerk.get_by_label("认定日期").fill("2025-08-09")
    clerk.get_by_label("考点").fill("阜康市职业培训中心实训车间")
    look_at(clerk, "exams-plan")
    clerk.get_by_role("button", name="新建批次").click()
    clerk.get_by_role("heading", name="RD20250001").wait_for()
    look_at(clerk, "exams-batch-planned")
    clerk.get_by_role("link", name="列入考生").first.click()
    clerk.get_by_text("赵缺课 出勤 0/4 课时").wait_for()
    look_at(clerk, "exams-candidates")
    clerk.get_by_role("button", name="列入考生名单").click()
    batch = the_batch()
    clerk.goto(f"{address}/exams/{batch.id}/staff")
    clerk.get_by_role("button", name="任命").click()
    clerk.get_by_text("请选择人员，或者填写身份证号").first.wait_for()
    look_at(clerk, "exams-staff-refused")
    chosen_staff(scene, clerk, address, batch)
    decider = operations.appoint(scene.clerk, batch.id, scene.decider.person_id, Post.DECIDER)
    operations.declare(scene.decider, decider.id)
    clerk.goto(f"{address}/exams/{batch.id}/staff")
    look_at(clerk, "exams-staff")

    leader = page_as(scene.leader, width)
    leader.goto(f"{address}/exams/mine")
    look_at(leader, "exams-mine")
    leader.get_by_role("link", name="去签署回避声明").click()
    leader.get_by_role("button", name="本人签署").click()
    leader.get_by_text("请回答“有”或“没有”").first.wait_for()
    look_at(leader, "exams-declaration-refused")
    for question in leader.get_by_label("没有", exact=True).all():
        question.check()
    leader.get_by_text("在名单中指明").click()
    look_at(leader, "exams-declaration")
    leader.get_by_role("button", name="本人签署").click()
    leader.get_by_text("还没有开考").wait_for()
    for account in (scene.second, scene.third):
        staff = next(one for one in the_batch().staff if one.person_id == account.person_id)
        operations.declare(account, staff.id)
    clerk.goto(f"{address}/exams/{batch.id}")
    clerk.get_by_role("button", name="开考，开始评分").click()
    clerk.get_by_text("评分中").first.wait_for()
    look_at(clerk, "exams-batch-marking")

    mark_on_a_phone(leader, address, batch, width)
    transcribe(scene, clerk, address, batch)
    decide_and_amend(scene, page_as, clerk, address, batch, width)


def mark_on_a_phone(leader, address, batch, width):
    leader.goto(f"{address}/exams/mine")
    leader.get_by_role("link", name="去评分").click()
    look_at(leader, "exams-marking")
    leader.get_by_role("link", name="逐人评分").click()
    look_at(leader, "exams-candidate")
    for control in leader.locator(".mark-form input:visible, .mark-form button, .mark-nav a").all():
        assert control.bounding_box()["height"] >= 48
    first = leader.locator(".mark-panel").first
    first.get_by_label("理论知识分数").fill("801")
    first.get_by_role("button", name="保存").click()
    leader.get_by_text("请填写 0 至 100 的整数").wait_for()
    assert leader.get_by_label("理论知识分数").input_value() == "801"
    look_at(leader, "exams-candidate-refused")
    leader.get_by_label("理论知识分数").fill("80")
    leader.locator(".mark-panel").first.get_by_role("button", name="保存").click()
    leader.get_by_text("已保存").wait_for()
    leader.locator("summary", has_text="更改").click()
    leader.get_by_label("更改理由").fill("第三题漏判")
    leader.get_by_label("理论知识分数").fill("82")
    leader.locator(".mark-panel").first.get_by_role("button", name="保存").click()
    leader.get_by_text("更改：第三题漏判").wait_for()
    look_at(leader, "exams-candidate-changed")
    number_now = leader.locator(".mark-nav .candidate-number").inner_text()
    leader.get_by_role("button", name="缺考").click()
    leader.get_by_text(f"{number_now} 已保存").wait_for()
    expect(leader.locator(".mark-nav .candidate-number")).not_to_have_text(number_now)
    leader.get_by_role("link", name="全部考生").click()
    leader.locator(f"#c{number_now}").get_by_text("缺考").wait_for()
    for button in leader.locator(".mark-quick button, .mark-quick input[name=points]").all():
        assert button.bounding_box()["height"] >= 48
    assert not any(name in leader.content() for name in ("张三", "李四", "王五"))


def transcribe(scene, clerk, address, batch):
    given = {
        one.enrolment.person.name: one for one in the_batch().candidates if len(sheets_of(batch.id)[one.id].marks) == 2
    }
    done = next(iter(given))
    clerk.goto(f"{address}/exams/{batch.id}/transcriptions")
    clerk.get_by_label("成绩表").set_input_files(file("成绩.xlsx", good(scene)))
    clerk.get_by_label("签名的成绩单").set_input_files(file("签名页.png", signed_paper("成绩单"), "image/png"))
    look_at(clerk, "exams-transcribe")
    clerk.get_by_role("button", name="上传并检查").click()
    clerk.get_by_text("表中有不对的地方，一条都不会录入").wait_for()
    look_at(clerk, "exams-transcription-refused")
    rest = [name for name in ("张三", "李四", "王五") if name != done]
    rows = [(rest[0], number(scene, rest[0]), 75, 88), (rest[1], number(scene, rest[1]), 59, 90)]
    clerk.goto(f"{address}/exams/{batch.id}/transcriptions")
    clerk.get_by_label("成绩表").set_input_files(file("成绩.xlsx", sheet(*rows)))
    clerk.get_by_label("签名的成绩单").set_input_files(file("签名页.png", signed_paper("成绩单"), "image/png"))
    clerk.get_by_role("button", name="上传并检查").click()
    look_at(clerk, "exams-transcription")
    clerk.get_by_role("button", name="录入 4 项成绩").click()
    clerk.get_by_text("成绩已录入").wait_for()


def decide_and_amend(scene, page_as, clerk, address, batch, width):
    decider = page_as(scene.decider, width)
    decider.goto(f"{address}/exams/mine")
    decider.get_by_role("link", name="去审定").click()
    look_at(decider, "exams-decide")
    decider.get_by_role("button", name="审定并锁定成绩").click()
    decider.get_by_text("已审定，成绩已锁定").wait_for()
    clerk.goto(f"{address}/exams/{batch.id}")
    clerk.get_by_role("button", name="公布成绩").click()
    clerk.get_by_text("已公布").first.wait_for()
    look_at(clerk, "exams-batch-published")
    clerk.get_by_role("link", name="查看成绩").click()
    look_at(clerk, "exams-results")
    clerk.get_by_role("row").filter(has=clerk.get_by_text("59", exact=True)).get_by_role("link").click()
    clerk.get_by_label("理论知识").fill("61")
    clerk.get_by_label("更改理由").fill("复核发现漏计 2 分")
    clerk.get_by_label("依据").set_input_files(file("复核记录.pdf", signed_paper("成绩单"), "application/pdf"))
    look_at(clerk, "exams-amend")
    clerk.get_by_role("button", name="提交申请").click()
    clerk.get_by_text("更改申请已提交").wait_for()
    decider.goto(f"{address}/exams/{batch.id}/results")
    look_at(decider, "exams-amendment")
    decider.get_by_role("button", name="批准", exact=True).click()
    decider.get_by_text("经批准更改").wait_for()
    decider.get_by_role("row").filter(has_text="经批准更改").get_by_role("link").click()
    decider.get_by_text("复核发现漏计 2 分").wait_for()
    look_at(decider, "exams-result-amended")
