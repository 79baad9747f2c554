"""The main job, end to end: from an order to a scanned certificate, as the people of one county walk it."""

from __future__ import annotations

import socket

import pytest

from tests.browser.chromium import PICTURES
from tests.browser.walk import certificate, exam, opening, stage, teaching

pytestmark = pytest.mark.browser


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize(
    ("width", "sizes"),
    [
        pytest.param(1280, ((80, 72, 1), (69, 58, 2)), id="149-people-1280"),
        pytest.param(360, ((6, 4, 1), (4, 3, 0)), id="10-people-360"),
    ],
)
def test_from_an_order_to_a_revoked_certificate(sqlite_database, tmp_path, port, page_at, width, sizes):
    with stage.staged(sqlite_database, tmp_path, port, page_at, width, sizes) as walk:
        passed = sum(numbers[1] for numbers in sizes)

        def each(*steps):
            for course in walk.courses:
                for step in steps:
                    step(walk, course)

        opening.order(walk)
        each(opening.draft, opening.allot)
        each(opening.file)
        each(opening.approve)
        planned = [meeting for course in walk.courses for meeting in teaching.timetable(walk, course)]
        each(teaching.open_class)
        teaching.teach(walk, planned)
        each(teaching.school_test)
        if width != exam.PHONE:  # the 149 are walked to their own test; ten people are walked to the end
            return
        each(exam.plan)
        each(exam.mark)
        each(exam.decide)
        first, *_others = walk.courses
        certificate.photograph(walk, first)
        each(certificate.issue)
        assert certificate.count(walk) == passed

        number, printed = certificate.download(walk, first)
        link = certificate.read_code(printed, PICTURES / f"way-printed-{width}.png")
        assert link.startswith(f"HTTP://LOCALHOST:{port}/V/")
        assert certificate.scan(walk, link, "scanned").startswith("有效")
        certificate.revoke(walk, number)
        assert certificate.scan(walk, link, "scanned-again").startswith("已撤销")
