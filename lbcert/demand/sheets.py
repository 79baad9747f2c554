"""The orders that employers and stations send (orders.xlsx), checked before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from lbcert.brands.models import TrainingItem
from lbcert.brands.queries import Catalogue, catalogue, label_of
from lbcert.brands.sheets import at_row, item_of, plain, whole_number, yes_or_no
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.identity.credit_code import CreditCode, parse_credit_code, tidy_credit_code
from lbcert.core.reference import Region
from lbcert.core.sheets import Column, Row, Sheet, read_sheet
from lbcert.core.words import say
from lbcert.demand import queries, rules
from lbcert.demand.models import OrderKind
from lbcert.parties.models import Organisation

COLUMNS = (
    Column("employer", "用人单位", ("单位名称",), required=True, width=28),
    Column("credit_code", "统一社会信用代码", required=True, digits=True, width=22),
    Column("item", "培训项目", required=True, width=20),
    Column("level", "等级", width=10),
    Column("headcount", "人数", required=True, width=8),
    Column("place", "工作地区划", required=True, digits=True, width=12),
    Column("wage_min", "月薪下限", required=True, width=10),
    Column("wage_max", "月薪上限", required=True, width=10),
    Column("arrival", "到岗日期", required=True, width=12),
    Column("kind", "订单类型", required=True, width=12),
    Column("targeted", "定向", width=6),
)
_COLUMN = {column.key: column for column in COLUMNS}
_KINDS = {str(kind.label): kind for kind in OrderKind}
_MOST_YUAN = 1_000_000
V = TypeVar("V")


@dataclass(frozen=True)
class Employer:
    """Who orders: on file with an id, or to be registered by name and credit code."""

    name: str
    credit_code: str
    id: int | None = None
    region_code: str = ""


@dataclass(frozen=True)
class OrderRow:
    """One checked row: the order that it asks for, where it can be read, and all that is wrong or to be known."""

    number: int
    kind: OrderKind | None
    employer: Employer | None
    agreement_id: int | None
    item: TrainingItem | None
    line: rules.Line | None
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Tell whether an order can be made of it."""
        whole = None not in {self.kind, self.employer, self.line}
        return whole and not any(finding.stops for finding in self.findings)


@dataclass(frozen=True)
class CheckedOrders:
    """A dry run over an order sheet."""

    sheet: Sheet
    rows: tuple[OrderRow, ...]
    findings: tuple[Finding, ...]

    @property
    def good(self) -> tuple[OrderRow, ...]:
        """Give the rows that can be imported."""
        if any(finding.stops for finding in self.findings):
            return ()
        return tuple(row for row in self.rows if row.good)

    @property
    def by_row(self) -> dict[int, list[Finding]]:
        """Give all findings by row, for the marked copy."""
        return {row.number: list(row.findings) for row in self.rows}


def check_orders(data: bytes, home_region_code: str, signed_on: date) -> CheckedOrders:
    """Check an order sheet for a region's people, signed on a day; raises ``Unreadable`` for what is no sheet."""
    sheet = read_sheet(data, COLUMNS)
    check = _Check(home_region_code, signed_on, catalogue(home_region_code))
    return CheckedOrders(sheet, tuple(check.row(row) for row in sheet.rows), sheet.findings)


class _Check:
    """What is known while the rows of one sheet are read, one after another."""

    def __init__(self, home_region_code: str, signed_on: date, items: Catalogue) -> None:
        self._home = home_region_code
        self._signed_on = signed_on
        self._items = items
        self._regions = set(db.session.scalars(select(Region.code)))
        #: credit code → the name under which an earlier row has it
        self._names: dict[str, str] = {}
        #: what was asked → the row that asked first
        self._asked: dict[tuple[object, ...], int] = {}

    def row(self, row: Row) -> OrderRow:
        """Check one row."""
        findings = list(row.findings)

        def keep(value: V | Finding) -> V | None:
            if isinstance(value, Finding):
                findings.append(value)
                return None
            return value

        kind = keep(self._kind(row))
        code = keep(self._credit_code(row))
        employer = self._employer(row, code, kind, findings) if code else None
        item = keep(item_of(row, self._items))
        targeted = keep(yes_or_no(row, _COLUMN["targeted"]))
        line = self._line(row, item, bool(targeted), findings)
        agreement_id = None
        if kind is not None and employer is not None:
            agreement_id = self._promise(row, kind, employer, bool(targeted), findings)
        if kind is not None and employer is not None and line is not None:
            findings += self._again(row, kind, employer, line)
        return OrderRow(row.number, kind, employer, agreement_id, item, line, _once(findings))

    def _kind(self, row: Row) -> OrderKind | Finding:
        text = plain(row, "kind")
        message = say("第 {row} 行「订单类型」应填{kinds}，现为「{text}」", row=row.number, kinds=tuple(_KINDS), text=text[:20])  # fmt: skip
        return _KINDS.get(text) or refuse("demand.kind_name", message, subject=row.subject)

    def _credit_code(self, row: Row) -> str | Finding:
        parsed = parse_credit_code(tidy_credit_code(row["credit_code"].text).text)
        return parsed.text if isinstance(parsed, CreditCode) else at_row(row, parsed)

    def _employer(self, row: Row, code: str, kind: OrderKind | None, findings: list[Finding]) -> Employer:
        name = row["employer"].text.strip()[:120] if row["employer"].is_usable else ""
        on_file = list(db.session.scalars(select(Organisation).where(Organisation.credit_code == code)))
        fitting = [body for body in on_file if kind is None or not rules.party_fits(kind, body.kind, body.name)]
        known = next(iter(fitting or on_file), None)
        named = known.name if known else self._names.setdefault(code, name)
        if name and named != name:
            message = say(
                "第 {row} 行：信用代码 {code} 的单位是「{known}」，表中写作「{name}」；请核对代码，单位已更名的先更新机构名称",
                row=row.number,
                code=code,
                known=named,
                name=name[:40],
            )
            findings.append(refuse("demand.employer_name", message, subject=row.subject))
        if known is not None:
            findings += [at_row(row, each) for each in rules.party_fits(kind, known.kind, known.name)] if kind else []
            return Employer(known.name, code, known.id, known.region_code)
        if kind is OrderKind.EMPLOYER:
            message = say(
                "第 {row} 行：「{name}」尚未登记，信用代码无误，导入时登记为用人单位", row=row.number, name=name
            )
            findings.append(Finding("demand.new_employer", Level.NOTE, message, subject=row.subject))
        elif kind is not None:
            message = say("第 {row} 行：「{name}」尚未登记；{kind}请先在“机构”中登记该单位", row=row.number, name=name, kind=kind.label)  # fmt: skip
            findings.append(refuse("demand.unknown_party", message, subject=row.subject))
        return Employer(name, code, None, self._registered_in(code, plain(row, "place")))

    def _registered_in(self, code: str, place: str) -> str:
        """Give the region of the authority that gave a credit code (its characters 3 to 8), or the nearest known one."""
        own = code[2:8]
        near = [own, f"{own[:4]}00", f"{own[:2]}0000", place, self._home]
        return next(region for region in near if region in self._regions)

    def _line(self, row: Row, item: TrainingItem | None, targeted: bool, findings: list[Finding]) -> rules.Line | None:
        headcount = whole_number(row, _COLUMN["headcount"])
        wages = [_fen(row, _COLUMN[key]) for key in ("wage_min", "wage_max")]
        arrival = row["arrival"].as_date() or _no_date(row)
        place = plain(row, "place")
        findings += [value for value in (headcount, *wages, arrival) if isinstance(value, Finding)]
        if place not in self._regions:
            message = say("第 {row} 行：没有区划代码为 {code} 的地区；请填六位区划代码，如 {home}", row=row.number, code=place[:12], home=self._home)  # fmt: skip
            findings.append(refuse("demand.unknown_place", message, subject=row.subject))
        least, most = wages
        if isinstance(headcount, Finding) or isinstance(arrival, Finding) or isinstance(least, Finding) or isinstance(most, Finding):  # fmt: skip
            return None
        line = rules.Line(item.id if item else 0, headcount, least, most, place, arrival, 0, targeted)
        name = label_of(item) if item else plain(row, "item")[:40]
        shape = rules.line_shape(line, self._signed_on, say("第 {row} 行{name}", row=row.number, name=name))
        findings += [Finding(each.rule, each.level, each.message, each.source, row.subject) for each in shape]
        if arrival <= clock.today() and arrival > self._signed_on:
            message = say("第 {row} 行：到岗日期 {day} 已过", row=row.number, day=arrival.isoformat())
            findings.append(Finding("demand.arrival_past", Level.WARN, message, subject=row.subject))
        return line if item and place in self._regions else None

    def _promise(self, row: Row, kind: OrderKind, employer: Employer, targeted: bool, findings: list[Finding]) -> int | None:  # fmt: skip
        """Find the agreement that an order carries out, and say what its targeted seats lack."""
        agreements = []
        if kind is OrderKind.AGREEMENT and employer.id is not None:
            agreements = queries.agreements_of(employer.id, self._home)
            if len(agreements) != 1:
                message = say(
                    "第 {row} 行：「{name}」与本地有 {count} 份有效的协作协议；没有的请先登记协议，多于一份的请在页面上登记订单",
                    row=row.number,
                    name=employer.name,
                    count=len(agreements),
                )
                findings.append(refuse("demand.agreement_missing", message, subject=row.subject))
                return None
        agreement_id = agreements[0].id if agreements else None
        own = queries.duty_in(agreement_id, employer.id) if agreement_id and employer.id else None
        if targeted:
            backing = rules.backs_targeted(kind, employer.name, own.duty if own else None, own.state if own else None)
            findings += [at_row(row, each) for each in backing]
        return agreement_id

    def _again(self, row: Row, kind: OrderKind, employer: Employer, line: rules.Line) -> list[Finding]:
        asked = (kind, employer.credit_code, line.item_id, line.headcount, line.place_region_code, line.arrival_on)
        first = self._asked.setdefault(asked, row.number)
        if first != row.number:
            message = say("第 {row} 行与第 {first} 行是同一张订单，请只保留一行", row=row.number, first=first)
            return [refuse("demand.row_twice", message, subject=row.subject)]
        there = queries.same_order(kind, employer.id, line) if employer.id is not None else None
        if there is None:
            return []
        message = say(
            "第 {row} 行：这张订单已在册（{number}）；确是另一张的，请在页面上登记", row=row.number, number=there.number
        )
        return [refuse("demand.order_there", message, subject=row.subject)]


def _fen(row: Row, column: Column) -> int | Finding:
    """Read an amount in yuan as 分."""
    yuan = row[column.key].as_number()
    if yuan is not None and abs(yuan) <= _MOST_YUAN and yuan * 100 == int(yuan * 100):
        return int(yuan * 100)
    message = say("第 {row} 行「{title}」应为元，最多两位小数，现为「{text}」", row=row.number, title=column.title, text=plain(row, column.key)[:20])  # fmt: skip
    return refuse("demand.amount", message, subject=row.subject)


def _no_date(row: Row) -> Finding:
    message = say(
        "第 {row} 行「到岗日期」应形如 2025-09-01，现为「{text}」", row=row.number, text=plain(row, "arrival")[:20]
    )
    return refuse("demand.date", message, subject=row.subject)


def _once(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Leave out what is said of a cell's content where its form is wrong already, and what is said twice."""
    return tuple({str(finding.message): finding for finding in findings}.values())
