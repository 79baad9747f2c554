"""The main job, end to end: from an order to a scanned certificate, as the people of one county walk it."""

from __future__ import annotations

import socket

import pytest

from tests.browser.walk import opening, stage, teaching

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
