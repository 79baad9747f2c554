"""Rules, trades, items, menus and brands of the five places, handed in as bureaus hand them in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from lbcert.brands.operations import (
    choose_items,
    create_brand,
    create_item,
    import_menus,
    import_trades,
    publish_menu,
    submit_menus,
    submit_trades,
    switch_plugins,
)
from lbcert.brands.queries import all_trades
from lbcert.brands.sheets import MENU_COLUMNS, TRADE_COLUMNS
from lbcert.core.policy import set_policy
from lbcert.core.reference import NATION, SkillLevel
from lbcert.core.sheets import Table, write_workbook
from lbcert.demo.cast import ADMIN, Cast, ids
from lbcert.demo.counties import COUNTIES, County
from lbcert.exams.models import StatementKind
from lbcert.exams.operations import set_entry_route
from lbcert.plugins import plugins

FIRST_DAY = date(2020, 1, 1)
#: What no document found says is the bureau's own setting, and shown as such.
OWN_SETTING = "本局设定（演示）"
_RULES: dict[str, dict[str, object]] = {
    "530000": {
        "cohorts.age": {"male": [16, 60], "female": [16, 55]},
        "cohorts.times_a_year": 3,
        "cohorts.max_size": 50,
        "cohorts.file_days_before": 7,
        "cohorts.reply_days": 5,
        "teaching.attendance_share": 80,
        "teaching.qr_seconds": 20,
        "teaching.check_in_late": 15,
        "teaching.sign_phone_people": 3,
        "teaching.pass_theory": 60,
        "teaching.pass_practice": 60,
        "placement.stable_months": 3,
        "exams.min_examiners": 3,
        "exams.supervisor_required": True,
        "exams.freeze_days": 1,
        "exams.seats_by_lot": True,
        "exams.invigilators_per_room": 2,
        "exams.late_minutes": 30,
        "exams.leave_minutes": 30,
        "exams.separation_months": 24,
        "exams.rotation_batches": 3,
        "exams.card_required": True,
        "exams.markers_practice": 2,
        "exams.marker_tolerance": 5,
        "exams.pass_theory": 60,
        "exams.pass_practice": 60,
        "exams.notice_days": 5,
        "certificates.query_days": 10,
        "exams.resits": 1,
        "exams.part_validity_months": 12,
        "exams.review_days": 10,
        "exams.review_answer_days": 10,
        "oversight.objection_days": 5,
        "certificates.revocation_hours": 48,
        "dossiers.wants_sign_in": True,
        "dossiers.wants_room_record": True,
        "dossiers.wants_summary": True,
        "dossiers.keep_years": 5,
    },
    "520000": {
        "cohorts.max_size": 50,
        "cohorts.reply_days": 5,
        "teaching.attendance_share": 80,
        "teaching.pass_theory": 60,
        "teaching.pass_practice": 60,
        "placement.stable_months": 6,
        "exams.min_examiners": 3,
        "exams.supervisor_required": True,
        "exams.separation_months": 24,
        "exams.pass_theory": 60,
        "exams.pass_practice": 60,
        "certificates.revocation_hours": 48,
    },
    "150500": {
        "cohorts.reply_days": 5,
        "teaching.attendance_share": 80,
        "teaching.pass_theory": 60,
        "teaching.pass_practice": 60,
        "placement.stable_months": 3,
        "exams.min_examiners": 3,
        "exams.supervisor_required": True,
        "exams.separation_months": 24,
        "exams.pass_theory": 60,
        "exams.pass_practice": 60,
        "certificates.revocation_hours": 48,
    },
}
#: Where the cohorts of 禄劝 are taught: its hours hold for them, and its body examines one of them.
_RULES["650000"] = {
    **{
        key: value
        for key, value in _RULES["530000"].items()
        if key.startswith(("exams.", "dossiers.", "certificates."))
    },
    "exams.hours_taught_share": 100,
    "exams.theory_share": 60,
    "exams.practice_share": 80,
}
#: Work in 新疆 ends some two hours later by the clock.
_RULES[NATION] = {"teaching.evening_window": "18:00-21:00", "teaching.day_window": "08:30-18:00"}
_RULES["650000"] |= {"teaching.evening_window": "20:00-23:00", "teaching.day_window": "10:00-19:00"}
_OFFICERS = {
    NATION: ADMIN,
    "530000": "yunnan-bureau",
    "650000": "xinjiang-bureau",
    "520000": "guizhou-bureau",
    "150500": "tongliao-bureau",
}
#: What a document says, where one was found (docs name it in full).
_SOURCES = {
    ("530000", "certificates.query_days"): "职业技能等级认定结果公示通知：公示结束后 10 个工作日内上报",
    ("530000", "exams.resits"): "职业技能等级认定考务规程：单项合格可补考一次",
    ("530000", "exams.late_minutes"): "考务规程：开考 30 分钟后不得入场",
    ("530000", "exams.leave_minutes"): "考务规程：开考 30 分钟后方可离场",
    ("530000", "exams.invigilators_per_room"): "考务规程：试卷由两名监考员同领同拆",
    ("530000", "exams.notice_days"): "职业技能等级认定结果公示通知：在评价机构网站公示 5 个工作日",
    ("530000", "cohorts.times_a_year"): "云南省职业培训补贴办法：同一人每年不超过 3 次",
    ("530000", "exams.min_examiners"): "职业技能等级认定考务规程：考评人员不少于 3 名",
    ("520000", "exams.min_examiners"): "职业技能等级认定考务规程：考评人员不少于 3 名",
    ("150500", "exams.min_examiners"): "职业技能等级认定考务规程：考评人员不少于 3 名",
}

#: 年版, 编码, 名称, 类别, as a bureau's list of occupations has them.
_TRADES = (
    ("2022", "6-31-01-03", "电工", "职业"),
    ("2022", "5-05-02-01", "农作物植保员", "职业"),
    ("2022", "4-10-04-01", "保健调理师", "职业"),
    ("2022", "4-10-01-05", "养老护理员", "职业"),
    ("2022", "4-10-01-06", "家政服务员", "职业"),
    ("2022", "4-10-01-02", "婴幼儿发展引导员", "职业"),
    ("2022", "4-03-02-01", "中式烹调师", "职业"),
    ("2022", "6-18-02-04", "焊工", "职业"),
    ("2022", "6-29-03-05", "制冷空调系统安装维修工", "职业"),
    ("2022", "5-03-02-01", "家畜饲养员", "职业"),
    ("", "", "铝电解工", "工种"),
    ("", "", "光伏保洁", "本地项目"),
    ("", "", "农村职业经理人", "本地项目"),
    ("", "", "荞麦种植与电商", "本地项目"),
    ("", "", "零工通用技能", "本地项目"),
)


@dataclass(frozen=True)
class Item:
    """A training item with its menu: module, 类型, hours, online, required, elective group, prerequisite."""

    name: str
    trade: str
    has_level: bool
    hours: int
    menu: tuple[tuple[str, str, int, bool, bool, str, str], ...]


def _all_required(*modules: tuple[str, str, int]) -> tuple[tuple[str, str, int, bool, bool, str, str], ...]:
    """Make a menu of required modules; theory may be taught online."""
    return tuple((name, kind, hours, kind == "理论", True, "", "") for name, kind, hours in modules)


def _item(name: str, *modules: tuple[str, str, int], trade: str = "", has_level: bool = True) -> Item:
    return Item(name, trade or name, has_level, sum(hours for _, _, hours in modules), _all_required(*modules))


#: What the lessons of a module need, by its name; figures are ours.
_EQUIPMENT = {"理疗手法基础": "护理床 1 张/4 人", "安装与检修": "空调室外机 1 台/5 人\n真空泵 2 台"}
CARE = Item(
    "保健调理师",
    "保健调理师",
    True,
    64,
    (
        ("职业道德与法律", "理论", 4, True, True, "", ""),
        ("人体经络与穴位", "理论", 12, True, True, "", ""),
        ("理疗手法基础", "实操", 24, False, True, "", "人体经络与穴位"),
        ("卫生与安全", "理论", 4, True, True, "", ""),
        ("足部理疗", "实操", 16, False, False, "专长手法", "理疗手法基础"),
        ("肩颈理疗", "实操", 16, False, False, "专长手法", "理疗手法基础"),
        ("彝家草药泡浴", "实操", 16, False, False, "专长手法", ""),
        ("普通话与岗位礼仪", "理论", 4, True, False, "沟通", ""),
        ("老年人沟通与心理支持", "理论", 4, True, False, "沟通", ""),
    ),
)
_ITEMS: dict[str, tuple[Item, ...]] = {
    "luquan": (
        _item(
            "电工",
            ("安全用电", "理论", 8), ("电工基础", "理论", 12), ("照明与配电安装", "实操", 24),
            ("电动机控制", "实操", 20), ("故障检修", "实操", 8),
        ),
        _item(
            "农作物植保员",
            ("病虫识别", "理论", 12), ("田间调查", "实操", 16), ("农药安全使用", "理论", 8),
            ("植保机械操作", "实操", 20),
        ),
    ),
    "ninglang": (
        CARE,
        _item("养老护理员", ("职业道德与法律", "理论", 4), ("老年人生活照料", "实操", 24), ("基础护理与急救", "实操", 20)),
        _item("制冷空调系统安装维修工", ("安全操作", "理论", 8), ("制冷原理", "理论", 16), ("安装与检修", "实操", 40)),
        _item("光伏保洁", ("高空与用电安全", "理论", 8), ("组件清洗", "实操", 24), has_level=False),
        _item("家政服务员", ("岗位礼仪", "理论", 4), ("家居保洁", "实操", 24), ("家庭餐制作", "实操", 20)),
    ),
    "tongliao": (
        _item("铝电解工", ("安全生产", "理论", 12), ("槽操作", "实操", 40), ("电气维修", "实操", 32)),
        _item("科尔沁月嫂", ("职业道德", "理论", 4), ("产妇照护", "实操", 28), ("新生儿照护", "实操", 32), trade="家政服务员"),
        _item("育婴", ("发展评估", "理论", 8), ("生活照护", "实操", 40), trade="婴幼儿发展引导员"),
        _item("养老护理员", ("职业道德与法律", "理论", 4), ("老年人生活照料", "实操", 24), ("基础护理与急救", "实操", 20)),
        _item("黄牛饲养", ("疫病防控", "理论", 8), ("饲养管理", "实操", 32), trade="家畜饲养员"),
        _item("荞麦种植与电商", ("种植技术", "理论", 8), ("直播带货", "实操", 16), has_level=False),
        _item("零工通用技能", ("劳动安全与维权", "理论", 4), ("采收与分拣", "实操", 12), has_level=False),
    ),
    "cengong": (
        _item("家政服务员", ("岗位礼仪", "理论", 4), ("家居保洁", "实操", 24), ("粤菜家庭餐", "实操", 20)),
        _item("中式烹调师", ("食品安全", "理论", 8), ("刀工与切配", "实操", 24), ("思州菜制作", "实操", 40)),
        _item("农村职业经理人", ("合作社财务", "理论", 16), ("产业规划", "理论", 8), ("基地实训", "实操", 24), has_level=False),
    ),
    "zhenxiong": (
        _item("焊工", ("安全与劳动保护", "理论", 8), ("焊接基础", "理论", 8), ("手工电弧焊", "实操", 40)),
    ),
}  # fmt: skip
#: Brand number (as codes carry it), name, county, the items it chose, the most it may choose.
_BRANDS: tuple[tuple[int, str, str, tuple[str, ...], int | None], ...] = (
    (1, "宁蒗康养师", "ninglang", ("保健调理师", "养老护理员", "家政服务员"), 30),
    (2, "宁蒗光伏保洁师", "ninglang", ("光伏保洁", "制冷空调系统安装维修工"), 30),
    (3, "禄劝产业工匠", "luquan", ("电工", "农作物植保员"), None),
    (4, "思州厨师", "cengong", ("中式烹调师",), None),
    (5, "南粤家政·岑巩班", "cengong", ("家政服务员",), None),
    (6, "岑巩乡村经营人才", "cengong", ("农村职业经理人",), None),
    (7, "镇雄技工", "zhenxiong", ("焊工",), None),
    (11, "库伦荞乡新农人", "tongliao", ("荞麦种植与电商",), None),
    (12, "黄牛饲养工", "tongliao", ("黄牛饲养",), None),
    (13, "科尔沁黄牛产业工", "tongliao", ("黄牛饲养",), None),
    (14, "月缘育婴师", "tongliao", ("育婴",), None),
    (15, "霍林绿电铝电解工", "tongliao", ("铝电解工",), None),
    (16, "通职养老护理员", "tongliao", ("养老护理员",), None),
    (17, "科尔沁月嫂", "tongliao", ("科尔沁月嫂",), None),
    (18, "椒都零工", "tongliao", ("零工通用技能",), None),
    (19, "草原铝工", "tongliao", ("铝电解工",), None),
    (20, "天娇养老护理员", "tongliao", ("养老护理员",), None),
)


#: 申报条件, as one county's notice words them.
_ENTRY_SOURCE = "职业技能等级认定申报条件（某县 2024 年通知所载国家标准）"
_ENTRY: dict[SkillLevel, tuple[dict[str, Any], ...]] = {
    SkillLevel.FIVE: ({"min_age": 16},),
    SkillLevel.FOUR: ({"years": 5}, {"years": 3, "held_level": SkillLevel.FIVE}, {"proof": StatementKind.STUDY}),
    SkillLevel.THREE: (
        {"years": 10},
        {"years": 4, "held_level": SkillLevel.FOUR},
        {"years": 1, "proof": StatementKind.TITLE},
    ),
}


def set_rules(cast: Cast) -> None:
    """Put each province's rules on file, acting as its officer, each with its source."""
    for area, rules in _RULES.items():
        for key, value in rules.items():
            source = _SOURCES.get((area, key), OWN_SETTING)
            set_policy(cast.account(_OFFICERS[area]), area, key, value, FIRST_DAY, source)
    for level, ways in _ENTRY.items():
        for way in ways:
            set_entry_route(cast.account(ADMIN), NATION, level, FIRST_DAY, _ENTRY_SOURCE, **way)


def enter_trades(cast: Cast) -> None:
    """Import the list of occupations as a bureau sends it."""
    keys = [column.key for column in TRADE_COLUMNS]
    sheet = write_workbook(Table("职业", TRADE_COLUMNS, [dict(zip(keys, row, strict=True)) for row in _TRADES]))
    import_trades(cast.account(ADMIN), submit_trades(cast.account(ADMIN), sheet, "职业目录.xlsx").id)
    cast.trades = {trade.name: trade.id for trade in all_trades()}


def enter_items(cast: Cast) -> None:
    """Put each county's items in its catalogue, import their menus from a sheet, and publish them."""
    for county in COUNTIES:
        officer = f"{county.key}-bureau"
        for item in _ITEMS[county.key]:
            level = SkillLevel.FIVE if item.has_level else None
            trade_id = cast.trades[item.trade]
            made = create_item(cast.account(officer), county.region, item.name, trade_id, level, item.hours)
            cast.items[county.key, item.name] = made.id
        paper = submit_menus(cast.account(f"{county.key}-centre"), county.region, _menu_sheet(county), "培训菜单.xlsx")
        for menu_id in ids(import_menus(cast.account(f"{county.key}-centre"), paper.id)):
            publish_menu(cast.account(officer), menu_id)


def _menu_sheet(county: County) -> bytes:
    rows = [
        {
            "item": item.name,
            "level": "五级" if item.has_level else "",
            "module": module,
            "kind": kind,
            "hours": hours,
            "online": "是" if online else "否",
            "required": "是" if required else "否",
            "group": group,
            "before": before,
            "equipment": _EQUIPMENT.get(module, ""),
        }
        for item in _ITEMS[county.key]
        for module, kind, hours, online, required, group, before in item.menu
    ]
    return write_workbook(Table("菜单", MENU_COLUMNS, rows))


#: The county whose brands have their PDFs signed, in its association's name.
SIGNS_PDFS = "ninglang"


def enter_brands(cast: Cast) -> None:
    """Register the brands and the items that each chose; 宁蒗康养师 has the stars."""
    regions = {county.key: county.region for county in COUNTIES}
    for number, name, county, items, most in _BRANDS:
        officer = f"{county}-bureau"
        owner = cast.bodies[f"{county}-association"]
        made = create_brand(
            cast.account(officer),
            number,
            name,
            regions[county],
            owner_id=owner,
            max_items=most,
            signs_pdfs=county == SIGNS_PDFS,
        )
        cast.brands[name] = made.id
        choose_items(cast.account(officer), made.id, [cast.items[county, item] for item in items])
    stars = {"star_rating"} & set(plugins().names)
    switch_plugins(cast.account("ninglang-bureau"), cast.brands["宁蒗康养师"], stars)
