"""The quality supervisor of a batch sees everything of it and changes nothing; he signs his own declaration, and writes down what he saw."""

from __future__ import annotations

from flask import url_for

from lbcert.core.operation import OPERATIONS
from lbcert.exams.models import Post
from lbcert.testing.fixtures import browser_of
from tests.access.machinery import OPERATION_ROWS, ROUTE_ROWS, routes
from tests.access.test_access import app, is_admitted, is_open, set_stage, stage  # noqa: F401

from tests.access.exams import insider, planned  # isort: skip (its rows are read by the machinery, which comes first)

ROWS = {name: row for name, row in OPERATION_ROWS.items() if name.startswith("exams.")}
ROUTES = {way: row for way, row in ROUTE_ROWS.items() if way.split()[1].startswith("/exams/")}

#: What only lists, by role; what is a marker's own; and what is an office's form and nothing of the batch.
NOT_OF_THE_BATCH = {
    "GET /exams/", "GET /exams/new", "GET /exams/entry-routes", "GET /exams/appeals", "GET /exams/cards", "GET /exams/cards/<int:card_id>/paper",
    "GET /exams/bodies/<int:body_id>/cards", "GET /exams/candidates/<int:candidate_id>/appeal",
    "GET /exams/<int:batch_id>/marking", "GET /exams/<int:batch_id>/marking/<number>", "GET /exams/phone/<int:batch_id>/sheets",
    "GET /exams/<int:batch_id>/own-sheet", "GET /exams/<int:batch_id>/own-sheet/template", "GET /exams/own-sheets/<int:staged_id>",
    "GET /exams/staff/<int:staff_id>/declare", "GET /exams/<int:batch_id>/transcriptions", "GET /exams/transcriptions/<int:transcription_id>",
    # a body's bank serves many batches, and is its keepers' alone
    "GET /exams/banks", "GET /exams/question-form", "GET /exams/banks/<int:bank_id>", "GET /exams/question-sheets/<int:staged_id>",
    "GET /exams/question-sheets/<int:staged_id>/marked", "GET /exams/banks/<int:bank_id>/blueprints/new",
    # so do its rubrics; the one that a batch is marked by is read by its staff: tests/exams/test_rubrics.py
    "GET /exams/rubrics", "GET /exams/rubrics/<int:rubric_id>", "GET /exams/bodies/<int:body_id>/rubrics",
}  # fmt: skip
#: These write into the log that somebody looked, and nothing else.
LOOKS = {"exams.open_mapping", "exams.print_named_paper", "exams.take_tickets"}
#: What he writes down himself of what he saw in the rooms; it is only ever added, and changes nothing that others wrote.
SAW = {"exams.record_incident"}
#: Open to everybody who has a candidate's number, last four and code of the sitting.
PUBLIC = {"exams.open_sheet"}


def test_the_supervisor_reads_every_page_of_his_batch(app, stage):  # noqa: F811
    browser = browser_of(app, insider(stage, Post.SUPERVISOR))
    planned(stage)
    shut = []
    for way, row in ROUTES.items():
        if not way.startswith("GET") or way in NOT_OF_THE_BATCH:
            continue
        arguments = row.arguments(stage)
        with app.test_request_context():
            url = url_for(routes(app)[way], **arguments)
        if not is_open(browser.get(url)):
            shut.append(way)
    assert shut == []
    assert set(ROUTES) >= NOT_OF_THE_BATCH


def test_the_supervisor_carries_out_no_operation_but_his_declaration_and_his_own_records(app, stage):  # noqa: F811
    supervisor = insider(stage, Post.SUPERVISOR)
    own = next(one.id for one in planned(stage).staff if one.post is Post.SUPERVISOR)
    admitted = {name for name, row in ROWS.items() if is_admitted(name, supervisor, row.arguments(stage))}
    assert admitted == LOOKS | SAW | PUBLIC
    assert is_admitted("exams.declare", supervisor, {"staff_id": own})
    assert set(ROWS) <= set(OPERATIONS)
