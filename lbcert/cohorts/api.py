"""JSON calls about rosters: sent as the county's sheet, judged row by row, imported or not."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lbcert.cohorts.operations import roster as operations
from lbcert.cohorts.sheets import KIND
from lbcert.cohorts.views.room import CLERK
from lbcert.cohorts.views.roster import SEES_ROSTER
from lbcert.core.access import acting
from lbcert.core.api import Calls, FindingShape, as_shape, sent_file
from lbcert.core.staging import StagedSheet, find

calls = Calls("cohorts", __name__, "花名册：先检查每一行，再导入没有问题的行")


class RowShape(Schema):
    """One row of a roster, without its personal data."""

    row_number = fields.Integer(metadata={"description": "as Excel numbers it"})
    good = fields.Boolean()
    findings = fields.List(fields.Nested(FindingShape))


class RosterShape(Schema):
    """A staged roster."""

    id = fields.Integer()
    cohort_id = fields.Integer()
    imported = fields.Boolean()
    good = fields.Integer()
    held_back = fields.Integer()
    rows = fields.List(fields.Nested(RowShape))


class ImportShape(Schema):
    """What holds for all of a roster's learners."""

    in_service = fields.Boolean(load_default=False)
    job_before = fields.String(load_default="", validate=validate.Length(max=120))
    promised_on = fields.Date(load_default=None, allow_none=True)
    reason = fields.String(load_default="", validate=validate.Length(max=300))


@calls.call("/cohorts/<int:cohort_id>/rosters", see=CLERK, methods=("POST",))
@calls.response(201, RosterShape)
def post_roster(cohort_id: int) -> dict[str, Any]:
    """Send a roster (multipart, ``file``: .xlsx, .xls or .csv) for a dry run; nothing is enrolled yet."""
    file = sent_file("file")
    return _shape(operations.receive_roster(acting(), cohort_id, file.read(), file.filename or ""))


@calls.call("/rosters/<int:roster_id>", see=SEES_ROSTER)
@calls.response(200, RosterShape)
def get_roster(roster_id: int) -> dict[str, Any]:
    """Give a staged roster with every row's findings."""
    return _shape(find(KIND, roster_id))


@calls.call("/rosters/<int:roster_id>/import", see=operations.ITS_CLERK, methods=("POST",))
@calls.arguments(ImportShape)
@calls.response(200, RosterShape)
def import_roster(sent: dict[str, Any], roster_id: int) -> dict[str, Any]:
    """Enrol everybody of the good rows, or nobody."""
    return _shape(operations.import_roster(acting(), roster_id, **sent))


def _shape(roster: StagedSheet) -> dict[str, Any]:
    rows = [
        {
            "row_number": row.row_number,
            "good": row.good,
            "findings": [as_shape(finding) for finding in row.said],
        }
        for row in roster.rows
    ]
    good = sum(row.good for row in roster.rows)
    return {
        "id": roster.id,
        "cohort_id": roster.subject_id,
        "imported": roster.imported_at is not None,
        "good": good,
        "held_back": len(rows) - good,
        "rows": rows,
    }
