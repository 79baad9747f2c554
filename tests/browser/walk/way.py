"""The whole way, one course at a desk and one on phones: from an order to scanned certificates, and to what became of the people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from lbcert.brands.models import ModuleKind
from lbcert.teaching.models import Mode
from tests.browser.chromium import PICTURES
from tests.browser.walk import attendance, certificate, exam, opening, planning, stage, teaching


def walk(database: str, folder: Path, open_page: Callable[..., Page]) -> None:
    """Walk the 149 people of one county from an order to revoked certificates, through the pages alone."""
    with stage.staged(database, folder, open_page) as way:

        def each(*steps: Callable[[stage.Walk, stage.Course], object]) -> None:
            for course in way.courses:
                way.width = course.width
                for step in steps:
                    step(way, course)

        opening.order(way)
        each(opening.draft, opening.allot)
        each(opening.file)
        each(opening.approve)
        planned = [meeting for course in way.courses for meeting in planning.plan(way, course)]
        electricians, growers = way.courses
        assert planning.days_of(electricians) == {True: 11, False: 4}
        evenings, field_days = (ModuleKind.THEORY, Mode.ONLINE, True), (ModuleKind.PRACTICE, Mode.FIELD, False)
        assert planning.hours_of(planned, growers) == {evenings: 20, field_days: 36}
        each(teaching.open_class)
        attendance.keep(way, planned)
        way.on(stage.LAST, 23, 30)
        assert attendance.sums(way, electricians) == {"出勤 72 / 72 课时": 79, "出勤 68 / 72 课时 · 缺勤 4": 1}
        assert attendance.sums(way, growers) == {"出勤 56 / 56 课时": 69}
        each(teaching.school_test)
        each(exam.plan)
        each(exam.mark)
        each(exam.decide)
        each(opening.look_at_one)
        each(certificate.issue)
        assert certificate.count(way) == stage.PASSING
        each(scan_revoke_and_scan_again)
        each(certificate.follow_up)

        counted = certificate.progress(way)
        assert [counted[step] for step in ("需求", "报名", "开班", "结业")] == [stage.LEARNERS] * 4
        assert counted["取证"] == stage.PASSING - len(way.courses)
        assert (counted["到岗"], counted["在岗提升"]) == (0, stage.LEARNERS), "at work already: no new placement"


def scan_revoke_and_scan_again(way: stage.Walk, course: stage.Course) -> None:
    """Print one certificate of a course, and scan it before and after it is revoked."""
    number, printed = certificate.download(way, course)
    link = certificate.read_code(printed, PICTURES / f"way-printed-{course.width}.png")
    assert link.startswith(f"{way.address}/v/".upper())
    assert certificate.scan(way, link, "scanned").startswith("有效")
    certificate.revoke(way, course, number)
    assert certificate.scan(way, link, "scanned-again").startswith("已撤销")
