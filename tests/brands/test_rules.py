"""What may be chosen from a menu, and what a menu must hold."""

import pytest

from lbcert.brands import rules
from lbcert.brands.rules import Menu, Offer
from lbcert.core.findings import Level
from lbcert.core.reference import SkillLevel, TradeKind

LAW, CARE, AID, REHAB, MIND, HANDS = range(1, 7)


def menu(hours=40, **changes):
    offers = {
        LAW: Offer(LAW, "职业道德与法律", 4, required=True, online_allowed=True),
        CARE: Offer(CARE, "老年人生活照料", 16, required=True, practice=True),
        AID: Offer(AID, "基础护理与急救", 12, required=False, practice=True),
        REHAB: Offer(REHAB, "康复辅助", 12, required=False, practice=True, group="方向"),
        MIND: Offer(MIND, "心理支持与沟通", 8, required=False, online_allowed=True, group="方向"),
        HANDS: Offer(HANDS, "康养理疗手法", 20, required=False, practice=True, prerequisite=AID),
    }
    for key, offer in changes.items():
        offers[int(key[1:])] = offer
    return Menu("养老护理员（五级/初级工）", 2, hours, tuple(offers.values()))


def judged(chosen, **options):
    return [finding.rule for finding in rules.choose_modules(menu(), chosen, "李某", **options)]


def test_a_choice_with_all_required_one_of_each_group_and_the_hours_is_right():
    assert judged({LAW, CARE, AID, MIND}) == []


def test_a_required_module_left_out_is_named():
    findings = rules.choose_modules(menu(), {LAW, AID, HANDS, MIND}, "李某")
    assert [finding.rule for finding in findings] == ["brands.required_module", "brands.hours_beyond"]
    assert str(findings[0].message) == "李某：缺少必修模块「老年人生活照料」"
    assert findings[0].source == "养老护理员（五级/初级工）培训菜单第 2 版"


def test_a_module_needs_its_prerequisite():
    assert judged({LAW, CARE, MIND, HANDS}) == ["brands.prerequisite", "brands.hours_beyond"]


@pytest.mark.parametrize(("electives", "count"), [(set(), 0), ({REHAB, MIND}, 2)])
def test_of_an_elective_group_exactly_one_is_chosen(electives, count):
    findings = rules.choose_modules(menu(32), {LAW, CARE, AID, *electives}, "李某")
    assert findings[0].rule == "brands.elective_group"
    assert dict(findings[0].message.values)["count"] == count


def test_hours_short_of_the_items_are_refused_and_hours_beyond_are_shown():
    assert judged({LAW, CARE, REHAB}) == ["brands.hours"]
    beyond = rules.choose_modules(menu(), {LAW, CARE, AID, REHAB}, "李某")
    assert [(finding.rule, finding.level) for finding in beyond] == [("brands.hours_beyond", Level.WARN)]


def test_practice_is_not_taught_online_nor_theory_that_the_menu_keeps_on_site():
    kept = Offer(MIND, "心理支持与沟通", 8, required=False, group="方向")
    findings = rules.choose_modules(menu(e5=kept), {LAW, CARE, AID, MIND}, "本班计划", online={LAW, CARE, MIND})
    assert [str(finding.message) for finding in findings] == [
        "本班计划：「老年人生活照料」不能线上授课，请安排现场授课",
        "本班计划：「心理支持与沟通」不能线上授课，请安排现场授课",
    ]


def test_a_module_of_another_menu_is_refused():
    assert judged({LAW, CARE, AID, MIND, 99}) == ["brands.module_of_another_menu"]


def test_all_that_is_wrong_is_said_at_once():
    assert set(judged({HANDS})) == {
        "brands.required_module", "brands.elective_group", "brands.prerequisite", "brands.hours",
    }  # fmt: skip


def published(**changes):
    return [finding.rule for finding in rules.publishable(menu(**changes))]


def test_a_menu_that_leaves_a_right_choice_may_be_published():
    assert published(hours=64) == []


def test_a_menu_that_cannot_reach_the_hours_is_not_published():
    assert published(hours=65) == ["brands.menu_too_short"]  # only the longer of the group counts: 4+16+12+20+12


def test_an_empty_menu_is_not_published():
    assert [finding.rule for finding in rules.publishable(Menu("电工", 1, 72, ()))] == ["brands.empty_menu"]


def test_a_group_of_one_is_no_choice():
    assert published(e5=Offer(MIND, "心理支持与沟通", 8, required=False)) == ["brands.lone_elective"]


def test_modules_cannot_wait_for_each_other():
    first = Offer(AID, "基础护理与急救", 12, required=False, prerequisite=HANDS)
    assert published(e3=first) == ["brands.prerequisite_round"] * 2


def test_what_a_required_module_needs_is_required_too():
    care = Offer(CARE, "老年人生活照料", 16, required=True, prerequisite=AID)
    assert published(e2=care) == ["brands.prerequisite_elective"]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("五级", SkillLevel.FIVE),
        ("初级工", SkillLevel.FIVE),
        (" 四级 / 中级工 ", SkillLevel.FOUR),
        ("高级工（三级）", SkillLevel.THREE),
        ("技师", SkillLevel.TWO),
        ("高级技师", SkillLevel.ONE),
        ("", None),
    ],
)
def test_levels_are_read_from_their_names(text, level):
    assert rules.read_level(text) is level


@pytest.mark.parametrize("text", ["5", "01", "1", "六级", "5.0"])
def test_a_bare_number_is_no_level_because_local_systems_count_the_other_way(text):
    assert rules.read_level(text).rule == "brands.level_name"


def test_thirty_items_pass_and_the_thirty_first_is_refused():
    assert rules.item_count(30, 30, "宁蒗康养师") == []
    (finding,) = rules.item_count(31, 30, "宁蒗康养师")
    assert finding.rule == "brands.max_items"
    assert "请去掉 1 个" in str(finding.message)
    assert rules.item_count(500, None, "某品牌") == []


def test_only_occupations_and_work_types_have_levels():
    assert rules.level_fits(TradeKind.OCCUPATION, SkillLevel.FIVE, "电工") == []
    assert rules.level_fits(TradeKind.LOCAL, None, "光伏保洁") == []
    assert [f.rule for f in rules.level_fits(TradeKind.LOCAL, SkillLevel.FIVE, "光伏保洁")] == [
        "brands.level_of_no_occupation"
    ]


@pytest.mark.parametrize(
    ("kind", "edition", "code", "wrong"),
    [
        (TradeKind.OCCUPATION, 2022, "6-31-01-03", []),
        (TradeKind.OCCUPATION, 1999, "4-07-12-03", []),
        (TradeKind.OCCUPATION, 2022, None, ["brands.occupation_code"]),
        (TradeKind.OCCUPATION, 2020, "6-31-01-03", ["brands.edition"]),
        (TradeKind.OCCUPATION, 2022, "9-31-01-03", ["brands.code_shape"]),
        (TradeKind.OCCUPATION, 2022, "6310103", ["brands.code_shape"]),
        (TradeKind.LOCAL, None, None, []),
        (TradeKind.LOCAL, 2022, "6-31-01-03", ["brands.local_code"]),
    ],
)
def test_an_occupation_has_edition_and_code_and_a_local_item_has_none(kind, edition, code, wrong):
    assert [finding.rule for finding in rules.trade_shape(kind, "电工", edition, code)] == wrong
