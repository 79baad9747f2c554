"""A batch's file: nothing wanted is missing, nothing in it can change unseen, and two people open it."""

from __future__ import annotations

import io
import subprocess
import zipfile
from datetime import date, timedelta

import openpyxl
import pytest
from sqlalchemy.exc import DatabaseError

from lbcert.certificates.queries import log
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.papers import papers_of
from lbcert.dossiers import operations, rules
from lbcert.dossiers.models import Dossier
from lbcert.dossiers.queries import todo
from lbcert.dossiers.rules import SignedPaper
from lbcert.exams import operations as exams
from lbcert.testing import factories as make
from lbcert.testing.scenes import played_once
from tests.exams.scene import DAY, judged, policy, refused, rules_of, run, said

SCAN = b"%PDF-1.7 signed"


@played_once
def published():
    """Give a published batch in whose county a signed summary is wanted and a file is kept for five years."""
    scene = judged()
    policy("dossiers.wants_summary", True)
    policy("dossiers.keep_years", 5)
    exams.publish_batch(scene.decider, scene.batch.id)
    scene.auditor = make.account(Role.AUDITOR, make.LUQUAN, make.person("审计员"), name="审计员")
    scene.officer = make.account(Role.BUREAU_OFFICER, make.LUQUAN, make.person("钱局长"), name="钱局长")
    return scene


@pytest.fixture
def scene(app):
    with clock.at(DAY):
        yield published()


def closed(scene):
    operations.bring_paper(scene.clerk, scene.batch.id, SignedPaper.SUMMARY, SCAN, "汇总表.pdf")
    return operations.close_dossier(scene.clerk, scene.batch.id)


def test_a_wanted_paper_that_is_missing_is_named_with_its_document_and_nothing_is_closed(scene):
    refusal = refused(operations.close_dossier, scene.clerk, scene.batch.id)
    assert rules_of(refusal) == {"dossiers.paper_missing"}
    assert "盖章的成绩汇总表" in said(refusal)
    assert [finding.source for finding in refusal.findings if finding.stops] == ["本局设定"]
    assert make.db.session.query(Dossier).count() == 0
    assert closed(scene).keep_until == date(2030, 8, 9)


def test_the_file_holds_every_row_and_paper_and_a_stranger_checks_its_hashes(scene, tmp_path):
    packed = closed(scene).file.read()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path)
        marks = openpyxl.load_workbook(io.BytesIO(archive.read("评分.xlsx"))).active
        records = openpyxl.load_workbook(io.BytesIO(archive.read("原始记录.xlsx")))
    paper = papers_of(f"batch:{scene.batch.id}")[0].file
    assert (tmp_path / f"盖章的成绩汇总表/{paper.id}-汇总表.pdf").read_bytes() == SCAN
    assert marks.max_row == 7  # six marks below their titles
    assert {"marks", "declarations", "declared_kin", "incidents", "exam_seats", "appeals"} <= set(records.sheetnames)
    assert records["declarations"].max_row == 5  # four who signed
    judged_by_coreutils = subprocess.run(
        ["/usr/bin/sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged_by_coreutils.returncode == 0
    heading, count = rules.unpack(packed, log.verifier().opens)
    assert (heading.split()[:2], count) == ([scene.batch.number, "1"], 11)


@pytest.mark.parametrize("change", ["another byte", "one more", "one less", "another key"])
def test_a_file_that_was_changed_is_told(scene, change):
    packed = closed(scene).file.read()
    opens = log.verifier().opens
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    if change == "another byte":
        members["评分.xlsx"] += b" "
    elif change == "one more":
        members["评分 (1).xlsx"] = b""
    elif change == "one less":
        del members["考生.xlsx"]
    else:
        opens = another_key().opens
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(
        ValueError, match="no note signed by" if change == "another key" else "changed, added or taken out"
    ):
        rules.unpack(again.getvalue(), opens)


def another_key():
    known = log.verifier()
    return type(known)(known.name, bytes(31) + b"\x01")


def test_reading_takes_two_people_seven_days_and_is_kept(scene):
    dossier = closed(scene)
    reading = operations.ask_to_read(scene.officer, dossier.id, "年度审计")
    assert rules_of(refused(operations.open_dossier, scene.officer, reading.id)) == {"dossiers.not_granted"}
    assert rules_of(refused(operations.answer_reading, scene.officer, reading.id, granted=True)) == {
        "dossiers.own_reading"
    }
    assert [todo(scene.decider)[0].endpoint, todo(scene.officer)] == ["dossiers.batch", []]
    operations.answer_reading(scene.decider, reading.id, granted=True)
    with pytest.raises(Forbidden):
        operations.open_dossier(scene.auditor, reading.id)
    operations.open_dossier(scene.officer, reading.id)
    assert [one.account_id for one in reading.openings] == [scene.officer.id]
    with clock.at(DAY + timedelta(days=8)):
        assert rules_of(refused(operations.open_dossier, scene.officer, reading.id)) == {"dossiers.reading_over"}


def test_the_database_keeps_editions_readings_and_openings(scene):
    dossier = closed(scene)
    reading = operations.ask_to_read(scene.auditor, dossier.id, "抽查")
    opening = "INSERT INTO dossier_openings (reading_id, account_id, created_at) VALUES (:reading, :account, '2025-08-10 02:00:00')"
    person = make.person("审计员")
    run("UPDATE accounts SET person_id = :person WHERE id = :reader", person=person.id, reader=scene.auditor.id)
    himself = make.account(Role.AUDITOR, make.LUQUAN, person).id
    grant = f"UPDATE dossier_readings SET granted = true, answered_by = {himself}, answered_at = '2025-08-10 02:00:00'"
    with pytest.raises(DatabaseError, match=r"dossiers\.own_reading"):
        run(grant)
    for attack in (
        "UPDATE dossiers SET papers = 1",
        "DELETE FROM dossiers",
        "UPDATE dossier_readings SET granted = true, answered_by = reader_id, answered_at = '2025-08-10 02:00:00'",
        "UPDATE dossier_readings SET reason = 'x'",
    ):
        with pytest.raises((DatabaseError, Refused)):
            run(attack)
    with pytest.raises((DatabaseError, Refused)):
        run(opening, reading=reading.id, account=scene.auditor.id)
    operations.answer_reading(scene.officer, reading.id, granted=True)
    with pytest.raises((DatabaseError, Refused)):
        run(opening, reading=reading.id, account=scene.officer.id)
    run(opening, reading=reading.id, account=scene.auditor.id)


def test_the_pages_lead_from_the_missing_paper_to_the_file_in_hand(scene, signed_in):
    clerk, auditor, officer = (signed_in(account) for account in (scene.clerk, scene.auditor, scene.officer))
    home = f"/dossiers/batch/{scene.batch.id}"
    assert "归档前还缺" in clerk.get(home).text
    assert "待归档" in auditor.get("/dossiers/").text
    sent = {"kind": "summary", "file": (io.BytesIO(SCAN), "汇总表.pdf")}
    assert clerk.post(f"{home}/papers", data=sent, follow_redirects=True).status_code == 200
    assert "第 1 版" in clerk.post(f"{home}/close", follow_redirects=True).text
    dossier = make.db.session.query(Dossier).one()
    auditor.post(f"/dossiers/{dossier.id}/readings", data={"reason": "年度审计"})
    reading = dossier.readings[0].id
    assert auditor.post(f"/dossiers/readings/{reading}/open").status_code == 422
    officer.post(f"/dossiers/readings/{reading}/grant")
    answer = auditor.post(f"/dossiers/readings/{reading}/open")
    assert (answer.mimetype, answer.data) == ("application/zip", dossier.file.read())
    assert "取阅" in officer.get(home).text
