"""What stands in the way of filing, opening or closing a cohort: asked by the operation, and shown before it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy import func, select

from lbcert.brands.queries import menu_of
from lbcert.brands.rules import choose_modules
from lbcert.cohorts.models import (
    Allotment,
    Cohort,
    CohortState,
    Enrolment,
    EnrolmentState,
    ProviderPart,
)
from lbcert.cohorts.queries.learners import findings_of_all
from lbcert.cohorts.rules import filing, menu, states
from lbcert.core import calendar, clock, policy, workdays
from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.core.policy import Follows, Key, Ruling
from lbcert.parties.rules import Wanted, may_teach
from lbcert.plugins import plugins


def ruling(cohort: Cohort, key: Key) -> Ruling:
    """Find the rule in force for a cohort: by its site or its home region, as the key follows, its start and its fund."""
    return policy.ruling(key, *_asked(cohort, key))


def rulings(cohorts: Collection[Cohort], key: Key) -> dict[int, Ruling]:
    """Find the same for many cohorts in one statement, by cohort."""
    found = policy.rulings(key, {_asked(cohort, key) for cohort in cohorts})
    return {cohort.id: found[_asked(cohort, key)] for cohort in cohorts}


def _asked(cohort: Cohort, key: Key) -> tuple[str, date, str]:
    region = cohort.site_region_code if key.follows is Follows.SITE else cohort.home_region_code
    return region, cohort.starts_on, cohort.fund


def learners_in(cohort: Cohort) -> list[Enrolment]:
    """List who is in class."""
    return [row for row in cohort.enrolments if row.state is EnrolmentState.ENROLLED]


def filing_findings(cohort: Cohort, *, promises: bool) -> Iterator[Finding]:
    """Find everything that keeps a cohort from being filed today, and what the bureau has set no limit for."""
    learning = learners_in(cohort)
    today, starts_on = clock.today(), cohort.starts_on
    days, working_days = ruling(cohort, filing.FILE_DAYS), ruling(cohort, filing.FILE_WORKING_DAYS)
    overlay = calendar.overlay_of(cohort.home_region_code)
    latest = (
        workdays.add_working_days(starts_on, -working_days.value, overlay=overlay) if working_days.is_on_file else None
    )
    size = ruling(cohort, filing.MAX_SIZE)
    parts = filing.Parts(
        len(learning), len(cohort.plan), len(cohort.trainers), cohort.resources, cohort.assessment_plan
    )
    yield from filing.five_parts(parts)
    yield from filing.promised(promises)
    yield from filing.lead_named(sum(row.part is ProviderPart.LEAD for row in cohort.providers))
    yield from _may_teach(cohort)
    yield from filing.menu_frozen(cohort.by_menu, cohort.menu_frozen_at is not None)
    if cohort.plan and not cohort.by_menu:
        yield from choose_modules(menu_of(cohort.menu_id), {row.module_id for row in cohort.plan}, cohort.name)
    yield from filing.notice(starts_on, today, days, latest, working_days)
    yield from filing.class_size(cohort.name, f"cohort:{cohort.id}", len(learning), size)
    yield from findings_of_all(cohort, (row.person for row in learning))
    yield from step_findings(cohort, CohortState.FILED)
    yield from size.note()


def opening_findings(cohort: Cohort) -> Iterator[Finding]:
    """Find everything that keeps a cohort from being opened today."""
    learning = learners_in(cohort)
    yield from states.opening(cohort.name, clock.today(), cohort.starts_on, len(learning), cohort.min_size)
    yield from states.promises([row.person.name for row in learning if row.promised_on is None])
    yield from filing.seats_allotted(cohort.by_order, allotted_seats(cohort.id))
    if cohort.by_menu:
        yield from menu.all_decided([row.person.name for row in learning if not row.choices])
    yield from step_findings(cohort, CohortState.RUNNING)


def closing_findings(cohort: Cohort) -> Iterator[Finding]:
    """Find everything that keeps a cohort from being closed; later rooms say what they still owe it."""
    yield from states.outcomes_settled([row.person.name for row in learners_in(cohort)])
    yield from step_findings(cohort, CohortState.CLOSED)


def step_findings(cohort: Cohort, to: CohortState) -> Iterator[Finding]:
    """Ask later rooms and the brand's plugins whether a cohort may take a step."""
    hooks = plugins().for_brand(row.plugin for row in cohort.brand.plugins)
    for answer in hooks.lbcert_check_cohort_step(cohort=cohort, to=to):
        yield from answer


def allotted_seats(cohort_id: int) -> int:
    """Count the seats of orders in a cohort, freed ones apart."""
    query = select(func.sum(Allotment.seats)).where(Allotment.cohort_id == cohort_id, Allotment.freed_at.is_(None))
    return db.session.scalar(query) or 0


def _may_teach(cohort: Cohort) -> Iterator[Finding]:
    """Ask each teaching provider's own filings (办学备案) for the trade, level and site from start to end."""
    item = cohort.item
    wanted = Wanted(
        item.trade_id, item.trade.name, item.level, cohort.site_region_code, cohort.starts_on, cohort.ends_on
    )
    for row in cohort.providers:
        if row.part is not ProviderPart.HOST:
            yield from may_teach(row.organisation.name, row.organisation.filings, wanted)
