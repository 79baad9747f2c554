"""What somebody is told stays his own, in words of his language, until he says that he read it."""

import pytest

from lbcert.core.access import CONSOLE, Console, Holder, Role
from lbcert.core.database import db, load
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.messages import Notification, inbox, read_notifications, tell
from lbcert.core.operation import operation
from lbcert.core.words import say, some
from lbcert.testing import factories


@operation("testing.tell", allow=CONSOLE)
def tell_all(actor, person_ids):
    lesson = say("{day} {starts}“{content}”", day="07-26", starts="08:30", content="安全用电")
    tell(
        person_ids, say("{name} 请假：{reason}", name=some([lesson]), reason="病"), "calendar.index", {}, subject="a:1"
    )


@operation("testing.rewrite_notification", allow=CONSOLE)
def rewrite(actor, notification_id):
    load(Notification, notification_id).words = "[]"


def test_each_is_told_once_and_reads_it_once_for_himself(app, signed_in):
    one, other = factories.person("葛曾䮌"), factories.person("沙马拉毕")
    tell_all(Console(), [one.id, other.id, one.id])
    (mine,) = inbox(one.id).unread
    assert str(mine.message) == "07-26 08:30“安全用电” 请假：病"
    with pytest.raises(Forbidden):
        read_notifications(Holder(other.id), [mine.id])
    with pytest.raises(Forbidden):
        read_notifications(Holder(one.id), [mine.id, inbox(other.id).unread[0].id])
    browser = signed_in(factories.account(Role.STATION, factories.LUQUAN, one))
    page = browser.get("/")
    assert '<a href="/calendar/"><span>07-26 08:30“安全用电” 请假：病' in page.text
    assert browser.post("/notifications", data={"notification": [mine.id]}).location == "/"
    db.session.expire_all()
    assert (inbox(one.id).unread, [each.id for each in inbox(one.id).read]) == ([], [mine.id])
    first = mine.read_at
    read_notifications(Holder(one.id), [mine.id])
    assert load(Notification, mine.id).read_at == first
    assert len(inbox(other.id).unread) == 1
    with pytest.raises(Refused) as refused:
        rewrite(Console(), mine.id)
    assert "core.notification.update" in refused.value


def test_nobody_is_told_outside_an_operation(app):
    with pytest.raises(RuntimeError):
        tell([factories.person().id], say("通知"), "home.index", {})
