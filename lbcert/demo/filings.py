"""What providers may teach and assessment bodies assess, and the cards of who examines for them."""

from __future__ import annotations

from datetime import date

from lbcert.core.reference import NATION, SkillLevel
from lbcert.demo.cast import Cast
from lbcert.demo.catalogue import FIRST_DAY
from lbcert.demo.papers import signed_paper
from lbcert.exams.models import CardGrade
from lbcert.exams.operations import register_card
from lbcert.parties.models import FilingKind
from lbcert.parties.operations import accept_filing

#: body → the trades that it filed for
_TEACHES = {
    "luquan": ("电工", "农作物植保员"),
    "ninglang": ("保健调理师", "养老护理员", "制冷空调系统安装维修工", "光伏保洁", "家政服务员"),
    "tongliao": ("铝电解工", "家政服务员", "婴幼儿发展引导员", "养老护理员"),
    "cengong": ("家政服务员", "中式烹调师", "农村职业经理人"),
    "zhenxiong": ("焊工",),
}
_ASSESSES = {
    "yunnan": ("电工", "农作物植保员", "保健调理师", "养老护理员", "家政服务员", "焊工"),
    "guizhou": ("家政服务员", "中式烹调师"),
    "neimeng": ("铝电解工", "家政服务员", "养老护理员"),
    "xinjiang": ("农作物植保员",),
}
#: Where a body may examine, when that is not everywhere in the country.
_SITES = {"xinjiang": "650000"}
#: body → who keeps the register of its region
OFFICERS = {
    "yunnan": "yunnan-bureau",
    "xinjiang": "xinjiang-bureau",
    "guizhou": "guizhou-bureau",
    "neimeng": "tongliao-bureau",
}


def accept_filings(cast: Cast) -> None:
    """Put the filings of schools and assessment bodies on file, anywhere in the country."""
    for county, trades in _TEACHES.items():
        for trade in trades:
            accept_filing(
                cast.account(f"{county}-bureau"), cast.bodies[f"{county}-school"], FilingKind.TEACH,
                cast.trades[trade], None, NATION, "民办学校办学许可〔演示〕1 号", FIRST_DAY,
            )  # fmt: skip
    for body, trades in _ASSESSES.items():
        for trade in trades:
            accept_filing(
                cast.account(OFFICERS[body]), cast.bodies[f"{body}-assessment"], FilingKind.ASSESS,
                cast.trades[trade], SkillLevel.FIVE, _SITES.get(body, NATION), "职业技能评价机构备案〔演示〕1 号", FIRST_DAY,
            )  # fmt: skip


def register_cards(cast: Cast) -> None:
    """Register the cards of the examiners of each body; one ends this year."""
    holders = {
        "examiner": (CardGrade.SENIOR, 2028),
        "examiner2": (CardGrade.EXAMINER, 2028),
        "examiner3": (CardGrade.EXAMINER, 2026),
    }
    for body, trades in _ASSESSES.items():
        for place, (end, (grade, year)) in enumerate(holders.items(), start=1):
            register_card(
                cast.account(f"{body}-exam"), cast.bodies[f"{body}-assessment"], cast.persons[f"{body}-{end}"],
                f"演示KP{body.upper()}{place:03d}", grade, {cast.trades[trade]: SkillLevel.THREE for trade in trades},
                date(2024, 1, 1), date(year, 12, 31), signed_paper("考评员证卡"), "考评员证卡.pdf", "application/pdf",
            )  # fmt: skip
