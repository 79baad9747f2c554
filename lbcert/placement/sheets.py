"""The sheets of outcomes (就业登记表, 在岗提升登记表): written for the learners who wait for one, read row by row."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lbcert.core.findings import Finding, refuse
from lbcert.core.identity.credit_code import tidy_credit_code
from lbcert.core.identity.id_number import tidy_id_number
from lbcert.core.identity.person_name import tidy_person_name
from lbcert.core.sheets import Cell, Column, Row
from lbcert.core.words import Message, say, some
from lbcert.placement.models import Channel
from lbcert.placement.rules import JobDetails, Promotion

_WHO = (
    Column("name", "姓名", ("学员姓名",), required=True),
    Column("id_number", "身份证号", ("公民身份号码", "身份证号码"), required=True, digits=True, width=22),
    Column("employer", "用人单位", ("单位名称",), required=True, width=30),
    Column("credit_code", "统一社会信用代码", ("信用代码",), digits=True, width=22),
)
JOBS = (
    *_WHO,
    Column("place", "工作地区划", ("工作地",), required=True, digits=True),
    Column("post", "岗位", required=True),
    Column("started_on", "到岗日期", required=True),
    Column("wage", "月工资(元)", required=True),
    Column("channel", "就业渠道", required=True),
    Column("contract", "已签劳动合同", ("劳动合同",), required=True),
    Column("seasonal", "季节性用工", ("季节性",)),
)
PROMOTIONS = (
    *_WHO,
    Column("post_before", "参训前岗位", required=True),
    Column("grade_before", "参训前等级"),
    Column("wage_before", "参训前月工资(元)", required=True, width=18),
    Column("post_after", "现岗位", required=True),
    Column("grade_after", "现等级"),
    Column("wage_after", "现月工资(元)", required=True),
    Column("as_of", "核实日期", required=True),
)
CHANNELS = {
    "集中输出": Channel.ORGANISED,
    "县内转移": Channel.LOCAL,
    "公益岗位": Channel.PUBLIC_POST,
    "自主就业": Channel.OWN,
}
_YES_OR_NO = {"是": True, "否": False}
#: of a post, of a grade
_LONGEST = {"post": 60, "post_before": 60, "post_after": 60, "grade_before": 40, "grade_after": 40}
#: 元 a month; ten million is a slip of the keyboard
_HIGHEST_WAGE = 10_000_000

T = TypeVar("T")


@dataclass(frozen=True)
class Learner:
    """A learner of the cohort: as a row must name one."""

    enrolment_id: int
    name: str
    number: str
    masked: str


@dataclass(frozen=True)
class Known:
    """What a row may name: the learners, organisations by credit code and by name, and regions by code and by name."""

    learners: Sequence[Learner]
    employers: Mapping[str, Sequence[int]]
    places: Mapping[str, Sequence[str]]


@dataclass
class Entry:
    """One row: whose outcome it is and which, once everything in it can be read, and what there is to say about it."""

    row: int
    name: str = ""
    enrolment_id: int | None = None
    outcome: JobDetails | Promotion | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """What a finding about this row says it is about."""
        return f"row:{self.row}"

    @property
    def is_good(self) -> bool:
        """Tell whether nothing stops it."""
        return self.outcome is not None and not any(finding.stops for finding in self.findings)

    def add(self, findings: Iterable[Finding]) -> None:
        """Take findings about the outcome as findings about the row."""
        for found in findings:
            message = say("第 {row} 行：{what}", row=self.row, what=found.message)
            self.findings.append(Finding(found.rule, found.level, message, found.source, self.subject))


@dataclass(frozen=True)
class OutcomeSheet:
    """One of the two sheets."""

    name: str
    title: Message
    columns: tuple[Column, ...]
    #: What is news in a row; a prefilled one that says none of it is passed over.
    news: tuple[str, ...]
    read: Callable[[Entry, Row, Known], JobDetails | Promotion | None]

    @property
    def kind(self) -> str:
        """What a staged one is called."""
        return f"placement.{self.name}"


def read_entry(sheet: OutcomeSheet, row: Row, known: Known) -> Entry:
    """Read one row; each cell that cannot be read is said."""
    entry = Entry(row.number, tidy_person_name(row["name"].text).text[:30])
    if all(not row[key].text.strip() for key in sheet.news):
        entry.add([refuse("placement.row_blank", say("还没有填写去向，不导入"))])
        return entry
    entry.findings += row.findings
    entry.enrolment_id = _learner(entry, row, known)
    for column in sheet.columns:
        most = _LONGEST.get(column.key)
        if most and len(_words(row[column.key])) > most:
            message = say("“{title}”超过 {most} 个字符，请改短", title=column.title, most=most)
            entry.add([refuse("placement.cell_long", message)])
    entry.outcome = sheet.read(entry, row, known)
    return entry


def one_row_each(entries: Sequence[Entry]) -> None:
    """Hold back all rows of a learner who stands in several: which is right, nobody can tell from the sheet."""
    for entry in entries:
        others = [each.row for each in entries if each is not entry and each.enrolment_id == entry.enrolment_id]
        if entry.enrolment_id is not None and others:
            message = say("{who} 在表中不止一行（另见第 {rows} 行），请只留一行", who=entry.name, rows=some(others))
            entry.add([refuse("placement.row_twice", message)])


def _job(entry: Entry, row: Row, known: Known) -> JobDetails | None:
    employer = _employer(entry, row, known)
    place = _place(entry, row["place"], known)
    started_on = _read(entry, row, "started_on", JOBS, Cell.as_date, "2025-08-15")
    wage = _read(entry, row, "wage", JOBS, in_fen, "5600.50")
    channel = _read(entry, row, "channel", JOBS, lambda cell: CHANNELS.get(_plain(cell)), some(CHANNELS))
    contract = _read(entry, row, "contract", JOBS, _truth, some(_YES_OR_NO))
    seasonal = _read(entry, row, "seasonal", JOBS, _truth, some(_YES_OR_NO))
    if employer and place and started_on and wage and channel and contract is not None:
        post = _words(row["post"])
        return JobDetails(employer, place, post, started_on, wage, contract, channel, seasonal=bool(seasonal))
    return None


def _promotion(entry: Entry, row: Row, known: Known) -> Promotion | None:
    employer = _employer(entry, row, known)
    before = _read(entry, row, "wage_before", PROMOTIONS, in_fen, "4500")
    after = _read(entry, row, "wage_after", PROMOTIONS, in_fen, "5600.50")
    as_of = _read(entry, row, "as_of", PROMOTIONS, Cell.as_date, "2025-09-01")
    if employer and before and after and as_of:
        posts = _words(row["post_before"]), _words(row["post_after"])
        grades = _words(row["grade_before"]), _words(row["grade_after"])
        return Promotion(employer, *posts, before, after, as_of, *grades)
    return None


SHEETS = {
    sheet.name: sheet
    for sheet in (
        OutcomeSheet("jobs", say("就业登记表"), JOBS, ("started_on", "wage"), _job),
        OutcomeSheet("promotions", say("在岗提升登记表"), PROMOTIONS, ("wage_before", "wage_after", "post_after", "as_of"), _promotion),
    )
}  # fmt: skip


def in_fen(cell: Cell) -> int | None:
    """Read 元 as whole 分; None for what is no wage, or has a third decimal."""
    yuan = cell.as_number()
    if yuan is None or not 0 < yuan <= _HIGHEST_WAGE or yuan * 100 % 1:
        return None
    return int(yuan * 100)


def _read(
    entry: Entry, row: Row, key: str, columns: Sequence[Column], read: Callable[[Cell], T | None], example: Any
) -> T | None:
    cell = row[key]
    value = read(cell) if cell.is_usable else None
    if value is None and cell.is_usable:
        title = next(column.title for column in columns if column.key == key)
        message = say("“{title}”读不懂“{text}”，请写成 {example}", title=title, text=_plain(cell)[:20], example=example)
        entry.add([refuse(f"placement.{key}_unreadable", message)])
    return value


def _learner(entry: Entry, row: Row, known: Known) -> int | None:
    """Find the learner whom a row names by number, which may be masked, and name."""
    number = tidy_id_number(row["id_number"].text).text if row["id_number"].is_usable else ""
    if not number or not entry.name:
        return None
    numbered = [learner for learner in known.learners if number in {learner.number, learner.masked}]
    named = [learner for learner in numbered if learner.name == entry.name]
    if len(named) == 1:
        return named[0].enrolment_id
    if named:
        message = say("本班有几位{name}的身份证号首尾相同，请填写完整的身份证号", name=entry.name)
        entry.add([refuse("placement.learner_unclear", message)])
    elif numbered:
        message = say("身份证号 {number} 是{who}，不是“{name}”，请核对", number=numbered[0].masked, who=numbered[0].name, name=entry.name)  # fmt: skip
        entry.add([refuse("placement.learner_name", message)])
    else:
        entry.add([refuse("placement.learner_elsewhere", say("本班的结业学员里没有“{name}”", name=entry.name))])
    return None


def _employer(entry: Entry, row: Row, known: Known) -> int | None:
    """Find the employer by its credit code, else by a name that is one organisation's alone."""
    code, name = tidy_credit_code(_plain(row["credit_code"])).text, _plain(row["employer"])
    if not code and not name:
        return None
    found = known.employers.get(code or name, ())
    if len(found) == 1:
        return found[0]
    if found:
        message = say("有几家单位叫“{name}”，请填写统一社会信用代码", name=name[:40])
        entry.add([refuse("placement.employer_unclear", message)])
    else:
        message = say("“{name}”还没有登记为用人单位，请先由人社局或就业服务中心登记", name=(code or name)[:40])
        entry.add([refuse("placement.employer_unknown", message)])
    return None


def _place(entry: Entry, cell: Cell, known: Known) -> str | None:
    text = _plain(cell)
    found = known.places.get(text, ())
    if len(found) == 1:
        return found[0]
    if text:
        message = say("“{title}”读不懂“{text}”，请写成 {example}", title="工作地区划", text=text[:20], example="652302")
        entry.add([refuse("placement.place_unreadable", message)])
    return None


def _truth(cell: Cell) -> bool | None:
    return _YES_OR_NO.get(_plain(cell))


def _words(cell: Cell) -> str:
    return " ".join(cell.text.split()) if cell.is_usable else ""


def _plain(cell: Cell) -> str:
    return half_width(_words(cell))


def half_width(text: str) -> str:
    """Write a name without the widths that nobody means: （ and ( are one."""
    return unicodedata.normalize("NFKC", text)
