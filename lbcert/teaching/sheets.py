"""The course table (课程表, 9 columns) as schools send it, read row by row, and written as it is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from lbcert.core.clock import SHANGHAI
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.identity.id_number import parse_id_number, tidy_id_number
from lbcert.core.identity.person_name import tidy_person_name
from lbcert.core.sheets import Cell, Column, Row
from lbcert.core.words import Message, say
from lbcert.teaching.models import Mode
from lbcert.teaching.rules import Lesson, Slot, clashes, trainer_filed

#: What a staged course table is called.
KIND = "teaching.course_table"
COURSE_TABLE = (
    Column("day", "上课日期", ("日期", "授课日期"), required=True),
    Column("content", "课别(上课内容)", ("上课内容", "课程内容", "授课内容", "课程名称"), required=True, width=30),
    Column("hours", "课时", ("学时", "课时数"), required=True, width=8),
    Column("starts", "上课开始时间", ("开始时间",), required=True),
    Column("ends", "上课结束时间", ("结束时间",), required=True),
    Column("place", "上课地点(教室名称)", ("教室名称", "授课地点", "地点", "教室类型"), required=True, width=28),
    Column("trainer", "培训教师", ("授课教师", "教师姓名", "教师"), required=True),
    Column("trainer_number", "教师身份证号", ("教师身份证号码", "身份证号", "身份证号码"), digits=True, width=22),
    Column("material", "教材名称及出版社单位", ("教材名称及出版社", "教材名称", "教材"), width=36),
)
TITLES = {column.key: column.title for column in COURSE_TABLE}

T = TypeVar("T")

_MOST_HOURS = 100
#: of a venue
_LONGEST_NAME = 120
_MODES = {"线上": Mode.ONLINE, "网络": Mode.ONLINE, "田间": Mode.FIELD, "岗位": Mode.WORKPLACE, "线下": Mode.ON_SITE}
_MORE = r"(?:[:,、\s—-]+(.*)|\((.*)\))"
_PLACE = re.compile(rf"({'|'.join(_MODES)})(?:教学|授课|培训)?{_MORE}?")
_TITLE = re.compile(_MORE)


@dataclass(frozen=True)
class Trainer:
    """A trainer of the filing: as the cell must name one."""

    person_id: int
    name: str
    number: str
    masked: str


@dataclass(frozen=True)
class Place:
    """A venue on file and whose it is; ``own`` when it is the school's."""

    venue_id: int
    name: str
    owner: str
    own: bool

    @property
    def full_name(self) -> str:
        """Its name with its owner's, by which it can be told from others of that name."""
        return f"{self.owner}·{self.name}"


@dataclass(frozen=True)
class Known:
    """What a row may name: the modules of the plan by name, the filed trainers, and the venues of home and site."""

    modules: Mapping[str, int]
    trainers: Sequence[Trainer]
    places: Sequence[Place]


_OF_A_ROW = say("第 {row} 行：{what}")


@dataclass
class Entry:
    """One row: the lesson that it asks for once everything in it can be read, and what there is to say about it."""

    row: int
    content: str = ""
    lesson: Lesson | None = None
    #: A place that is not on file and will be, when the row is imported.
    new_venue: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """What a finding about this row says it is about."""
        return f"row:{self.row}"

    @property
    def label(self) -> Message:
        """How the findings of other rows name it."""
        return say("第 {row} 行{name}", row=self.row, name=f" {self.content}")

    @property
    def is_good(self) -> bool:
        """Tell whether nothing stops it."""
        return self.lesson is not None and not any(finding.stops for finding in self.findings)

    def add(self, findings: Iterable[Finding]) -> None:
        """Take findings about the lesson as findings about the row."""
        for found in findings:
            message = say(_OF_A_ROW.msgid, row=self.row, what=found.message)
            self.findings.append(Finding(found.rule, found.level, message, found.source, self.subject))


def without_rows(findings: Iterable[Finding]) -> list[Finding]:
    """Give findings about rows as findings about their lessons, for those who sent no rows."""
    return [
        replace(found, message=dict(found.message.values)["what"]) if found.message.msgid == _OF_A_ROW.msgid else found
        for found in findings
    ]


def read_entry(row: Row, known: Known, today: date) -> Entry:
    """Read one row; each cell that cannot be read is said."""
    entry = Entry(row.number, _plain(row["content"])[:60], findings=list(row.findings))
    module = _module(entry, row["content"], known)
    day = _read(entry, row["day"], "day", Cell.as_date, say("2025-07-24"))
    starts = _read(entry, row["starts"], "starts", Cell.as_time, say("08:30"))
    ends = _read(entry, row["ends"], "ends", Cell.as_time, say("11:30"))
    hours = _read(entry, row["hours"], "hours", _hours, say("4"))
    trainer = _trainer(entry, row, known, today)
    mode, place = read_place(_plain(row["place"]))
    venue_id = None if mode is Mode.ONLINE else _venue(entry, place, known)
    if module and day and starts and ends and hours and trainer:
        link = place if mode is Mode.ONLINE and place.startswith("http") else ""
        title = module[1] or (place if mode is Mode.ONLINE and not link else "")
        entry.lesson = Lesson(
            module[0],
            datetime.combine(day, starts, SHANGHAI),
            datetime.combine(day, ends, SHANGHAI),
            hours,
            mode,
            trainer,
            venue_id,
            title,
            _plain(row["material"]),
            link,
        )
    return entry


def read_place(text: str) -> tuple[Mode, str]:
    """Read 线上, 田间：示范基地, 岗位（三号车间） or the name of a room: how a lesson is held, and where."""
    found = _PLACE.fullmatch(text)
    return (_MODES[found[1]], (found[2] or found[3] or "").strip()) if found else (Mode.ON_SITE, text)


def write_place(mode: Mode, venue: str) -> str:
    """Write what `read_place` reads."""
    if mode is Mode.ON_SITE:
        return venue
    return f"{mode.label}：{venue}" if venue else str(mode.label)


def name_new_venues(entries: Sequence[Entry]) -> None:
    """Say of each place that is not on file, at the first row that names it, that it will be."""
    for name, entry in {entry.new_venue: entry for entry in reversed(entries) if entry.new_venue}.items():
        entry.add([Finding("teaching.venue_new", Level.NOTE, say("“{name}”是新场地，导入时一并登记", name=name))])


def among_themselves(entries: Sequence[Entry], slots: Mapping[int, Slot]) -> None:
    """Hold back both of two rows that put a trainer, a venue or learners in two places; which is right, nobody can tell.

    ``slots`` are those of the rows that can be read, by row.
    """
    for entry in entries:
        if entry.row in slots:
            others = [slot for row, slot in slots.items() if row != entry.row]
            entry.add(clashes(slots[entry.row], others))


def _read(entry: Entry, cell: Cell, key: str, read: Callable[[Cell], T | None], example: Message) -> T | None:
    value = read(cell)
    if value is None and cell.is_usable:
        message = say("“{title}”读不懂“{text}”，请写成 {example}", title=TITLES[key], text=_plain(cell)[:20], example=example)  # fmt: skip
        entry.add([refuse(f"teaching.{key}_unreadable", message)])
    return value


def _hours(cell: Cell) -> int | None:
    number = cell.as_number()
    whole = number is not None and number == number.to_integral_value() and 0 < number < _MOST_HOURS
    return int(number) if number is not None and whole else None


def _module(entry: Entry, cell: Cell, known: Known) -> tuple[int, str] | None:
    """Find the module that a cell names, alone or before what is taught of it: 安全用电：触电急救."""
    text = _plain(cell)
    if not text:
        return None
    for name in sorted(known.modules, key=len, reverse=True):
        rest = text.removeprefix(_half_width(name))
        if not rest:
            return known.modules[name], ""
        if rest != text and (found := _TITLE.fullmatch(rest)):
            return known.modules[name], (found[1] or found[2] or "").strip()
    modules = tuple(known.modules)
    message = say("教学计划里没有“{text}”；计划内的模块是：{modules}", text=text[:40], modules=modules)
    entry.add([refuse("teaching.unknown_module", message)])
    return None


def _venue(entry: Entry, name: str, known: Known) -> int | None:
    """Find a place on file: the school's own first; a place of one other body; else it will be put on file."""
    if not name:
        return None
    named = [place for place in known.places if name in {_half_width(place.name), _half_width(place.full_name)}]
    candidates = [place for place in named if place.own] or named
    if len(candidates) > 1:
        listed = tuple(place.full_name for place in candidates)
        message = say("有几处场地都叫“{name}”，请写明是哪一处：{listed}", name=name, listed=listed)
        entry.add([refuse("teaching.venue_unclear", message)])
    elif candidates and not candidates[0].own:
        message = say("按{owner}的场地“{name}”登记", owner=candidates[0].owner, name=candidates[0].name)
        entry.add([Finding("teaching.venue_of_another", Level.NOTE, message)])
    elif len(name) > _LONGEST_NAME:
        entry.add([refuse("teaching.venue_name", say("场地名称超过 {most} 个字，请改短", most=_LONGEST_NAME))])
    elif not candidates:
        entry.new_venue = name
    return candidates[0].venue_id if candidates else None


def _trainer(entry: Entry, row: Row, known: Known, today: date) -> int | None:
    """Find the filed trainer whom a row names: by number, which may be masked, and name; or by a name that is one's alone."""
    name = tidy_person_name(row["trainer"].text).text if row["trainer"].is_usable else ""
    number = tidy_id_number(row["trainer_number"].text).text if row["trainer_number"].is_usable else ""
    if not name:
        return None
    filed = [trainer for trainer in known.trainers if number in {trainer.number, trainer.masked}]
    if number and not filed:
        wrong = None if "*" in number else parse_id_number(number, today)
        entry.add([wrong] if isinstance(wrong, Finding) else trainer_filed(name, names=False))
        return None
    # two masked numbers may look alike: the name tells them apart
    filed = [trainer for trainer in filed or known.trainers if trainer.name == name] or filed
    if not filed:
        entry.add(trainer_filed(name, names=False))
    elif len(filed) > 1:
        message = say("备案的师资里有几位“{name}”，请填写“{title}”", name=name, title=TITLES["trainer_number"])
        entry.add([refuse("teaching.trainer_unclear", message)])
    elif filed[0].name != name:
        message = say(
            "身份证号 {number} 备案的教师是 {filed}，不是“{name}”，请核对",
            number=filed[0].masked,
            filed=filed[0].name,
            name=name,
        )
        entry.add([refuse("teaching.trainer_name", message)])
    else:
        return filed[0].person_id
    return None


def _plain(cell: Cell) -> str:
    """Give a cell's text without the blanks and widths that nobody means."""
    return " ".join(_half_width(cell.text).split()) if cell.is_usable else ""


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
