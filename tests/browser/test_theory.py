"""Theory by computer in a real browser: the office's pages, and a candidate whose page, machine and server give way."""

from __future__ import annotations

import pytest

from lbcert.core import clock
from tests.browser.chromium import look_at
from tests.exams import scene as stage
from tests.exams.test_question_banks import workbook
from tests.exams.test_theory_rules import FAULTS, question

pytestmark = pytest.mark.browser


def test_the_office_fills_a_bank(page_as, address):
    with clock.at(stage.DAY):
        scene = stage.ready()
    for width in (1280, 360):
        page = page_as(scene.clerk, width)
        page.goto(f"{address}/exams/banks")
        look_at(page, "theory-banks")
        if width == 1280:
            page.get_by_role("button", name="建立").click()
        else:
            page.locator(".people a").click()
        rows = [
            question(stem=f"第 {width} 种电工仪表的用途", key="B"),
            FAULTS[3][0],
            question(stem=f"电流的单位 {width}", kind="多选", key="AB"),
        ]
        page.get_by_label("试题表").set_input_files(
            {"name": "题库.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(*rows).read()}
        )
        page.get_by_role("button", name="上传并检查").click()
        look_at(page, "theory-questions-checked")
        page.get_by_role("button", name="导入 2 道题").click()
        page.get_by_role("link", name="新建组卷方案").click()
        page.get_by_label("名称").fill(f"方案 {width}")
        page.get_by_label("每题分值").first.fill("50")
        page.get_by_label("不限鉴定点，出多少道").first.fill("2")
        page.locator("summary", has_text="另按鉴定点出题").first.click()
        look_at(page, "theory-blueprint")
        page.get_by_role("button", name="保存").click()
        page.get_by_text(f"已新建组卷方案“方案 {width}”").wait_for()
        look_at(page, "theory-bank")
