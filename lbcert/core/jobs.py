"""Background work that survives a kill: a job and its items are rows, written with the operation that wanted them.

Huey only says when to run; what is left to do stands in the database, and a sweep puts back what a killed worker held.
"""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import current_app
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core import clock
from lbcert.core.access import CONSOLE, Actor, Console
from lbcert.core.database import Base, Id, Stamped, choice, db, load
from lbcert.core.findings import Forbidden, Missing, Refused
from lbcert.core.operation import after_commit, operation
from lbcert.core.words import say

#: How long a worker may hold an item before others may take it, as when it was killed.
LEASE = timedelta(minutes=5)
#: Items a worker takes at a time, at most.
BATCH = 10
log = logging.getLogger(__name__)


class ItemState(StrEnum):
    """Where an item stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Job(Base, Stamped):
    """Work of one kind for one account, in items."""

    __tablename__ = "jobs"
    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(120))
    #: On whose behalf it runs, with that account's permissions.
    account_id: Mapped[int | None] = mapped_column(index=True)
    total: Mapped[int]
    items: Mapped[list[JobItem]] = relationship(back_populates="job", order_by="JobItem.id")

    @property
    def done(self) -> int:
        """How many items are done."""
        return _count(self.id, ItemState.DONE)

    @property
    def failed(self) -> int:
        """How many items failed, each with its reason."""
        return _count(self.id, ItemState.FAILED)

    @property
    def is_finished(self) -> bool:
        """Tell whether nothing is left to do."""
        return _count(self.id, ItemState.WAITING) == 0


class JobItem(Base):
    """One piece of a job: done in one transaction with its effect, or not at all."""

    __tablename__ = "job_items"
    __table_args__ = (UniqueConstraint("job_id", "key"), Index("ix_job_items_job_state", "job_id", "state"))
    id: Mapped[Id]
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    #: What it is about, unique in its job.
    key: Mapped[str] = mapped_column(String(80))
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[ItemState] = mapped_column(choice(ItemState), default=ItemState.WAITING)
    #: Until when a worker holds it.
    held_to: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(500), default="")
    job: Mapped[Job] = relationship(back_populates="items")


@dataclass(frozen=True)
class Work:
    """How a kind of job does an item: ``compute`` reads and works without a transaction, ``keep`` stores what it gave."""

    compute: Callable[[Any], Any]
    keep: Callable[[Actor, Any, Any], Any]


WORKS: dict[str, Work] = {}
#: What is looked at each minute: whether something is due that nobody's deed began.
REGULAR: list[Callable[[], None]] = []


def regularly(call: Callable[[], None]) -> Callable[[], None]:
    """Have a worker call this each minute; it asks whether something is due, and does or starts it by an operation."""
    REGULAR.append(call)
    return call


def look_round() -> None:
    """Do what is due; what fails is logged and stops nothing else."""
    for call in REGULAR:
        try:
            call()
        except Exception:
            log.exception("what is due regularly: %s", call.__qualname__)


def work(kind: str, compute: Callable[[Any], Any], keep: Callable[[Actor, Any, Any], Any]) -> None:
    """Register how jobs of ``kind`` are done; ``keep`` is an operation, so the job's account needs its permission."""
    WORKS[kind] = Work(compute, keep)


def start(actor: Actor, kind: str, title: str, items: Iterable[tuple[str, Any]]) -> Job:
    """Write a job with its (key, payload) items inside the operation under way; a worker begins after the commit."""
    pieces = [JobItem(key=key, payload=json.dumps(payload)) for key, payload in items]
    job = Job(kind=kind, title=title, account_id=actor.id, total=len(pieces), items=pieces)
    db.session.add(job)
    db.session.flush()
    number = job.id
    after_commit(lambda: _wake(number))
    return job


def _wake(job_id: int) -> None:
    """Have a worker come for a job."""
    current_app.extensions["lbcert.wake"](job_id)


def run(job_id: int, is_ending: Callable[[], bool] = lambda: False) -> None:
    """Do what is left of a job, item by item; safe to call from many workers, and again after a kill.

    A worker takes half of what is left and calls another to help, so that all that are idle come to share a job.
    Once ``is_ending``, the item in hand is finished and the others are left for the next worker.
    """
    if _left(job_id) > 1:
        _wake(job_id)
    while not is_ending() and (items := _take(Console(), job_id)):
        while items and not is_ending():
            _do(items.pop(0))
            gc.collect()  # laid-out pages go in circles: a worker grew by 3 MB with each hundred certificates
        if items:
            _leave(Console(), items)


def unfinished() -> list[int]:
    """List the jobs with items that no worker holds."""
    waiting = select(JobItem.job_id).where(JobItem.state == ItemState.WAITING, _free()).distinct()
    return list(db.session.scalars(waiting.order_by(JobItem.job_id)))


def _free() -> Any:
    return JobItem.held_to.is_(None) | (JobItem.held_to < clock.now())


def _left(job_id: int) -> int:
    """Count the items of a job that no worker holds."""
    query = select(func.count()).where(JobItem.job_id == job_id, JobItem.state == ItemState.WAITING, _free())
    return db.session.scalar(query) or 0


def _count(job_id: int, state: ItemState) -> int:
    query = select(func.count()).select_from(JobItem).where(JobItem.job_id == job_id, JobItem.state == state)
    return db.session.scalar(query) or 0


@operation("core.take_items", say("领取后台任务的各项"), allow=CONSOLE)
def _take(actor: Any, job_id: int) -> list[int]:
    count = min(BATCH, (_left(job_id) + 1) // 2)
    query = select(JobItem).where(JobItem.job_id == job_id, JobItem.state == ItemState.WAITING, _free())
    items = db.session.scalars(query.order_by(JobItem.id).limit(count).with_for_update(skip_locked=True)).all()
    for item in items:
        item.held_to = clock.now() + LEASE
    return [item.id for item in items]


@operation("core.leave_items", say("放回后台任务的各项"), allow=CONSOLE)
def _leave(actor: Any, item_ids: list[int]) -> None:
    for item_id in item_ids:
        load(JobItem, item_id, lock=True).held_to = None


def _do(item_id: int) -> None:
    item = load(JobItem, item_id)
    doing, payload, account_id = WORKS[item.job.kind], json.loads(item.payload), item.job.account_id
    try:
        computed = doing.compute(payload)
        _finish(Console(), item_id, account_id, doing.keep, payload, computed)
    except (Refused, Forbidden, Missing) as refusal:
        _fail(Console(), item_id, str(refusal))
    except Exception as error:
        log.exception("item %s of a job failed", item_id)
        _fail(Console(), item_id, f"{type(error).__name__}: {error}")


@operation("core.finish_item", say("完成后台任务的一项"), allow=CONSOLE)
def _finish(
    actor: Any,
    item_id: int,
    account_id: int | None,
    keep: Callable[[Actor, Any, Any], Any],
    payload: Any,
    computed: Any,
) -> None:
    item = load(JobItem, item_id, lock=True)
    if item.state is ItemState.DONE:
        return
    keep(Console() if account_id is None else current_app.extensions["lbcert.account"](account_id), payload, computed)
    item.state = ItemState.DONE
    item.held_to = None


@operation("core.fail_item", say("记下后台任务的失败项"), allow=CONSOLE)
def _fail(actor: Any, item_id: int, error: str) -> None:
    item = load(JobItem, item_id, lock=True)
    if item.state is ItemState.WAITING:
        item.state, item.held_to, item.error = ItemState.FAILED, None, error[:500]


@operation("core.retry_job", say("重试后台任务"), allow=CONSOLE)
def retry(actor: Any, job_id: int) -> Job:
    """Put the failed items of a job back to waiting."""
    job = load(Job, job_id, lock=True)
    for item in job.items:
        if item.state is ItemState.FAILED:
            item.state, item.error = ItemState.WAITING, ""
    after_commit(lambda: _wake(job_id))
    return job
