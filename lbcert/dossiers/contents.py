"""What goes into a batch's file: every row about it as sheets, and every paper that was brought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, select
from sqlalchemy.orm import joinedload

from lbcert.certificates.models import Certificate
from lbcert.core import clock
from lbcert.core.audit import AuditEntry
from lbcert.core.database import Base, db
from lbcert.core.files import StoredFile
from lbcert.core.papers import Paper, papers_of
from lbcert.core.sheets import Column, Table, write_workbook
from lbcert.dossiers.rules import SignedPaper
from lbcert.exams.models import Amendment, Batch, Candidate, Mark, PartScheme, Result, Rubric, Transcription
from lbcert.exams.queries.batches import openings_of
from lbcert.exams.queries.rubrics import rubrics_at
from lbcert.exams.rules import parts_of
from lbcert.exams.theory.blueprints import points_shown
from lbcert.exams.theory.queries.papers import draw_of
from lbcert.exams.theory.queries.papers import papers_of as theory_papers

_IN_ONE_QUERY = 500
#: Where the models are whose rows are kept as they are stored.
_ROOM = "lbcert.exams.models"


def subject_of(batch_id: int) -> str:
    """Name the batch as papers name what they belong to."""
    return f"batch:{batch_id}"


def brought_papers(batch_id: int) -> dict[SignedPaper, list[Paper]]:
    """Give the signed papers that were brought, by kind."""
    brought: dict[SignedPaper, list[Paper]] = {}
    for paper in papers_of(subject_of(batch_id)):
        if paper.kind in set(SignedPaper):
            brought.setdefault(SignedPaper(paper.kind), []).append(paper)
    return brought


def papers_in(batch: Batch) -> dict[str, bytes]:
    """Gather everything, by its path in the file. Raises ``FileNotFoundError`` where the store lost a paper."""
    papers = {f"{table.name}.xlsx": write_workbook(table) for table in _tables(batch)}
    papers["原始记录.xlsx"] = write_workbook(*_records(batch))
    for folder, stored in _stored(batch):
        papers[f"{folder}/{stored.id}-{stored.name}"] = stored.read()
    return papers


def _stored(batch: Batch) -> Iterator[tuple[str, StoredFile]]:
    for kind, papers in brought_papers(batch.id).items():
        yield from ((str(kind.label), paper.file) for paper in papers)
    for row in _transcriptions(batch):
        yield from (("誊录的成绩表", row.sheet), ("签名的成绩单", row.paper))
    for request in db.session.scalars(select(Amendment).where(Amendment.batch_id == batch.id)):
        yield "成绩更改的依据", request.evidence


def _tables(batch: Batch) -> Iterator[Table]:
    marks, results = _rows(Mark, batch), _rows(Result, batch)
    amendments = _rows(Amendment, batch)
    certificates = list(
        db.session.scalars(select(Certificate).where(Certificate.result_id.in_([row.id for row in results])))
    )
    yield _table("批次", {"项目": 14, "内容": 60}, _facts(batch))
    yield _table(
        "考务人员", {"姓名": 12, "职务": 14, "替补": 8, "声明日期": 14},
        ([row.person.name, str(row.post.label), "是" if row.deputy else "", row.declared_on] for row in batch.staff),
    )  # fmt: skip
    yield _table(
        "考生", {"考生号": 14, "姓名": 14, "身份证号码": 24},
        ([row.number, row.enrolment.person.name, row.enrolment.person.id_number] for row in batch.candidates),
    )  # fmt: skip
    yield _table(
        "评分", {"编号": 8, "考生号": 14, "科目": 14, "分数": 8, "各项得分": 24, "缺考或无效": 12, "考评员": 12, "更正的编号": 12, "理由": 30, "时间": 20},
        ([row.id, row.candidate.number, str(row.part.label), row.points, " + ".join(map(str, row.by_item or ())), _words(row.absence),
          row.scorer.name, row.replaces_id, row.reason, clock.local(row.created_at)] for row in marks),
    )  # fmt: skip
    if rubrics := rubrics_at(batch):
        yield _table(
            "评分细则", {"科目": 14, "版次": 8, "序号": 8, "项目": 24, "权重": 8, "满分": 8, "评分要点": 60, "依据": 40},
            ([str(part.label), one.edition, item.place, item.name, item.weight, item.most, item.guide, one.source]
             for part, one in rubrics.items() for item in one.items),
        )  # fmt: skip
    if made := draw_of(batch.id):
        yield _table(
            "机考试卷", {"卷型": 6, "题序": 8, "题号": 10, "题型": 8, "题干": 60, "选项": 60, "答案": 8, "分值": 8},
            ([paper.form, row.position, row.question_id, str(row.question.kind.label), row.question.stem,
              "；".join(f"{letter}. {text}" for letter, text in row.question.options.items()), row.question.key, points_shown(row.tenths)]
             for paper in theory_papers(made.id) for row in paper.questions),
        )  # fmt: skip
    yield _table(
        "认定结果", {"编号": 8, "考生号": 14, "理论": 8, "实操": 8, "综合": 8, "结论": 12, "取代的编号": 12, "时间": 20},
        ([row.id, row.candidate.number, row.theory, row.practice, row.review, str(row.outcome.label), row.replaces_id,
          clock.local(row.created_at)] for row in results),
    )  # fmt: skip
    yield _table(
        "成绩更改", {"编号": 8, "考生号": 14, "结论": 12, "理由": 30, "申请人": 12, "批准": 8, "答复人": 12, "答复": 30},
        ([row.id, row.candidate.number, str(row.outcome.label), row.reason, row.requester.name,
          {True: "同意", False: "不同意"}.get(row.granted, "在办"), row.answerer.name if row.answerer else "", row.answer] for row in amendments),
    )  # fmt: skip
    yield _table(
        "证书", {"证书编号": 26, "状态": 12, "签发时间": 20},
        ([row.number, str(row.status.label), clock.local(row.issued_at)] for row in certificates),
    )  # fmt: skip
    yield _table(
        "查看对应关系", {"时间": 20, "账号": 20, "理由": 40},
        ([clock.local(row.created_at), name, row.reason] for row, name in openings_of(batch.id)),
    )  # fmt: skip
    subjects = [
        subject_of(batch.id),
        *(f"candidate:{row.id}" for row in batch.candidates), *(f"batch_staff:{row.id}" for row in batch.staff),
        *(f"mark:{row.id}" for row in marks), *(f"transcription:{row.id}" for row in _transcriptions(batch)),
        *(f"amendment:{row.id}" for row in amendments),
    ]  # fmt: skip
    yield _table(
        "操作日志", {"序号": 10, "时间": 20, "操作人": 20, "操作": 26, "对象": 18, "内容": 60, "更改": 60, "摘要": 66},
        ([row.position, clock.local(row.at), row.actor, row.operation, row.subject, row.arguments, row.changes, row.digest] for row in _audited(subjects)),
    )  # fmt: skip


def _records(batch: Batch) -> Iterator[Table]:
    """Give every row of the exam room that hangs on a batch, table by table as it is stored: whatever the room keeps later is in it."""
    marked_by = select(PartScheme.rubric_id).where(PartScheme.batch_id == batch.id)
    own: dict[str, ColumnElement[bool]] = {Rubric.__tablename__: Rubric.id.in_(marked_by)}
    mappers = (mapper for mapper in Base.registry.mappers if mapper.class_.__module__.startswith(_ROOM))
    mapped = {table.name for mapper in mappers for table in mapper.tables} - {Batch.__tablename__}
    for table in (each for each in Base.metadata.sorted_tables if each.name in mapped):
        parents = ((key, own.get(key.column.table.name)) for key in table.foreign_keys if key.column.primary_key)
        hanging = (_hangs_on(key, parent) for key, parent in parents if parent is not None)
        condition = own.get(table.name, next(hanging, None))
        if "batch_id" in table.c:
            condition = table.c.batch_id == batch.id
        if condition is not None:
            own[table.name] = condition
            columns = [Column(column.name, column.name, digits=True, width=18) for column in table.c]
            rows = db.session.execute(select(table).where(condition).order_by(*table.primary_key)).mappings()
            yield Table(table.name, columns, [{name: _plain(value) for name, value in row.items()} for row in rows])


def _hangs_on(key: ForeignKey, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return key.parent.in_(select(key.column).where(condition))


def _plain(value: Any) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, datetime) else str(value)


def _facts(batch: Batch) -> list[list[Any]]:
    parts = "、".join(str(part.label) for part in parts_of(with_review=batch.with_review))
    return [
        ["批次号", batch.number], ["培训班", f"{batch.cohort.number} {batch.cohort.name}"], ["职业（工种）", batch.cohort.item.name],
        ["评价机构", batch.body.name], ["认定日期", batch.held_on.isoformat()], ["考点", batch.site], ["考核内容", parts],
        ["审定人", batch.decider.name if batch.decider else ""], ["依据", batch.basis],
        ["公布时间", f"{clock.local(batch.published_at):%Y-%m-%d %H:%M}" if batch.published_at else ""],
    ]  # fmt: skip


def _rows(model: Any, batch: Batch) -> list[Any]:
    query = (
        select(model).where(model.batch_id == batch.id).options(joinedload(model.candidate).load_only(Candidate.number))
    )
    return list(db.session.scalars(query.order_by(model.id)))


def _transcriptions(batch: Batch) -> list[Transcription]:
    return list(db.session.scalars(select(Transcription).where(Transcription.batch_id == batch.id)))


def _audited(subjects: list[str]) -> Iterator[AuditEntry]:
    found: list[AuditEntry] = []
    for start in range(0, len(subjects), _IN_ONE_QUERY):
        some = subjects[start : start + _IN_ONE_QUERY]
        found += db.session.scalars(select(AuditEntry).where(AuditEntry.subject.in_(some)))
    yield from sorted(found, key=lambda entry: entry.position)


def _words(value: Any) -> str:
    return str(value.label) if value is not None else ""


def _table(name: str, columns: Mapping[str, int], rows: Iterable[list[Any]]) -> Table:
    """Make a sheet from titles with their widths, and rows in that order; numbers that stand for something are text."""
    made = [
        Column(title, title, digits=title.endswith(("号", "号码", "编号")), width=width)
        for title, width in columns.items()
    ]
    return Table(name, made, (dict(zip(columns, row, strict=True)) for row in rows))
