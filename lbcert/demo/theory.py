"""Theory by computer at one exam: a small bank, papers in two forms, everybody at a machine, and the marks by the key."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from lbcert.brands.models import TrainingItem
from lbcert.core import clock
from lbcert.core.access import Holder, Visitor
from lbcert.core.database import load
from lbcert.core.reference import SkillLevel
from lbcert.core.sheets import Table, write_workbook
from lbcert.demo.cast import Cast
from lbcert.exams.models import AnswerSheet, Batch, Part, QuestionKind, Seen
from lbcert.exams.operations import check_identity
from lbcert.exams.queries.rooms import sittings_of
from lbcert.exams.theory.blueprints import Line
from lbcert.exams.theory.operations import (
    create_bank,
    create_blueprint,
    hand_in_sheet,
    import_questions,
    open_sheet,
    receive_questions,
    save_answer,
    score_theory,
)
from lbcert.exams.theory.queries.sheets import asked_on, code_of
from lbcert.exams.theory.question_sheet import COLUMNS

#: Of ten points each, so that two forms of ten share none.
_LINES = [Line(QuestionKind.SINGLE, "", 5, 100), Line(QuestionKind.MULTIPLE, "", 2, 100), Line(QuestionKind.JUDGE, "", 3, 100)]  # fmt: skip
_MINUTES = 60
_SINGLE = (
    ("协助老人进食时，床头一般抬高（ ）。", ("10–20 度", "30–50 度", "70–80 度", "不用抬高"), "B", "饮食照料"),
    ("长期卧床的老人，一般每隔（ ）翻身一次。", ("半小时", "2 小时", "6 小时", "12 小时"), "B", "压疮预防"),
    ("给老人洗澡的水温以（ ）为宜。", ("25–30 ℃", "30–33 ℃", "38–40 ℃", "48–50 ℃"), "C", "清洁照料"),
    ("成人胸外按压的频率是每分钟（ ）次。", ("40–60", "60–80", "100–120", "140–160"), "C", "急救"),
    ("成人胸外按压的深度是（ ）。", ("1–2 厘米", "2–3 厘米", "5–6 厘米", "8–10 厘米"), "C", "急救"),
    ("老人噎食、不能说话时，首先应（ ）。", ("喂水", "拍背并腹部冲击", "扶上床躺平", "等家属到来"), "B", "急救"),
    ("测腋下体温一般需要（ ）分钟。", ("1", "3", "5–10", "30"), "C", "生命体征"),
    ("用热水袋时，水温不应超过（ ）。", ("30 ℃", "50 ℃", "70 ℃", "90 ℃"), "B", "安全"),
    ("老人的居室相对湿度以（ ）为宜。", ("10%–20%", "20%–30%", "50%–60%", "80%–90%"), "C", "环境"),
    ("扶偏瘫老人穿衣时，应（ ）。", ("先穿健侧", "先穿患侧", "两侧同时", "不分先后"), "B", "清洁照料"),
)
_MULTIPLE = (
    ("预防老人跌倒，可以（ ）。", ("地面保持干燥", "穿防滑鞋", "夜间留灯", "过道堆放杂物"), "ABC", "安全"),
    ("压疮容易发生在（ ）。", ("骶尾部", "足跟", "手心", "肩胛部"), "ABD", "压疮预防"),
    ("喂药前要核对（ ）。", ("姓名", "药名", "剂量", "时间"), "ABCD", "用药"),
    ("老人进食时，应当（ ）。", ("小口慢咽", "边吃边大笑", "餐后坐一会儿", "食物切小"), "ACD", "饮食照料"),
)
_JUDGE = (
    ("老人的假牙可以用开水烫洗。", "错", "清洁照料"),
    ("护理员操作前后都要洗手。", "对", "安全"),
    ("老人隐私可以发在朋友圈里。", "错", "职业道德"),
    ("鼻饲前要确认胃管在胃内。", "对", "饮食照料"),
    ("轮椅下坡时应让老人面朝前快速推下。", "错", "安全"),
    ("发现老人昏倒，先判断意识和呼吸。", "对", "急救"),
)


def fill_bank(cast: Cast, body: str, item: tuple[str, str]) -> int:
    """Found a body's bank for an item's trade, import its questions from a sheet, and give a blueprint."""
    office = f"{body}-exam"
    trade_id = load(TrainingItem, cast.items[item]).trade_id
    bank_id = create_bank(cast.account(office), cast.bodies[f"{body}-assessment"], trade_id, SkillLevel.FIVE).id
    sheet = write_workbook(Table("题库", COLUMNS, _rows()))
    staged = receive_questions(cast.account(office), bank_id, sheet, "养老护理员五级题库.xlsx").id
    import_questions(cast.account(office), staged)
    return create_blueprint(cast.account(office), bank_id, "五级理论（演示）", _MINUTES, _LINES).id


def _rows() -> list[dict[str, Any]]:
    chosen = [("单选", one) for one in _SINGLE] + [("多选", one) for one in _MULTIPLE]
    rows: list[dict[str, Any]] = [
        {"kind": kind, "stem": stem, **dict(zip("ABCD", options, strict=True)), "key": key, "point": point}
        for kind, (stem, options, key, point) in chosen
    ]
    return rows + [{"kind": "判断", "stem": stem, "key": key, "point": point} for stem, key, point in _JUDGE]


def sit(cast: Cast, body: str, batch_id: int, right: dict[str, int]) -> None:
    """Have everybody sit the paper, each with so many of the ten right by ID number; who is not named never came."""
    sitting = next(one for one in sittings_of(batch_id) if one.part is Part.THEORY)
    begins, ends, code = sitting.starts_at, sitting.ends_at, code_of(sitting)
    people = {
        one.id: (one.number, one.enrolment.person_id, one.enrolment.person.id_number) for one in load(Batch, batch_id).candidates
    }  # fmt: skip
    for minute, (candidate_id, (number, person_id, id_number)) in zip(count(), people.items(), strict=False):
        if id_number not in right:
            continue
        with clock.at(begins):
            check_identity(cast.account(f"{body}-invigilator1"), candidate_id, Seen.MATCH)
            sheet = open_sheet(Visitor(), number, id_number[-4:], code, f"demo {number}").id
        with clock.at(begins + timedelta(minutes=20 + minute)):
            _answer(Holder(person_id), sheet, right[id_number])
            hand_in_sheet(Holder(person_id), sheet)
    with clock.at(ends):
        score_theory(cast.account(f"{body}-examiner"), batch_id)


def _answer(holder: Holder, sheet_id: int, right: int) -> None:
    """Answer the ten questions, so many of them right: mostly the easier ones, and each knows others."""
    questions = [question for _row, question in asked_on(load(AnswerSheet, sheet_id).paper_id)]
    known = {
        one.id
        for one in sorted(questions, key=lambda one: one.id * 7 % 20 + (sheet_id * 31 + one.id * 17) % 23)[:right]
    }
    asked = [(one.id, one.key, one.choices) for one in questions]
    for question_id, key, choices in asked:
        wrong = next(letter for letter in choices if letter != key)
        save_answer(holder, sheet_id, question_id, key if question_id in known else wrong)
