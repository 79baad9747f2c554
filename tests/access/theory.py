"""Theory by computer: a bank of the county's assessment body, and what hangs on it."""

from datetime import timedelta

from lbcert.core.access import Holder, Role
from lbcert.core.reference import SkillLevel
from lbcert.exams.models import (
    AnswerSheet,
    BatchStaff,
    BatchState,
    Blueprint,
    ExamRoom,
    IdentityCheck,
    PaperDraw,
    Part,
    PartScheme,
    Post,
    QuestionBank,
    Seat,
    SeatDraw,
    Seen,
    Sitting,
    TheoryPaper,
)
from lbcert.exams.theory.operations import stage_questions
from lbcert.exams.theory.queries.banks import check_questions
from lbcert.parties.models import OrganisationKind
from lbcert.testing import factories as make
from tests.access.exams import LOOKING_ON, NINE, WATCH, also, decided, insider, marking, of, planned, step
from tests.access.machinery import Row


def body(stage):
    return stage.at(OrganisationKind.ASSESSMENT_BODY)


def bank(stage):
    def made():
        return make.store(
            QuestionBank(
                body_id=body(stage).id, trade_id=stage.cohort.item.trade_id, level=SkillLevel.FIVE,
                account_id=stage.account(Role.ADMIN).id,
            )
        )  # fmt: skip

    return {"bank_id": stage.once("question bank", made).id}


def blueprint(stage):
    def made():
        return make.store(Blueprint(**bank(stage), name="A", minutes=60, account_id=stage.account(Role.ADMIN).id))

    return {"blueprint_id": stage.once("blueprint", made).id}


def sent(stage):
    """Give a sheet that another clerk of the body sent."""

    def made():
        return stage_questions(sender(stage), **checked(stage))

    return {"staged_id": stage.once("sent questions", made).id}


def sender(stage):
    return stage.once("sender of questions", lambda: make.account(Role.ASSESSMENT_CLERK, body(stage)))


def checked(stage):
    """Give a sheet of one question as it was checked."""
    here = bank(stage)
    text = "题型,题干,答案,鉴定点\n判断,可以带电作业,错,安全\n".encode()
    return {**here, "checked": check_questions(here["bank_id"], text, "x.csv")}


def alone(stage):
    return {"the clerk who sent it": (sender(stage), True)}


def sitting_it(stage):
    """Give the sheet of a candidate who sits his paper."""

    def made():
        batch, clerk = planned(stage, "by computer"), insider(stage, Post.LEADER)
        candidate = batch.candidates[0]
        of = {"batch_id": batch.id}
        drawn = make.store(PaperDraw(**of, **blueprint(stage), forms="A", minutes=60, seed="x", account_id=clerk.id))
        paper = make.store(TheoryPaper(**of, draw_id=drawn.id, form="A"))
        room = make.store(ExamRoom(region_code=make.FUKANG, site="考点", name="机房", capacity=30))
        make.store(PartScheme(**of, part=Part.THEORY, markers=1, by_computer=True))
        sitting = make.store(
            Sitting(**of, part=Part.THEORY, room_id=room.id, starts_at=NINE, ends_at=NINE + timedelta(hours=2))
        )
        watching = insider(stage, Post.INVIGILATOR).person_id
        make.store(BatchStaff(**of, person_id=watching, post=Post.INVIGILATOR))
        lot = make.store(SeatDraw(**of, part=Part.THEORY, seed="x", learners="[]", places="[]", account_id=clerk.id))
        make.store(
            Seat(
                **of, sitting_id=sitting.id, part=Part.THEORY, candidate_id=candidate.id, number=1, draw_id=lot.id,
            )
        )  # fmt: skip
        step(batch.id, state=BatchState.MARKING)
        by = {"account_id": clerk.id, "person_id": clerk.person_id}
        make.store(IdentityCheck(**of, candidate_id=candidate.id, seen=Seen.MATCH, **by))
        return make.store(
            AnswerSheet(
                **of, candidate_id=candidate.id, sitting_id=sitting.id, paper_id=paper.id, opened_at=NINE,
                due_at=NINE + timedelta(hours=1),
            )
        )  # fmt: skip

    return stage.once("answer sheet", made)


def sheet(stage):
    return {"sheet_id": sitting_it(stage).id}


def hall(stage):
    return {"sitting_id": sitting_it(stage).sitting_id}


def invigilator(stage):
    return {"an invigilator": (insider(stage, Post.INVIGILATOR), True)} | also()(stage)


def himself(stage):
    """Give who sits, without an account, and another such visitor."""
    person_id = sitting_it(stage).candidate.enrolment.person_id
    return {"who sits": (Holder(person_id), True), "another": (Holder(stage.person.id), False)}


def drawn_for(stage):
    return {"batch_id": planned(stage).id, **blueprint(stage)}


OPERATIONS = {
    "exams.create_bank": Row(
        "assessment_clerk",
        lambda stage: {"body_id": body(stage).id, "trade_id": stage.cohort.item.trade_id, "level": SkillLevel.FIVE},
    ),
    "exams.stage_questions": Row("assessment_clerk", checked),
    "exams.import_questions": Row("", sent, also=alone),
    "exams.discard_questions": Row("", sent, also=alone),
    "exams.retire_question": Row("assessment_clerk", lambda stage: {**bank(stage), "question_id": 1, "reason": "x"}),
    "exams.read_bank": Row("assessment_clerk", lambda stage: {**bank(stage), "reason": ""}),
    "exams.create_blueprint": Row(
        "assessment_clerk", lambda stage: {**bank(stage), "name": "B", "minutes": 60, "lines": []}
    ),
    "exams.retire_blueprint": Row("assessment_clerk", blueprint),
    "exams.draw_papers": Row("assessment_clerk", drawn_for, also=also()),
    "exams.withdraw_papers": Row("assessment_clerk", lambda stage: {**of(planned)(stage), "reason": "x"}, also=also()),
    "exams.open_sheet": Row("public", lambda stage: {"number": "1", "last_four": "1", "code": "1", "secret": "x"}),
    "exams.save_answer": Row("", lambda stage: {**sheet(stage), "question_id": 1, "chosen": []}, also=himself),
    "exams.hand_in_sheet": Row("", sheet, also=himself),
    "exams.end_sheets": Row("console"),
    "exams.score_theory": Row("", of(marking), also=also(Post.LEADER)),
    "exams.give_extra_time": Row("", lambda stage: {**hall(stage), "minutes": 5, "reason": "停电"}, also=invigilator),
}
ROUTES = {
    "GET /exams/banks": Row("assessment_clerk*"),
    "POST /exams/banks": Row("assessment_clerk*"),
    "GET /exams/question-form": Row("assessment_clerk*"),
    "GET /exams/banks/<int:bank_id>": Row("assessment_clerk", bank),
    "POST /exams/banks/<int:bank_id>/questions": Row("assessment_clerk", bank),
    "POST /exams/banks/<int:bank_id>/read": Row("assessment_clerk", bank),
    "POST /exams/banks/<int:bank_id>/retire": Row("assessment_clerk", bank),
    "GET /exams/question-sheets/<int:staged_id>": Row("", sent, also=alone),
    "GET /exams/question-sheets/<int:staged_id>/marked": Row("", sent, also=alone),
    "POST /exams/question-sheets/<int:staged_id>/import": Row("", sent, also=alone),
    "POST /exams/question-sheets/<int:staged_id>/discard": Row("", sent, also=alone),
    "GET /exams/banks/<int:bank_id>/blueprints/new": Row("assessment_clerk", bank),
    "POST /exams/banks/<int:bank_id>/blueprints/new": Row("assessment_clerk", bank),
    "POST /exams/blueprints/<int:blueprint_id>/retire": Row("assessment_clerk", blueprint),
    "GET /exams/<int:batch_id>/theory": Row(WATCH, of(planned), also=also(Post.LEADER, Post.DECIDER, Post.SUPERVISOR)),
    "POST /exams/<int:batch_id>/theory/draw": Row(
        "assessment_clerk", of(planned), lambda stage: {"blueprint": blueprint(stage)["blueprint_id"]}, also()
    ),
    "POST /exams/<int:batch_id>/theory/withdraw": Row("assessment_clerk", of(planned), also=also()),
    "POST /exams/<int:batch_id>/theory/score": Row("", of(marking), also=also(Post.LEADER)),
    "POST /exams/sittings/<int:sitting_id>/extra-time": Row("", hall, also=invigilator),
    "GET /exams/<int:batch_id>/theory/items": Row("assessment_clerk", of(decided), also=LOOKING_ON),
    "GET /exams/theory/": Row("public"),
    "POST /exams/theory/": Row("public"),
    "GET /exams/theory/sheet": Row("public"),
    "POST /exams/theory/answers/<int:question_id>": Row("public", lambda stage: {"question_id": 1}),
    "GET /exams/theory/left": Row("public"),
    "POST /exams/theory/hand-in": Row("public"),
    "GET /exams/theory/ended": Row("public"),
}
