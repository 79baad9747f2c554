"""The Excel form of a question bank: written from what is there, judged row by row when it comes back. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lbcert.core.findings import Finding, refuse
from lbcert.core.sheets import Column, Kind, Row, Table, write_workbook
from lbcert.core.words import Message, say
from lbcert.exams.models import Difficulty, Question, QuestionKind
from lbcert.exams.models.questions import RIGHT, WRONG

KIND = "exams.questions"
LETTERS = "ABCDEF"
#: Characters of a stem and of an option, at most.
LONGEST_STEM, LONGEST_OPTION, LONGEST_POINT = 1000, 300, 80
COLUMNS = [
    Column("kind", "题型", ("试题类型",), required=True, width=8),
    Column("stem", "题干", ("题目", "试题内容"), required=True, width=60),
    *(Column(letter, f"选项{letter}", (letter, f"{letter}选项"), width=20) for letter in LETTERS),
    Column("key", "答案", ("正确答案", "标准答案"), required=True, width=8),
    Column("point", "鉴定点", ("知识点",), required=True, width=24),
    Column("difficulty", "难度", ("难易程度",), width=8),
    Column("replaces", "替换题号", ("题号",), digits=True, width=12),
]
_KINDS = {
    "单选": QuestionKind.SINGLE, "单选题": QuestionKind.SINGLE, "单项选择题": QuestionKind.SINGLE, "单项选择": QuestionKind.SINGLE,
    "多选": QuestionKind.MULTIPLE, "多选题": QuestionKind.MULTIPLE, "多项选择题": QuestionKind.MULTIPLE, "多项选择": QuestionKind.MULTIPLE,
    "判断": QuestionKind.JUDGE, "判断题": QuestionKind.JUDGE,
    **{kind.value: kind for kind in QuestionKind},
}  # fmt: skip
_DIFFICULTIES = {
    "": Difficulty.MEDIUM, "易": Difficulty.EASY, "容易": Difficulty.EASY, "中": Difficulty.MEDIUM, "中等": Difficulty.MEDIUM,
    "难": Difficulty.HARD, "较难": Difficulty.HARD,
    **{difficulty.value: difficulty for difficulty in Difficulty},
}  # fmt: skip
_JUDGED = {
    **dict.fromkeys(("对", "正确", "√", "是", "T", "TRUE"), RIGHT),
    **dict.fromkeys(("错", "错误", "×", "X", "否", "F", "FALSE"), WRONG),
}
_BETWEEN = re.compile(r"[\s,、;/.]+")


@dataclass(frozen=True)
class Written:
    """A question as a sheet has it."""

    kind: QuestionKind
    point: str
    difficulty: Difficulty
    stem: str
    options: tuple[str, ...]
    key: str
    #: The number of the question whose place it takes.
    replaces: int | None = None

    @property
    def sameness(self) -> str:
        """Give what two questions share that ask the same: stem and options, whatever their blanks, width and case."""
        return "\n".join(_plain(text) for text in (self.stem, *self.options))


@dataclass
class Entry:
    """One row: the question that it would add, and what was found."""

    row: int
    question: Written | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Tell whether nothing stops it."""
        return not any(finding.stops for finding in self.findings)


def judge(rows: Sequence[Row], known: Mapping[str, int], live: Iterable[int]) -> list[Entry]:
    """Judge every row; ``known`` gives the number of each question that the bank asks now, by its sameness, ``live`` all numbers."""
    entries = [_read(row) for row in rows]
    numbers, first_of, replaced = set(live), {}, {}  # type: tuple[set[int], dict[str, int], dict[int, int]]
    for entry, row in zip(entries, rows, strict=True):
        if entry.question is None:
            continue
        same, number = entry.question.sameness, entry.question.replaces
        if number is not None and number not in numbers:
            message = say(
                "第 {row} 行：题库里没有题号 {number}，或它已停用；新题请不要填“替换题号”",
                row=row.number,
                number=number,
            )
            _find(entry, row, "exams.question_unknown", message)
        if same in known and known[same] != number:
            message = say("第 {row} 行：题库里已有这道题（题号 {number}）；要改答案或鉴定点，请在“替换题号”填 {number}", row=row.number, number=known[same])  # fmt: skip
            _find(entry, row, "exams.question_there", message)
        if not entry.is_good:
            continue
        if number is not None and replaced.setdefault(number, row.number) != row.number:
            message = say("第 {row} 行与第 {other} 行替换同一题号 {number}，请只保留一行", row=row.number, other=replaced[number], number=number)  # fmt: skip
            _find(entry, row, "exams.question_replaced_twice", message)
        if first_of.setdefault(same, row.number) != row.number:
            message = say("第 {row} 行与第 {other} 行是同一道题，请只保留一行", row=row.number, other=first_of[same])
            _find(entry, row, "exams.question_repeated", message)
    return entries


def template() -> bytes:
    """Write the empty form, with a question of each kind to show how it is filled."""
    samples = [
        {"kind": "单选", "stem": "（示例，请删去）我国安全电压的上限是交流（ ）V。", "A": "12", "B": "24", "C": "42", "D": "50", "key": "D", "point": "安全用电", "difficulty": "易"},
        {"kind": "多选", "stem": "（示例，请删去）触电急救时应当（ ）。", "A": "先断电源", "B": "徒手拉人", "C": "检查呼吸", "D": "呼叫急救", "key": "ACD", "point": "触电急救"},
        {"kind": "判断", "stem": "（示例，请删去）可以带电更换灯泡。", "key": "错", "point": "安全用电"},
    ]  # fmt: skip
    return write_workbook(Table("题库", COLUMNS, samples))


def written(questions: Iterable[Question]) -> bytes:
    """Write a bank, each question under its number: corrected and sent back, rows take the place of those they name."""
    return write_workbook(Table("题库", COLUMNS, (_row(question) for question in questions)))


def _row(question: Question) -> dict[str, Any]:
    judged = {RIGHT: "对", WRONG: "错"}
    return {
        "kind": str(question.kind.label),
        "stem": question.stem,
        **question.options,
        "key": judged.get(question.key, question.key) if question.kind is QuestionKind.JUDGE else question.key,
        "point": question.point,
        "difficulty": str(question.difficulty.label),
        "replaces": str(question.id),
    }


def _read(row: Row) -> Entry:
    entry = Entry(row.number, findings=list(row.findings))
    kind, difficulty = _KINDS.get(_text(row, "kind")), _DIFFICULTIES.get(_text(row, "difficulty"))
    if kind is None and row["kind"].is_usable:
        message = say("第 {row} 行：题型“{given}”应为 单选、多选 或 判断", row=row.number, given=row["kind"].text[:20])
        _find(entry, row, "exams.question_kind", message)
    if difficulty is None:
        message = say("第 {row} 行：难度“{given}”应为 易、中 或 难", row=row.number, given=row["difficulty"].text[:20])
        _find(entry, row, "exams.question_difficulty", message)
    _long(entry, row)
    replaces = _text(row, "replaces")
    if replaces and not (replaces.isascii() and replaces.isdecimal() and len(replaces) <= 9):  # noqa: PLR2004 (an id has no more)
        _find(entry, row, "exams.question_number", say("第 {row} 行：替换题号应为数字", row=row.number))
    if kind is None or difficulty is None or not entry.is_good:
        return entry
    options = _options(entry, row, kind)
    key = _key(entry, row, kind, options)
    if entry.is_good:
        number = int(replaces) if replaces else None
        entry.question = Written(kind, _text(row, "point"), difficulty, row["stem"].text.strip(), options, key, number)
    return entry


def _options(entry: Entry, row: Row, kind: QuestionKind) -> tuple[str, ...]:
    texts = [row[letter].text.strip() for letter in LETTERS]
    given = tuple(text for text in texts if text)
    if kind is QuestionKind.JUDGE:
        if given and {_plain(text) for text in given} - {_plain(word) for word in _JUDGED}:
            _find(entry, row, "exams.question_options", say("第 {row} 行：判断题不要填选项", row=row.number))
        return ()
    for letter in LETTERS:
        if row[letter].kind is Kind.DATE:
            message = say("第 {row} 行：选项{letter}被 Excel 当成了日期，请把单元格设为文本格式后重填", row=row.number, letter=letter)  # fmt: skip
            _find(entry, row, "exams.question_date", message)
    if len(given) < 2 or tuple(texts[: len(given)]) != given:  # noqa: PLR2004 (one is no choice)
        message = say("第 {row} 行：选项应从 A 起依次填写，中间不空，至少两项", row=row.number)
        _find(entry, row, "exams.question_options", message)
    if len({_plain(text) for text in given}) < len(given):
        _find(entry, row, "exams.question_options_same", say("第 {row} 行：有两个选项相同", row=row.number))
    return given


def _key(entry: Entry, row: Row, kind: QuestionKind, options: Sequence[str]) -> str:
    text = _BETWEEN.sub("", unicodedata.normalize("NFKC", row["key"].text)).upper()
    if kind is QuestionKind.JUDGE:
        if text not in _JUDGED:
            message = say("第 {row} 行：判断题的答案“{given}”应为 对 或 错", row=row.number, given=text[:20])
            _find(entry, row, "exams.question_key", message)
        return _JUDGED.get(text, "")
    letters = "".join(sorted(set(text)))
    if not letters or len(letters) < len(text) or set(letters) - set(LETTERS[: len(options)]):
        message = say("第 {row} 行：答案“{given}”应是有内容的选项的字母，每个只写一次", row=row.number, given=text[:20])
        _find(entry, row, "exams.question_key", message)
    elif (len(letters) > 1) != (kind is QuestionKind.MULTIPLE):
        message = say(
            "第 {row} 行：单选题的答案是一个字母，多选题至少两个，现为“{given}”", row=row.number, given=letters
        )
        _find(entry, row, "exams.question_key_count", message)
    return letters


def _long(entry: Entry, row: Row) -> None:
    limits = {"stem": LONGEST_STEM, "point": LONGEST_POINT, **dict.fromkeys(LETTERS, LONGEST_OPTION)}
    titles = {column.key: column.title for column in COLUMNS}
    for key, most in limits.items():
        if len(row[key].text.strip()) > most:
            message = say(
                "第 {row} 行：「{title}」超过 {most} 字，请改短", row=row.number, title=titles[key], most=most
            )
            _find(entry, row, "exams.question_long", message)


def _find(entry: Entry, row: Row, rule: str, message: Message) -> None:
    entry.findings.append(refuse(rule, message, subject=row.subject))


def _text(row: Row, key: str) -> str:
    return unicodedata.normalize("NFKC", row[key].text).strip()


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
