"""JSON calls about marks: the transcription of a signed sheet, and the results that came of it."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema, fields

from lbcert.core.access import acting
from lbcert.core.api import Calls, FindingShape, as_shape, sent_file
from lbcert.core.database import load
from lbcert.core.findings import Refused, refuse
from lbcert.core.intake import whole_number
from lbcert.core.words import say
from lbcert.exams.models import Batch, Transcription
from lbcert.exams.operations.transcription import checked, stage_transcription, take_over_transcription
from lbcert.exams.places import RESULT_READERS, TRANSCRIBERS, TRANSCRIPTION_OFFICE
from lbcert.exams.queries.results import results_by_name

calls = Calls("exams", __name__, "成绩：转录考评员签名的成绩单，读取已公布的结果")


class MarkRowShape(Schema):
    """One row of a transcription."""

    row_number = fields.Integer()
    findings = fields.List(fields.Nested(FindingShape))


class TranscriptionShape(Schema):
    """A staged sheet of marks."""

    id = fields.Integer()
    batch_id = fields.Integer()
    taken_over = fields.Boolean()
    good = fields.Boolean(metadata={"description": "whether it may be taken over"})
    findings = fields.List(fields.Nested(FindingShape))
    rows = fields.List(fields.Nested(MarkRowShape))


class ResultShape(Schema):
    """One candidate's result; the ID number masked."""

    name = fields.String()
    id_number = fields.String()
    theory = fields.Integer(allow_none=True)
    practice = fields.Integer(allow_none=True)
    review = fields.Integer(allow_none=True)
    outcome = fields.String()


@calls.call("/batches/<int:batch_id>/transcriptions", see=TRANSCRIBERS, methods=("POST",))
@calls.response(201, TranscriptionShape)
def post_transcription(batch_id: int) -> dict[str, Any]:
    """Send the five-column sheet (multipart: ``file``, ``paper``, ``examiner_id``) for a dry run; no mark is written."""
    sheet, paper = sent_file("file"), sent_file("paper")
    examiner = whole_number(request.form.get("examiner_id", ""))
    if examiner is None:
        raise Refused([refuse("api.examiner", say("请在 examiner_id 里写明签名的考评员编号"))])
    row = stage_transcription(
        acting(),
        batch_id,
        examiner,
        sheet.read(),
        sheet.filename or "",
        paper.read(),
        paper.filename or "",
        paper.mimetype,
    )
    return _shape(row)


@calls.call("/transcriptions/<int:transcription_id>", see=TRANSCRIPTION_OFFICE)
@calls.response(200, TranscriptionShape)
def get_transcription(transcription_id: int) -> dict[str, Any]:
    """Give a staged sheet, judged against its batch as it stands now."""
    return _shape(load(Transcription, transcription_id))


@calls.call("/transcriptions/<int:transcription_id>/take-over", see=TRANSCRIPTION_OFFICE, methods=("POST",))
@calls.response(200, TranscriptionShape)
def post_take_over(transcription_id: int) -> dict[str, Any]:
    """Write all marks of a staged sheet, or none."""
    return _shape(take_over_transcription(acting(), transcription_id))


@calls.call("/batches/<int:batch_id>/results", see=RESULT_READERS)
@calls.response(200, ResultShape(many=True))
def get_results(batch_id: int) -> list[dict[str, Any]]:
    """Give the results of a batch, once they are decided."""
    load(Batch, batch_id)
    return [
        {
            "name": result.candidate.enrolment.person.name,
            "id_number": result.candidate.enrolment.person.id_masked,
            "theory": result.theory,
            "practice": result.practice,
            "review": result.review,
            "outcome": result.outcome.value,
        }
        for result in results_by_name(batch_id)
    ]


def _shape(row: Transcription) -> dict[str, Any]:
    judged = checked(load(Batch, row.batch_id), row.examiner_id, row.sheet.read())
    return {
        "id": row.id,
        "batch_id": row.batch_id,
        "taken_over": row.taken_at is not None,
        "good": judged.is_good,
        "findings": [as_shape(finding) for finding in judged.findings],
        "rows": [
            {"row_number": each.number, "findings": [as_shape(finding) for finding in each.findings]}
            for each in judged.rows
        ],
    }
