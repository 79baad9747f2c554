"""Outcomes by sheet: downloaded with the learners in it, checked row by row, and then all good rows or none."""

from datetime import date, datetime
from io import BytesIO
from types import SimpleNamespace

import openpyxl
import pytest

from lbcert.cohorts.models import CohortState, EnrolmentState
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.findings import Refused
from lbcert.core.sheets import Table, write_workbook
from lbcert.parties.models import OrganisationKind
from lbcert.placement.models import Channel, EmploymentRecord, InServiceOutcome
from lbcert.placement.operations import import_outcomes, receive_outcomes, record_employment
from lbcert.placement.rules import JobDetails
from lbcert.placement.sheets import SHEETS
from lbcert.testing.factories import FUKANG, LUQUAN, account, cohort, enrolment, organisation, person


@pytest.fixture
def world(app):
    """Give a cohort that ended on 7 August 2025, with people at work already and people who are not."""
    group = cohort(organisation(), CohortState.TAUGHT)
    firm = organisation(OrganisationKind.EMPLOYER, FUKANG, name="阜康电力（示例）公司")
    with clock.at(datetime(2025, 12, 1, 12, tzinfo=SHANGHAI)):
        workers = [
            enrolment(group, state=EnrolmentState.COMPLETED, in_service=True, job_before="普工") for _ in range(6)
        ]
        seekers = [enrolment(group, state=EnrolmentState.COMPLETED) for _ in range(6)]
        yield SimpleNamespace(
            cohort=group, firm=firm, workers=workers, seekers=seekers, centre=account(Role.SERVICE_CENTRE, LUQUAN)
        )


def who(learner, **said):
    return {"name": learner.person.name, "id_number": learner.person.id_masked, **said}


def sent(world, what, rows):
    data = write_workbook(Table("表", SHEETS[what].columns, rows))
    return receive_outcomes(world.centre, world.cohort.id, what, data, "登记表.xlsx")


def stops(staged):
    return [sorted(finding.rule for finding in row.said if finding.stops) for row in staged.rows]


def test_in_service_outcomes_go_in_by_the_pages_alone(world, signed_in):
    officer = signed_in(world.centre)
    page = f"/placement/cohorts/{world.cohort.id}/sheets/promotions"
    assert page in officer.get(f"/placement/cohorts/{world.cohort.id}").text
    book = openpyxl.load_workbook(BytesIO(officer.get(f"{page}.xlsx").data))
    sheet = book.active
    assert sheet.max_row == 7
    assert {cell.value for cell in sheet["A"][1:]} == {worker.person.name for worker in world.workers}
    assert all("********" in cell.value for cell in sheet["B"][1:])
    titles = {cell.value: cell.column for cell in sheet[1]}
    filled = {
        "用人单位": "阜康电力(示例)公司", "参训前月工资(元)": 4500, "现岗位": "电工", "现等级": "五级", "现月工资(元)": 5600.55,
        "核实日期": date(2025, 9, 1),
    }  # fmt: skip
    for row, changes in ((2, {}), (3, {}), (4, {"现月工资(元)": 5600.555}), (5, {"核实日期": date(2025, 7, 1)})):
        for title, value in {**filled, **changes}.items():
            sheet.cell(row, titles[title], value)
    saved = BytesIO()
    book.save(saved)
    staged = officer.post(page, data={"file": (BytesIO(saved.getvalue()), "在岗提升.xlsx")}).location
    listed = officer.get(staged).text
    assert "读不懂“5600.555”" in listed
    assert "早于开班日期" in listed
    assert listed.count("还没有填写去向") == 2
    assert db.session.query(InServiceOutcome).count() == 0
    copy = openpyxl.load_workbook(BytesIO(officer.get(f"{staged}/marked").data)).active
    assert "第 4 行" in copy.cell(4, copy.max_column).value
    assert officer.post(f"{staged}/import").status_code == 302
    kept = db.session.scalars(db.select(InServiceOutcome)).all()
    assert [(row.wage_before_fen, row.wage_after_fen, row.post_before, row.employer_id) for row in kept] == [
        (450_000, 560_055, "普工", world.firm.id)
    ] * 2
    assert openpyxl.load_workbook(BytesIO(officer.get(f"{page}.xlsx").data)).active.max_row == 5
    assert officer.post(f"{staged}/import").status_code == 422


def test_every_row_of_jobs_is_told_what_is_wrong_with_it(world):
    twin = organisation(OrganisationKind.EMPLOYER, name="同名公司")
    organisation(OrganisationKind.EMPLOYER, name="同名公司")
    a, b, c, d, e, f = world.seekers
    good = {
        "employer": world.firm.name, "credit_code": world.firm.credit_code, "place": "阜康市", "post": "电工",
        "started_on": "2025-08-15", "wage": "5600.50", "channel": "集中输出", "contract": "是", "seasonal": "否",
    }  # fmt: skip
    rows = [
        who(a, **good),
        who(b, **{**good, "employer": "没有登记的公司", "credit_code": ""}),
        who(b, **good),
        who(c, **{**good, "employer": "同名公司", "credit_code": ""}),
        who(
            d,
            **{
                **good,
                "wage": "面议",
                "channel": "朋友介绍",
                "contract": "口头",
                "place": "火星",
                "started_on": "昨天",
            },
        ),
        who(e, **{**good, "post": "长" * 61}),
        {**who(f, **good), "name": "另一个人"},
        who(world.workers[0], **good),
        {"name": "外人", "id_number": person("外人").id_number, **good},
        who(f),
    ]
    staged = sent(world, "jobs", rows)
    assert stops(staged) == [
        [],
        ["placement.employer_unknown", "placement.row_twice"],
        ["placement.row_twice"],
        ["placement.employer_unclear"],
        ["placement.channel_unreadable", "placement.contract_unreadable", "placement.place_unreadable",
         "placement.started_on_unreadable", "placement.wage_unreadable"],
        ["placement.cell_long"],
        ["placement.learner_name"],
        ["placement.in_service"],
        ["placement.learner_elsewhere"],
        ["placement.row_blank"],
    ]  # fmt: skip
    import_outcomes(world.centre, staged.id)
    (job,) = db.session.scalars(db.select(EmploymentRecord))
    assert (job.enrolment_id, job.wage_fen, job.place_region_code) == (a.id, 560_050, FUKANG)
    assert (job.channel, job.has_contract, job.seasonal) == (Channel.ORGANISED, True, False)
    assert twin.id != job.employer_id


def test_who_has_found_work_since_the_check_holds_all_back(world):
    a, b = world.seekers[:2]
    row = {
        "employer": world.firm.name, "place": FUKANG, "post": "电工", "started_on": date(2025, 8, 15), "wage": 5000,
        "channel": "自主就业", "contract": "否",
    }  # fmt: skip
    staged = sent(world, "jobs", [who(a, **row), who(b, **row)])
    assert stops(staged) == [[], []]
    record_employment(
        world.centre, a.id, JobDetails(world.firm.id, FUKANG, "焊工", date(2025, 9, 1), 400_000, True, Channel.OWN)
    )
    with pytest.raises(Refused) as caught:
        import_outcomes(world.centre, staged.id)
    assert {finding.rule for finding in caught.value.findings} == {"sheets.outdated", "placement.still_employed"}
    assert db.session.query(EmploymentRecord).count() == 1
