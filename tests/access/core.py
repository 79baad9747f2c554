"""What every room stands on."""

from datetime import date

from lbcert.core.access import Role
from lbcert.core.jobs import Job, JobItem
from lbcert.core.messages import Notification
from lbcert.testing import factories
from tests.access.machinery import HERE, Row


def job(stage):
    """Give a job of one item."""
    items = [JobItem(key="one", payload="null")]
    return stage.once("job", lambda: factories.store(Job(kind="none", title="任务", total=1, items=items)))


def told(stage):
    """Tell the person of the stage something."""
    values = {"person_id": stage.person.id, "subject": "", "words": '["通知", {}]', "endpoint": "home.index"}
    return {
        "notification_ids": [stage.once("told", lambda: factories.store(Notification(arguments="{}", **values))).id]
    }


def whom_it_tells(stage):
    """Give whoever was told."""
    own = stage.once("told one's", lambda: factories.account(Role.STATION, HERE, stage.person))
    return {"the person": (own, True)}


OPERATIONS = {
    "core.read_notifications": Row("", told, also=whom_it_tells),
    "core.load_reference": Row("admin* console"),
    "core.set_policy": Row(
        "admin bureau_officer console",
        lambda stage: {
            "area_code": HERE, "key": "none", "value": 1, "valid_from": date(2025, 1, 1), "source": "本局设定",
        },
    ),
    "core.enter_days": Row(
        "admin bureau_officer console",
        lambda stage: {"area_code": HERE, "text": "2027-01-01 休 元旦", "source": "本局设定"},
    ),
    "core.grant_waiver": Row(
        "bureau_officer", lambda stage: {"rule": "a.rule", "subject": "a:1", "region_code": HERE, "reason": "说明"}
    ),
    "core.take_items": Row("console", lambda stage: {"job_id": job(stage).id}),
    "core.leave_items": Row("console", lambda stage: {"item_ids": [job(stage).items[0].id]}),
    "core.retry_job": Row("console", lambda stage: {"job_id": job(stage).id}),
    "core.fail_item": Row("console", lambda stage: {"item_id": job(stage).items[0].id, "error": "出错"}),
    "core.finish_item": Row(
        "console",
        lambda stage: {
            "item_id": job(stage).items[0].id, "account_id": None, "keep": lambda *_: None, "payload": None,
            "computed": None,
        },
    ),
}  # fmt: skip
