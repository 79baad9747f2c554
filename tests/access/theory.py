"""Theory by computer: a bank of the county's assessment body, and what hangs on it."""

from lbcert.core.access import Role
from lbcert.core.reference import SkillLevel
from lbcert.exams.models import Blueprint, QuestionBank
from lbcert.exams.theory.operations import stage_questions
from lbcert.exams.theory.queries.banks import check_questions
from lbcert.parties.models import OrganisationKind
from lbcert.testing import factories as make
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
}
