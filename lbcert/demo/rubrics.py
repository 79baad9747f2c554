"""By which items the practice of the 149's two trades is marked, and how somebody's points fall to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lbcert.core.reference import SkillLevel
from lbcert.demo.cast import Cast
from lbcert.exams.models import Part
from lbcert.exams.operations import write_rubric
from lbcert.exams.scoring import Item

#: Fictional; the items are those of the schools' own tests, and what is looked at on every site.
RUBRICS = {
    "电工": (
        Item("照明线路安装", 30, 30, "按图接线，横平竖直，接点牢固，通电一次成功"),
        Item("配电箱接线", 25, 25, "相序正确，标识齐全，接地可靠"),
        Item("电动机正反转", 25, 50, "联锁可靠，正反转各试一次；每错一处扣 5 分"),
        Item("故障排查", 10, 10, "先断电验电，十分钟内查出两处"),
        Item("安全文明生产", 10, 10, "劳保穿戴，工具归位，工完场清"),
    ),
    "农作物植保员": (
        Item("病虫识别", 40, 40, "二十份标本，每份 2 分"),
        Item("药剂配制", 25, 25, "称量准确，二次稀释，防护到位"),
        Item("植保机械操作", 25, 50, "检查、起动、作业、停机、清洗各 10 分"),
        Item("安全文明生产", 10, 10, "空瓶回收，不逆风施药"),
    ),
}
_BODIES = {"yunnan": ("电工", "农作物植保员"), "xinjiang": ("农作物植保员",)}
_FROM = date(2025, 6, 2)


def write_rubrics(cast: Cast) -> None:
    """Have each body write how it marks the practice of those trades at the first level."""
    for body, trades in _BODIES.items():
        for trade in trades:
            write_rubric(
                cast.account(f"{body}-exam"), cast.bodies[f"{body}-assessment"], cast.trades[trade], SkillLevel.FIVE,
                Part.PRACTICE, RUBRICS[trade], _FROM, "本机构《技能考核方案》〔演示〕",
            )  # fmt: skip


def shared_out(items: Sequence[Item], points: int) -> tuple[int, ...]:
    """Share a part's points out to the items of its rubric, so that they come to just so many."""
    given = [item.most * points // 100 for item in items]
    rest = points * 100 - sum(one * item.worth for one, item in zip(given, items, strict=True))
    for place, item in enumerate(items):
        more = min(item.most - given[place], rest // item.worth)
        given[place] += more
        rest -= more * item.worth
    return tuple(given)
