"""The roster: every row's findings at once, then the good rows or nothing."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
import xlwt
from sqlalchemy import LargeBinary, func, select, type_coerce

from lbcert.cohorts.models import CohortState, Enrolment, EnrolmentState
from lbcert.cohorts.operations import enrolment, life
from lbcert.cohorts.operations.roster import discard_roster, import_roster, receive_roster
from lbcert.cohorts.sheets import ROSTER
from lbcert.core.access import Role
from lbcert.core.audit import AuditEntry
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.staging import SheetRow, findings_of, marked
from lbcert.parties.models import Person
from lbcert.testing import factories as make
from lbcert.testing.rosters import gb18030, people, raw_workbook, workbook
from tests.cohorts.messy import FINDINGS, RARE, messy_rows
from tests.cohorts.world import STARTS, on, other_provider, reread, rules_of


def staged(world, data, name="花名册.xlsx", cohort=None):
    cohort = cohort or world.draft()
    return receive_roster(world.clerk, cohort.id, data, name)


def said(roster):
    return {row.row_number: [(f.rule, f.level.value, str(f.message)) for f in row.said] for row in reread(roster).rows}


def test_each_row_of_a_messy_roster_gets_exactly_the_findings_that_it_deserves(world):
    roster = staged(world, raw_workbook(messy_rows()))
    found = said(roster)
    assert {row: [(rule, level) for rule, level, _ in findings] for row, findings in found.items() if findings} == {
        row: [(rule, level) for rule, level, _ in findings] for row, findings in FINDINGS.items()
    }
    for row, findings in FINDINGS.items():
        for (_, _, part), (_, _, message) in zip(findings, found[row], strict=True):
            assert part in message
    assert (roster.total, roster.good) == (16, 8)


def test_no_finding_and_no_log_shows_a_whole_number(world):
    rows = messy_rows()
    roster = staged(world, raw_workbook(rows))
    import_roster(world.clerk, roster.id)
    log = "".join(f"{e.arguments}{e.changes}" for e in db.session.scalars(select(AuditEntry)))
    texts = "".join(message for findings in said(roster).values() for _, _, message in findings) + log
    for row in rows:
        number = str(row["id_number"]).strip()
        assert len(number) < 15 or number[:17] not in texts
    stored = db.session.scalars(select(type_coerce(SheetRow.cells, LargeBinary))).all()
    assert len(stored) == 16
    assert not any(rows[15]["id_number"].encode() in cells for cells in stored)


def test_the_good_rows_are_imported_put_right_and_sealed(world):
    cohort = world.draft()
    roster = staged(world, raw_workbook(messy_rows()), cohort=cohort)
    import_roster(world.clerk, roster.id, in_service=True, job_before="普工", promised_on=STARTS)
    enrolled = reread(cohort).enrolments
    assert len(enrolled) == 8
    assert {(row.state, row.in_service, row.job_before, row.promised_on) for row in enrolled} == {
        (EnrolmentState.ENROLLED, True, "普工", STARTS)
    }
    names = {row.person.name for row in enrolled}
    assert {RARE, "阿依古丽·吐尔逊"} <= names
    one = next(row.person for row in enrolled if row.person.name == RARE)
    sent = messy_rows()[9]
    assert (one.id_number, one.phone, one.bank_account) == (sent["id_number"], sent["phone"], sent["bank_account"])
    assert one.pinyin.startswith("zhao")
    assert any(row.person.id_number.endswith("X") for row in enrolled)
    assert reread(roster).imported_at is not None
    with pytest.raises(Refused) as refused:
        import_roster(world.clerk, roster.id)
    assert rules_of(refused) == {"sheets.decided"}


def test_nothing_is_imported_while_it_is_only_staged_or_after_it_is_discarded(world):
    roster = staged(world, workbook(people(3)))
    assert db.session.scalar(select(func.count(Enrolment.id))) == 0
    discard_roster(world.clerk, roster.id)
    assert db.session.scalar(select(func.count(SheetRow.id))) == 0
    with pytest.raises(Refused) as refused:
        import_roster(world.clerk, roster.id)
    assert rules_of(refused) == {"sheets.decided"}


def xls(rows):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for place, column in enumerate(ROSTER):
        sheet.write(0, place, column.title)
        for number, row in enumerate(rows, start=1):
            sheet.write(number, place, row.get(column.key, ""))
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def utf8(rows):
    return gb18030(rows).decode("gb18030").encode("utf-8-sig")


@pytest.mark.parametrize("write", [workbook, xls, gb18030, utf8], ids=["xlsx", "xls", "gb18030", "utf-8"])
def test_it_reads_what_excel_and_wps_save(world, write):
    cohort, rows = world.draft(), people(5)
    roster = staged(world, write(rows), cohort=cohort)
    assert (roster.total, roster.good) == (5, 5)
    assert not any(findings for findings in said(roster).values())
    import_roster(world.clerk, roster.id)
    assert [row.person.id_number for row in reread(cohort).enrolments] == [row["id_number"] for row in rows]


def test_the_columns_may_stand_in_any_order(world):
    columns = [*ROSTER[5:], *reversed(ROSTER[:5])]
    roster = staged(world, workbook(people(2), columns))
    assert roster.good == 2


def test_a_sheet_without_numbers_is_no_roster(world):
    columns = [column for column in ROSTER if column.key != "id_number"]
    with pytest.raises(Refused) as refused:
        staged(world, workbook(people(2), columns))
    assert rules_of(refused) == {"sheets.missing_column"}


def test_a_file_that_is_no_sheet_is_refused_and_leaves_nothing(world):
    for data in (b"", b"PK\x03\x04broken", b"<html><table></table></html>"):
        with pytest.raises(Refused):
            staged(world, data)
    assert db.session.scalar(select(func.count(SheetRow.id))) == 0


def test_what_is_on_file_counts_against_a_row(world):
    world.policy("cohorts.age", {"male": [16, 60], "female": [16, 60]})
    cohort, rows = world.draft(), people(5)
    make.person("另外一人", id_number=rows[0]["id_number"])
    known = make.person(rows[1]["name"], id_number=rows[1]["id_number"])
    enrolment.enrol(world.clerk, cohort.id, known.id)
    elsewhere = make.person(rows[2]["name"], id_number=rows[2]["id_number"])
    enrolment.enrol(world.clerk, world.draft().id, elsewhere.id)
    rows[3]["id_number"] = make.id_number(born=date(2010, 1, 1), sequence=0)
    found = said(staged(world, workbook(rows), cohort=cohort))
    assert {row: [finding[0] for finding in findings] for row, findings in found.items()} == {
        2: ["cohorts.other_name_on_file"],
        3: ["cohorts.already_enrolled"],
        4: ["cohorts.same_item_before"],
        5: ["cohorts.age"],
        6: [],
    }
    assert "另***" in found[2][0][2]
    assert "另外一人" not in found[2][0][2]
    assert "第 5 行" in found[5][0][2]


def test_one_person_in_two_rows_comes_once(world):
    rows = people(2)
    roster = staged(world, workbook([*rows, dict(rows[0])]))
    assert [rule for rule, *_ in said(roster)[4]] == ["cohorts.row_twice"]
    assert roster.good == 2


def test_a_phone_or_account_of_two_people_is_warned_about(world):
    rows = people(3)
    rows[1]["phone"], rows[1]["bank_account"] = rows[0]["phone"], rows[0]["bank_account"]
    rows[2]["bank_holder"] = "他人"
    roster = staged(world, workbook(rows))
    assert {row: [rule for rule, *_ in findings] for row, findings in said(roster).items()} == {
        2: ["cohorts.shared_phone", "cohorts.shared_account"],
        3: ["cohorts.shared_phone", "cohorts.shared_account"],
        4: ["cohorts.account_of_another"],
    }
    assert roster.good == 3


def test_what_changed_after_the_check_stops_the_whole_import(world):
    cohort, rows = world.draft(), people(3)
    roster = staged(world, workbook(rows), cohort=cohort)
    make.person("抢先登记", id_number=rows[1]["id_number"])
    with pytest.raises(Refused) as refused:
        import_roster(world.clerk, roster.id)
    assert rules_of(refused) == {"sheets.outdated", "cohorts.other_name_on_file"}
    assert reread(cohort).enrolments == []
    assert db.session.scalar(select(func.count(Person.id)).where(Person.name == rows[0]["name"])) == 0


def test_who_is_on_file_is_completed_and_never_overwritten(world):
    rows = people(1)
    known = make.person(rows[0]["name"], id_number=rows[0]["id_number"], phone="13900001111")
    import_roster(world.clerk, staged(world, workbook(rows)).id)
    known = reread(known)
    assert (known.phone, known.bank_account, known.category) == (
        "13900001111",
        rows[0]["bank_account"],
        rows[0]["category"],
    )


def test_after_the_approval_a_roster_comes_with_a_reason(world):
    world.policy("cohorts.max_size", 4)
    cohort = world.brought_to(CohortState.APPROVED)
    roster = staged(world, workbook(people(2)), cohort=cohort)
    with pytest.raises(Refused) as refused:
        import_roster(world.clerk, roster.id)
    assert rules_of(refused) == {"cohorts.change_reason", "cohorts.class_size"}


def test_while_the_bureau_reads_no_roster_is_imported(world):
    cohort = world.complete()
    roster = staged(world, workbook(people(2)), cohort=cohort)
    with on(date(2025, 7, 1)):
        life.file_cohort(world.clerk, cohort.id, promises=True)
    with pytest.raises(Refused) as refused:
        import_roster(world.clerk, roster.id, reason="补录")
    assert rules_of(refused) == {"cohorts.locked"}


def test_the_marked_copy_goes_back_with_the_findings_beside_the_rows_and_can_be_sent_again(app, world):
    cohort = world.draft()
    rows = raw_workbook(messy_rows())
    with app.test_request_context():
        copy = marked(reread(staged(world, rows, cohort=cohort)))
    sheet = openpyxl.load_workbook(BytesIO(copy)).active
    result = [cell.value for cell in sheet[1]].index("检查结果")
    assert "校验位不对" in sheet[3][result].value
    assert sheet[11][result].value is None
    assert sheet[9][1].value == '=HYPERLINK("http://127.0.0.1/","x")'
    assert sheet[9][1].data_type == "s"
    again = staged(world, copy, cohort=cohort)
    assert (again.total, again.good) == (16, 8)


def test_a_large_class_is_foretold_at_the_sheet(world):
    world.policy("cohorts.max_size", 2)
    roster = staged(world, workbook(people(3)))
    [finding] = findings_of(roster)[-1:]
    assert (finding.rule, finding.level.value) == ("cohorts.class_size", "warn")


def test_another_providers_clerk_neither_stages_nor_imports(world):
    roster = staged(world, workbook(people(1)))
    stranger = make.account(Role.PROVIDER_CLERK, other_provider())
    for attempt in (
        lambda: receive_roster(stranger, roster.subject_id, workbook(people(1)), "x.xlsx"),
        lambda: import_roster(stranger, roster.id),
        lambda: discard_roster(stranger, roster.id),
    ):
        with pytest.raises(Forbidden):
            attempt()
