"""Checking in by phone: bound by a slip, a QR of seconds, two scans, and a trainer who has the last word."""

import re
from dataclasses import replace
from datetime import UTC, timedelta
from io import BytesIO

import pytest

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Holder, Role, Visitor
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.messages import Notification, inbox
from lbcert.teaching.checkin import Limits, Times, in_time
from lbcert.teaching.checkin_code import read_token, token_of
from lbcert.teaching.models import AttendanceMark, CheckIn, Mode, Way
from lbcert.teaching.operations.attendance import Presence, correct_attendance, record_attendance
from lbcert.teaching.operations.calls import call_at_random, record_answer
from lbcert.teaching.operations.checkin import check_in, check_in_by_code, confirm_head_count, open_check_in
from lbcert.teaching.operations.phones import bind_phone, make_slips, withdraw_phone
from lbcert.teaching.operations.sessions import add_session, add_venue
from lbcert.teaching.queries import marks_of
from lbcert.teaching.queries.signs import signs_of
from lbcert.testing.factories import LUQUAN, account, cohort, enrolment, person, store
from lbcert.testing.scenes import played_once
from tests.teaching.conftest import at

ABSENT, PRESENT = Presence(AttendanceMark.ABSENT), Presence(AttendanceMark.PRESENT)


def rules_of(call, *args, **named):
    with pytest.raises(Refused) as caught:
        call(*args, **named)
    return [finding.rule for finding in caught.value.findings]


def bound(world, learner, secret):
    (slip,) = make_slips(world.clerk, world.cohort.id, [learner.id])
    return bind_phone(Visitor(), slip.code, learner.person.id_number[-4:], secret)


@pytest.fixture
@played_once
def lesson(world):
    """Give the world with tonight's lesson (20:00 to 23:00) and both learners' phones bound."""
    world.session = add_session(world.clerk, world.cohort.id, world.lesson)
    with clock.at(at(12)):
        world.phones = [bound(world, learner, f"phone {place}") for place, learner in enumerate(world.learners)]
    return world


def scan(world, moment, place=0, drawn=None):
    """Scan a QR that was drawn right before."""
    phone, drawn = world.phones[place], drawn or moment - timedelta(seconds=3)
    with clock.at(moment):
        return check_in(Holder(phone.person_id), phone.id, token_of(world.session.id, drawn), moment)


def mark(world, place=0):
    return marks_of([world.session.id]).get((world.session.id, world.learners[place].id))


def test_two_scans_make_one_mark_with_both_times(lesson):
    scan(lesson, at(19, 50))
    scan(lesson, at(22, 55))
    found = mark(lesson)
    assert (found.mark, found.way, found.account_id) == (AttendanceMark.PRESENT, Way.QR, None)
    assert (found.in_at, found.out_at) == (at(19, 50), at(22, 55))
    scan(lesson, at(20, 20), place=1)
    assert mark(lesson, 1).mark is AttendanceMark.LATE


def test_who_may_not_leave_yet_is_told_a_minute_from_which_he_may():
    came = at(20, 20) + timedelta(seconds=20)
    (told,) = in_time(at(20, 25), Times(at(20), at(20, 30), came), Limits())
    assert str(told.message) == "您 20:20 已签到；签退请在 20:26 以后"
    assert in_time(at(20, 26), Times(at(20), at(20, 30), came), Limits()) == []
    (told,) = in_time(at(20, 25), Times(at(20), at(23), at(20)), Limits())
    assert str(told.message).endswith("签退请在 22:50 以后"), "a full minute is told as it is"


def test_each_scan_that_does_not_count_is_refused_with_its_reason(lesson):
    assert rules_of(scan, lesson, at(19, 0)) == ["teaching.check_in_early"]
    assert rules_of(scan, lesson, at(20), drawn=at(19, 59)) == ["teaching.qr_expired"], "a photo that was sent on"
    assert rules_of(scan, lesson, at(20), drawn=at(20, 1)) == ["teaching.qr_expired"]
    assert rules_of(scan, lesson, at(20, 50)) == ["teaching.check_in_late"]
    scan(lesson, at(20))
    assert rules_of(scan, lesson, at(20, 5)) == ["teaching.checked_in_already"]
    scan(lesson, at(23, 10))
    assert rules_of(scan, lesson, at(23, 11)) == ["teaching.checked_out_already"]
    scan(lesson, at(20), place=1)
    assert rules_of(scan, lesson, at(23, 31), place=1) == ["teaching.check_out_late"]
    phone, own = lesson.phones[0], token_of(lesson.session.id, at(20))
    for token in (own[:-1] + ("0" if own[-1] != "0" else "1"), own.replace("-", "", 1), "", "1" + own):
        assert rules_of(check_in, Holder(phone.person_id), phone.id, token, at(20)) == ["teaching.qr_foreign"]
    with clock.at(at(20, 16)):
        assert rules_of(check_in, Holder(phone.person_id), phone.id, own, at(20)) == ["teaching.qr_expired"]


def test_a_token_names_its_session_and_moment_and_no_other_session_s_secret_makes_it(app):
    token = token_of(7, at(20).astimezone(UTC))
    assert read_token(token.lower()) == (7, at(20))
    assert read_token("8" + token[1:]) is None


def test_a_scan_never_takes_the_place_of_a_trainer_s_mark(lesson):
    one = lesson.learners[0]
    with clock.at(at(20, 1)):
        record_attendance(lesson.trainer, lesson.session.id, {one.id: ABSENT})
    scan(lesson, at(20, 2))
    scan(lesson, at(22, 58))
    assert mark(lesson).mark is AttendanceMark.ABSENT
    assert db.session.query(CheckIn).count() == 2, "what the phone says is kept beside it"
    scan(lesson, at(20, 2), place=1)
    with clock.at(at(21)):
        correct_attendance(lesson.trainer, mark(lesson, 1).id, ABSENT, "签到后离开")
    scan(lesson, at(22, 58), place=1)
    assert (mark(lesson, 1).mark, mark(lesson, 1).way) == (AttendanceMark.ABSENT, Way.CORRECTION)
    with clock.at(at(23, 10)):
        count = confirm_head_count(lesson.trainer, lesson.session.id, 1)
    assert (count.counted, count.marked) == (1, 0)


def test_a_slip_binds_one_phone_once_and_a_new_one_takes_its_place(world):
    one = world.learners[0]
    (slip,) = make_slips(world.clerk, world.cohort.id, [one.id])
    four = one.person.id_number[-4:]
    assert rules_of(bind_phone, Visitor(), slip.code, "000A", "x") == ["teaching.slip_unknown"]
    assert rules_of(bind_phone, Visitor(), "12", four, "x") == ["teaching.slip_unknown"]
    first = bind_phone(Visitor(), f"{slip.code[:4]} {slip.code[4:]}", four, "x")
    assert rules_of(bind_phone, Visitor(), slip.code, four, "y") == ["teaching.slip_used"]
    (unused,) = make_slips(world.clerk, world.cohort.id, [one.id])
    (newer,) = make_slips(world.clerk, world.cohort.id, [one.id])
    assert rules_of(bind_phone, Visitor(), unused.code, four, "y") == ["teaching.slip_ended"]
    with clock.at(clock.now() + timedelta(days=31)):
        assert rules_of(bind_phone, Visitor(), newer.code, four, "y") == ["teaching.slip_ended"]
    second = bind_phone(Visitor(), newer.code, four, "y")
    db.session.refresh(first)
    assert first.withdrawn_at is not None
    assert rules_of(withdraw_phone, world.clerk, second.id, " ") == ["teaching.reason"]
    withdraw_phone(world.clerk, second.id, "手机丢了")
    assert rules_of(withdraw_phone, world.clerk, second.id, "再来") == ["teaching.phone_withdrawn"]


def test_a_phone_that_was_taken_back_or_is_another_s_checks_nobody_in(lesson):
    mine, other = lesson.phones
    token = token_of(lesson.session.id, at(20))
    with clock.at(at(20)), pytest.raises(Forbidden):
        check_in(Holder(mine.person_id), other.id, token, at(20))
    withdraw_phone(lesson.clerk, mine.id, "手机丢了")
    assert rules_of(scan, lesson, at(20)) == ["teaching.check_in.other_phone"]


def test_the_code_is_shown_while_somebody_could_scan_it(lesson):
    with clock.at(at(12)):
        assert rules_of(open_check_in, lesson.trainer, lesson.session.id) == ["teaching.check_in_closed"]
    with clock.at(at(19, 45)):
        assert open_check_in(lesson.trainer, lesson.session.id).account_id == lesson.trainer.id


def test_a_scan_outlives_the_binding_of_its_phone(world, client, signed_in):
    """Scanned, not bound yet, bound by slip: entered for the very lesson that was scanned, as of then."""
    session = add_session(world.clerk, world.cohort.id, world.lesson)
    one = world.learners[0]
    (slip,) = make_slips(world.clerk, world.cohort.id, [one.id])
    desk = signed_in(world.trainer)
    with clock.at(at(20)):
        assert desk.post(f"/teaching/sessions/{session.id}/check-in").status_code == 302
        page = desk.get(f"/teaching/sessions/{session.id}/check-in").text
        assert 'hx-trigger="every 10s"' in page
        asked = client.get(f"/K/{token_of(session.id, at(20))}", follow_redirects=True).text
        assert "绑定后马上签到" in asked
    with clock.at(at(20, 8)):
        typed = {"code": slip.code, "last_four": one.person.id_number[-4:].lower()}
        answer = client.post("/k/bind", data=typed, follow_redirects=True)
        assert "20:00 签到成功" in answer.text
        late = client.get(f"/K/{token_of(session.id, at(20))}")
        assert (late.status_code, "二维码已过期" in late.text) == (422, True)
    found = marks_of([session.id])[session.id, one.id]
    assert (found.mark, found.in_at) == (AttendanceMark.PRESENT, at(20))
    cookie = client.get_cookie("phone")
    assert cookie.max_age == 400 * 86400
    assert not re.search(r"[^0-9a-f]", cookie.value)
    with clock.at(at(22, 55)):
        assert "22:55 签退成功" in client.get(f"/k/{token_of(session.id, at(22, 55))}", follow_redirects=True).text
    with clock.at(at(23)):
        shown = desk.get(f"/teaching/sessions/{session.id}").text
    assert "扫码 · 本人手机" in shown
    assert "原为" not in shown


def test_who_cannot_scan_is_marked_with_one_tap(lesson, signed_in):
    desk, url = signed_in(lesson.trainer), f"/teaching/sessions/{lesson.session.id}/present"
    tap = {"learner": lesson.learners[1].id}
    with clock.at(at(19, 55)):
        assert "还没有上课" in desk.post(url, data=tap).text
    with clock.at(at(20, 5)):
        assert "已记 沙马拉毕 出勤" in desk.post(url, data=tap, follow_redirects=True).text
        assert "已有考勤记录" in desk.post(url, data=tap).text
    found = mark(lesson, 1)
    assert (found.way, found.account_id, found.in_at) == (Way.ROLL_CALL, lesson.trainer.id, at(20, 5))


def test_a_bound_phone_shows_what_its_learner_is_told_until_it_is_read(lesson, client):
    learner = lesson.learners[0].person_id
    told = store(
        Notification(person_id=learner, subject="", words='["没有排下", {}]', endpoint="home.index", arguments="{}")
    )
    for secret, is_told in (("phone 1", False), ("phone 0", True)):
        client.set_cookie("phone", secret)
        assert ("没有排下" in client.get("/k/").text) is is_told
    client.post("/k/notifications", data={"notification": [told.id]})
    assert not inbox(learner).unread


def test_a_slip_is_not_guessed_from_many_addresses(world, client):
    def tried(place, code="11112222"):
        typed = {"code": code, "last_four": f"{place:04}"}
        return client.post("/k/bind", data=typed, environ_base={"REMOTE_ADDR": f"10.0.0.{place}"}).status_code

    assert [tried(place) for place in range(11)] == [422] * 10 + [429]
    assert tried(12, "1111-2222") == 429, "however it is written"


def test_the_clerk_prints_slips_and_takes_a_phone_back(lesson, signed_in):
    office = signed_in(lesson.clerk)
    base = f"/teaching/cohorts/{lesson.cohort.id}"
    assert office.get(f"{base}/slips.pdf").status_code == 422
    answer = office.post(f"{base}/slips", data={"learner": [lesson.learners[0].id]}, follow_redirects=True)
    assert "打印绑定条（1 张，PDF）" in answer.text
    assert office.get(f"{base}/slips.pdf").data.startswith(b"%PDF")
    phone = lesson.phones[1]
    taken = office.post(f"/teaching/phones/{phone.id}/withdraw", data={"reason": "换号"}, follow_redirects=True)
    assert "已解除绑定" in taken.text


@pytest.fixture
def online(world):
    """Give the world with an online lesson tonight and both learners' phones bound."""
    world.session = add_session(world.clerk, world.cohort.id, replace(world.lesson, mode=Mode.ONLINE, venue_id=None))
    with clock.at(at(12)):
        world.phones = [bound(world, learner, f"phone {place}") for place, learner in enumerate(world.learners)]
    return world


def test_an_online_lesson_is_checked_in_to_by_the_digits_that_its_trainer_says(online, client, signed_in):
    desk, phone = signed_in(online.trainer), online.phones[0]
    url = f"/teaching/sessions/{online.session.id}/check-in"
    with clock.at(at(20)):
        desk.post(url)
        said = re.search(r'check-in-spoken">(\d{3} \d{3})<', desk.get(url).text)[1]
    client.set_cookie("phone", "phone 0")
    with clock.at(at(20, 1)):
        sent = {"lesson": online.session.id, "code": said}
        assert "20:01 签到成功" in client.post("/k/code", data=sent, follow_redirects=True).text
    with clock.at(at(20, 2)):
        call = (check_in_by_code, Holder(online.phones[1].person_id), online.phones[1].id, online.session.id)
        assert rules_of(*call, said) == ["teaching.code_wrong"], "two minutes old"
        assert rules_of(*call, "") == ["teaching.code_wrong"]
    assert (mark(online).way, mark(online).in_at) == (Way.CODE, at(20, 1))
    assert rules_of(scan, online, at(20, 3), place=1) == ["teaching.check_in_way"]
    assert phone.person_id == online.learners[0].person_id


def test_those_who_checked_in_are_called_by_lot_each_before_any_a_second_time(online):
    call = (call_at_random, online.trainer, online.session.id)
    with clock.at(at(19, 59)):
        assert rules_of(*call, 1) == ["teaching.call_time"]
    with clock.at(at(21)):
        assert rules_of(*call, 0) == ["teaching.call_count"]
        assert rules_of(*call, 1) == ["teaching.nobody_to_call"], "nobody has checked in"
        one, other = online.learners
        record_attendance(online.trainer, online.session.id, {one.id: Presence(AttendanceMark.LATE)})
        (first,) = call_at_random(*call[1:], 5)
        record_attendance(online.trainer, online.session.id, {other.id: PRESENT})
        (second,) = call_at_random(*call[1:], 1)
        assert [first.enrolment_id, second.enrolment_id] == [one.id, other.id], "each before any a second time"
        away = marks_of([online.session.id])[online.session.id, one.id]
        correct_attendance(online.trainer, away.id, ABSENT, "没有应答")
        assert [called.enrolment_id for called in call_at_random(*call[1:], 5)] == [other.id]
        assert record_answer(online.trainer, first.id, answered=False).answered is False
        assert rules_of(record_answer, online.trainer, first.id, answered=True) == ["teaching.answered_already"]


def test_who_cannot_check_in_by_himself_is_called_by_what_the_lesson_asks_of_him(online, signed_in):
    hall = add_session(
        online.clerk, online.cohort.id, replace(online.lesson, starts_at=at(20, day=25), ends_at=at(23, day=25))
    )
    desk = signed_in(online.trainer)

    def shown(session):
        page = desk.get(f"/teaching/sessions/{session.id}/check-in").text
        return [words in page for words in ("扫不了码", "输不了口令", "从已记为出勤、迟到的学员里抽")]

    for hour in (19, 21):
        with clock.at(at(hour)):
            assert shown(online.session) == [False, True, True]
        with clock.at(at(hour, day=25)):
            assert shown(hall) == [True, False, False]


def test_nobody_is_called_before_anybody_is_in(online, signed_in):
    with clock.at(at(21)):
        answer = signed_in(online.trainer).post(f"/teaching/sessions/{online.session.id}/calls", data={"count": "3"})
    assert (answer.status_code, "还没有记为出勤或迟到的学员，请先签到或点名" in answer.text) == (422, True)


def test_a_session_is_marked_by_its_photographed_sheet(lesson, signed_in):
    desk, base = signed_in(lesson.trainer), f"/teaching/sessions/{lesson.session.id}"
    with clock.at(at(22)):
        sent = {"file": (BytesIO(b"\x89PNG\r\n\x1a\n"), "签到表.png")}
        page = desk.post(f"{base}/signed-sheet", data=sent, follow_redirects=True)
        assert "请照着登记" in page.text
        marks = {f"mark-{learner.id}": "present" for learner in lesson.learners}
        shown = desk.post(page.request.full_path, data=marks, follow_redirects=True).text
    assert "签到表 · " in shown
    assert mark(lesson).way is Way.SHEET
    file = re.search(rf"{base}/signed-sheets/\d+", shown)[0]
    assert desk.get(file).mimetype == "image/png"
    assert desk.get(f"{base}/signed-sheets/999").status_code == 404


def test_the_bureau_is_shown_what_looks_odd_with_the_records_behind_it(lesson, signed_in):
    """The trainer opens a second cohort's check-in from afar and learns there himself; three people have one phone."""
    away = cohort(lesson.school, site_region_code=LUQUAN)
    colleague = person("李永福")
    store(*(PlannedTrainer(cohort_id=away.id, person_id=who.id) for who in (lesson.teacher, colleague)))
    himself = enrolment(away, lesson.teacher)
    hall = add_venue(lesson.clerk, lesson.school.id, "禄劝实训室", LUQUAN, 40)
    later = replace(lesson.lesson, module_id=away.plan[0].module_id, venue_id=hall.id, starts_at=at(23, 10), ends_at=at(23, 59), hours=1)  # fmt: skip
    other = replace(later, starts_at=at(21), ends_at=at(22), trainer_id=colleague.id)
    elsewhere, later = add_session(lesson.clerk, away.id, other), add_session(lesson.clerk, away.id, later)
    third = enrolment(lesson.cohort, person("丁三"))
    with clock.at(at(12)):
        borrowed = [bound(lesson, one, "one phone") for one in (*lesson.learners, third)]
    for place, phone in enumerate(borrowed):
        with clock.at(at(20, place)):
            check_in(Holder(phone.person_id), phone.id, token_of(lesson.session.id, at(20, place)), at(20, place))
    with clock.at(at(22, 50)):
        open_check_in(lesson.trainer, later.id)
        record_attendance(lesson.clerk, elsewhere.id, {himself.id: PRESENT})
        confirm_head_count(lesson.trainer, lesson.session.id, 2)
        (call,) = call_at_random(lesson.trainer, lesson.session.id, 1)
        record_answer(lesson.trainer, call.id, answered=False)
    with clock.at(at(12, day=25)):
        found = signs_of(lesson.cohort)
        assert [(sign.kind.value, {row.session_id for row in sign.rows}) for sign in found] == [
            ("two_places", {lesson.session.id, elsewhere.id}),
            ("two_places", {lesson.session.id, later.id}),
            ("travel", {lesson.session.id, later.id}),
            ("one_phone", {lesson.session.id}),
            ("heads", {lesson.session.id}),
            ("unanswered", {lesson.session.id}),
        ]
        assert len(found[3].rows) == 3
        page = signed_in(account(Role.BUREAU_OFFICER)).get(f"/teaching/cohorts/{lesson.cohort.id}/signs").text
    assert "同一部手机先后为 3 人签到" in page
    assert f'href="/teaching/sessions/{lesson.session.id}"' in page


def test_an_evening_like_any_other_shows_no_sign(lesson):
    scan(lesson, at(19, 50))
    scan(lesson, at(19, 51), place=1)
    with clock.at(at(19, 45)):
        open_check_in(lesson.trainer, lesson.session.id)
    with clock.at(at(20, 10)):
        confirm_head_count(lesson.trainer, lesson.session.id, 2)
    with clock.at(at(12, day=25)):
        assert signs_of(lesson.cohort) == []
