"""The file for the national query: plain columns, sealed, in time; and the answer read back row by row."""

import base64
from datetime import UTC, date, datetime

import pytest
from flask import current_app

from lbcert.certificates.models import QueryReport, Reason, Reported
from lbcert.certificates.national import ANSWER, COLUMNS
from lbcert.certificates.operations.reports import make_query_report, receive_answer, take_answer
from lbcert.certificates.operations.status import reinstate, revoke, suspend
from lbcert.certificates.queries.reports import line_of, reported, unreported
from lbcert.certificates.queries.waiting import todo
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.findings import Refused
from lbcert.core.sheets import Table, read_sheet, write_workbook
from lbcert.core.staging import StagedSheet
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from tests.certificates.scene import THE_DAY, issued, run
from tests.exams import scene as stage
from tests.exams.scene import policy, refused, rules_of


@pytest.fixture
def scene(app):
    """Issue two certificates of a batch that was published on Monday, 11 August; ten working days later is the 25th."""
    scene = issued()
    policy("certificates.query_days", 10)
    with clock.at(THE_DAY):
        yield scene


def waits(account):
    return "\n".join(str(each.message) for each in todo(account))


def answered(scene, report, rows):
    data = write_workbook(Table("回执", ANSWER, rows))
    return receive_answer(scene.issuer, report.id, data, "回执.xlsx")


def test_the_file_has_plain_columns_and_is_kept_sealed(scene):
    assert "上报联网查询" in waits(scene.issuer)
    report = make_query_report(scene.issuer, scene.batch.id)
    assert report.due_on == date(2025, 8, 25)
    sheet = read_sheet(base64.b64decode(report.content), COLUMNS)
    first = scene.certificates[0]
    assert [row["number"].text for row in sheet.rows] == sorted(one.number for one in scene.certificates)
    row = next(one for one in sheet.rows if one["number"].text == first.number)
    told = {
        "name": first.person.name,
        "id_number": first.person.id_number,
        "theory": "80",
        "practice": "90",
        "issued_on": "2025-08-20",
    }
    assert {key: row[key].text for key in told} == told
    raw = bytes(run("SELECT content FROM query_reports")[0][0])
    assert base64.b64encode(b"PK\x03\x04")[:4] not in raw
    assert rules_of(refused(make_query_report, scene.issuer, scene.batch.id)) == {"certificates.nothing_to_report"}


def test_what_is_not_sent_in_time_is_on_the_bureaus_list(scene):
    bureau = make.account(Role.BUREAU_OFFICER, make.KUNMING)
    assert "联网查询" not in waits(bureau)
    with clock.at(datetime(2025, 8, 26, 4, tzinfo=UTC)):
        assert "联网查询上报已逾期（应于 2025-08-25 前）" in waits(bureau)
        assert line_of(scene.batch).is_overdue
        make_query_report(scene.issuer, scene.batch.id)
        assert "联网查询" not in waits(bureau)


def test_the_answer_is_a_dry_run_first_and_then_stands_for_each_certificate(scene):
    first, second = scene.certificates
    report = make_query_report(scene.issuer, scene.batch.id)
    staged = answered(
        scene,
        report,
        [
            {"number": first.number, "state": "接收"},
            {"number": second.number, "state": "退回", "reason": "姓名不符"},
            {"number": second.number, "state": "接收"},
            {"number": "S000053000123255000999", "state": "接收"},
            {"number": first.number, "state": "大概吧"},
        ],
    )
    rules = [{finding.rule for finding in row.said} for row in staged.rows]
    assert rules == [
        set(), set(), {"certificates.answer_twice"}, {"certificates.answer_unknown"},
        {"certificates.answer_twice", "certificates.answer_state"},
    ]  # fmt: skip
    assert reported(first.id).state is Reported.SENT
    take_answer(scene.issuer, staged.id)
    line = reported(second.id)
    assert (reported(first.id).state, line.state, line.reason) == (Reported.ACCEPTED, Reported.REFUSED, "姓名不符")
    assert db.session.query(StagedSheet).one().rows == []
    assert [one.id for one in db.session.scalars(unreported(scene.batch.id))] == [second.id]
    again = make_query_report(scene.issuer, scene.batch.id)
    assert [one.certificate_id for one in again.lines] == [second.id]
    late = answered(scene, report, [{"number": first.number, "state": "退回", "reason": "x"}])
    assert [finding.rule for finding in late.rows[0].said] == ["certificates.answer_taken"]
    assert rules_of(refused(take_answer, scene.issuer, late.id)) == {"sheets.no_good_rows"}


def test_a_suspended_certificate_is_not_sent_and_an_answer_is_never_rewritten(scene):
    first, second = scene.certificates
    suspend(scene.issuer, first.id, Reason.UNDER_REVIEW, "接到举报")
    report = make_query_report(scene.issuer, scene.batch.id)
    assert [one.certificate_id for one in report.lines] == [second.id]
    take_answer(scene.issuer, answered(scene, report, [{"number": second.number, "state": "成功"}]).id)
    for change in ("state = 'refused'", "reason = 'x'"):
        refusal = refused(stage.sql, f"UPDATE reported_certificates SET {change}")
        assert rules_of(refusal) == {"certificates.reported.update"}
    assert rules_of(refused(stage.sql, "DELETE FROM query_reports")) == {"certificates.query_report.delete"}
    other = "INSERT INTO reported_certificates (report_id, certificate_id, state, reason) VALUES (:report, :certificate, 'sent', '')"
    refusal = refused(stage.sql, other, report=report.id, certificate=second.id)
    assert rules_of(refusal) == {"certificates.reported_before"}


def test_what_becomes_of_a_certificate_that_went_is_told_until_it_is_taken(scene):
    first, second = scene.certificates
    accept = [{"number": one.number, "state": "接收"} for one in scene.certificates]

    def nothing_left():
        return line_of(scene.batch).waiting == 0 and "联网查询" not in waits(scene.issuer)

    take_answer(scene.issuer, answered(scene, make_query_report(scene.issuer, scene.batch.id), accept).id)
    suspend(scene.issuer, second.id, Reason.UNDER_REVIEW, "接到举报")
    reinstate(scene.issuer, second.id, Reason.CLEARED, "查无此事")
    assert nothing_left(), "nobody was told otherwise"
    revoke(scene.issuer, first.id, Reason.FRAUD, "替考")
    line = line_of(scene.batch)
    assert (line.waiting, line.changed, line.due_on) == (1, 1, date(2025, 9, 3))
    assert (
        "其中 1 本上报以后状态有变更"
        in browser_of(current_app, scene.issuer).get(f"/certificates/query/{scene.batch.id}").text
    )
    with clock.at(datetime(2025, 9, 4, 4, tzinfo=UTC)):
        assert "联网查询上报已逾期（应于 2025-09-03 前）" in waits(make.account(Role.BUREAU_OFFICER, make.KUNMING))
    for state in ("退回", "接收"):
        report = make_query_report(scene.issuer, scene.batch.id)
        [row] = read_sheet(base64.b64decode(report.content), COLUMNS).rows
        told = [row[name].text for name in ("number", "status", "status_on", "status_reason")]
        assert told == [first.number, "已撤销", "2025-08-20", "弄虚作假"]
        assert nothing_left()
        take_answer(scene.issuer, answered(scene, report, [{"number": first.number, "state": state, "reason": "x"}]).id)
        assert nothing_left() == (state == "接收")
    assert rules_of(refused(make_query_report, scene.issuer, scene.batch.id)) == {"certificates.nothing_to_report"}
    others = "INSERT INTO reported_certificates (report_id, certificate_id, change_id, state, reason) VALUES (:report, :second, :change, 'sent', '')"
    theirs = max(one.id for one in first.history)
    refusal = refused(stage.sql, others, report=report.id, second=second.id, change=theirs)
    assert rules_of(refusal) == {"certificates.reported_elsewhere"}


def test_a_file_that_is_no_answer_is_refused_whole(scene):
    report = make_query_report(scene.issuer, scene.batch.id)
    with pytest.raises(Refused):
        receive_answer(scene.issuer, report.id, b"not a sheet", "x.xlsx")
    assert db.session.query(QueryReport).count() == 1
