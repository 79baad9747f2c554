"""How papers are put together, by hand-made pools; no database is asked."""

import hashlib
from datetime import date

import pytest

from lbcert.core.sheets import Table, read_sheet, write_csv, write_workbook
from lbcert.exams.models import QuestionKind
from lbcert.exams.theory.blueprints import Line, Pooled, draw, lacking, points_shown, shared, sound, tenths_of
from lbcert.exams.theory.question_sheet import COLUMNS, judge, template
from lbcert.exams.theory.rules import points_of, tenths_scored, tidy_choice
from lbcert.exams.theory.statistics import Reply, analyse

SINGLE, MULTIPLE, JUDGE = QuestionKind
LINES = [Line(SINGLE, "", 3, 200), Line(SINGLE, "安全", 1, 200), Line(JUDGE, "", 2, 100)]


def pool(singles=8, judged=4):
    """Give questions 1, 2, …: singles, of which the first two are of 安全, then those of right or wrong."""
    first = [Pooled(number, SINGLE, "安全" if number < 3 else "电路") for number in range(1, singles + 1)]
    return first + [Pooled(singles + number, JUDGE, "工具") for number in range(1, judged + 1)]


def rules_of(findings):
    return {finding.rule for finding in findings if finding.stops}


def test_a_blueprint_comes_to_a_hundred_points():
    assert sound("五级", 90, LINES) == []
    assert rules_of(sound(" ", 5, LINES)) == {"exams.blueprint_name", "exams.blueprint_minutes"}
    assert rules_of(sound("五级", 90, [Line(SINGLE, "", 3, 5)])) == {"exams.blueprint_points"}
    assert rules_of(sound("五级", 90, [])) == {"exams.blueprint_count"}
    assert [tenths_of(text) for text in ("1", "0.5", "0.25", "0", "-1", "一", "NaN")] == [
        10,
        5,
        None,
        None,
        None,
        None,
        None,
    ]
    assert [points_shown(tenths) for tenths in (5, 10, 1000)] == ["0.5", "1", "100"]


def test_what_a_bank_lacks_is_named_with_both_numbers():
    assert lacking(LINES, pool()) == []
    found = [str(finding.message) for finding in lacking(LINES, pool(3, 1))]
    assert found == ["单选共需要 4 道，可用 3 道，还差 1 道", "判断共需要 2 道，可用 1 道，还差 1 道"]
    (short,) = lacking([Line(SINGLE, "安全", 3, 10)], pool())
    assert str(short.message) == "单选“安全”需要 3 道，可用 2 道，还差 1 道"


def test_two_forms_share_nothing_where_the_bank_has_enough_and_as_little_as_can_be_where_not():
    forms = draw(LINES, pool(), "ab" * 32, ("A", "B"))
    assert shared(forms) == 0
    for paper in forms.values():
        ids = [question for question, _tenths in paper]
        assert len(set(ids)) == 6
        assert sum(number < 3 for number in ids) >= 1, "the knowledge point is asked"
        assert sum(tenths for _question, tenths in paper) == 1000
        assert [number > 8 for number in ids] == [False] * 4 + [True] * 2, "kinds stand together"
    assert shared(draw(LINES, pool(6, 4), "ab" * 32, ("A", "B"))) == 2


def test_the_draw_can_be_repeated_by_hand():
    (paper,) = draw([Line(JUDGE, "", 2, 500)], pool(), "seed", ("A",)).values()
    by_hand = sorted(range(9, 13), key=lambda number: hashlib.sha256(f"seed:A:{number}".encode()).hexdigest())
    assert paper == [(number, 500) for number in by_hand[:2]]
    assert draw(LINES, pool(), "one", ("A",)) != draw(LINES, pool(), "two", ("A",))
    with pytest.raises(ValueError, match="too few"):
        draw(LINES, pool(3), "seed", ("A",))


def question(**values):
    return {"kind": "单选", "stem": "安全电压", "A": "12", "B": "36", "key": "B", "point": "安全", **values}


FAULTS = [
    (question(kind="填空"), "exams.question_kind"),
    (question(difficulty="极难"), "exams.question_difficulty"),
    (question(stem="长" * 1001), "exams.question_long"),
    (question(B="", C="36"), "exams.question_options"),
    (question(B="１２"), "exams.question_options_same"),
    (question(key="C"), "exams.question_key"),
    (question(key="AB"), "exams.question_key_count"),
    (question(kind="多选", key="A"), "exams.question_key_count"),
    (question(kind="判断", key="对"), "exams.question_options"),
    (question(kind="判断", A="", B="", key="也许"), "exams.question_key"),
    (question(replaces="甲"), "exams.question_number"),
    (question(replaces="99"), "exams.question_unknown"),
    (question(stem="已有 的题"), "exams.question_there"),
]


def test_each_fault_of_a_row_is_named_and_the_others_are_good():
    rows = [fault for fault, _rule in FAULTS]
    good = [
        question(stem="甲"),
        question(stem="乙", kind="多项选择题", key="A、b"),
        question(stem="丙", kind="判断", A="", B="", key="√"),
    ]
    rows += [*good, question(stem="甲 "), question(stem="已有的题", key="A", replaces="7")]
    sheet = read_sheet(write_workbook(Table("题库", COLUMNS, rows)), COLUMNS)
    entries = judge(sheet.rows, {"已有的题\n12\n36": 7}, [7])
    assert [rules_of(entry.findings) for entry in entries[: len(FAULTS)]] == [{rule} for _fault, rule in FAULTS]
    assert [rules_of(entry.findings) for entry in entries[len(FAULTS) :]] == [
        set(),
        set(),
        set(),
        {"exams.question_repeated"},
        set(),
    ]
    assert [entry.question.key for entry in entries[len(FAULTS) :][:3]] == ["B", "AB", "T"]
    assert f"第 {entries[3].row} 行：选项应从 A 起依次填写" in str(entries[3].findings[0].message)


def test_the_form_that_is_handed_out_is_read_back_and_so_is_a_chinese_csv():
    assert all(entry.is_good for entry in judge(read_sheet(template(), COLUMNS).rows, {}, []))
    text = write_csv(COLUMNS, [question()]).decode("utf-8-sig").encode("gb18030")
    (entry,) = judge(read_sheet(text, COLUMNS).rows, {}, [])
    assert (entry.question.point, entry.question.options) == ("安全", ("12", "36"))


def test_an_option_that_excel_made_a_date_is_refused_with_the_cure():
    rows = read_sheet(write_workbook(Table("题库", COLUMNS, [question(A=date(2026, 1, 2))])), COLUMNS).rows
    (entry,) = judge(rows, {}, [])
    assert rules_of(entry.findings) == {"exams.question_date"}


def reply(chosen, right, total, rest, order):
    return Reply(chosen, right, total, rest, str(order))


def test_a_question_is_analysed_as_it_is_by_hand():
    # Five candidates: right 1 1 0 1 0, points of the other questions 8 6 4 5 1. Means 0.6 and 4.8; the products of the
    # differences add up to 1.28 + 0.48 + 0.48 + 0.08 + 2.28 = 4.6, the squares to 1.2 and 26.8: r = 4.6 / sqrt(32.16).
    # 27 % of five is 1.35, so the groups have one candidate each: best (right) less last (wrong) is 1.
    found = analyse(
        [
            reply("B", True, 9, 8, 1), reply("B", True, 7, 6, 2), reply("A", False, 4, 4, 3), reply("B", True, 6, 5, 4),
            reply("", False, 1, 1, 5),
        ],
        ("A", "B", "C"),
    )  # fmt: skip
    assert found.difficulty == 0.6
    assert found.point_biserial == pytest.approx(4.6 / 32.16**0.5)
    assert found.point_biserial == pytest.approx(0.8111, abs=5e-5)
    assert found.upper_lower == 1
    assert found.choices == {"A": 1, "B": 3, "C": 0, "": 1}
    assert not found.is_odd


def test_groups_of_eleven_have_three_each_and_what_cannot_be_told_is_not():
    # 27 % of eleven is 2.97: three each. Of the best three two were right, of the last three one: 1/3. Ties go by order.
    rights = [True, False, True, False, True, False, True, False, True, False, False]
    replies = [reply("AC" if right else "B", right, 100 - n // 2, 50, f"{n:02}") for n, right in enumerate(rights)]
    found = analyse(replies, ("A", "B", "C"))
    assert found.upper_lower == pytest.approx(1 / 3)
    assert found.point_biserial is None, "all have the same points elsewhere"
    assert found.choices == {"A": 5, "B": 6, "C": 5, "": 0}
    alone = analyse([reply("A", True, 10, 0, 1)], ("A", "B"))
    assert (alone.upper_lower, alone.point_biserial, alone.is_odd) == (None, None, True)


def test_a_sheet_scores_by_the_key_alone_and_half_a_point_is_rounded_up():
    asked = [("B", 10), ("ABD", 15), ("T", 5)]
    assert tenths_scored(asked, ["B", "ABD", "T"]) == 30
    assert tenths_scored(asked, ["A", "AB", "F"]) == 0, "part of a multiple choice is nothing"
    assert [points_of(tenths) for tenths in (0, 4, 5, 594, 595, 1000)] == [0, 0, 1, 59, 60, 100]
    assert tidy_choice(MULTIPLE, "ABCD", ["D", "A", "A"]) == "AD"
    assert tidy_choice(SINGLE, "ABCD", ["A", "B"]) is None
    assert tidy_choice(JUDGE, "TF", []) == ""
