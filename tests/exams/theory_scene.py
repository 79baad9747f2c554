"""An exam whose theory is sat by computer, stage by stage."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db, load
from lbcert.core.reference import SkillLevel
from lbcert.core.seal import keyring
from lbcert.exams import operations as exams
from lbcert.exams.models import Part, Post, Question, QuestionBank, QuestionKind, Seat, Seen, Sitting
from lbcert.exams.theory import operations
from lbcert.exams.theory.blueprints import Line
from lbcert.exams.theory.queries.sheets import code_of
from lbcert.testing import factories as make
from lbcert.testing.scenes import played_once
from tests.exams import scene as stage

#: Seven of one choice, among them one of 安全, and three of right or wrong: ten points each.
LINES = [
    Line(QuestionKind.SINGLE, "", 6, 100), Line(QuestionKind.SINGLE, "安全", 1, 100), Line(QuestionKind.JUDGE, "", 3, 100),
]  # fmt: skip
NINE = datetime.combine(stage.HELD, datetime.min.time(), SHANGHAI) + timedelta(hours=9)


def bank(scene, singles=16, judged=8):
    """Fill a bank of the body for the cohort's item: every single choice has the key B, every other the key T."""
    scene.bank = make.store(
        QuestionBank(
            body_id=scene.body.id, trade_id=scene.cohort.item.trade_id, level=SkillLevel.FIVE, account_id=scene.clerk.id
        )
    )
    kinds = [QuestionKind.SINGLE] * singles + [QuestionKind.JUDGE] * judged
    make.store(*(_question(scene, number, kind) for number, kind in enumerate(kinds, start=1)))
    scene.blueprint = operations.create_blueprint(scene.clerk, scene.bank.id, "五级理论", 90, LINES)
    return scene


def _question(scene, number, kind):
    is_single = kind is QuestionKind.SINGLE
    stem = f"第 {number} 题"
    return Question(
        bank_id=scene.bank.id, kind=kind, point="安全" if number <= 8 else "电路", difficulty="medium", stem=stem,
        options_json=json.dumps(["甲", "乙", "丙"] if is_single else []), key="B" if is_single else "T",
        fingerprint=keyring().index("question", stem), account_id=scene.clerk.id,
    )  # fmt: skip


@played_once
def arranged(scene=None, starts=NINE, ends=None):
    """Give a batch whose papers are drawn, with a sitting of two hours from nine unless told otherwise, seats, and an invigilator."""
    scene = stage.staffed(scene or bank(stage.ready()))
    scene.invigilator = stage.examiner(scene, "监考员")
    staff = exams.appoint(scene.clerk, scene.batch.id, scene.invigilator.person_id, Post.INVIGILATOR)
    exams.declare(scene.invigilator, staff.id)
    sitting = exams.add_sitting(
        scene.clerk, scene.batch.id, Part.THEORY, "一考场", 30, starts, ends or starts + timedelta(hours=2)
    )
    scene.sitting_id = sitting.id
    exams.draw_seats(scene.clerk, scene.batch.id, Part.THEORY)
    operations.draw_papers(scene.clerk, scene.batch.id, scene.blueprint.id)
    return scene


@played_once
def begun(scene=None):
    """Begin the exam, with a look at everybody."""
    scene = scene or arranged()
    exams.begin_marking(scene.clerk, scene.batch.id)
    for name in ("张三", "李四", "王五"):
        exams.check_identity(scene.invigilator, candidate(scene, name).id, Seen.MATCH)
    return scene


def candidate(scene, name):
    """Give the candidate of a learner."""
    return next(one for one in scene.batch.candidates if one.enrolment.person.name == name)


def named(scene, name):
    """Give what a candidate types to come in."""
    found = candidate(scene, name)
    return {
        "number": found.number,
        "last_four": found.enrolment.person.id_number[-4:],
        "code": code_of(load(Sitting, scene.sitting_id)),
    }


def form_of(scene, name):
    """Give the form of the paper that a candidate's seat has."""
    seat = db.session.query(Seat).filter_by(candidate_id=candidate(scene, name).id, part=Part.THEORY).one()
    return "AB"[(seat.number - 1) % 2]
