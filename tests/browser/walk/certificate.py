"""From issuing to a printed certificate, its QR read, its link opened, revoked, and opened again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pypdfium2
import zxingcpp
from openpyxl import load_workbook
from playwright.sync_api import Page

from lbcert.core import clock, jobs
from lbcert.core.database import db
from tests.browser.chromium import pick
from tests.browser.walk.opening import CENTRE, OFFICER
from tests.browser.walk.stage import Course, Walk, upload

STATION = "luquan-station"
#: What the sheet of outcomes says of each.
OUTCOME = {
    "用人单位": "阜康准东能源服务有限公司（演示）",
    "参训前岗位": "普工",
    "参训前月工资(元)": "5200",
    "现岗位": "电工",
    "现等级": "五级/初级工",
    "现月工资(元)": "6100",
    "核实日期": "2025-11-15",
}
#: Of the picture of a printed page; a phone's is finer.
DOTS_PER_INCH = 150


def issue(walk: Walk, course: Course) -> None:
    """Have a third person issue the certificates of all who passed, and a worker print them."""
    walk.on(date(2025, 8, 22), 15)
    page = walk.as_(f"{course.body}-issuer", "/certificates/issue")
    walk.look(page, "waiting")
    page.get_by_role("row").filter(has_text=course.name).get_by_role("link").first.click()
    walk.look(page, "issue")
    page.get_by_text(f"签发 {course.passing} 本证书").click()
    page.get_by_role("button", name="确定签发").click()
    page.get_by_role("heading", level=1, name="制作证书").wait_for()
    walk.look(page, "printing")
    with clock.at(walk.now):
        jobs.run(int(page.url.rpartition("/")[2]))
    db.session.rollback()
    page.reload()
    page.get_by_text(f"已完成 {course.passing} / {course.passing}").wait_for()
    walk.look(page, "printed")


def count(walk: Walk) -> int:
    """Tell how many skill certificates the officer's list holds."""
    page = walk.as_(OFFICER, "/certificates/?type=skill_level")
    walk.look(page, "certificates")
    return int(page.locator(".pager").inner_text().partition("共")[2].partition("条")[0])


def download(walk: Walk, course: Course) -> tuple[str, Path]:
    """Have the issuer print the certificate of the first who passed; give its number and the file."""
    holder = next(one for one in course.people if all((points or 0) >= 60 for points in course.marks[one.id_number]))
    page = walk.as_(f"{course.body}-issuer", f"/certificates/?q={holder.name}")
    page.locator(".data-table tbody").get_by_role("link").first.click()
    walk.look(page, "certificate")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="下载 PDF").click()
    kept = walk.folder / "certificate.pdf"
    downloading.value.save_as(kept)
    return page.get_by_role("heading", level=1).inner_text().split()[0], kept


def read_code(printed: Path, picture: Path) -> str:
    """Rasterise a printed certificate, and read the one QR on it."""
    with pypdfium2.PdfDocument(printed) as document:
        image = document[0].render(scale=DOTS_PER_INCH / 72).to_pil()
    image.save(picture)
    [code] = zxingcpp.read_barcodes(image)
    return code.text


def scan(walk: Walk, link: str, name: str) -> str:
    """Open a link as an employer without an account does; give what the page says first."""
    page = walk.visitor()
    page.goto(link)
    walk.look_plainly(page, name)
    return page.get_by_role("heading", level=1).inner_text()


def revoke(walk: Walk, course: Course, number: str) -> None:
    """Have the body that issued a certificate revoke it on its page."""
    walk.on(date(2025, 10, 22), 16)
    page = walk.as_(f"{course.body}-issuer", f"/certificates/?q={number}")
    page.get_by_role("link", name=number).click()
    page.get_by_role("link", name="撤销", exact=True).click()
    page.get_by_label("弄虚作假").check()
    page.get_by_label("依据和经过").fill("核查发现报名照片与参考人员不符，系替考")
    walk.look(page, "revoke")
    page.get_by_role("button", name="撤销").click()
    page.get_by_text("系替考").wait_for()
    walk.look(page, "revoked")


def follow_up(walk: Walk, course: Course) -> None:
    """Have the station there record the better post of one who was at work already, and of the others by a sheet."""
    walk.on(date(2025, 11, 20))
    page = walk.as_(STATION, "/placement/")
    walk.look(page, "placement")
    page.get_by_role("link", name=course.name).click()
    walk.look(page, "placement-cohort")
    _promotion(walk, page)
    page.get_by_role("link", name="在岗提升登记表").click()
    walk.look(page, "outcomes")
    page.get_by_label("登记表").set_input_files(upload("在岗提升登记表.xlsx", _filled(walk, page)))
    page.get_by_role("button", name="上传并检查").click()
    walk.look(page, "outcomes-checked")
    page.get_by_role("button", name=f"导入 {len(course.people) - 1} 行").click()
    page.get_by_text(f"已登记 {len(course.people) - 1} 人的去向").wait_for()
    walk.look(page, "placement-done")


def _promotion(walk: Walk, page: Page) -> None:
    page.get_by_role("link", name="登记下一名的去向").click()
    pick(page, "用人单位", "阜康准东能源")
    page.get_by_label("参训前岗位").fill("普工")
    page.get_by_label("参训前月工资（元）").fill("5200")
    page.get_by_label("现岗位").fill("电工")
    page.get_by_label("现月工资（元）").fill("6100")
    page.get_by_label("现等级").fill("五级/初级工")
    page.get_by_label("核实日期").fill("2025-11-15")
    walk.look(page, "placement-form")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已登记").first.wait_for()


def _filled(walk: Walk, page: Page) -> bytes:
    """Fill in the sheet with the waiting learners as the page gives it."""
    with page.expect_download() as downloading:
        page.get_by_role("link", name="下载在岗提升登记表").click()
    kept = walk.folder / "outcomes.xlsx"
    downloading.value.save_as(kept)
    book = load_workbook(kept)
    header, *rows = book.worksheets[0].iter_rows()
    places = {cell.value: place for place, cell in enumerate(header)}
    for row in rows:
        for title, value in OUTCOME.items():
            row[places[title]].value = value
    book.save(kept)
    return kept.read_bytes()


def progress(walk: Walk) -> dict[str, int]:
    """Give what the order's own page counts, in persons."""
    page = walk.as_(CENTRE, "/reports/orders")
    walk.look(page, "progress")
    page.get_by_role("link", name="DD-530128").first.click()
    page.locator(".stats").wait_for()
    page.wait_for_load_state()
    walk.look(page, "progress-order")
    labels, values = (page.locator(f".stats .stat-{part}").all_inner_texts() for part in ("label", "value"))
    return {label: int(value.removesuffix("人")) for label, value in zip(labels, values, strict=True)}
