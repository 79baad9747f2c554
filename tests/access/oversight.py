"""Public notices: everybody reads and objects, the bureau answers."""

from datetime import date, timedelta

from lbcert.core import clock
from lbcert.oversight.models import Notice, NoticeKind, NoticeLine, Objection
from lbcert.parties.models import OrganisationKind
from lbcert.testing import factories as make
from tests.access.machinery import HERE, Row


def _notice(stage):
    def made():
        today, end = clock.today(), clock.now() + timedelta(days=9)
        notice = Notice(
            kind=NoticeKind.RESULTS, subject="batch:0", title="公示", organisation_id=stage.at(OrganisationKind.ASSESSMENT_BODY).id,
            region_code=HERE, starts_on=today, ends_on=today + timedelta(days=8), ends_at=end, days=5, source="本局设定",
        )  # fmt: skip
        notice.lines = [NoticeLine(ref="candidate:0", name="张*", last_four="0017", says="合格")]
        return make.store(notice)

    return stage.once("notice", made)


def notice(stage):
    return {"notice_id": _notice(stage).id}


def objection(stage):
    def made():
        return make.store(
            Objection(
                notice_id=_notice(stage).id,
                objector="赵群众",
                contact="13800001111",
                reason="替考",
                due_on=date(2025, 8, 9),
            )
        )

    return {"objection_id": stage.once("objection", made).id}


LOOKING = "bureau_officer* service_centre* auditor* assessment_clerk* result_officer*"
OPERATIONS = {
    "oversight.object": Row(
        "public signed_in console",
        lambda stage: {**notice(stage), "line_id": None, "name": "赵", "contact": "138", "reason": "替考"},
    ),
    "oversight.answer_objection": Row(
        "bureau_officer", lambda stage: {**objection(stage), "upheld": False, "answer": "不实"}
    ),
    "oversight.take_down": Row("bureau_officer", lambda stage: {**notice(stage), "reason": "有误"}),
}
ROUTES = {
    "GET /notices/": Row("public signed_in"),
    "GET /notices/<int:notice_id>": Row("public signed_in", notice),
    "POST /notices/<int:notice_id>/objections": Row("public signed_in", notice),
    "POST /notices/<int:notice_id>/take-down": Row("bureau_officer", notice),
    "GET /notices/objections": Row(LOOKING),
    "POST /notices/objections/<int:objection_id>/<any(uphold, dismiss):answer>": Row(
        "bureau_officer", lambda stage: {**objection(stage), "answer": "dismiss"}
    ),
}
