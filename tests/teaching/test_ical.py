"""A person's calendar feed, read back by another library: times with their zone, changes, cancellations, and its end."""

import re
from dataclasses import replace
from datetime import timedelta

import vobject

from lbcert.core import clock
from lbcert.core.access import Console
from lbcert.core.database import db
from lbcert.core.words import CHINESE, ENGLISH
from lbcert.parties.operations.accounts import close_account
from lbcert.parties.operations.sign_in import choose_language
from lbcert.teaching.models import CalendarFeed, Mode
from lbcert.teaching.operations.feeds import make_feed
from lbcert.teaching.operations.sessions import add_session, cancel_session, move_session
from lbcert.testing.factories import enrolment
from tests.teaching.conftest import at
from tests.teaching.test_views import week  # noqa: F401 (the scene)


def read(client, secret="secret"):  # noqa: S107 (a sample)
    """Read a feed as a calendar program does: UID → event."""
    answer = client.get(f"/teaching/feeds/{secret}.ics")
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    book = vobject.readOne(answer.data.decode())
    assert book.method.value == "PUBLISH"
    return {event.uid.value: event for event in book.contents.get("vevent", [])}


def test_a_foreign_library_reads_what_is_planned(week, client):  # noqa: F811
    make_feed(week.trainer, week.teacher.id, "secret")
    with clock.at(at(9)):
        events = read(client)
    assert set(events) == {
        f"session-{one.id}@localhost" for one in (week.first, week.second, week.lost, week.elsewhere)
    }
    first = events[f"session-{week.first.id}@localhost"]
    assert first.dtstart.value == at(20)
    assert first.dtstart.value.utcoffset() == timedelta(hours=8)
    assert first.dtend.value == at(23)
    assert first.summary.value == "安全用电：触电急救"
    assert first.location.value == "阜康实训室"
    assert first.status.value == "CONFIRMED"
    assert first.sequence.value == "0"
    assert "4 课时" in first.description.value


def test_a_change_and_a_cancellation_raise_the_sequence_under_the_same_uid(week, client):  # noqa: F811
    make_feed(week.trainer, week.teacher.id, "secret")
    uid = f"session-{week.first.id}@localhost"
    with clock.at(at(9)):
        assert (read(client)[uid].sequence.value, read(client)[uid].status.value) == ("0", "CONFIRMED")
        move_session(week.clerk, week.first.id, replace(week.lesson, starts_at=at(19), ends_at=at(22)))
        moved = read(client)[uid]
        assert (moved.sequence.value, moved.dtstart.value) == ("1", at(19))
        cancel_session(week.clerk, week.first.id, "停电")
        lost = read(client)[uid]
    assert (lost.sequence.value, lost.status.value) == ("2", "CANCELLED")
    assert "停电" in lost.description.value


def test_a_learner_s_feed_shows_what_its_maker_may_see(week, client):  # noqa: F811
    learner = week.learners[0]
    enrolment(week.other, learner.person)
    make_feed(week.clerk, learner.person_id, "school")
    make_feed(week.bureau, learner.person_id, "bureau")
    with clock.at(at(9)):
        assert f"session-{week.elsewhere.id}@localhost" not in read(client, "school")
        assert f"session-{week.elsewhere.id}@localhost" in read(client, "bureau")
        assert f"session-{week.first.id}@localhost" in read(client, "school")


def test_an_address_is_shown_once_kept_as_a_hash_and_ends(week, signed_in, client):  # noqa: F811
    browser = signed_in(week.trainer)
    page = browser.post(f"/teaching/people/{week.teacher.id}/feed").text
    secret = re.search(r"/teaching/feeds/([\w-]{43})\.ics", page)[1]
    assert f"webcal://localhost:8000/teaching/feeds/{secret}.ics" in page
    assert secret not in browser.get(f"/teaching/people/{week.teacher.id}/calendar").text
    (feed,) = db.session.scalars(db.select(CalendarFeed))
    assert secret not in str(vars(feed))
    read(client, secret)
    renewed = browser.post(f"/teaching/people/{week.teacher.id}/feed").text
    other = re.search(r"/teaching/feeds/([\w-]{43})\.ics", renewed)[1]
    assert client.get(f"/teaching/feeds/{secret}.ics").status_code == 404
    read(client, other)
    standing = re.search(r"/teaching/feeds/(\d+)/withdraw", renewed)[1]
    assert browser.post(f"/teaching/feeds/{standing}/withdraw").status_code == 302
    assert client.get(f"/teaching/feeds/{other}.ics").status_code == 404
    assert client.get("/teaching/feeds/guessed.ics").status_code == 404


def test_a_closed_account_s_feeds_are_closed(week, client):  # noqa: F811
    learner = week.learners[0]
    make_feed(week.clerk, learner.person_id, "secret")
    read(client)
    close_account(Console(), week.clerk.id)
    assert client.get("/teaching/feeds/secret.ics").status_code == 404


def test_a_feed_speaks_the_language_that_its_maker_chose(week, client):  # noqa: F811
    make_feed(week.trainer, week.teacher.id, "secret")
    make_feed(week.clerk, week.teacher.id, "school")
    choose_language(week.trainer, ENGLISH)
    with clock.at(at(9)):
        cancel_session(week.clerk, week.first.id, "停电")
        again = replace(week.lesson, starts_at=at(19, day=30), ends_at=at(22, day=30), makes_up_id=week.first.id)
        online = replace(again, mode=Mode.ONLINE, venue_id=None, meeting_link="https://meeting.example/1")
        session = add_session(week.clerk, week.cohort.id, online)
        ours, theirs = read(client), read(client, "school")
        name = vobject.readOne(client.get("/teaching/feeds/secret.ics").data.decode()).x_wr_calname.value
    lost, met = f"session-{week.first.id}@localhost", f"session-{session.id}@localhost"
    assert theirs[lost].description.value.split("\n")[1:] == ["4 课时", "培训教师：陈建国", "已取消：停电"]
    assert ours[lost].description.value.split("\n")[1:] == ["4 class hours", "Trainer: 陈建国", "Cancelled: 停电"]
    assert (theirs[met].location.value, ours[met].location.value) == (
        "线上：https://meeting.example/1", "Online: https://meeting.example/1",
    )  # fmt: skip
    assert theirs[met].summary.value.endswith("安全用电（补 07-24 20:00 的课）")
    assert ours[met].summary.value.endswith("安全用电 (makes up for 07-24 20:00)")
    assert name == "Sessions of 陈建国"
    choose_language(week.trainer, CHINESE)
    with clock.at(at(9)):
        assert read(client)[lost].description.value == theirs[lost].description.value
