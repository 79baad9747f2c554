"""What decides who may sit an exam: hours, ways to the level, papers and certificates, read for a whole cohort at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lbcert.brands.models import ModuleKind
from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.cohorts.queries.plan import modules_of_all
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.policy import Key, Ruling, ruling
from lbcert.core.reference import SkillLevel, ancestry
from lbcert.exams.eligibility import HOURS_TAUGHT, SHARES, Background, Hours
from lbcert.exams.models import Batch, EntryRoute, Statement, StatementKind
from lbcert.parties.models import Qualification, QualificationKind
from lbcert.teaching.queries import attended_hours_of, sessions_of


def hour_limits(cohort: Cohort) -> dict[object, Ruling]:
    """Give the rulings on hours taught and attended, by the rules of the site where the cohort is taught."""

    def found(key: Key) -> Ruling:
        return ruling(key, cohort.site_region_code, cohort.starts_on, cohort.fund)

    return {HOURS_TAUGHT: found(HOURS_TAUGHT), **{kind: found(key) for kind, key in SHARES.items()}}


def hours_of_all(cohort: Cohort, enrolments: Sequence[Enrolment]) -> dict[int, dict[ModuleKind, Hours]]:
    """Give each learner's class hours by the kind of module: planned, taught by now, attended."""
    now = clock.now()
    taught: dict[int, int] = defaultdict(int)
    for session in sessions_of(cohort.id):
        if not session.cancelled_reason and session.ends_at <= now and not session.for_absentees:
            taught[session.module_id] += session.hours
    attended = attended_hours_of(cohort.id)
    own = modules_of_all(cohort, [one.id for one in enrolments])
    found: dict[int, dict[ModuleKind, Hours]] = {}
    for one in enrolments:
        by_kind = found[one.id] = {}
        for row in own[one.id]:
            before, kind = by_kind.get(row.module.kind, Hours()), row.module.kind
            by_kind[kind] = Hours(
                before.planned + row.hours,
                before.taught + taught[row.module_id],
                before.attended + attended.get(one.id, {}).get(row.module_id, 0),
            )
    return found


def routes_to(trade_id: int, level: SkillLevel, region: str, day: date) -> list[EntryRoute]:
    """List the ways to a level that are on file for a day: the trade's own before the general ones, of the nearest area."""
    areas = ancestry(region)
    rows = db.session.scalars(
        select(EntryRoute)
        .where(
            EntryRoute.level == level,
            EntryRoute.area_code.in_(areas),
            EntryRoute.trade_id.is_(None) | (EntryRoute.trade_id == trade_id),
            EntryRoute.valid_from <= day,
            EntryRoute.valid_to.is_(None) | (EntryRoute.valid_to >= day),
        )
        .order_by(EntryRoute.id)
    ).all()
    best = min(((row.trade_id is None, areas.index(row.area_code)) for row in rows), default=None)
    return [row for row in rows if (row.trade_id is None, areas.index(row.area_code)) == best]


def backgrounds(batch: Batch, enrolments: Sequence[Enrolment]) -> dict[int, Background]:
    """Give what is known of learners in the trade of a batch, by enrolment id: papers that stand, certificates that stand."""
    trade_id = batch.cohort.item.trade_id
    people = {one.person_id: one for one in enrolments}
    papers = _papers(trade_id, people)
    held: dict[int, dict[SkillLevel, date]] = defaultdict(dict)
    certificates = select(Qualification).where(
        Qualification.person_id.in_(people),
        Qualification.trade_id == trade_id,
        Qualification.kind == QualificationKind.SKILL_LEVEL,
        Qualification.stands,
    )
    for row in db.session.scalars(certificates):
        if row.level is not None:
            issued = held[row.person_id].get(row.level, row.issued_on)
            held[row.person_id][row.level] = min(issued, row.issued_on)
    return {
        one.id: Background(
            who=one.person.name,
            birth_date=one.person.birth_date,
            work=tuple(
                (row.since, row.until or batch.held_on)
                for row in papers[one.person_id]
                if row.kind is StatementKind.WORK and row.since
            ),
            held=held[one.person_id],
            proofs=frozenset(row.kind for row in papers[one.person_id]),
        )
        for one in enrolments
    }


def _papers(trade_id: int, people: Mapping[int, Enrolment]) -> dict[int, list[Statement]]:
    found: dict[int, list[Statement]] = defaultdict(list)
    query = select(Statement).where(
        Statement.person_id.in_(people), Statement.trade_id == trade_id, Statement.withdrawn_reason == ""
    )
    for row in db.session.scalars(query.order_by(Statement.id)):
        found[row.person_id].append(row)
    return found


def statements_of(person_id: int, trade_id: int) -> list[Statement]:
    """List what somebody stated about a trade, withdrawn papers too, the newest first."""
    query = (
        select(Statement)
        .where(Statement.person_id == person_id, Statement.trade_id == trade_id)
        .options(joinedload(Statement.paper))
        .order_by(Statement.id.desc())
    )
    return list(db.session.scalars(query))


def all_routes() -> list[EntryRoute]:
    """List every way to every level that is or was on file, lowest level first, general ones before those of a trade."""
    rows = db.session.scalars(
        select(EntryRoute).options(joinedload(EntryRoute.trade), joinedload(EntryRoute.area)).order_by(EntryRoute.id)
    ).all()
    levels = list(SkillLevel)
    return sorted(
        rows, key=lambda row: (row.trade.name if row.trade else "", levels.index(row.level), row.area_code, row.id)
    )
