"""Two schools that plan at the same moment do not put one learner in two places: the second sees what the first did."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import current_app
from sqlalchemy import text

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core.access import CONSOLE, Console
from lbcert.core.database import db, load
from lbcert.core.findings import Refused
from lbcert.core.operation import operation
from lbcert.parties.models import Account
from lbcert.teaching.models import Mode
from lbcert.teaching.operations.sessions import add_session
from lbcert.testing.factories import cohort, enrolment, person, store

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def database(postgresql_databases):
    """Give a PostgreSQL alone: SQLite has one writer at a time."""
    with postgresql_databases.fresh() as url:
        yield url


@operation("testing.plan_and_wait", allow=CONSOLE)
def plan_and_wait(actor, clerk_id, cohort_id, lesson, running):
    """Plan a session and keep it uncommitted until the other one waits for it or is through."""
    add_session(load(Account, clerk_id), cohort_id, lesson)
    other = running()
    while not other.done():
        with db.engine.connect() as watcher:  # anew each time: within a transaction the answer stays the same
            if watcher.scalar(text(WAITING)):
                return


def test_a_learner_of_two_cohorts_is_planned_for_once(world):
    other = cohort(world.school, name="植保班")
    teacher = person("另一名教师")
    store(PlannedTrainer(cohort_id=other.id, person_id=teacher.id))
    enrolment(other, world.learners[0].person)
    there = replace(
        world.lesson, module_id=other.plan[0].module_id, trainer_id=teacher.id, venue_id=None, mode=Mode.ONLINE
    )
    app, clerk_id, other_id = current_app._get_current_object(), world.clerk.id, other.id

    def plan_there():
        with app.app_context():
            add_session(load(Account, clerk_id), other_id, there)

    with ThreadPoolExecutor(1) as pool:
        futures = []

        def running():
            futures.append(pool.submit(plan_there))
            return futures[0]

        plan_and_wait(Console(), clerk_id, world.cohort.id, world.lesson, running)
        with pytest.raises(Refused, match="1 名学员当时要上"):
            futures[0].result(timeout=30)
