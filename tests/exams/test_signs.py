"""Signs of trouble: plain rules that find what is odd and leave alone what is not."""

from datetime import datetime, timedelta

import pytest

from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.exams import signs
from lbcert.exams.models import Part
from lbcert.exams.signs import Given, Limits
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from tests.exams import scene as stage

NINE = datetime(2025, 8, 9, 9, tzinfo=SHANGHAI)
PART = Part.PRACTICE.label
USUAL = Limits()


def marks(points, scorer="考评甲", gaps=(), **values):
    gaps = gaps or [61 + 37 * (place % 5) for place in range(len(points))]
    times = [NINE + timedelta(seconds=sum(gaps[:place])) for place in range(len(points))]
    return [Given(f"{100000 + n}", "practice", one, scorer, at, **values) for n, (one, at) in enumerate(zip(points, times, strict=True))]  # fmt: skip


SPREAD = [52, 61, 64, 66, 70, 73, 75, 78, 81, 84, 88, 93]


@pytest.mark.parametrize(
    ("passed", "sat", "before", "found"),
    [
        (40, 40, (140, 200), True),  # 100 % beside 70 %
        (30, 40, (140, 200), False),  # 75 % beside 70 %
        (9, 9, (140, 200), False),  # too few to say anything
        (40, 40, (14, 20), False),  # too little history
        (39, 40, (190, 200), False),  # beyond no error
        (10, 40, (140, 200), True),  # far too few pass
    ],
)
def test_a_pass_rate_out_of_line(passed, sat, before, found):
    assert bool(signs.pass_rate(passed, sat, before, USUAL)) is found


@pytest.mark.parametrize(
    ("points", "found"),
    [(SPREAD, False), ([78] * 6 + [80] * 6, True), ([60] * 8 + SPREAD[:4], True), ([60] * 7 + SPREAD[:5], False), ([78] * 9, False)],
)  # fmt: skip
def test_marks_too_alike(points, found):
    assert bool(signs.alike(PART, marks(points), USUAL)) is found


def test_one_examiner_too_kind():
    others = marks(SPREAD, "考评甲")
    (sign,) = signs.too_kind(PART, others + marks([one + 12 if one < 88 else 100 for one in SPREAD], "考评乙"), USUAL)
    assert "考评乙 平均" in str(sign.message)
    assert {row.scorer for row in sign.rows} == {"考评乙"}
    assert signs.too_kind(PART, others + marks([one + 5 for one in SPREAD], "考评乙"), USUAL) == []
    assert signs.too_kind(PART, others + marks([100] * 9, "考评乙"), USUAL) == []


def test_time_stamps_too_even():
    assert signs.too_even(marks(SPREAD), USUAL) == []
    (sign,) = signs.too_even(marks(SPREAD, gaps=[60] * 12), USUAL)
    assert "每隔约 60 秒一个" in str(sign.message)
    assert signs.too_even(marks(SPREAD, gaps=[60] * 12, transcribed=True), USUAL) == []
    assert signs.too_even(marks(SPREAD, gaps=[0] * 12), USUAL) == []  # sent together once there was a network


@pytest.mark.usefixtures("exam_day")
def test_the_supervisors_page_opens_the_rows_behind_a_sign(app):
    scene = stage.begun(stage.ready([f"学员{n}" for n in range(10)]))
    for one in scene.batch.candidates:
        stage.give(scene, one.enrolment.person.name, 78, 79)
    page = browser_of(app, make.account(Role.AUDITOR, make.LUQUAN)).get(f"/exams/{scene.batch.id}/signs").text
    assert "理论知识：10 个分数都在 78 至 78 分之间" in page
    assert all(one.number in page for one in scene.batch.candidates)
    assert "学员3" not in page
    stage.policy("exams.sign_span", -1)
    stage.policy("exams.sign_same_share", 101)
    page = browser_of(app, make.account(Role.AUDITOR, make.LUQUAN)).get(f"/exams/{scene.batch.id}/signs").text
    assert "都在 78 至 78 分之间" not in page
    assert "或 101% 以上相同" in page
