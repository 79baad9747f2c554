"""Calendars, their addresses for other programs, published versions, and moving by what comes of it."""

from datetime import timedelta

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.parties.models import OrganisationKind
from lbcert.teaching.models import CoverAsk, CoverRequest, Replan, Session, TimetableVersion
from lbcert.teaching.operations.feeds import make_feed
from lbcert.teaching.replans import Proposal
from lbcert.testing import factories
from tests.access.machinery import HERE, Row
from tests.access.teaching import (
    CLERK,
    READERS,
    group,
    held,
    its_trainer,
    lesson,
    not_its_trainer,
    profile,
    table,
    trainer,
    venue,
)


def somebody(stage):
    """Give a learner of the cohort, as a person."""
    return {"person_id": stage.person.id}


def version(stage):
    def make():
        return factories.store(TimetableVersion(cohort_id=stage.cohort.id, number=1, content="[]"))

    return {"version_id": stage.once("version", make).id}


def changed(stage):
    """Give a cohort of whose session the published version knows nothing."""
    return version(stage) and held(stage) and group(stage)


def second(stage):
    """Give a version that changed the first."""

    def make():
        values = {"cohort_id": stage.cohort.id, "number": 2, "reason": "停电", "content": "[]"}
        return factories.store(TimetableVersion(**values))

    return version(stage) and {"version_id": stage.once("second version", make).id}


def colleague(stage):
    """Give the account of a filed trainer who is free."""

    def make():
        made = factories.account(Role.TRAINER, stage.at(OrganisationKind.PROVIDER))
        factories.store(PlannedTrainer(cohort_id=stage.cohort.id, person_id=made.person_id))
        return made

    return stage.once("colleague", make)


def cover(stage):
    """Give the request that asks the colleague."""

    def make():
        values = {"trainer_id": trainer(stage).person_id, "reason": "生病", "account_id": maker(stage).id}
        request = factories.store(CoverRequest(**held(stage), **values))
        factories.store(CoverAsk(request_id=request.id, person_id=colleague(stage).person_id))
        return request

    return {"request_id": stage.once("cover", make).id}


def who_was_asked(stage):
    """Whoever was asked may answer; the trainer who cannot come was not."""
    cover(stage)
    return {"who was asked": (colleague(stage), True), "the session's trainer": (trainer(stage), False)}


def maker(stage):
    """Give a clerk of the school, a colleague of the one whom each row tries."""
    return stage.once("maker", lambda: factories.account(Role.PROVIDER_CLERK, stage.at(OrganisationKind.PROVIDER)))


def feed(stage):
    """Give the address that a clerk made of the learner's sessions."""
    return {"feed_id": stage.once("feed", lambda: make_feed(maker(stage), stage.person.id, "feed")).id}


def its_maker(stage):
    """Whoever made it may, and whose sessions it shows; no colleague."""
    own = stage.once("learner's", lambda: factories.account(Role.STATION, HERE, stage.person))
    return {"its maker": (maker(stage), True), "the learner": (own, True)}


def soon(stage):
    """Give a session that is still to come."""

    def make():
        values = vars(lesson(stage)) | {
            "starts_at": clock.now() + timedelta(days=1),
            "ends_at": clock.now() + timedelta(days=2),
        }
        return factories.store(Session(cohort_id=stage.cohort.id, **values))

    return profile(stage) and {"session_id": stage.once("session to come", make).id}


def absent(stage):
    """Say that the trainer of a session to come is away for a week."""
    soon(stage)
    times = {"starts_at": clock.now(), "ends_at": clock.now() + timedelta(days=7)}
    return profile(stage) | {"venue_id": None, "reason": "病假", **times}


def keeps_venue(stage):
    return soon(stage) and venue(stage)


def replan(stage):
    """Give a proposal that was found."""

    def make():
        times = {"starts_at": clock.now(), "ends_at": clock.now() + timedelta(days=7), "finished_at": clock.now()}
        whose = {"cohorts": f"[{stage.cohort.id}]", "account_id": maker(stage).id, "venue_id": venue(stage)["venue_id"]}
        return factories.store(Replan(reason="停电", **times, **whose))

    return {"replan_id": stage.once("replan", make).id}


OPERATIONS = {
    "teaching.pin_session": Row(CLERK, lambda stage: held(stage) | {"pinned": True}, also=not_its_trainer),
    "teaching.start_replan": Row(CLERK, absent),
    "teaching.keep_proposal": Row(CLERK, lambda stage: {"payload": replan(stage), "proposal": Proposal()}),
    "teaching.rehearse_replan": Row("inside", lambda stage: {"moves": []}),
    "teaching.accept_replan": Row(CLERK, lambda stage: replan(stage) | {"session_ids": []}),
    "teaching.discard_replan": Row(CLERK, replan),
    "teaching.ask_cover": Row(
        CLERK,
        lambda stage: held(stage) | {"person_ids": [colleague(stage).person_id], "reason": "生病"},
        also=not_its_trainer,
    ),
    "teaching.accept_cover": Row("", cover, also=who_was_asked),
    "teaching.decline_cover": Row("", cover, also=who_was_asked),
    "teaching.withdraw_cover": Row(CLERK, cover, also=not_its_trainer),
    "teaching.publish_timetable": Row(CLERK, lambda stage: held(stage) and group(stage), also=not_its_trainer),
    "teaching.make_feed": Row(READERS, lambda stage: somebody(stage) | {"secret": "s"}, also=its_trainer),
    "teaching.withdraw_feed": Row("", feed, also=its_maker),
}
ROUTES = {
    "GET /teaching/sessions/<int:session_id>/cover": Row(CLERK, held, also=not_its_trainer),
    "POST /teaching/sessions/<int:session_id>/cover": Row(CLERK, held, also=not_its_trainer),
    "GET /teaching/covers/<int:request_id>": Row(CLERK, cover, also=who_was_asked),
    "POST /teaching/covers/<int:request_id>/accept": Row("", cover, also=who_was_asked),
    "POST /teaching/covers/<int:request_id>/decline": Row("", cover, also=who_was_asked),
    "POST /teaching/covers/<int:request_id>/withdraw": Row(CLERK, cover, also=not_its_trainer),
    "GET /teaching/sessions/<int:session_id>/make-up": Row(CLERK, held, also=not_its_trainer),
    "POST /teaching/sessions/<int:session_id>/make-up": Row(CLERK, held, also=not_its_trainer),
    "POST /teaching/sessions/<int:session_id>/pin": Row(CLERK, held, also=not_its_trainer),
    "GET /teaching/trainers/<int:profile_id>/replan": Row(CLERK, profile),
    "POST /teaching/trainers/<int:profile_id>/replan": Row(CLERK, profile),
    "GET /teaching/venues/<int:venue_id>/replan": Row(CLERK, keeps_venue),
    "POST /teaching/venues/<int:venue_id>/replan": Row(CLERK, keeps_venue),
    "GET /teaching/replans/<int:replan_id>": Row(CLERK, replan),
    "POST /teaching/replans/<int:replan_id>/accept": Row(CLERK, replan),
    "POST /teaching/replans/<int:replan_id>/discard": Row(CLERK, replan),
    "GET /teaching/cohorts/<int:cohort_id>/calendar": Row(READERS, group, also=its_trainer),
    "GET /teaching/venues/<int:venue_id>/calendar": Row(READERS, venue, also=its_trainer),
    "GET /teaching/people/<int:person_id>/calendar": Row(READERS, somebody, also=its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/course-table.pdf": Row(READERS, group, also=its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/large-type.pdf": Row(READERS, group, also=its_trainer),
    "GET /teaching/people/<int:person_id>/large-type.pdf": Row(READERS, somebody, also=its_trainer),
    "GET /teaching/course-tables/<int:staged_id>/calendar": Row(READERS, table),
    "GET /teaching/cohorts/<int:cohort_id>/versions": Row(READERS, group, also=its_trainer),
    "POST /teaching/cohorts/<int:cohort_id>/versions": Row(CLERK, group, also=not_its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/change-request.pdf": Row(READERS, changed, also=its_trainer),
    "GET /teaching/timetable-versions/<int:version_id>": Row(READERS, version, also=its_trainer),
    "GET /teaching/timetable-versions/<int:version_id>/request.pdf": Row(READERS, second, also=its_trainer),
    "POST /teaching/people/<int:person_id>/feed": Row(READERS, somebody, also=its_trainer),
    "POST /teaching/feeds/<int:feed_id>/withdraw": Row("", feed, also=its_maker),
    "GET /teaching/feeds/<secret>.ics": Row("public", lambda stage: feed(stage) and {"secret": "feed"}),
    "GET /teaching/sessions/<int:session_id>/shift": Row(CLERK, held, also=not_its_trainer),
    "POST /teaching/sessions/<int:session_id>/shift": Row(CLERK, held, also=not_its_trainer),
}
