"""What a brand may choose, what a menu must hold before it is published, and what may be chosen from it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from lbcert.brands.equipment import read_needs
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.reference import SkillLevel, TradeKind
from lbcert.core.words import Message, say

#: How sheets write the levels. Local systems code 初级 as 01, certificates as 5: a bare number is never guessed at.
LEVEL_NAMES: Mapping[str, SkillLevel] = {
    name: level
    for level, names in {
        SkillLevel.FIVE: ("五级", "初级", "初级工", "五级/初级工", "初级工(五级)"),
        SkillLevel.FOUR: ("四级", "中级", "中级工", "四级/中级工", "中级工(四级)"),
        SkillLevel.THREE: ("三级", "高级", "高级工", "三级/高级工", "高级工(三级)"),
        SkillLevel.TWO: ("二级", "技师", "二级/技师", "技师(二级)"),
        SkillLevel.ONE: ("一级", "高级技师", "一级/高级技师", "高级技师(一级)"),
    }.items()
    for name in names
}


def read_level(text: str) -> SkillLevel | Finding | None:
    """Read the level in a cell: None where it is blank, a finding where it is on no list."""
    plain = "".join(text.split()).replace("（", "(").replace("）", ")")
    if not plain:
        return None
    level = LEVEL_NAMES.get(plain)
    if level is not None:
        return level
    message = say(
        "不认识等级「{text}」：请写五级、四级、三级、二级、一级，或初级工、中级工、高级工、技师、高级技师；不分等级的留空",
        text=text[:20],
    )
    return refuse("brands.level_name", message)


def level_fits(kind: TradeKind, level: SkillLevel | None, name: str) -> list[Finding]:
    """Refuse a level on an item that is no occupation: nothing assesses it."""
    if level is None or kind in {TradeKind.OCCUPATION, TradeKind.WORK_TYPE}:
        return []
    message = say(
        "「{name}」不是职业或工种，没有职业技能等级：请将等级留空，或改选对应的职业", name=name, level=level.value
    )
    return [refuse("brands.level_of_no_occupation", message)]


def item_count(chosen: int, limit: int | None, brand: str) -> list[Finding]:
    """Refuse more training items than the brand may choose; a ``limit`` of None is none ([S0]: 30)."""
    if limit is None or chosen <= limit:
        return []
    message = say(
        "{brand}最多可选 {limit} 个培训项目，现选了 {chosen} 个：请去掉 {excess} 个",
        brand=brand,
        limit=limit,
        chosen=chosen,
        excess=chosen - limit,
    )
    return [refuse("brands.max_items", message)]


@dataclass(frozen=True)
class Offer:
    """A module as the menu offers it; hours are class hours of 45 minutes."""

    id: int
    name: str
    hours: int
    required: bool
    practice: bool = False
    online_allowed: bool = False
    #: exactly one module of a group is chosen
    group: str = ""
    #: the module to be taken before it, by its id
    prerequisite: int | None = None


@dataclass(frozen=True)
class Menu:
    """One version of an item's menu, and the hours that a choice from it must reach."""

    item: str | Message
    version: int
    hours: int
    offers: tuple[Offer, ...]

    @property
    def source(self) -> str:
        """How a finding cites it."""
        return f"{self.item}培训菜单第 {self.version} 版"

    @property
    def by_id(self) -> dict[int, Offer]:
        """Its modules by id."""
        return {offer.id: offer for offer in self.offers}

    @property
    def groups(self) -> dict[str, list[Offer]]:
        """The modules of each elective group."""
        groups: dict[str, list[Offer]] = {}
        for offer in self.offers:
            if offer.group:
                groups.setdefault(offer.group, []).append(offer)
        return groups

    @property
    def most_hours(self) -> int:
        """The hours of the longest choice: everything, and the longest module of each group."""
        free = sum(offer.hours for offer in self.offers if not offer.group)
        return free + sum(max(offer.hours for offer in offers) for offers in self.groups.values())


def choose_modules(
    menu: Menu, chosen: Collection[int], whom: str, *, online: Collection[int] = (), subject: str = ""
) -> list[Finding]:
    """Judge a choice of modules, by their ids, for ``whom`` (a learner, or a cohort's plan).

    All required ones are in, of each elective group exactly one, with each module its prerequisite, the hours reach the
    item's, and of those to be taught ``online`` none is practice or kept on site by the menu.
    """
    on_menu = menu.by_id
    taken = [offer for offer in menu.offers if offer.id in chosen]

    def wrong(rule: str, message: Message) -> Finding:
        return refuse(f"brands.{rule}", message, menu.source, subject)

    findings = [
        wrong("module_of_another_menu", say("{whom}：所选的 {count} 个模块不在这一版菜单里", whom=whom, count=count))
        for count in [len(set(chosen) - on_menu.keys())]
        if count
    ]
    findings += [
        wrong("required_module", say("{whom}：缺少必修模块「{module}」", whom=whom, module=offer.name))
        for offer in menu.offers
        if offer.required and offer.id not in chosen
    ]
    for group, offers in menu.groups.items():
        count = sum(offer.id in chosen for offer in offers)
        if count != 1:
            message = say(
                "{whom}：选修组「{group}」应在 {modules} 中选一个，现选了 {count} 个",
                whom=whom,
                group=group,
                modules=tuple(offer.name for offer in offers),
                count=count,
            )
            findings.append(wrong("elective_group", message))
    for offer in taken:
        before = on_menu.get(offer.prerequisite) if offer.prerequisite is not None else None
        if before is not None and before.id not in chosen:
            message = say(
                "{whom}：选「{module}」须同时选它的先修模块「{before}」",
                whom=whom,
                module=offer.name,
                before=before.name,
            )
            findings.append(wrong("prerequisite", message))
        if offer.id in online and (offer.practice or not offer.online_allowed):
            message = say("{whom}：「{module}」不能线上授课，请安排现场授课", whom=whom, module=offer.name)
            findings.append(wrong("practice_online", message))
    return findings + _hours(menu, sum(offer.hours for offer in taken), whom, subject)


def _hours(menu: Menu, hours: int, whom: str, subject: str) -> list[Finding]:
    gap = say(
        "{whom}：所选模块共 {hours} 课时，{item}应为 {wanted} 课时", whom=whom, hours=hours, item=menu.item, wanted=menu.hours
    )  # fmt: skip
    if hours < menu.hours:
        return [refuse("brands.hours", gap, menu.source, subject)]
    if hours > menu.hours:
        return [Finding("brands.hours_beyond", Level.WARN, gap, menu.source, subject)]
    return []


def publishable(menu: Menu) -> list[Finding]:
    """Refuse a menu from which no choice could be right: empty, too short, with a circle or a group of one."""
    if not menu.offers:
        return [refuse("brands.empty_menu", say("{item}的菜单里还没有模块", item=menu.item))]
    findings = _rounds(menu)
    findings += [
        refuse("brands.lone_elective", say("选修组「{group}」里只有一个模块，无从选择：请补足或取消分组", group=group))
        for group, offers in menu.groups.items()
        if len(offers) == 1
    ]
    if menu.most_hours < menu.hours:
        message = say(
            "{item}应为 {wanted} 课时，菜单里的模块全部选上也只有 {hours} 课时：请补充模块，或更正项目课时",
            item=menu.item,
            wanted=menu.hours,
            hours=menu.most_hours,
        )
        findings.append(refuse("brands.menu_too_short", message))
    return findings


def _rounds(menu: Menu) -> list[Finding]:
    on_menu = menu.by_id
    findings = []
    for offer in menu.offers:
        chain = [offer]
        while (before := on_menu.get(chain[-1].prerequisite or 0)) is not None and before not in chain:
            chain.append(before)
        if before is not None and before == offer:
            message = say("模块「{module}」的先修关系绕成了圈，谁也不能先学", module=offer.name)
            findings.append(refuse("brands.prerequisite_round", message))
        elif offer.required and not all(each.required for each in chain):
            message = say(
                "必修模块「{module}」的先修模块也须是必修：{chain}",
                module=offer.name,
                chain=" ← ".join(each.name for each in chain),
            )
            findings.append(refuse("brands.prerequisite_elective", message))
    return findings


def unknown_plugins(wanted: Iterable[str], installed: Iterable[str]) -> list[Finding]:
    """Refuse names of plugins that are not installed."""
    there = set(installed)
    return [
        refuse("brands.unknown_plugin", say("没有安装名为 {name} 的插件", name=name))
        for name in dict.fromkeys(wanted)
        if name not in there
    ]


#: class hours of the longest training item or module; what is larger is a slip of the finger
MOST_HOURS = 2_000
_OCCUPATION_CODE = re.compile(r"[1-8]-\d{2}-\d{2}-\d{2}")
#: Years of the national classification of occupations (职业分类大典).
EDITIONS = (1999, 2015, 2022)


@dataclass(frozen=True)
class ModuleDraft:
    """What somebody wants a module to be."""

    name: str
    practice: bool
    hours: int
    required: bool
    online_allowed: bool
    group: str = ""
    #: A line each: 焊机 1 台/2 人.
    equipment: str = ""


def module_shape(module: ModuleDraft, subject: str = "") -> list[Finding]:
    """Refuse a module that contradicts itself."""
    findings = []
    if not module.name:
        findings.append(refuse("brands.no_name", say("请填写模块名称"), subject=subject))
    if not 0 < module.hours <= MOST_HOURS:
        message = say("模块「{module}」的课时应在 1 至 {most} 之间，现为 {hours}", module=module.name, most=MOST_HOURS, hours=module.hours)  # fmt: skip
        findings.append(refuse("brands.module_hours", message, subject=subject))
    if module.practice and module.online_allowed:
        message = say("模块「{module}」是实操，不能线上授课", module=module.name)
        findings.append(refuse("brands.practice_online", message, subject=subject))
    if module.required and module.group:
        message = say("模块「{module}」是必修，不能放进选修组「{group}」", module=module.name, group=module.group)
        findings.append(refuse("brands.required_in_group", message, subject=subject))
    unreadable = (replace(finding, subject=subject) for finding in read_needs(module.equipment)[1])
    return [*findings, *unreadable]


def menu_reason(has_earlier: bool, reason: str, item: str | Message) -> list[Finding]:
    """Refuse a new version of a published menu without a reason."""
    if not has_earlier or reason.strip():
        return []
    message = say("{item}的菜单已发布过，新版本请写明理由，如会议决定或文件", item=item)
    return [refuse("brands.menu_reason", message)]


def trade_shape(kind: TradeKind, name: str, edition: int | None, code: str | None, subject: str = "") -> list[Finding]:
    """Refuse a trade whose code is of no edition, or whose shape is no occupation's (4-10-01-05)."""
    findings = []
    if not name.strip():
        findings.append(refuse("brands.no_name", say("请填写职业（工种）名称"), subject=subject))
    if kind is TradeKind.OCCUPATION and not (edition and code):
        message = say("职业「{name}」须有大典年版和职业编码；没有编码的请按工种、专项能力或本地项目登记", name=name)
        findings.append(refuse("brands.occupation_code", message, subject=subject))
    if kind is TradeKind.LOCAL and (edition or code):
        message = say("本地项目「{name}」不在职业分类大典中，不应有年版和编码", name=name)
        findings.append(refuse("brands.local_code", message, subject=subject))
    if edition is not None and edition not in EDITIONS:
        message = say("大典年版应为 {editions}，现为 {edition}", editions=tuple(EDITIONS), edition=edition)
        findings.append(refuse("brands.edition", message, subject=subject))
    if kind is TradeKind.OCCUPATION and code and not _OCCUPATION_CODE.fullmatch(code):
        message = say("职业编码应形如 4-10-01-05，首位 1 至 8，现为 {code}", code=code[:20])
        findings.append(refuse("brands.code_shape", message, subject=subject))
    return findings


def trade_known(name: str, code: str | None, found: tuple[str, str | None] | None, subject: str = "") -> list[Finding]:
    """Say that a trade is on file: ``found`` is the name and code of the one that has its code or its name."""
    if found is None:
        return []
    if found == (name, code):
        return [refuse("brands.trade_there", say("「{name}」已在册", name=name), subject=subject)]
    message = say(
        "「{name}」{code}与在册的「{other}」{other_code}冲突：同一年版里一个编码只属于一个职业，请核对大典",
        name=name,
        code=code or "",
        other=found[0],
        other_code=found[1] or "",
    )
    return [refuse("brands.trade_conflict", message, subject=subject)]
