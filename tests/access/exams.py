"""Exams: a batch of the stage's cohort by the county's assessment body, at each of its stages."""

from datetime import date, datetime, timedelta

from sqlalchemy import update

from lbcert.core.access import Holder, Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.files import StoredFile, place_of
from lbcert.core.reference import SkillLevel
from lbcert.core.staging import StagedSheet
from lbcert.exams.models import (
    Amendment,
    Appeal,
    AppealAssignment,
    AppealKind,
    Batch,
    BatchStaff,
    BatchState,
    Candidate,
    ChangeKind,
    ChangeState,
    Declaration,
    EntryRoute,
    ExaminerCard,
    ExamRoom,
    IncidentKind,
    Mark,
    Part,
    Post,
    Result,
    RoomDuty,
    RosterChange,
    Rubric,
    Seen,
    Sitting,
    Statement,
    StatementKind,
    Transcription,
)
from lbcert.exams.printing import Printed
from lbcert.parties.models import OrganisationKind, Person
from lbcert.testing import factories as make
from tests.access.machinery import HERE, Row

DAY = date(2025, 8, 9)


def step(batch_id, **values):
    """Bring a batch on; the database checks each step."""
    with db.engine.begin() as connection:
        connection.execute(update(Batch).where(Batch.id == batch_id).values(**values))
    db.session.expire_all()


def body(stage):
    return stage.at(OrganisationKind.ASSESSMENT_BODY)


def insider(stage, post):
    """Give the account of somebody whose only tie to the batch is his post; every role's own account is another person."""
    return stage.once(f"insider {post}", lambda: make.account(Role.STATION, stage.at(OrganisationKind.STATION_AWAY)))


def outsider(stage, post):
    """Give the account of somebody who has that post in another batch of the same body, of the same school."""
    planned(stage, "another", staffed_by=stranger)
    return stranger(stage, post)


def stranger(stage, post):
    return stage.once(f"stranger {post}", lambda: make.account(Role.STATION, stage.at(OrganisationKind.STATION_AWAY)))


def planned(stage, name="planned", staffed_by=insider):
    """Give a batch with a leader, a decider, and one candidate."""

    def made():
        school, examiners = stage.at(OrganisationKind.PROVIDER), body(stage)
        cohort = make.cohort(school)
        batch = make.store(
            Batch(
                number=f"RD-{name}", cohort_id=cohort.id, body_id=examiners.id, scheme="social", held_on=DAY, site="考点"
            )
        )  # fmt: skip
        for post in (Post.LEADER, Post.DECIDER, Post.SUPERVISOR):
            account = staffed_by(stage, post)
            make.store(
                Declaration(
                    batch_id=batch.id, person_id=account.person_id, account_id=account.id, signed_on=DAY, edition=1, text="无"
                )
            )  # fmt: skip
            make.store(BatchStaff(batch_id=batch.id, person_id=account.person_id, post=post, declared_on=DAY))
        make.store(Candidate(batch_id=batch.id, enrolment_id=make.enrolment(cohort).id, number="123456"))
        db.session.refresh(batch)
        return batch

    return stage.once(f"batch {name}", made)


def marking(stage, name="marking"):
    """Give a batch whose one candidate has both marks."""

    def made():
        batch = planned(stage, f"for {name}")
        step(batch.id, state=BatchState.MARKING)
        for part in (Part.THEORY, Part.PRACTICE):
            make.store(
                Mark(
                    batch_id=batch.id, candidate_id=batch.candidates[0].id, part=part, points=70,
                    scorer_id=insider(stage, Post.LEADER).person_id, account_id=insider(stage, Post.LEADER).id,
                )
            )  # fmt: skip
        return batch

    return stage.once(f"marked {name}", made)


def decided(stage, name="decided"):
    """Give a batch with its result."""

    def made():
        batch = marking(stage, f"for {name}")
        decider = insider(stage, Post.DECIDER).person_id
        step(
            batch.id, state=BatchState.DECIDED, decided_by=decider, decided_at=batch.created_at, basis="本局设定",
            pass_theory=60, pass_practice=60,
        )  # fmt: skip
        make.store(
            Result(
                batch_id=batch.id, candidate_id=batch.candidates[0].id, theory=70, practice=70, outcome="passed",
                decided_by=decider,
            )
        )  # fmt: skip
        return batch

    return stage.once(f"resulted {name}", made)


def published(stage):
    """Give a batch whose results are out."""

    def made():
        batch = decided(stage, "for published")
        step(batch.id, state=BatchState.PUBLISHED, published_at=batch.created_at)
        return batch

    return stage.once("batch out", made)


def file(stage):
    return stage.once("file of exams", lambda: make.store(kept()))


def kept():
    digest = "e" * 64
    place_of(digest).parent.mkdir(parents=True, exist_ok=True)
    place_of(digest).write_bytes(b"paper")
    return StoredFile(sha256=digest, size=5, media_type="image/png", name="x.png")


def transcription(stage):
    def made():
        return make.store(
            Transcription(
                batch_id=marking(stage).id, examiner_id=insider(stage, Post.LEADER).person_id, sheet_id=file(stage).id,
                paper_id=file(stage).id, account_id=insider(stage, Post.LEADER).id,
            )
        )  # fmt: skip

    return {"transcription_id": stage.once("transcription", made).id}


def own_marks(stage):
    """Give a sheet of his own marks that the leader sent."""

    def made():
        return make.store(
            StagedSheet(
                kind="exams.own_sheet", subject=f"batch:{marking(stage).id}", file_name="x.xlsx", sha256="0" * 64,
                account_id=insider(stage, Post.LEADER).id, form='{"name": "x", "places": {}, "heading": []}', findings="[]",
                total=0, good=0,
            )
        )  # fmt: skip

    return {"staged_id": stage.once("own marks", made).id}


def result(stage):
    batch = decided(stage)
    return {"result_id": db.session.query(Result).filter_by(batch_id=batch.id).one().id}


def amendment(stage):
    def made():
        batch = decided(stage)
        return make.store(
            Amendment(
                batch_id=batch.id, candidate_id=batch.candidates[0].id, theory=50, practice=70, outcome="failed", reason="x",
                evidence_id=file(stage).id, requester_id=insider(stage, Post.LEADER).person_id,
            )
        )  # fmt: skip

    return {"amendment_id": stage.once("amendment", made).id}


def roster_change(stage):
    """Give what somebody asked of a list that is frozen."""

    def made():
        batch, asker = planned(stage), insider(stage, Post.LEADER)
        return make.store(
            RosterChange(
                batch_id=batch.id, enrolment_id=batch.candidates[0].enrolment_id, kind=ChangeKind.REMOVE,
                state=ChangeState.OPEN, reason="x", account_id=asker.id, requester_id=asker.person_id,
            )
        )  # fmt: skip

    return {"change_id": stage.once("roster change", made).id}


NINE = datetime(2025, 8, 9, 9, tzinfo=SHANGHAI)


def sitting(stage):
    def made():
        room = make.store(ExamRoom(region_code=make.FUKANG, site="考点", name="一", capacity=30))
        return make.store(
            Sitting(
                batch_id=planned(stage).id, part=Part.THEORY, room_id=room.id, starts_at=NINE,
                ends_at=NINE + timedelta(hours=2),
            )
        )  # fmt: skip

    return {"sitting_id": stage.once("sitting", made).id}


def duty(stage):
    def made():
        person = make.person("监考员")
        staff = make.store(BatchStaff(batch_id=planned(stage).id, person_id=person.id, post=Post.INVIGILATOR))
        return make.store(RoomDuty(sitting_id=sitting(stage)["sitting_id"], staff_id=staff.id))

    return {"duty_id": stage.once("duty", made).id}


def learner(stage):
    batch = planned(stage)
    return {"batch_id": batch.id, "enrolment_id": batch.candidates[0].enrolment_id}


def route(stage):
    def made():
        return make.store(EntryRoute(area_code=HERE, level=SkillLevel.FIVE, valid_from=DAY, source="本局设定"))

    return {"route_id": stage.once("entry route", made).id}


def statement(stage):
    def made():
        batch = planned(stage)
        return make.store(
            Statement(
                batch_id=batch.id, person_id=batch.candidates[0].enrolment.person_id, trade_id=batch.cohort.item.trade_id,
                kind=StatementKind.STUDY, paper_id=file(stage).id, account_id=insider(stage, Post.LEADER).id,
            )
        )  # fmt: skip

    return {"statement_id": stage.once("statement", made).id}


def of(batch):
    return lambda stage: {"batch_id": batch(stage).id}


def own(stage):
    """Give an appointment that is nobody's whose role is tried."""
    return {"staff_id": next(one.id for one in planned(stage).staff if one.post is Post.LEADER)}


def also(*posts):
    """Let those in a batch's posts pass as well, but nobody who has such a post in another batch; try all three either way."""
    return lambda stage: (
        {
            f"the {post} of the batch": (insider(stage, post), post in posts)
            for post in (Post.LEADER, Post.DECIDER, Post.SUPERVISOR)
        }
        | {f"the {post} of another batch": (outsider(stage, post), False) for post in posts}
    )


def candidate(stage):
    return {"candidate_id": planned(stage).candidates[0].id}


def looked_at(stage):
    """Give a candidate of a batch that has an invigilator."""
    batch, who = planned(stage), insider(stage, Post.INVIGILATOR)
    appointed = {"batch_id": batch.id, "person_id": who.person_id, "post": Post.INVIGILATOR}
    stage.once("its invigilator", lambda: make.store(BatchStaff(**appointed)))
    return candidate(stage)


def watching(stage):
    """Let the invigilator of the batch pass, and nobody else of its staff."""
    return {"the invigilator of the batch": (insider(stage, Post.INVIGILATOR), True)} | also()(stage)


def numbered(stage):
    return {"batch_id": marking(stage).id, "number": "123456"}


def rubric(stage):
    def made():
        return make.store(
            Rubric(
                body_id=body(stage).id, trade_id=make.trade().id, part=Part.PRACTICE, edition=1, valid_from=DAY, source="x",
                account_id=insider(stage, Post.LEADER).id,
            )
        )  # fmt: skip

    return {"rubric_id": stage.once("rubric", made).id}


def card(stage):
    def made():
        examiners, holder = body(stage), insider(stage, Post.LEADER)
        return make.store(
            ExaminerCard(
                body_id=examiners.id, person_id=holder.person_id, number="KP1", grade="examiner", valid_from=DAY,
                valid_to=DAY, paper_id=file(stage).id, account_id=holder.id,
            )
        )  # fmt: skip

    return {"card_id": stage.once("card", made).id}


def out(stage):
    """Give the candidate of the batch whose results are out."""
    return {"candidate_id": published(stage).candidates[0].id}


def appeal(stage):
    """Give a case, on paper, that somebody of no other role has."""

    def made():
        candidate_id, clerk = out(stage)["candidate_id"], insider(stage, Post.LEADER)
        found = make.store(
            Appeal(
                kind=AppealKind.COMPLAINT, batch_id=published(stage).id, candidate_id=candidate_id, reason="x", filed_on=DAY,
                account_id=clerk.id, paper_id=file(stage).id,
            )
        )  # fmt: skip
        make.store(AppealAssignment(appeal_id=found.id, person_id=case_worker(stage).person_id, account_id=clerk.id))
        return found

    return {"appeal_id": stage.once("appeal", made).id}


def case_worker(stage):
    return stage.once("case worker", lambda: make.account(Role.STATION, stage.at(OrganisationKind.STATION_AWAY)))


def handler(stage):
    return {"who has the case": (case_worker(stage), True)} | also()(stage)


def reader(stage):
    return {"who has the case": (case_worker(stage), True)} | also(Post.SUPERVISOR)(stage)


def himself(stage):
    """Give the candidate without an account, and another such visitor."""
    person_id = published(stage).candidates[0].enrolment.person_id
    return {"the candidate": (Holder(person_id), True), "another": (Holder(stage.person.id), False)}


def photographed(stage):
    """Give a candidate whose photo is on file."""

    def made():
        found = planned(stage, "photographed").candidates[0]
        with db.engine.begin() as connection:
            connection.execute(
                update(Person).where(Person.id == found.enrolment.person_id).values(photo_id=file(stage).id)
            )
        db.session.expire_all()
        return found

    return {"candidate_id": stage.once("photographed candidate", made).id}


OFFICE = "bureau_officer assessment_clerk"
WATCH = f"{OFFICE} service_centre auditor result_officer"
LOOKING_ON = also(Post.DECIDER, Post.SUPERVISOR)

OPERATIONS = {
    "exams.plan_batch": Row(
        OFFICE,
        lambda stage: {"cohort_id": stage.cohort.id, "body_id": body(stage).id, "held_on": DAY, "site": "考点"},
    ),
    "exams.begin_marking": Row(OFFICE, of(planned), also=also()),
    "exams.cancel_batch": Row(OFFICE, lambda stage: {**of(planned)(stage), "reason": "停电"}, also=also()),
    "exams.appoint": Row(
        OFFICE, lambda stage: {**of(planned)(stage), "person_id": stage.person.id, "post": Post.INVIGILATOR}, also=also()
    ),
    "exams.dismiss": Row(OFFICE, own, also=also()),
    "exams.declare": Row("", own, also=also(Post.LEADER)),
    "exams.add_candidates": Row(OFFICE, lambda stage: {**of(planned)(stage), "enrolment_ids": []}, also=also()),
    "exams.remove_candidate": Row(OFFICE, candidate, also=also()),
    "exams.request_roster_change": Row(OFFICE, lambda stage: {**of(planned)(stage), "enrolment_id": 1, "kind": ChangeKind.ADD, "reason": "x"}, also=also()),
    "exams.answer_roster_change": Row("bureau_officer result_officer", lambda stage: {**roster_change(stage), "granted": False, "answer": "x"}, also=also()),
    "exams.set_entry_route": Row("admin bureau_officer console", lambda stage: {"area_code": HERE, "level": SkillLevel.FIVE, "valid_from": DAY, "source": "本局设定"}),
    "exams.end_entry_route": Row("admin bureau_officer console", lambda stage: {**route(stage), "valid_to": DAY}),
    "exams.state_experience": Row(OFFICE, lambda stage: {**learner(stage), "kind": StatementKind.STUDY, "data": b"", "file_name": "x"}, also=also()),
    "exams.withdraw_statement": Row(OFFICE, lambda stage: {**statement(stage), "reason": "x"}, also=also()),
    "exams.add_sitting": Row(OFFICE, lambda stage: {**of(planned)(stage), "part": Part.THEORY, "room": "一", "capacity": 0, "starts_at": NINE, "ends_at": NINE}, also=also()),
    "exams.remove_sitting": Row(OFFICE, sitting, also=also()),
    "exams.draw_seats": Row(OFFICE, lambda stage: {**of(planned)(stage), "part": Part.THEORY}, also=also()),
    "exams.assign_invigilator": Row(OFFICE, lambda stage: {**sitting(stage), "staff_id": own(stage)["staff_id"]}, also=also()),
    "exams.release_invigilator": Row(OFFICE, duty, also=also()),
    "exams.print_named_paper": Row(OFFICE, lambda stage: {**of(decided)(stage), "paper": Printed.SUMMARY}, also=LOOKING_ON),
    "exams.print_tickets": Row(OFFICE, of(planned), also=also()),
    "exams.keep_tickets": Row("inside", lambda stage: {**of(planned)(stage), "pdf": b""}),
    "exams.take_tickets": Row(OFFICE, of(planned), also=LOOKING_ON),
    "exams.open_mapping": Row(OFFICE, lambda stage: {**of(marking)(stage), "reason": "核对"}, also=LOOKING_ON),
    "exams.record_mark": Row("", lambda stage: {**numbered(stage), "part": Part.THEORY, "points": 60}, also=also(Post.LEADER)),
    "exams.change_mark": Row(
        "",
        lambda stage: {**of(marking)(stage), "mark_id": 1, "points": 60, "absence": None, "reason": "x"},
        also=also(Post.LEADER),
    ),
    "exams.stage_transcription": Row(
        "assessment_clerk",
        lambda stage: {
            **of(marking)(stage), "examiner_id": stage.person.id, "data": b"", "sheet_name": "x.xlsx", "paper": b"",
            "paper_name": "x.png", "paper_type": "image/png",
        },
        also=also(),
    ),
    "exams.take_over_transcription": Row("assessment_clerk", transcription, also=also()),
    "exams.discard_transcription": Row("assessment_clerk", transcription, also=also()),
    "exams.register_card": Row(
        "assessment_clerk",
        lambda stage: {
            "body_id": body(stage).id, "person_id": stage.person.id, "number": "KP2", "grade": "examiner", "trades": {},
            "valid_from": DAY, "valid_to": DAY, "data": b"", "file_name": "x", "media_type": "x",
        },
        also=also(),
    ),
    "exams.write_rubric": Row(
        "assessment_clerk",
        lambda stage: {
            "body_id": body(stage).id, "trade_id": 1, "level": None, "part": Part.PRACTICE, "items": (), "valid_from": DAY, "source": "x",
        },
        also=also(),
    ),
    "exams.withdraw_rubric": Row("assessment_clerk", lambda stage: {**rubric(stage), "reason": "有误"}, also=also()),
    "exams.withdraw_card": Row(OFFICE, lambda stage: {**card(stage), "reason": "遗失"}, also=also()),
    "exams.stage_own_sheet": Row(
        "", lambda stage: {**of(marking)(stage), "data": b"", "file_name": "x.xlsx"}, also=also(Post.LEADER)
    ),
    "exams.take_over_own_sheet": Row("", own_marks, also=also(Post.LEADER)),
    "exams.discard_own_sheet": Row("", own_marks, also=also(Post.LEADER)),
    "exams.decide": Row("", of(marking), also=also(Post.DECIDER)),
    "exams.post_notice": Row(f"{OFFICE} result_officer", of(decided), also=also()),
    "exams.file_appeal": Row("", lambda stage: {**out(stage), "kind": AppealKind.COMPLAINT, "reason": "x"}, also=himself),
    "exams.file_appeal_on_paper": Row(
        OFFICE,
        lambda stage: {
            **out(stage), "kind": AppealKind.COMPLAINT, "reason": "x", "part": None, "data": b"", "file_name": "x", "media_type": "x",
        },
        also=also(),
    ),
    "exams.assign_appeal": Row(OFFICE, lambda stage: {**appeal(stage), "person_id": stage.person.id}, also=also()),
    "exams.answer_appeal": Row("", lambda stage: {**appeal(stage), "upheld": False, "answer": ""}, also=handler),
    "exams.set_paper_forms": Row(OFFICE, lambda stage: {**of(planned)(stage), "labels": {Part.THEORY: "A"}}, also=also()),
    "exams.record_incident": Row(
        "",
        lambda stage: {
            **of(marking)(stage), "kind": IncidentKind.NOISE, "happened_at": datetime(2025, 8, 9, 2, tzinfo=SHANGHAI), "what": "x", "done": "x",
        },
        also=also(Post.SUPERVISOR),
    ),
    "exams.check_identity": Row("", lambda stage: {**looked_at(stage), "seen": Seen.MATCH}, also=watching),
    "exams.publish": Row(f"{OFFICE} result_officer", of(decided), also=also()),
    "exams.request_amendment": Row(
        "assessment_clerk result_officer",
        lambda stage: {
            **result(stage), "theory": 1, "practice": 1, "review": None, "reason": "", "data": b"", "file_name": "x",
            "media_type": "x",
        },
        also=also(),
    ),
    "exams.answer_amendment": Row(
        "bureau_officer result_officer", lambda stage: {**amendment(stage), "granted": True}, also=also()
    ),
}  # fmt: skip
LISTS = "bureau_officer* service_centre* auditor* assessment_clerk* result_officer* provider_clerk*"
ROUTES = {
    "GET /exams/": Row(LISTS),
    "GET /exams/new": Row("bureau_officer* assessment_clerk*"),
    "POST /exams/new": Row("bureau_officer* assessment_clerk*"),
    "GET /exams/mine": Row("examiner* result_officer*", also=lambda stage: {"somebody appointed": (planned(stage) and insider(stage, Post.LEADER), True)}),
    "GET /exams/<int:batch_id>": Row(WATCH, of(planned), also=LOOKING_ON),
    "POST /exams/<int:batch_id>/begin": Row(OFFICE, of(planned), also=also()),
    "POST /exams/<int:batch_id>/cancel": Row(OFFICE, of(planned), also=also()),
    "POST /exams/<int:batch_id>/publish": Row(f"{OFFICE} result_officer", of(decided), also=also()),
    "POST /exams/<int:batch_id>/notice": Row(f"{OFFICE} result_officer", of(decided), also=also()),
    "GET /exams/appeals": Row("bureau_officer* auditor* assessment_clerk* result_officer*"),
    "GET /exams/appeals/<int:appeal_id>": Row(f"{OFFICE} auditor result_officer", appeal, also=reader),
    "GET /exams/appeals/<int:appeal_id>/paper": Row(f"{OFFICE} auditor result_officer", appeal, also=reader),
    "POST /exams/appeals/<int:appeal_id>/assign": Row(OFFICE, appeal, lambda stage: {"person_id": stage.person.id}, also()),
    "POST /exams/appeals/<int:appeal_id>/answer": Row("", appeal, also=handler),
    "GET /exams/candidates/<int:candidate_id>/appeal": Row(OFFICE, out, also=also()),
    "POST /exams/candidates/<int:candidate_id>/appeal": Row(OFFICE, out, also=also()),
    "POST /exams/<int:batch_id>/paper-forms": Row(OFFICE, of(planned), also=also()),
    "GET /exams/<int:batch_id>/signs": Row("bureau_officer auditor", of(marking), also=also(Post.SUPERVISOR)),
    "GET /exams/<int:batch_id>/duty": Row(f"{OFFICE} auditor result_officer", of(planned), also=also(Post.SUPERVISOR)),
    "POST /exams/<int:batch_id>/incidents": Row("", of(planned), also=also(Post.SUPERVISOR)),
    "POST /exams/candidates/<int:candidate_id>/identity": Row("", looked_at, also=watching),
    "GET /exams/candidates/<int:candidate_id>/photo": Row("", photographed, also=also(Post.SUPERVISOR)),
    "GET /exams/<int:batch_id>/staff": Row(WATCH, of(planned), also=LOOKING_ON),
    "POST /exams/<int:batch_id>/staff": Row(OFFICE, of(planned), also=also()),
    "POST /exams/staff/<int:staff_id>/dismiss": Row(OFFICE, own, also=also()),
    "GET /exams/staff/<int:staff_id>/declare": Row("", own, also=also(Post.LEADER)),
    "POST /exams/staff/<int:staff_id>/declare": Row("", own, also=also(Post.LEADER)),
    "GET /exams/cards": Row("bureau_officer* assessment_clerk* result_officer* auditor*", also=also()),
    "GET /exams/rubrics": Row("bureau_officer* assessment_clerk* result_officer* auditor*", also=also()),
    "GET /exams/rubrics/<int:rubric_id>": Row(f"{OFFICE} auditor result_officer", rubric, also=also()),
    "POST /exams/rubrics/<int:rubric_id>/withdraw": Row("assessment_clerk", rubric, also=also()),
    "GET /exams/bodies/<int:body_id>/rubrics": Row("assessment_clerk", lambda stage: {"body_id": body(stage).id}, also=also()),
    "POST /exams/bodies/<int:body_id>/rubrics": Row("assessment_clerk", lambda stage: {"body_id": body(stage).id}, also=also()),
    "GET /exams/cards/<int:card_id>/paper": Row(f"{OFFICE} auditor result_officer", card, also=also()),
    "POST /exams/cards/<int:card_id>/withdraw": Row(OFFICE, card, also=also()),
    "GET /exams/bodies/<int:body_id>/cards": Row("assessment_clerk", lambda stage: {"body_id": body(stage).id}, also=also()),
    "POST /exams/bodies/<int:body_id>/cards": Row("assessment_clerk", lambda stage: {"body_id": body(stage).id}, also=also()),
    "GET /exams/<int:batch_id>/candidates": Row(WATCH, of(planned), also=LOOKING_ON),
    "POST /exams/<int:batch_id>/candidates": Row(OFFICE, of(planned), also=also()),
    "POST /exams/candidates/<int:candidate_id>/remove": Row(OFFICE, candidate, also=also()),
    "POST /exams/<int:batch_id>/roster-changes/<any(add, remove):kind>": Row(OFFICE, lambda stage: {**of(planned)(stage), "kind": "add"}, also=also()),
    "POST /exams/roster-changes/<int:change_id>/<any(grant, decline):answer>": Row("bureau_officer result_officer", lambda stage: {**roster_change(stage), "answer": "decline"}, also=also()),
    "GET /exams/entry-routes": Row(f"{LISTS} admin*"),
    "POST /exams/entry-routes": Row("bureau_officer* admin*"),
    "POST /exams/entry-routes/<int:route_id>/end": Row("bureau_officer admin", route),
    "GET /exams/<int:batch_id>/learners/<int:enrolment_id>": Row(WATCH, learner, also=LOOKING_ON),
    "POST /exams/<int:batch_id>/learners/<int:enrolment_id>": Row(OFFICE, learner, also=also()),
    "POST /exams/statements/<int:statement_id>/withdraw": Row(OFFICE, statement, also=also()),
    "GET /exams/statements/<int:statement_id>/paper": Row(f"{OFFICE} auditor result_officer", statement, also=also(Post.SUPERVISOR)),
    "GET /exams/<int:batch_id>/rooms": Row(WATCH, of(planned), also=LOOKING_ON),
    "POST /exams/<int:batch_id>/rooms": Row(OFFICE, of(planned), also=also()),
    "POST /exams/<int:batch_id>/draw/<any(theory, practice, review):part>": Row(OFFICE, lambda stage: {**of(planned)(stage), "part": "theory"}, also=also()),
    "POST /exams/sittings/<int:sitting_id>/remove": Row(OFFICE, sitting, also=also()),
    "POST /exams/sittings/<int:sitting_id>/invigilators": Row(OFFICE, sitting, lambda stage: {"staff": own(stage)["staff_id"]}, also()),
    "POST /exams/room-duties/<int:duty_id>/release": Row(OFFICE, duty, also=also()),
    "GET /exams/<int:batch_id>/papers": Row(WATCH, of(planned), also=LOOKING_ON),
    "GET /exams/<int:batch_id>/papers/<any(record, scoring, notice):paper>.pdf": Row(WATCH, lambda stage: {**of(planned)(stage), "paper": "record"}, also=LOOKING_ON),
    "GET /exams/<int:batch_id>/papers/tickets": Row(OFFICE, of(planned), also=LOOKING_ON),
    "POST /exams/<int:batch_id>/papers/tickets": Row(OFFICE, of(planned), also=also()),
    "POST /exams/<int:batch_id>/papers/tickets.pdf": Row(OFFICE, of(planned), also=LOOKING_ON),
    'POST /exams/<int:batch_id>/papers/<any("sign-in", summary):paper>.pdf': Row(OFFICE, lambda stage: {**of(planned)(stage), "paper": "summary"}, also=LOOKING_ON),
    "POST /exams/<int:batch_id>/mapping": Row(OFFICE, of(marking), lambda stage: {"reason": "核对"}, LOOKING_ON),
    "GET /exams/<int:batch_id>/marking": Row("", of(marking), also=also(Post.LEADER)),
    "GET /exams/<int:batch_id>/marking/<number>": Row("", numbered, also=also(Post.LEADER)),
    "POST /exams/<int:batch_id>/marking/<number>": Row("", numbered, also=also(Post.LEADER)),
    "GET /exams/phone/": Row("public"),
    "GET /exams/phone/worker.js": Row("public"),
    "GET /exams/phone/<int:batch_id>/sheets": Row("", of(marking), also=also(Post.LEADER)),
    "POST /exams/phone/<int:batch_id>/marks": Row("", of(marking), also=also(Post.LEADER)),
    "GET /exams/<int:batch_id>/own-sheet": Row("", of(marking), also=also(Post.LEADER)),
    "POST /exams/<int:batch_id>/own-sheet": Row("", of(marking), also=also(Post.LEADER)),
    "GET /exams/<int:batch_id>/own-sheet/template": Row("", of(marking), also=also(Post.LEADER)),
    "GET /exams/own-sheets/<int:staged_id>": Row("", own_marks, also=also(Post.LEADER)),
    "POST /exams/own-sheets/<int:staged_id>/take": Row("", own_marks, also=also(Post.LEADER)),
    "POST /exams/own-sheets/<int:staged_id>/discard": Row("", own_marks, also=also(Post.LEADER)),
    "GET /exams/<int:batch_id>/transcriptions": Row("assessment_clerk", of(marking), also=also()),
    "POST /exams/<int:batch_id>/transcriptions": Row("assessment_clerk", of(marking), also=also()),
    "GET /exams/transcriptions/<int:transcription_id>": Row("assessment_clerk", transcription, also=also()),
    "POST /exams/transcriptions/<int:transcription_id>/take": Row("assessment_clerk", transcription, also=also()),
    "POST /exams/transcriptions/<int:transcription_id>/discard": Row("assessment_clerk", transcription, also=also()),
    "GET /exams/transcriptions/<int:transcription_id>/paper": Row(
        f"{OFFICE} auditor result_officer", transcription, also=also(Post.SUPERVISOR)
    ),
    "GET /exams/<int:batch_id>/decide": Row("", of(marking), also=also(Post.SUPERVISOR, Post.DECIDER)),
    "POST /exams/<int:batch_id>/decide": Row("", of(marking), also=also(Post.DECIDER)),
    "GET /exams/<int:batch_id>/results": Row(f"{WATCH} provider_clerk", of(published), also=LOOKING_ON),
    "GET /exams/results/<int:result_id>": Row(WATCH, result, also=also(Post.SUPERVISOR)),
    "POST /exams/results/<int:result_id>/amend": Row("assessment_clerk result_officer", result, also=also()),
    "POST /exams/amendments/<int:amendment_id>/<any(grant, decline):answer>": Row(
        "bureau_officer result_officer", lambda stage: {**amendment(stage), "answer": "grant"}, also=also()
    ),
    "GET /exams/amendments/<int:amendment_id>/evidence": Row(
        f"{OFFICE} auditor result_officer", amendment, also=also(Post.SUPERVISOR)
    ),
}  # fmt: skip
