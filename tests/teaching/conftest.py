"""A running cohort of two in 阜康 with a filed trainer, at eight in the evening of its first day."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from lbcert.cohorts.models import Allotment, PlannedTrainer
from lbcert.core import clock, jobs
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import load
from lbcert.core.policy import set_policy
from lbcert.demand.models import Order, OrderKind, OrderLine
from lbcert.parties.models import OrganisationKind
from lbcert.teaching import rules
from lbcert.teaching.models import Mode, SolveRun
from lbcert.teaching.operations.sessions import Lesson, add_session, add_venue
from lbcert.teaching.operations.solving import start_solving
from lbcert.testing.factories import FUKANG, account, cohort, enrolment, organisation, person, store
from lbcert.testing.scenes import played_once


def at(hour, minute=0, day=24):
    return datetime(2025, 7, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
@played_once
def world(app):
    """Give the cohort, its clerk and trainer, and a lesson that may be planned."""
    school = organisation()
    group = cohort(school)
    clerk = account(Role.PROVIDER_CLERK, school)
    teacher = person("陈建国")
    store(PlannedTrainer(cohort_id=group.id, person_id=teacher.id))
    learners = [enrolment(group, person(name)) for name in ("葛曾䮌", "沙马拉毕")]
    venue = add_venue(clerk, school.id, "阜康实训室", FUKANG, 40)
    safety, basics, practice = group.item.menus[-1].modules
    lesson = Lesson(safety.id, at(20), at(23), 4, Mode.ON_SITE, teacher.id, venue.id)
    bureau = account(Role.BUREAU_OFFICER)
    for key in (rules.PASS_THEORY, rules.PASS_PRACTICE):
        set_policy(bureau, "530000", key.name, 60, date(2025, 1, 1), "示例文件")
    return SimpleNamespace(
        school=school, cohort=group, clerk=clerk, teacher=teacher, learners=learners, venue=venue, lesson=lesson,
        modules=(safety, basics, practice), bureau=bureau, trainer=account(Role.TRAINER, school, teacher),
    )  # fmt: skip


@pytest.fixture
def employer(world):
    """Give the employer of an order of which the cohort has seats: its people arrive on 8 August, after two days on the way."""
    firm = organisation(OrganisationKind.EMPLOYER, FUKANG, name="准东能源")
    order = store(
        Order(
            number="DD-1", kind=OrderKind.EMPLOYER, party_id=firm.id, home_region_code=world.cohort.home_region_code,
            signed_on=date(2025, 6, 1),
        )
    )  # fmt: skip
    line = store(
        OrderLine(
            order_id=order.id, item_id=world.cohort.item_id, headcount=2, wage_min_fen=400_000, wage_max_fen=500_000,
            place_region_code=FUKANG, arrival_on=date(2025, 8, 8), travel_days=2,
        )
    )  # fmt: skip
    store(Allotment(line_id=line.id, cohort_id=world.cohort.id, seats=2))
    return firm


@pytest.fixture
def solved(world):
    """Have a worker plan what is left of the cohort's plan, and of others' beside it; gives the search that is over."""

    def run(asked, beside=(), seconds=5):
        begun = start_solving(world.clerk, world.cohort.id, asked, seconds, beside)
        jobs.run(begun.job_id)
        return load(SolveRun, begun.id)

    return run


@pytest.fixture
def taught(world):
    """Give the world with the whole plan held: one session a module, all over, nobody marked yet."""
    hours = [module.hours for module in world.modules]
    world.sessions = [
        add_session(
            world.clerk,
            world.cohort.id,
            replace(
                world.lesson, module_id=module.id, hours=hour, starts_at=at(0, day=24 + 2 * place),
                ends_at=at(0, day=24 + 2 * place) + timedelta(minutes=45 * hour),
            ),
        )
        for place, (module, hour) in enumerate(zip(world.modules, hours, strict=True))
    ]  # fmt: skip
    with clock.at(datetime(2025, 8, 6, tzinfo=SHANGHAI)):
        yield world
