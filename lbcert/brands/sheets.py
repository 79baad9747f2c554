"""The menu (menu.xlsx) and the list of occupations as bureaus send them, checked before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lbcert.brands import queries, rules
from lbcert.brands.models import ModuleKind, TrainingItem
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.reference import TradeKind
from lbcert.core.sheets import Column, Row, Sheet, read_sheet
from lbcert.core.words import Message, say

MENU_COLUMNS = (
    Column("item", "培训项目", required=True, width=20),
    Column("module", "模块", ("课程模块", "模块名称"), required=True, width=24),
    Column("kind", "类型", required=True, width=8),
    Column("hours", "课时", required=True, width=8),
    Column("online", "可线上", required=True, width=8),
    Column("required", "必修", required=True, width=8),
    Column("level", "等级", width=10),
    Column("group", "选修组", width=12),
    Column("before", "先修模块", width=24),
    Column("equipment", "设备", ("所需设备", "设备要求"), width=24),
)
TRADE_COLUMNS = (
    Column("edition", "大典年版", ("年版", "版本"), width=10),
    Column("code", "职业编码", ("编码", "代码"), width=14),
    Column("name", "职业名称", ("职业", "名称", "工种名称"), required=True, width=24),
    Column("kind", "类别", width=10),
)
_KINDS = {"理论": ModuleKind.THEORY, "实操": ModuleKind.PRACTICE, "实训": ModuleKind.PRACTICE}
_YES_NO = {"是": True, "否": False, "": False}
TRADE_KINDS = {
    "职业": TradeKind.OCCUPATION,
    "工种": TradeKind.WORK_TYPE,
    "专项能力": TradeKind.SPECIAL_ABILITY,
    "本地项目": TradeKind.LOCAL,
    "": TradeKind.OCCUPATION,
}


def plain(row: Row, key: str) -> str:
    """Give a cell's text without the blanks around and within it that nobody means."""
    return "".join(row[key].text.split()) if row[key].is_usable else ""


def yes_or_no(row: Row, column: Column) -> bool | Finding:
    """Read 是 or 否; blank is 否."""
    value = _YES_NO.get(plain(row, column.key))
    if value is not None:
        return value
    message = say("第 {row} 行「{title}」应填是或否，现为「{text}」", row=row.number, title=column.title, text=plain(row, column.key)[:20])  # fmt: skip
    return refuse("sheets.yes_or_no", message, subject=row.subject)


def whole_number(row: Row, column: Column) -> int | Finding:
    """Read a whole number."""
    number = row[column.key].as_number()
    if number is not None and number == number.to_integral_value() and abs(number) < rules.MOST_HOURS**2:
        return int(number)
    message = say("第 {row} 行「{title}」应为整数，现为「{text}」", row=row.number, title=column.title, text=plain(row, column.key)[:20])  # fmt: skip
    return refuse("sheets.whole_number", message, subject=row.subject)


def item_of(row: Row, catalogue: queries.Catalogue) -> TrainingItem | Finding:
    """Find the training item that a row's 培训项目 and 等级 name, or say what to do about it."""
    name = plain(row, "item")
    level = rules.read_level(plain(row, "level"))
    if isinstance(level, Finding):
        return at_row(row, level)
    named = catalogue.named(name)
    exact = [item for item in named if item.level == level]
    if exact:
        return exact[0]
    if level is None and len(named) == 1 and "level" not in row.places:
        return named[0]
    message = _unknown_item(row, name, named, catalogue.like(name))
    return refuse("brands.unknown_item", message, subject=row.subject)


def _unknown_item(row: Row, name: str, named: Sequence[TrainingItem], like: Sequence[str]) -> Message:
    where = {"row": row.number, "name": name[:40]}
    if named:
        levels = tuple(queries.label_of(item) for item in named)
        return say(
            "第 {row} 行：目录里有{levels}，没有所填等级的「{name}」；请改正等级，或先登记这一项目",
            **where,
            levels=levels,
        )
    if like:
        return say(
            "第 {row} 行：目录里没有培训项目「{name}」，相近的有{like}；请改正，或先登记这一项目",
            **where,
            like=tuple(like),
        )
    return say("第 {row} 行：目录里没有培训项目「{name}」；请先在“培训项目”中登记", **where)


def at_row(row: Row, finding: Finding) -> Finding:
    """Say of which row a finding is."""
    message = say("第 {row} 行：{said}", row=row.number, said=finding.message)
    return Finding(finding.rule, finding.level, message, finding.source, row.subject)


# Menu


@dataclass(frozen=True)
class MenuRow:
    """One checked row: the module that it asks for, where it can be read, and what is wrong."""

    number: int
    item: TrainingItem | None
    module: rules.ModuleDraft | None
    #: the name of the module to be taken before it
    before: str
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Tell whether nothing speaks against the row."""
        return self.module is not None and not any(finding.stops for finding in self.findings)


@dataclass(frozen=True)
class ItemMenu:
    """All rows of one item: imported as a whole or not at all."""

    item: TrainingItem
    rows: tuple[MenuRow, ...]
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Tell whether a draft can be made of it."""
        return all(row.good for row in self.rows) and not any(finding.stops for finding in self.findings)


@dataclass(frozen=True)
class CheckedMenus:
    """A dry run over a menu sheet."""

    sheet: Sheet
    rows: tuple[MenuRow, ...]
    menus: tuple[ItemMenu, ...]
    findings: tuple[Finding, ...]

    @property
    def good(self) -> tuple[ItemMenu, ...]:
        """Give the menus that can be imported."""
        return () if any(finding.stops for finding in self.findings) else tuple(m for m in self.menus if m.good)

    @property
    def by_row(self) -> dict[int, list[Finding]]:
        """Give all findings by row, for the marked copy."""
        return {row.number: list(row.findings) for row in self.rows}


def check_menus(data: bytes, region_code: str) -> CheckedMenus:
    """Check a menu sheet for a region's catalogue; raises ``Unreadable`` for what is no sheet."""
    sheet = read_sheet(data, MENU_COLUMNS)
    catalogue = queries.catalogue(region_code)
    rows = tuple(_menu_row(row, catalogue) for row in sheet.rows)
    by_item: dict[int, list[MenuRow]] = {}
    for row in rows:
        if row.item is not None:
            by_item.setdefault(row.item.id, []).append(row)
    menus = tuple(_item_menu(group) for group in by_item.values())
    return CheckedMenus(sheet, rows, menus, sheet.findings)


def _menu_row(row: Row, catalogue: queries.Catalogue) -> MenuRow:
    columns = {column.key: column for column in MENU_COLUMNS}
    item = item_of(row, catalogue)
    hours = whole_number(row, columns["hours"])
    online = yes_or_no(row, columns["online"])
    required = yes_or_no(row, columns["required"])
    kind = _KINDS.get(plain(row, "kind"))
    findings = [*row.findings, *(value for value in (item, hours, online, required) if isinstance(value, Finding))]
    if kind is None:
        message = say("第 {row} 行「类型」应填理论或实操，现为「{text}」", row=row.number, text=plain(row, "kind")[:20])
        findings.append(refuse("brands.module_kind", message, subject=row.subject))
    module = None
    if isinstance(hours, int) and isinstance(online, bool) and isinstance(required, bool) and kind is not None:
        name = row["module"].text.strip() if row["module"].is_usable else ""
        equipment = row["equipment"].text.strip() if row["equipment"].is_usable else ""
        module = rules.ModuleDraft(name[:80], kind is ModuleKind.PRACTICE, hours, required, online, plain(row, "group")[:40], equipment)  # fmt: skip
        findings += [at_row(row, finding) for finding in rules.module_shape(module)]
    return MenuRow(
        row.number, item if isinstance(item, TrainingItem) else None, module, plain(row, "before"), _once(findings)
    )


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Leave out what is said of a cell's content where its form is wrong already."""
    kept: dict[str, Finding] = {}
    for finding in findings:
        kept.setdefault(str(finding.message), finding)
    return tuple(kept.values())


def _item_menu(rows: list[MenuRow]) -> ItemMenu:
    item = rows[0].item
    assert item is not None  # noqa: S101 (grouped by it)
    findings = []
    names = [row.module.name for row in rows if row.module]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        message = say("{item}：模块「{name}」写了两次，请只保留一行", item=queries.label_of(item), name=name)
        findings.append(refuse("brands.module_twice", message))
    for row in rows:
        if row.before and row.before not in names:
            message = say("第 {row} 行：先修模块「{name}」不在{item}的菜单里", row=row.number, name=row.before[:40], item=queries.label_of(item))  # fmt: skip
            findings.append(refuse("brands.prerequisite_elsewhere", message))
    if any(menu.published_on is None for menu in item.menus):
        message = say("{item}已有一份菜单草稿，请先发布或丢弃它", item=queries.label_of(item))
        findings.append(refuse("brands.menu_draft_exists", message))
    if not findings:
        findings += [_for_later(finding) for finding in rules.publishable(as_menu(item, rows))]
    return ItemMenu(item, tuple(rows), tuple(findings))


def _for_later(finding: Finding) -> Finding:
    """Only warn of what would stop a publication: a draft may still be put right."""
    message = say("导入后发布前还须处理：{said}", said=finding.message)
    return Finding(finding.rule, Level.WARN, message, finding.source, finding.subject)


def as_menu(item: TrainingItem, rows: Sequence[MenuRow]) -> rules.Menu:
    """Give what the menu will be, its modules numbered as their rows."""
    number_of: Mapping[str, int] = {row.module.name: row.number for row in rows if row.module}
    offers = tuple(
        rules.Offer(
            id=row.number,
            name=row.module.name,
            hours=row.module.hours,
            required=row.module.required,
            practice=row.module.practice,
            online_allowed=row.module.online_allowed,
            group=row.module.group,
            prerequisite=number_of.get(row.before) if row.before else None,
        )
        for row in rows
        if row.module
    )
    return rules.Menu(queries.label_of(item), len(item.menus) + 1, item.hours, offers)


# Occupations


@dataclass(frozen=True)
class TradeRow:
    """One checked row of a list of occupations."""

    number: int
    name: str
    kind: TradeKind | None
    edition: int | None
    code: str | None
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Tell whether a trade can be made of it."""
        return self.kind is not None and not any(finding.stops for finding in self.findings)

    @property
    def is_there(self) -> bool:
        """Tell whether it is on file already."""
        return any(finding.rule == "brands.trade_there" for finding in self.findings)


@dataclass(frozen=True)
class CheckedTrades:
    """A dry run over a list of occupations."""

    sheet: Sheet
    rows: tuple[TradeRow, ...]
    findings: tuple[Finding, ...]

    @property
    def good(self) -> tuple[TradeRow, ...]:
        """Give the rows that can be imported and are not there yet."""
        if any(finding.stops for finding in self.findings):
            return ()
        return tuple(row for row in self.rows if row.good and not row.is_there)


def check_trades(data: bytes) -> CheckedTrades:
    """Check a bureau's list of occupations; raises ``Unreadable`` for what is no sheet."""
    sheet = read_sheet(data, TRADE_COLUMNS)
    known = queries.trade_index()
    rows = []
    for row in sheet.rows:
        checked = _trade_row(row, known)
        if checked.good and checked.kind is not None:
            known.add(checked.kind, checked.name, checked.edition, checked.code)
        rows.append(checked)
    return CheckedTrades(sheet, tuple(rows), sheet.findings)


def _trade_row(row: Row, known: queries.TradeIndex) -> TradeRow:
    name, code = plain(row, "name")[:60], plain(row, "code") or None
    kind = TRADE_KINDS.get(plain(row, "kind"))
    edition_text = plain(row, "edition").removesuffix("版").removesuffix("年")
    edition = int(edition_text) if edition_text.isdigit() and len(edition_text) == 4 else None  # noqa: PLR2004 (a year)
    findings = list(row.findings)
    if edition_text and edition is None:
        message = say("第 {row} 行「大典年版」应为年份，现为「{text}」", row=row.number, text=edition_text[:20])
        findings.append(refuse("brands.edition", message, subject=row.subject))
    if kind is None:
        message = say("第 {row} 行「类别」应填{kinds}", row=row.number, kinds=tuple(filter(None, TRADE_KINDS)))
        findings.append(refuse("brands.trade_kind", message, subject=row.subject))
    else:
        findings += [at_row(row, finding) for finding in rules.trade_shape(kind, name, edition, code)]
        for finding in rules.trade_known(name, code, known.find(kind, name, edition, code)):
            level = Level.NOTE if finding.rule == "brands.trade_there" else finding.level
            findings.append(at_row(row, Finding(finding.rule, level, finding.message)))
    return TradeRow(row.number, name, kind, edition, code, _once(findings))
