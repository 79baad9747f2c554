"""The whole way at one width: from an order to a scanned certificate, and to what became of the people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.chromium import PICTURES
from tests.browser.walk import certificate, exam, opening, stage, teaching


def walk(database: str, folder: Path, open_page: Callable[..., Page], width: int) -> None:
    """Walk the 149 people of one county from an order to a revoked certificate, through the pages alone."""
    with stage.staged(database, folder, open_page, width) as way:

        def each(*steps: Callable[[stage.Walk, stage.Course], object]) -> None:
            for course in way.courses:
                for step in steps:
                    step(way, course)

        opening.order(way)
        each(opening.draft, opening.allot)
        each(opening.file)
        each(opening.approve)
        planned = [meeting for course in way.courses for meeting in teaching.timetable(way, course)]
        each(teaching.open_class)
        teaching.teach(way, planned)
        each(teaching.school_test)
        each(exam.plan)
        each(exam.mark)
        each(exam.decide)
        first, *_others = way.courses
        opening.look_at_one(way, first)
        each(certificate.issue)
        assert certificate.count(way) == stage.PASSING

        number, printed = certificate.download(way, first)
        link = certificate.read_code(printed, PICTURES / f"way-printed-{width}.png")
        assert link.startswith(f"{way.address}/v/".upper())
        assert certificate.scan(way, link, "scanned").startswith("有效")
        certificate.revoke(way, number)
        assert certificate.scan(way, link, "scanned-again").startswith("已撤销")

        certificate.follow_up(way, first)
        counted = certificate.progress(way)
        assert [counted[step] for step in ("需求", "报名", "开班", "结业")] == [stage.LEARNERS] * 4
        assert counted["取证"] == stage.PASSING - 1
        assert (counted["到岗"], counted["在岗提升"]) == (0, len(first.people)), "at work already: no new placement"
