"""Order sheets as employers send them: eleven columns, a dry run, every finding at once."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
import xlsxwriter

from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.findings import Refused, refuse
from lbcert.core.reference import SkillLevel
from lbcert.core.sheets import marked_copy, read_sheet
from lbcert.core.words import say
from lbcert.demand import operations, queries, sheets
from lbcert.demand.models import Duty, Order, OrderKind, TargetState
from lbcert.parties.models import Organisation, OrganisationKind
from lbcert.testing.factories import NINGLANG, credit_code, item, trade
from lbcert.testing.fixtures import browser_of
from tests.demand.demand_scene import HAIAN, agreement, line, order, refused

HEADER = [
    "用人单位", "统一社会信用代码", "培训项目", "等级", "人数", "工作地区划", "月薪下限", "月薪上限", "到岗日期", "订单类型", "定向",
]  # fmt: skip
SIGNED = date(2025, 6, 1)


def workbook(*rows):
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        for number, row in enumerate((HEADER, *rows)):
            page.write_row(number, 0, row)
    return buffer.getvalue()


def asks(name, code, **changes):
    usual = {
        "item": "养老护理员", "level": "五级", "count": 120, "place": HAIAN, "least": 4800, "most": 6500,
        "arrival": "2025-09-01", "kind": "企业订单", "targeted": "否",
    }  # fmt: skip
    return [name, code, *(usual | changes).values()]


def rules_of(checked):
    return {row.number: {finding.rule for finding in row.findings} for row in checked.rows if row.findings}


def handed_in(scene, *rows):
    return operations.submit_orders(scene.officer, NINGLANG, workbook(*rows), "订单.xlsx")


def test_each_row_becomes_an_order_and_a_targeted_one_brings_its_seats(scene):
    cooling = trade("制冷空调系统安装维修工", "6-29-03-05")
    item("制冷空调系统安装维修工", trade=cooling, level=SkillLevel.FOUR)
    item("光伏保洁", trade=trade("光伏保洁", code=None), level=None, hours=40)
    sanden, solar = credit_code("310110"), credit_code(NINGLANG)
    paper = handed_in(
        scene,
        asks(scene.firm.name, scene.firm.credit_code),
        asks(
            "三电示例公司", sanden, item="制冷空调系统安装维修工", level="四级", count=40, place="310110", targeted="是"
        ),
        asks("光伏示例公司", solar, item="光伏保洁", level="", count=50, place=NINGLANG, targeted="是"),
    )
    assert db.session.query(Order).count() == 0  # only looked at so far
    orders = operations.import_orders(scene.officer, paper.id, SIGNED)
    lines = [made.lines[0] for made in orders]
    assert [(made.party.name, made.number[-4:]) for made in orders] == [
        ("海安康养示例公司", "0001"), ("三电示例公司", "0002"), ("光伏示例公司", "0003"),
    ]  # fmt: skip
    assert [(each.headcount, each.targeted, each.wage_min_fen, each.wage_max_fen) for each in lines] == [
        (120, False, 480_000, 650_000), (40, True, 480_000, 650_000), (50, True, 480_000, 650_000),
    ]  # fmt: skip
    assert list(queries.seat_counts([each.id for each in lines]).values()) == [
        {}, {TargetState.OPEN: 40}, {TargetState.OPEN: 50},
    ]  # fmt: skip


def test_an_employer_with_a_right_code_is_registered_where_its_licence_was_given(scene):
    code, hamlet = credit_code("310110"), credit_code("310199")
    paper = handed_in(
        scene,
        asks("三电示例公司", code, place=NINGLANG),
        asks("浦江示例公司", hamlet),
        asks("三电示例公司", code, count=7),
    )
    first, second, third = operations.import_orders(scene.officer, paper.id, SIGNED)
    assert (first.party.kind, first.party.region_code, first.party) == (
        OrganisationKind.EMPLOYER,
        "310110",
        third.party,
    )
    assert [(control.controller, control.valid_to) for control in first.party.controls] == [(code, None)]
    assert second.party.region_code in {"310100", "310000", HAIAN}


def test_every_wrong_row_is_said_at_once_with_its_cure(scene):
    own = scene.firm.name, scene.firm.credit_code
    bad_check = credit_code(HAIAN)[:-1] + "Z"
    data = workbook(
        asks(*own),
        asks(*own, item="养老护理"),
        asks(*own, level="三级", count=1),
        asks(*own, level="01", count=2),
        asks("某公司", bad_check),
        asks("写错的名字", own[1], count=3),
        asks(*own, count="一百"),
        asks(*own, least=7000, count=4),
        asks(*own, arrival="下个月", count=5),
        asks(*own, arrival="2025-05-30", count=6),
        asks(*own, place="海安", count=7),
        asks(*own, kind="口头", count=8),
        asks(*own),
        asks("", "", item="", count=""),
        asks(*own, targeted="也许", count=9),
        asks(*own, least="4800.005", count=10),
        asks(*own, arrival="2025-06-02", count=11),
    )
    checked = sheets.check_orders(data, NINGLANG, SIGNED)
    assert rules_of(checked) == {
        3: {"brands.unknown_item"},
        4: {"brands.unknown_item"},
        5: {"brands.level_name"},
        6: {"credit_code.characters"},
        7: {"demand.employer_name"},
        8: {"sheets.whole_number"},
        9: {"demand.wage"},
        10: {"demand.date"},
        11: {"demand.arrival"},
        12: {"demand.unknown_place"},
        13: {"demand.kind_name"},
        14: {"demand.row_twice"},
        15: {"sheets.empty_cell", "credit_code.length", "brands.unknown_item", "sheets.whole_number"},
        16: {"sheets.yes_or_no"},
        17: {"demand.amount"},
        18: {"demand.arrival_past"},
    }
    said = {row.number: str(row.findings[0].message) for row in checked.rows if row.findings}
    assert said[3] == "第 3 行：目录里没有培训项目「养老护理」，相近的有养老护理员；请改正，或先登记这一项目"
    assert "目录里有养老护理员（五级/初级工）" in said[4]
    assert "的单位是「海安康养示例公司」，表中写作「写错的名字」" in said[7]
    assert [row.number for row in checked.good] == [2, 18]  # what is past is only warned of


def test_a_sheet_is_imported_whole_or_its_good_rows_when_asked(scene):
    own = scene.firm.name, scene.firm.credit_code
    paper = handed_in(scene, asks(*own), asks(*own, item="理发"), asks(*own, kind="口头", count=5))
    assert refused(operations.import_orders, scene.officer, paper.id, SIGNED) == {
        "brands.unknown_item", "demand.kind_name",
    }  # fmt: skip
    assert db.session.query(Order).count() == 0
    assert len(operations.import_orders(scene.officer, paper.id, SIGNED, good_only=True)) == 1


def test_an_order_on_file_is_not_made_again(scene):
    paper = handed_in(scene, asks(scene.firm.name, scene.firm.credit_code))
    operations.import_orders(scene.officer, paper.id, SIGNED)
    assert refused(operations.import_orders, scene.officer, paper.id, SIGNED) == {"demand.order_there"}
    assert refused(operations.import_orders, scene.officer, paper.id, SIGNED, good_only=True) == {
        "demand.nothing_to_import"
    }


def test_one_code_under_two_names_in_a_sheet_is_held_back(scene):
    code = credit_code("310110")
    checked = sheets.check_orders(workbook(asks("甲公司", code), asks("乙公司", code, count=9)), NINGLANG, SIGNED)
    assert rules_of(checked) == {2: {"demand.new_employer"}, 3: {"demand.new_employer", "demand.employer_name"}}


def test_targeted_rows_need_a_promise_of_jobs(scene):
    city = scene.city.name, scene.city.credit_code
    data = workbook(
        asks(*city, kind="输入地需求", count=2000),
        asks(*city, kind="输入地需求", targeted="是"),
        asks("生单位", credit_code(HAIAN), kind="输入地需求"),
        asks(scene.firm.name, scene.firm.credit_code, kind="协作协议", targeted="是"),
        asks(*city, kind="企业订单"),
    )
    assert rules_of(sheets.check_orders(data, NINGLANG, SIGNED)) == {
        3: {"demand.no_promise"},
        4: {"demand.unknown_party"},
        5: {"demand.agreement_missing"},
        6: {"demand.party_kind"},
    }


def test_an_agreements_row_finds_its_agreement(scene):
    signed = agreement(scene)
    rows = [
        asks(scene.firm.name, scene.firm.credit_code, kind="协作协议", targeted="是", count=3),
        asks(scene.city.name, scene.city.credit_code, kind="协作协议", targeted="是"),
    ]
    assert rules_of(sheets.check_orders(workbook(*rows), NINGLANG, SIGNED)) == {3: {"demand.no_guarantee"}}
    (made,) = operations.import_orders(scene.officer, handed_in(scene, rows[0]).id, SIGNED)
    assert (made.kind, made.agreement, made.lines[0].headcount) == (OrderKind.AGREEMENT, signed, 3)
    agreement(scene, (scene.bureau, Duty.TRAINING), (scene.firm, Duty.JOBS))
    two = asks(scene.firm.name, scene.firm.credit_code, kind="协作协议", count=9)
    assert rules_of(sheets.check_orders(workbook(two), NINGLANG, SIGNED)) == {2: {"demand.agreement_missing"}}


def test_blanks_and_formats_that_mean_nothing_are_read(scene):
    row = asks(
        scene.firm.name,
        f" {scene.firm.credit_code.lower()} ",
        item="养老 护理员",
        level=" 初级工 ",
        arrival="2025年9月1日",
    )
    row[5] = int(HAIAN)
    checked = sheets.check_orders(workbook(row), NINGLANG, SIGNED)
    assert [(each.rule, each.level) for each in checked.rows[0].findings] == [("sheets.number_cell", "note")]
    assert checked.good[0].line.arrival_on == date(2025, 9, 1)


def test_the_sheet_goes_back_with_its_findings_beside_the_rows(scene):
    checked = sheets.check_orders(workbook(asks("某公司", "123"), asks("某公司", "123")), NINGLANG, SIGNED)
    copy = read_sheet(marked_copy(checked.sheet, checked.by_row), sheets.COLUMNS)
    assert len(copy.rows) == 2
    assert "应为 18 位" in " ".join(cell.text for cell in copy.rows[0].cells)


def test_a_failed_import_leaves_no_employer_behind(scene, monkeypatch):
    def failing(*_args, **_options):
        raise Refused([refuse("testing.no", say("不行"))])

    monkeypatch.setattr("lbcert.demand.operations.imports.create_order", failing)
    code = credit_code("310110")
    paper = handed_in(scene, asks("三电示例公司", code))
    assert refused(operations.import_orders, scene.officer, paper.id, SIGNED) == {"testing.no"}
    assert db.session.query(Organisation).filter_by(credit_code=code).count() == 0


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04"])
def test_what_is_no_sheet_is_refused_and_kept_nowhere(scene, data):
    with pytest.raises(Refused):
        operations.submit_orders(scene.officer, NINGLANG, data, "订单.xlsx")


def test_what_the_page_registers_by_hand_the_sheet_does_not_repeat(scene):
    order(scene, line(scene.care, 120))
    checked = sheets.check_orders(workbook(asks(scene.firm.name, scene.firm.credit_code)), NINGLANG, SIGNED)
    assert rules_of(checked) == {2: {"demand.order_there"}}


def test_a_sheet_of_orders_signed_long_ago_is_judged_by_that_day(app, scene):
    page = browser_of(app, scene.officer)
    file = (BytesIO(workbook(asks("某公司", credit_code("310110")))), "订单.xlsx")
    form = {"file": file, "region_code": NINGLANG, "signed_on": "2024-06-01"}
    with clock.at(datetime(2026, 1, 5, 4, tzinfo=UTC)):
        checked = page.post("/demand/sheets/new", data=form).location
        assert 'name="good_only"' in page.get(checked).text
        assert 'name="good_only"' not in page.get(checked.replace("2024-06-01", "2026-01-05")).text
