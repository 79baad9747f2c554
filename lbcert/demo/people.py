"""Fictional people and bodies: right check digits, and sequence numbers (990 to 999) that nobody was given."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from lbcert.core.identity import credit_code, id_number

_HAN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂云英华玉兰志文建国春梅红海燕辉琴鹏雪莲荣忠宁香珍福林菊顺发贵"
_YI = ("沙马", "马海", "吉克", "曲木", "阿苏", "金古", "余木", "加洛", "杨阿", "罗洪")
_YI_GIVEN = ("拉毕", "木呷", "阿牛", "尔古", "伍果", "日火", "阿支", "子黑", "果果", "依洛")
#: Rare characters that a certificate must print, two of them beyond Unicode's first plane.
RARE = ("葛曾䮌", "张䶮", "李㛃", "王𠮷", "陈𬭎", "杨㴴")
#: The dot of minority names, as identity cards bear it.
DOTTED = ("曲比·阿依", "阿布都·热合曼")
_FIRST_BIRTH, _LAST_BIRTH = date(1976, 1, 1), date(2006, 6, 30)
#: Until when a county gave its people the older code of its region.
_OLD_CODES = {
    "530724": ("533224", date(2001, 12, 31)),
    "530627": ("532128", date(2001, 8, 1)),
    "150581": ("152302", date(1985, 1, 1)),
}
_ETHNICITIES = {"530724": "彝族", "530128": "彝族", "522626": "侗族", "150500": "蒙古族", "150581": "蒙古族"}


@dataclass(frozen=True)
class Figure:
    """Somebody of the demo."""

    name: str
    id_number: str
    region: str
    phone: str
    ethnicity: str


class Crowd:
    """Makes the people of one county, always the same ones for one ``seed``, and none twice."""

    def __init__(self, region: str, seed: int) -> None:
        self._region, self._seed = region, seed
        self._dice = random.Random(seed)  # noqa: S311 (fiction, no secret)
        self._numbers: set[str] = set()

    def people(self, count: int, *, named: Iterable[str] = ()) -> list[Figure]:
        """Make ``count`` people; the first bear the names given."""
        names = [*named]
        return [self.person(names[place] if place < len(names) else "") for place in range(count)]

    def person(self, name: str = "") -> Figure:
        """Make one person."""
        is_minority = self._dice.random() < 0.4  # noqa: PLR2004 (a guess)
        local = _ETHNICITIES.get(self._region, "汉族")
        ethnicity = local if is_minority else "汉族"
        if not name and is_minority and local == "彝族" and self._dice.random() < 0.5:  # noqa: PLR2004 (as above)
            name = self._dice.choice(_YI) + self._dice.choice(_YI_GIVEN)
        if not name:
            name = self._dice.choice(_HAN) + "".join(self._dice.choices(_GIVEN, k=self._dice.choice((1, 2, 2, 2))))
        return Figure(name, self._number(), self._region, f"138{self._seed:02d}{len(self._numbers):06d}", ethnicity)

    def _number(self) -> str:
        while True:
            born = _FIRST_BIRTH + timedelta(days=self._dice.randrange((_LAST_BIRTH - _FIRST_BIRTH).days))
            old, until = _OLD_CODES.get(self._region, (self._region, date.min))
            body = f"{old if born <= until else self._region}{born:%Y%m%d}99{self._dice.randrange(10)}"
            number = body + id_number.check_character(body)
            if number not in self._numbers:
                self._numbers.add(number)
                return number


def credit_code_of(region: str, serial: int, kind: str) -> str:
    """Make a body's unified social credit code: ``kind`` 11 is an authority, 52 a private school, 91 a firm."""
    return credit_code.completed(f"{kind}{region[:6]}{serial:08d}")


def roster_rows(people: Iterable[Figure], living_in: str, address: str) -> list[dict[str, str]]:
    """Write people as the rows of a county's roster, by column key."""
    return [
        {
            "id_number": figure.id_number,
            "name": figure.name,
            "ethnicity": figure.ethnicity,
            "employment_register": f"{figure.region}{figure.phone[-10:]}",
            "category": "脱贫劳动力" if figure.phone.endswith(("3", "7")) else "农村转移就业劳动者",
            "household_kind": "农业户口",
            "household_region": figure.region,
            "residence_region": living_in,
            "address": address,
            "phone": figure.phone,
            "bank_name": "农村信用社",
            "bank_holder": figure.name,
            "bank_account": f"62236900{figure.phone}",
        }
        for figure in people
    ]
