"""Cover requests (代课): several trainers are asked, the first who accepts has the session, and nobody else."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from datetime import date
from threading import Barrier

import pytest
from flask import current_app
from sqlalchemy import select

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import db, load
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.messages import inbox
from lbcert.exams.models import Batch, BatchStaff, Post
from lbcert.parties.models import Account, OrganisationKind
from lbcert.teaching.models import CoverAsk, CoverRequest, Mode, Session
from lbcert.teaching.operations.covers import accept_cover, ask_cover, decline_cover, withdraw_cover
from lbcert.teaching.operations.sessions import add_session, cancel_session, move_session
from lbcert.teaching.operations.versions import publish_timetable
from lbcert.teaching.queries.course_table import lesson_of
from lbcert.teaching.queries.covers import candidates_for, todo, waiting_for
from lbcert.testing.factories import KUNMING, account, cohort, organisation, person, store
from lbcert.testing.scenes import played_once
from tests.teaching.conftest import at


@pytest.fixture
@played_once
def short(world):
    """Give the world with a session to come, two trainers who may take it, and three who may not."""
    world.session = add_session(world.clerk, world.cohort.id, world.lesson)
    names = ("李玉兰", "王大山", "没有账号", "当时有课", "考评员")
    world.people = {name: person(name) for name in names}
    for who in world.people.values():
        store(PlannedTrainer(cohort_id=world.cohort.id, person_id=who.id))
    world.accounts = {
        name: account(Role.TRAINER, world.school, who) for name, who in world.people.items() if name != "没有账号"
    }
    other = cohort(world.school, name="植保班")
    store(PlannedTrainer(cohort_id=other.id, person_id=world.people["当时有课"].id))
    elsewhere = replace(
        world.lesson, module_id=other.plan[0].module_id, trainer_id=world.people["当时有课"].id, mode=Mode.FIELD,
        venue_id=None,
    )  # fmt: skip
    add_session(world.clerk, other.id, elsewhere)
    body = organisation(OrganisationKind.ASSESSMENT_BODY, region=KUNMING)
    batch = store(
        Batch(number="RD1", cohort_id=world.cohort.id, body_id=body.id, scheme="social", held_on=date(2025, 8, 10), site="考点")
    )  # fmt: skip
    store(BatchStaff(batch_id=batch.id, person_id=world.people["考评员"].id, post=Post.EXAMINER))
    return world


@pytest.fixture
def before(short):
    """Give the same two days before the lesson."""
    with clock.at(at(8, day=22)):
        yield short


def refused(call, *args):
    with pytest.raises(Refused) as caught:
        call(*args)
    return {finding.rule: str(finding.message) for finding in caught.value.findings if finding.stops}


def asked(world, *names):
    return ask_cover(world.clerk, world.session.id, [world.people[name].id for name in names], "家中有事")


def told(account_or_person):
    return [str(one.message) for one in inbox(getattr(account_or_person, "person_id", account_or_person.id)).unread]


def test_the_first_who_accepts_has_the_session_and_the_others_are_told(before):
    publish_timetable(before.clerk, before.cohort.id)
    first, second = before.accounts["李玉兰"], before.accounts["王大山"]
    request = asked(before, "李玉兰")
    assert asked(before, "李玉兰", "王大山").id == request.id
    assert [told(one) for one in (first, second)] == [[], []], "to be answered, and not to be read beside that"
    assert [[str(line.message) for line in todo(one)] for one in (first, second)] == [
        [f"请答复能否代课：07-24 20:00 安全用电 · {before.cohort.name}"]
    ] * 2
    decline_cover(first, request.id)
    assert waiting_for(first) == []
    accept_cover(second, request.id)
    assert (load(Session, before.session.id).trainer_id, request.taken_by) == (second.person_id, second.person_id)
    assert refused(accept_cover, first, request.id) == {"teaching.cover_taken": "王大山 已经接下了这节课，多谢您答复"}
    assert set(refused(withdraw_cover, before.clerk, request.id)) == {"teaching.cover_taken"}
    assert "您已接下代课" in told(second)[0]
    assert "王大山 已接下代课，不用再答复" in told(first)[0]
    for who in (before.clerk, before.teacher):
        assert "王大山 接下了代课" in told(who)[0]
    assert "由 王大山 授课" in told(before.learners[0].person)[0]
    # and he who has it now may fall ill in his turn
    assert asked(before, "李玉兰").trainer_id == second.person_id


def test_who_could_not_take_it_by_hand_is_not_asked_and_named_with_the_reason(before):
    offered = {one.person.name: [finding.rule for finding in one.findings] for one in candidates_for(before.session)}
    assert list(offered)[-2:] != ["李玉兰", "王大山"]
    assert (offered["李玉兰"], offered["王大山"]) == ([], [])
    assert offered["没有账号"] == ["teaching.cover_no_account"]
    assert offered["当时有课"] == ["teaching.trainer_clash"]
    found = refused(asked, before, "没有账号", "当时有课", "考评员")
    assert set(found) == {"teaching.cover_no_account", "teaching.trainer_clash", "exams.trainer_examines_cohort"}
    assert "考评员：考培分离" in found["exams.trainer_examines_cohort"]
    assert db.session.scalars(select(CoverRequest)).all() == []
    # appointed after he was asked: refused when he accepts
    request = asked(before, "李玉兰")
    batch = db.session.scalars(select(Batch)).one()
    store(BatchStaff(batch_id=batch.id, person_id=before.people["李玉兰"].id, post=Post.LEADER))
    assert set(refused(accept_cover, before.accounts["李玉兰"], request.id)) == {"exams.trainer_examines_cohort"}
    assert load(Session, before.session.id).trainer_id == before.teacher.id


def test_a_request_ends_when_it_is_withdrawn_when_the_lesson_begins_and_when_somebody_else_has_it(before):
    mine = before.accounts["李玉兰"]
    request = asked(before, "李玉兰")
    with pytest.raises(Forbidden):
        accept_cover(before.accounts["王大山"], request.id)
    with pytest.raises(Forbidden):
        withdraw_cover(account(Role.PROVIDER_CLERK), request.id)
    withdraw_cover(before.clerk, request.id)
    assert "已撤回" in told(mine)[0]
    assert set(refused(accept_cover, mine, request.id)) == {"teaching.cover_withdrawn"}
    second = asked(before, "李玉兰")
    with clock.at(before.session.starts_at):
        assert waiting_for(mine) == []
        assert set(refused(accept_cover, mine, second.id)) == {"teaching.cover_lapsed"}
        assert "teaching.cover_late" in refused(asked, before, "王大山")
    lesson = replace(lesson_of(before.session), trainer_id=before.people["王大山"].id)
    move_session(before.clerk, before.session.id, lesson)
    assert set(refused(accept_cover, mine, second.id)) == {"teaching.cover_lapsed"}
    third = asked(before, "李玉兰")
    assert (third.trainer_id, load(CoverRequest, second.id).closed_at is not None) == (lesson.trainer_id, True)
    cancel_session(before.clerk, before.session.id, "停电")
    assert waiting_for(mine) == []
    assert refused(ask_cover, before.clerk, before.session.id, [], " ").keys() == {
        "teaching.cancelled", "teaching.cover_nobody", "teaching.reason",
    }  # fmt: skip


def test_of_two_who_accept_at_the_same_moment_one_has_it_and_the_other_is_told_who(before):
    request_id = asked(before, "李玉兰", "王大山").id
    ids = [before.accounts[name].id for name in ("李玉兰", "王大山")]
    app, together = current_app._get_current_object(), Barrier(2)

    def accept(account_id):
        with app.app_context():
            mine = load(Account, account_id)
            together.wait(timeout=30)
            try:
                return accept_cover(mine, request_id).taken_by
            except Refused as lost:
                return str(lost.findings[0].message)

    db.session.rollback()
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(copy_context().run, accept, one) for one in ids]
        answers = [one.result(timeout=60) for one in running]
    taken_by = db.session.scalar(select(CoverRequest.taken_by).where(CoverRequest.id == request_id))
    winner = next(name for name, who in before.people.items() if who.id == taken_by)
    assert sorted(answers, key=str) == [taken_by, f"{winner} 已经接下了这节课，多谢您答复"]
    assert load(Session, before.session.id).trainer_id == taken_by
    accepted = select(CoverAsk.person_id).where(CoverAsk.request_id == request_id, CoverAsk.accepted)
    assert db.session.scalars(accepted).all() == [taken_by]


def test_a_clerk_asks_and_a_trainer_answers_by_their_pages(before, signed_in):
    tomorrow = {"starts_at": at(20, day=25), "ends_at": at(23, day=25), "module_id": before.modules[1].id}
    second = add_session(before.clerk, before.cohort.id, replace(before.lesson, **tomorrow))
    client, url = signed_in(before.clerk), f"/teaching/sessions/{before.session.id}/cover"
    assert f'href="{url}"' in client.get(f"/teaching/sessions/{before.session.id}").text
    page = client.get(url).text
    assert page.index("李玉兰") < page.index("没有培训教师的账号")
    form = {"person": before.people["李玉兰"].id, "session": second.id, "reason": "家中有事"}
    assert client.post(url, data=form | {"reason": ""}).status_code == 422
    assert client.post(url, data=form | {"reason": "长" * 301}).status_code == 422
    assert client.post(url, data=form).status_code == 302
    requests = db.session.scalars(select(CoverRequest).order_by(CoverRequest.id)).all()
    assert [one.session_id for one in requests] == [before.session.id, second.id]
    trainer = signed_in(before.accounts["李玉兰"])
    assert f"/teaching/covers/{requests[0].id}" in trainer.get("/").text
    assert "我来上" in trainer.get(f"/teaching/covers/{requests[0].id}").text
    assert trainer.post(f"/teaching/covers/{requests[0].id}/accept").status_code == 302
    assert "您接下了这节课" in trainer.get(f"/teaching/covers/{requests[0].id}").text
    assert trainer.get(f"/teaching/sessions/{before.session.id}").status_code == 200
    assert trainer.post(f"/teaching/covers/{requests[1].id}/decline").status_code == 302
    assert client.post(f"/teaching/covers/{requests[1].id}/withdraw").status_code == 302
    assert trainer.post(f"/teaching/covers/{requests[1].id}/accept").status_code == 422
