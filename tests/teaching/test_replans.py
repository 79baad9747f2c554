"""A trainer falls ill: the fewest sessions to move are looked for, shown, and moved as one step, or nothing is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace

import pytest
from flask import current_app
from sqlalchemy import select, text

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock, jobs
from lbcert.core.access import CONSOLE, Console, Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Forbidden, Level, Refused
from lbcert.core.messages import inbox
from lbcert.core.operation import operation
from lbcert.core.policy import set_policy
from lbcert.core.words import say
from lbcert.parties.models import Account
from lbcert.teaching.models import Booking, Replan, Session
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.replans import accept_replan, discard_replan, start_replan
from lbcert.teaching.operations.resources import add_trainer, book_trainer, book_venue
from lbcert.teaching.operations.sessions import add_session, add_venue, move_session, pin_session
from lbcert.teaching.operations.versions import publish_timetable
from lbcert.teaching.queries.planning import shifted
from lbcert.teaching.replans import Held, Move, Proposal, read
from lbcert.testing.factories import FUKANG, account, cohort, organisation, person, store
from lbcert.testing.scenes import played_once
from tests.teaching.test_at_the_same_time import WAITING


def at(hour, minute=0, day=25):
    return datetime(2025, 7, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
@played_once
def ill(world):
    """Give a class whose trainer falls ill for 25 and 26 July: two lessons hit, one of them locked; and one of another school."""
    set_policy(world.bureau, "650000", "teaching.hours_a_day", 8, date(2025, 1, 1), "示例文件")
    choose_pattern(world.clerk, world.cohort.id, [], "每天 08:00-12:30\n每天 14:00-18:30")
    second = person("马玉梅")
    store(PlannedTrainer(cohort_id=world.cohort.id, person_id=second.id))
    profile = add_trainer(world.clerk, world.school.id, world.teacher.id)

    def held(starts_at, **values):
        times = {"starts_at": starts_at, "ends_at": starts_at.replace(hour=starts_at.hour + 3)}
        return add_session(world.clerk, world.cohort.id, replace(world.lesson, **times, **values))

    practice = {"module_id": world.modules[2].id}
    with clock.at(at(6, day=24)):
        hit, locked = held(at(8, 30)), held(at(8, 30, day=26))
        kept = held(at(8, 30, day=27), trainer_id=second.id, **practice)
        # a lesson of the second trainer's stands where the one that is hit is
        other_school = organisation(name="另一学校")
        other = cohort(other_school, name="植保班")
        other_clerk = account(Role.PROVIDER_CLERK, other_school)
        store(PlannedTrainer(cohort_id=other.id, person_id=world.teacher.id))
        theirs = {"module_id": other.plan[0].module_id, "starts_at": at(20), "ends_at": at(23)}
        room = add_venue(other_clerk, other_school.id, "植保教室", FUKANG)
        foreign = add_session(other_clerk, other.id, replace(world.lesson, **theirs, venue_id=room.id))
    return SimpleNamespace(
        **vars(world), second=second, profile=profile, hit=hit, locked=locked, kept=kept, foreign=foreign,
        other_clerk=other_clerk,
    )  # fmt: skip


def test_the_lesson_that_is_hit_moves_and_nothing_is_saved_before_it_is_accepted(ill, signed_in):
    browser, url = signed_in(ill.clerk), f"/teaching/trainers/{ill.profile.id}"
    with clock.at(at(6, day=24)):
        publish_timetable(ill.clerk, ill.cohort.id)
        assert browser.post(f"/teaching/sessions/{ill.locked.id}/pin", data={"pinned": "yes"}).status_code == 302
        assert "已锁定：调课、拖动都不能移动这节课" in browser.get(f"/teaching/sessions/{ill.locked.id}").text
        assert f"{url}/replan" in browser.get(url).text
        sent = {"first": "2025-07-25", "last": "2025-07-26", "reason": "病假"}
        page = browser.post(f"{url}/replan", data=sent).location
        run = load(Replan, int(page.rpartition("/")[2]))
        assert "求解中" in browser.get(page).text
        jobs.run(run.job_id)
        shown = browser.get(page).text
        assert f'<a href="{page}">确认调课建议：陈建国' in browser.get("/").text
        for said in (
            "已证明改动最少",
            "要调 1 节课",
            "课程表第 1 版已公布",
            "还要另想办法的课",
            "已锁定，不能移动",
            "植保班",
        ):
            assert said in shown, said
        assert "<del>陈建国</del> → <ins>马玉梅</ins>" in shown
        assert db.session.scalar(select(Booking.id)) is None
        assert load(Session, ill.hit.id).trainer_id == ill.teacher.id
        with pytest.raises(Forbidden):
            discard_replan(ill.other_clerk, run.id)
        assert browser.post(f"{page}/accept", data={}).status_code == 422
        answer = browser.post(f"{page}/accept", data={"session": [ill.hit.id]})
        assert answer.location == page
        done = browser.get(page).text
    assert "已采用" in done
    booking = db.session.scalars(select(Booking)).one()
    assert (booking.profile_id, booking.starts_at, booking.reason) == (ill.profile.id, at(0), "病假")
    moved, locked, foreign = (load(Session, each.id) for each in (ill.hit, ill.locked, ill.foreign))
    assert (moved.trainer_id, moved.starts_at, moved.cancelled_reason) == (ill.second.id, at(8, 30), "")
    assert (locked.trainer_id, foreign.trainer_id) == (ill.teacher.id, ill.teacher.id)
    for who in (ill.learners[0].person_id, ill.teacher.id, ill.second.id):
        (told,) = [each for each in inbox(who).unread if "调课" in str(each.message)]
        assert "调课（病假）：“安全用电”07-25 08:30–11:30 陈建国 阜康实训室 改为 07-25 08:30–11:30 马玉梅" in str(
            told.message
        )
    assert len(browser.get("/teaching/messages?unread=1").text.split("调课（病假）")) == 5


def proposed(ill, *moves):
    """Give a finished proposal of one's own."""
    return store(
        Replan(
            trainer_id=ill.teacher.id, starts_at=at(0), ends_at=at(0, day=27), reason="病假", account_id=ill.clerk.id,
            cohorts=f"[{ill.cohort.id}]", finished_at=clock.now(), proposal=Proposal(moves).written(),
        )
    )  # fmt: skip


def move(session, **after):
    before = Held(session.starts_at, session.ends_at, session.trainer_id, session.venue_id)
    return Move(session.id, session.version, before, replace(before, **after))


def times_of(session):
    return {"starts_at": session.starts_at, "ends_at": session.ends_at}


def test_two_lessons_change_places_in_one_step_and_half_of_it_is_refused(ill):
    with clock.at(at(6, day=24)):
        run = proposed(ill, move(ill.hit, **times_of(ill.kept)), move(ill.kept, **times_of(ill.hit)))
        with pytest.raises(Refused) as refused:
            accept_replan(ill.clerk, run.id, [ill.kept.id])
        (venue, learners) = [finding for finding in refused.value.findings if finding.stops]
        assert (venue.rule, learners.rule) == ("teaching.venue_clash", "teaching.learner_clash")
        assert str(venue.message).startswith(f"{ill.cohort.name} 操作实训：场地“阜康实训室”当时用于")
        assert db.session.scalar(select(Booking.id)) is None
        accept_replan(ill.clerk, run.id, [ill.hit.id, ill.kept.id])
        with pytest.raises(Refused, match="已经办过"):
            accept_replan(ill.clerk, run.id, [ill.hit.id])
        with pytest.raises(Refused, match="已经办过"):
            discard_replan(ill.clerk, run.id)
    assert load(Session, ill.hit.id).starts_at == at(8, 30, day=27)
    assert load(Session, ill.kept.id).starts_at == at(8, 30)


def test_a_note_about_several_moves_is_said_once_and_one_about_a_single_move_beside_it(ill, signed_in):
    limit = Finding("policy.teaching.hours_a_day", Level.NOTE, say("“每天最多课时”没有登记在册的规定，按不设限处理"))
    full = Finding("teaching.venue_full", Level.WARN, say("场地“二号”可容纳 1 人，应到 2 人"))
    link = Finding("teaching.no_link", Level.NOTE, say("线上授课还没有会议链接，上课前请补上"))
    moves = [
        replace(move(session, starts_at=at(14), ends_at=at(17)), findings=[limit, full, *more])
        for session, more in ((ill.hit, [link]), (ill.kept, []))
    ]
    page = signed_in(ill.clerk).get(f"/teaching/replans/{proposed(ill, *moves).id}").text
    rows = page.split("checked-rows")[1]
    assert [page.count(str(one.message)) for one in (limit, full, link)] == [1, 2, 1]
    assert str(limit.message) not in rows
    assert str(link.message) in rows


def test_what_is_locked_begun_or_changed_since_is_refused_by_name(ill):
    with clock.at(at(6, day=24)):
        run = proposed(ill, move(ill.hit, trainer_id=ill.second.id), move(ill.locked, trainer_id=ill.second.id))
        pin_session(ill.clerk, ill.locked.id, True)
        with pytest.raises(Refused, match="已锁定"):
            move_session(ill.clerk, ill.locked.id, shifted(ill.locked, at(14, day=26)))
        move_session(ill.clerk, ill.hit.id, shifted(ill.hit, at(14)))
        with pytest.raises(Refused) as refused:
            accept_replan(ill.clerk, run.id, [ill.hit.id, ill.locked.id])
    stale, locked = refused.value.findings
    assert (stale.rule, stale.subject) == ("teaching.replan_stale", f"session:{ill.hit.id}")
    assert "安全用电 2025-07-25 08:30”在求解以后有人改动过" in str(stale.message)
    assert locked.rule == "teaching.pinned"
    with clock.at(at(10, day=26)), pytest.raises(Refused, match="已经开始"):
        accept_replan(
            ill.clerk, proposed(ill, move(load(Session, ill.hit.id), trainer_id=ill.second.id)).id, [ill.hit.id]
        )


def test_a_closed_room_keeps_time_and_trainer_and_what_finds_no_place_is_said(ill):
    with clock.at(at(6, day=24)):
        room = add_venue(ill.clerk, ill.school.id, "二号实训室", FUKANG)
        run = start_replan(ill.clerk, None, ill.venue.id, at(0), at(0, day=26), "停电")
        jobs.run(run.job_id)
        (found,) = read(load(Replan, run.id).proposal).moves
        assert found.after == replace(found.before, venue_id=room.id)
        book_venue(ill.clerk, room.id, at(0, day=24), at(0, day=10).replace(month=8), "停用")
        run = start_replan(ill.clerk, None, ill.venue.id, at(0, day=24), at(0, day=10).replace(month=8), "停电")
        jobs.run(run.job_id)
        proposal = read(load(Replan, run.id).proposal)
        assert [session_id for session_id, _ in proposal.unplaced] == [ill.hit.id, ill.locked.id, ill.kept.id]
        assert "二号实训室：停用" in str(proposal.unplaced[0][1].message)
        with pytest.raises(Refused, match="没有本机构培训班要调的课"):
            start_replan(ill.clerk, None, room.id, at(0), at(0, day=26), "停电")
        with pytest.raises(Refused, match="已经过去"):
            start_replan(ill.clerk, None, room.id, at(0, day=1), at(0, day=2), "停电")


def test_another_school_replans_its_own_lesson_once_the_absence_is_on_file(ill):
    with clock.at(at(6, day=24)):
        with pytest.raises(Refused, match="请先由教师或场地所属的机构登记"):
            start_replan(ill.other_clerk, ill.profile.id, None, at(0), at(0, day=27), "病假")
        book_trainer(ill.clerk, ill.profile.id, at(0), at(0, day=27), "病假")
        run = start_replan(ill.other_clerk, ill.profile.id, None, at(0), at(0, day=27), "病假")
        jobs.run(run.job_id)
        proposal = read(load(Replan, run.id).proposal)
        assert {move.session_id for move in proposal.moves} == {ill.foreign.id}
        assert set(proposal.others) == {ill.hit.id, ill.locked.id}
        accept_replan(ill.other_clerk, run.id, [ill.foreign.id])
    assert len(db.session.scalars(select(Booking)).all()) == 1


@operation("testing.move_and_wait", allow=CONSOLE)
def move_and_wait(actor, clerk_id, session_id, running):
    """Move a session and keep it uncommitted until the acceptance waits for it or is through."""
    move_session(load(Account, clerk_id), session_id, shifted(load(Session, session_id), at(14)))
    other = running()
    while not other.done():
        with db.engine.connect() as watcher:  # anew each time: within a transaction the answer stays the same
            if watcher.scalar(text(WAITING)):
                return


def test_an_acceptance_that_waits_for_a_move_sees_it(ill):
    if db.engine.dialect.name == "sqlite":
        return  # one writer at a time: a later acceptance finds the move as the test above has it
    with clock.at(at(6, day=24)):
        run = proposed(ill, move(ill.hit, trainer_id=ill.second.id))
        app, run_id, clerk_id, session_id = current_app._get_current_object(), run.id, ill.clerk.id, ill.hit.id

        def accept():
            with app.app_context(), clock.at(at(6, day=24)):
                accept_replan(load(Account, clerk_id), run_id, [session_id])

        with ThreadPoolExecutor(1) as pool:
            futures = []

            def running():
                futures.append(pool.submit(accept))
                return futures[0]

            move_and_wait(Console(), clerk_id, session_id, running)
            with pytest.raises(Refused, match="在求解以后有人改动过"):
                futures[0].result(timeout=30)
