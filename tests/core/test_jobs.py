"""Jobs: each item once, whatever is killed."""

import gc
import weakref

import pytest

from lbcert.core import clock, jobs
from lbcert.core.access import PUBLIC, Console, Role
from lbcert.core.database import db, load
from lbcert.core.operation import operation
from lbcert.core.reference import Trade, TradeKind
from lbcert.testing.factories import account


@operation("testing.start_job", allow=PUBLIC)
def start_job(actor, names):
    return jobs.start(actor, "testing.trades", "trades", [(name, name) for name in names])


@operation("testing.keep_trade", allow=PUBLIC)
def keep_trade(actor, payload, computed):
    db.session.add(Trade(kind=TradeKind.LOCAL, name=computed))


def loud(name):
    if name == "broken":
        raise ValueError("no such trade")
    return name.upper()


@pytest.fixture(autouse=True)
def forget(app):
    yield
    jobs.WORKS.pop("testing.trades", None)


def trades():
    return sorted(db.session.scalars(db.select(Trade.name)))


def test_every_item_is_done_once_and_a_failure_keeps_its_reason(app):
    jobs.work("testing.trades", loud, keep_trade)
    job = start_job(account(Role.ADMIN), ["a", "broken", "b"])
    assert not job.is_finished
    jobs.run(job.id)
    jobs.run(job.id)
    assert trades() == ["A", "B"]
    assert (job.total, job.done, job.failed, job.is_finished) == (3, 2, 1, True)
    assert [item.error for item in job.items if item.error] == ["ValueError: no such trade"]


def test_what_a_killed_worker_held_is_found_again_when_its_lease_is_over_and_the_rest_at_once(app):
    class Killed(BaseException):
        pass

    def kill(_name):
        raise Killed

    jobs.work("testing.trades", kill, keep_trade)
    job = start_job(account(Role.ADMIN), ["a", "b"])
    with pytest.raises(Killed):
        jobs.run(job.id)
    jobs.work("testing.trades", loud, keep_trade)
    jobs.run(job.id)
    assert trades() == ["B"]
    assert jobs.unfinished() == []
    with clock.at(clock.now() + jobs.LEASE * 2):
        assert jobs.unfinished() == [job.id]
        jobs.run(job.id)
    assert trades() == ["A", "B"]
    assert load(jobs.Job, job.id).is_finished


def test_a_worker_that_is_told_to_end_finishes_its_item_and_leaves_the_others(app):
    told = False

    def last(name):
        nonlocal told
        told = True
        return name.upper()

    jobs.work("testing.trades", last, keep_trade)
    job = start_job(account(Role.ADMIN), ["a", "b", "c"])
    jobs.run(job.id, lambda: told)
    assert trades() == ["A"]
    assert jobs.unfinished() == [job.id]
    jobs.run(job.id)
    assert trades() == ["A", "B", "C"]


def test_a_worker_that_finds_more_than_one_item_calls_another_and_leaves_it_half(app):
    helped = []

    def helper(job_id):
        if not helped:
            helped.append(load(jobs.Job, job_id).done)
            jobs.run(job_id)

    jobs.work("testing.trades", loud, keep_trade)
    job = start_job(account(Role.ADMIN), ["a", "b", "c", "d"])
    app.extensions["lbcert.wake"] = helper
    taken = []
    jobs.work("testing.trades", lambda name: taken.append(name) or loud(name), keep_trade)
    jobs.run(job.id)
    assert helped == [0]
    assert sorted(taken) == ["a", "b", "c", "d"]
    assert trades() == ["A", "B", "C", "D"]
    with clock.at(clock.now()):
        other = start_job(account(Role.ADMIN), ["e", "f", "g", "h"])
        db.session.rollback()
        assert len(jobs._take(Console(), other.id)) == 2
        assert len(jobs._take(Console(), other.id)) == 1


def test_what_an_item_leaves_in_circles_is_given_back_before_the_next(app):
    class Page:
        def __init__(self):
            self.own = self

    left = []

    def lay_out(name):
        standing = [page() for page in left if page() is not None]
        left.append(weakref.ref(Page()))
        return f"{name} after {len(standing)}"

    jobs.work("testing.trades", lay_out, keep_trade)
    gc.disable()
    try:
        jobs.run(start_job(account(Role.ADMIN), ["a", "b", "c"]).id)
    finally:
        gc.enable()
    assert trades() == ["a after 0", "b after 0", "c after 0"]
