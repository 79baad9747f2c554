"""The county's sheet of marks (姓名, 身份证号码, 理论成绩, 实操成绩, 综合成绩; after them the items of a rubric), judged row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.identity.id_number import parse_id_number, tidy_id_number
from lbcert.core.identity.masks import mask_id_number
from lbcert.core.identity.person_name import tidy_person_name
from lbcert.core.sheets import Column, Row, read_sheet
from lbcert.core.sheets.cells import Cell, Kind
from lbcert.core.words import say, some
from lbcert.exams import rules, scoring
from lbcert.exams.models import Absence, Part
from lbcert.exams.scoring import Given, Item, Scheme

COLUMNS = (
    Column("name", "姓名", required=True),
    Column("id_number", "身份证号码", ("公民身份号码", "身份证号", "身份证"), required=True, digits=True, width=22),
    Column(Part.THEORY, "理论成绩", ("理论", "理论知识", "理论知识成绩")),
    Column(Part.PRACTICE, "实操成绩", ("实操", "实作", "技能成绩", "操作技能成绩", "实践成绩")),
    Column(Part.REVIEW, "综合成绩", ("综合评审", "综合评审成绩", "综合")),
)

#: How sheets write that nobody has recorded a mark, and that a part is not sat again.
_UNRECORDED = {"", "未录", "未录入"}
_EXEMPT = {"免考", "免试", "沿用", "保留", "保留成绩"}


@dataclass(frozen=True)
class Known:
    """A candidate whom a row may be about, and the marks that he has."""

    candidate_id: int
    name: str
    marks: Mapping[Part, Given] = field(default_factory=dict)
    #: The seat that the examiner would take, for each part that waits for his mark.
    seats: Mapping[Part, int] = field(default_factory=dict)
    #: Points of the parts that he passed in an earlier exam and does not sit again.
    carried: Mapping[Part, int] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckedRow:
    """One row of the sheet as it was understood; ``marks`` are those to be written."""

    number: int
    name: str
    id_masked: str
    candidate_id: int | None
    #: As read, whether new or known already.
    read: Mapping[Part, Given]
    marks: Mapping[Part, Given]
    #: The marker's seat of each of them.
    seats: Mapping[Part, int]
    #: Points of parts that are carried from an earlier exam, and not written.
    carried: Mapping[Part, int]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class CheckedSheet:
    """A whole sheet, judged: it is taken over when nothing in it stops."""

    rows: tuple[CheckedRow, ...]
    findings: tuple[Finding, ...]

    @property
    def all_findings(self) -> list[Finding]:
        """What is wrong with the sheet, then with each row."""
        return [*self.findings, *(finding for row in self.rows for finding in row.findings)]

    @property
    def is_good(self) -> bool:
        """Tell whether it can be taken over."""
        return not any(finding.stops for finding in self.all_findings)

    @property
    def new_marks(self) -> int:
        """How many marks it would write."""
        return sum(len(row.marks) for row in self.rows)


def columns(schemes: Mapping[Part, Scheme]) -> list[Column]:
    """Give the columns: the county's five, and those of the items of each part that has a rubric."""
    return [*COLUMNS, *(column for part in Part for column in item_columns(part, schemes[part].items))]


def item_columns(part: Part, items: Sequence[Item]) -> list[Column]:
    """Give a column for each item of a part's rubric, named with the part, for two parts may have an item of one name."""
    return [
        Column(item_key(part, place), f"{part.label}：{item.name}（满分 {item.most}）", (item.name,), width=18)
        for place, item in enumerate(items)
    ]


def item_key(part: Part, place: int) -> str:
    """Name the column of an item by its place from 0 in the part's rubric."""
    return f"{part}.{place}"


def check_sheet(
    data: bytes, known: Mapping[str, Known], parts: tuple[Part, ...], schemes: Mapping[Part, Scheme], today: date
) -> CheckedSheet:
    """Judge a sheet against the candidates of a batch, ``known`` by ID number. An unreadable file raises ``Unreadable``.

    Every row's findings are given at once. An empty cell is 未录 and writes nothing; ``缺考`` is an absence and no zero.
    Of a part with a rubric the sheet gives points by item, or, as counties' sheets do, the part's points alone. A part that is
    carried from an earlier exam may stand there with the points that it had, or as 免考.
    """
    sheet = read_sheet(data, columns(schemes))
    numbers = [tidy_id_number(row["id_number"].text).text for row in sheet.rows]
    often = Counter(number for number in numbers if number)
    rows = tuple(
        _row(row, number, known, {part: schemes[part] for part in parts}, today, twice=often[number] > 1)
        for row, number in zip(sheet.rows, numbers, strict=True)
    )
    findings = list(sheet.findings)
    missing = [one.name for number, one in known.items() if number not in often]
    if missing:
        message = say("{count} 名考生不在表中，仍为“未录”：{names}", count=len(missing), names=some(missing))
        findings.append(Finding("exams.sheet_candidates_missing", Level.WARN, message))
    return CheckedSheet(rows, tuple(findings))


def _row(
    row: Row, number: str, known: Mapping[str, Known], parts: Mapping[Part, Scheme], today: date, *, twice: bool
) -> CheckedRow:
    name = tidy_person_name(row["name"].text).text
    findings = list(row.findings)
    candidate = known.get(number)
    if row["id_number"].is_usable:
        findings += _identity(row, number, name, candidate, today, twice=twice)
    read: dict[Part, Given] = {}
    for part, scheme in parts.items():
        if candidate is not None and part in candidate.carried:
            findings += _carried(row, name, part, scheme.items, candidate.carried[part])
        elif candidate is None or part in candidate.seats or _filled(row, part, scheme.items):
            findings += read_part(row, name, part, scheme.items, read)
    marks = {}
    if candidate is not None:
        for part, given in read.items():
            now = candidate.marks.get(part)
            if now is None and part in candidate.seats:
                marks[part] = given
            elif now is None:
                findings.append(not_wanted(row, name, part, carried=False, by_computer=parts[part].by_computer))
            else:
                findings += differs(row, name, part, now, given)
    if Part.REVIEW not in parts and row[Part.REVIEW].kind is not Kind.EMPTY:
        message = say("第 {row} 行 {who}：本批次没有综合评审，综合成绩不读取", row=row.number, who=name)
        findings.append(Finding("exams.sheet_no_review", Level.NOTE, message, subject=row.subject))
    return CheckedRow(
        row.number, name, mask_id_number(number), candidate.candidate_id if candidate else None, read, marks,
        candidate.seats if candidate else {}, candidate.carried if candidate else {}, tuple(findings),
    )  # fmt: skip


def _identity(row: Row, number: str, name: str, candidate: Known | None, today: date, *, twice: bool) -> list[Finding]:
    if twice:
        message = say(
            "第 {row} 行 {who}：身份证号 {number} 在表中出现不止一次，请只保留一行",
            row=row.number, who=name, number=mask_id_number(number),
        )  # fmt: skip
        return [refuse("exams.sheet_twice", message, subject=row.subject)]
    if candidate is None:
        wrong = parse_id_number(number, today)
        if isinstance(wrong, Finding):
            message = say("第 {row} 行 {who}：{problem}", row=row.number, who=name, problem=wrong.message)
            return [refuse(wrong.rule, message, wrong.source, row.subject)]
        message = say(
            "第 {row} 行 {who}：身份证号 {number} 不在本批次考生名单中，请核对号码或先列入名单",
            row=row.number, who=name, number=mask_id_number(number),
        )  # fmt: skip
        return [refuse("exams.sheet_unknown_id", message, subject=row.subject)]
    if candidate.name != name and row["name"].is_usable:
        message = say(
            "第 {row} 行姓名写作“{written}”，这一身份证号的考生是“{right}”，请核对",
            row=row.number, written=name, right=candidate.name,
        )  # fmt: skip
        return [refuse("exams.sheet_name_differs", message, subject=row.subject)]
    return []


def read_part(row: Row, who: str, part: Part, items: Sequence[Item], read: dict[Part, Given]) -> list[Finding]:
    """Read one mark into ``read``, by the items of the part's rubric where their cells are filled; give what is wrong with it."""
    cell: Cell = row[part]
    by_item = [row[item_key(part, place)] for place in range(len(items))]
    if any(not _is_empty(one) for one in by_item):
        return _read_items(row, who, part, items, by_item, read)
    if _is_empty(cell):
        return rules.unrecorded(row.number, who, [part])
    if not cell.is_usable:
        return []  # its form is found fault with already
    if cell.text.strip() in _EXEMPT:
        message = say(
            "第 {row} 行 {who} 的{part}写作“{text}”，但没有可以沿用的合格成绩；请填写分数或“缺考”，以前确已合格的请先核对其批次和有效期",
            row=row.number, who=who, part=part.label, text=cell.text.strip(),
        )  # fmt: skip
        return [refuse("exams.sheet_nothing_carried", message, subject=row.subject)]
    value = rules.read_mark(cell.text)
    if value is None:
        message = say(
            "第 {row} 行 {who} 的{part}“{text}”不是 0 至 100 的整数，也不是“缺考”或“成绩无效”",
            row=row.number, who=who, part=part.label, text=cell.text.strip()[:20],
        )  # fmt: skip
        return [refuse("exams.sheet_range", message, subject=row.subject)]
    read[part] = Given(absence=value) if isinstance(value, Absence) else Given(value)
    return []


def _is_empty(cell: Cell) -> bool:
    return cell.kind is Kind.EMPTY or cell.text.strip() in _UNRECORDED


def _filled(row: Row, part: Part, items: Sequence[Item]) -> list[str]:
    """Give what a row says of a part: in the part's own cell, then in those of its items."""
    cells = [row[part], *(row[item_key(part, place)] for place in range(len(items)))]
    return [cell.text.strip() for cell in cells if not _is_empty(cell)]


def _carried(row: Row, who: str, part: Part, items: Sequence[Item], points: int) -> list[Finding]:
    """Find a mark for a part that is carried; the very points that are carried, or 免考, are noted and written nowhere."""
    there = _filled(row, part, items)
    if not there:
        return []
    where = {"row": row.number, "who": who, "part": part.label, "points": points, "text": there[0][:20]}
    own = row[part].text.strip()
    if there == [own] and (own in _EXEMPT or rules.read_mark(own) == points):
        message = say("第 {row} 行 {who} 的{part}沿用以前的合格成绩 {points} 分，表中“{text}”不另录入", **where)
        return [Finding("exams.sheet_carried", Level.NOTE, message, subject=row.subject)]
    message = say(
        "第 {row} 行 {who} 的{part}沿用以前的合格成绩 {points} 分，不再评分，表中却是“{text}”；请删去这一格", **where
    )
    return [refuse("exams.part_carried", message, subject=row.subject)]


def _read_items(
    row: Row, who: str, part: Part, items: Sequence[Item], cells: Sequence[Cell], read: dict[Part, Given]
) -> list[Finding]:
    """Read a part by its items; the cell of the part itself may be empty, or must say what they come to."""
    if not all(cell.is_usable or _is_empty(cell) for cell in cells):
        return []  # its form is found fault with already
    points = [rules.read_mark(cell.text) for cell in cells]
    findings = [
        scoring.item_range(
            say("第 {row} 行 {who} ", row=row.number, who=who), part, item, cell.text.strip(), row.subject
        )
        for item, cell, given in zip(items, cells, points, strict=True)
        if not isinstance(given, int) or given > item.most
    ]
    if findings:
        return findings
    given = scoring.summed(items, Given(by_item=tuple(one for one in points if isinstance(one, int))))
    if not _is_empty(row[part]) and rules.read_mark(row[part].text) != given.points:
        message = say(
            "第 {row} 行 {who} 的{part}写作“{text}”，各项得分合计是 {sum}，请核对",
            row=row.number, who=who, part=part.label, text=row[part].text.strip()[:20], sum=given.points,
        )  # fmt: skip
        return [refuse("exams.sheet_sum", message, subject=row.subject)]
    read[part] = given
    return []


def not_wanted(row: Row, who: str, part: Part, *, carried: bool, by_computer: bool) -> Finding:
    """Find a mark that nobody waits for: of a part that is carried, that the key marks, or that two other examiners have marked."""
    where = {"row": row.number, "who": who, "part": part.label}
    if carried:
        message = say("第 {row} 行 {who} 的{part}沿用以前的合格成绩，不再评分，请删去这一格", **where)
        return refuse("exams.part_carried", message, subject=row.subject)
    if by_computer:
        message = say("第 {row} 行 {who} 的{part}是机考，由计算机按标准答案评分，请删去这一格，由考评员在“理论机考”页写入成绩", **where)  # fmt: skip
        return refuse("exams.theory_by_computer", message, subject=row.subject)
    message = say("第 {row} 行 {who} 的{part}已由另两名考评员评分，请删去这一格", **where)
    return refuse("exams.mark_not_wanted", message, subject=row.subject)


def differs(row: Row, who: str, part: Part, now: Given, given: Given) -> list[Finding]:
    """Find a mark that is other than the one that stands; a sheet that gives the points alone says nothing of the items."""
    if now.value == given.value and (given.by_item is None or given.by_item == now.by_item):
        return []
    message = say(
        "第 {row} 行 {who} 的{part}已录为 {now}，表中是 {value}；请由考评员在评分页写明理由更改，或更正表格",
        row=row.number, who=who, part=part.label, now=scoring.shown(now), value=scoring.shown(given),
    )  # fmt: skip
    return [refuse("exams.sheet_differs", message, subject=row.subject)]
