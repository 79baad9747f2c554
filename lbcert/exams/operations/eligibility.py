"""Putting ways to a level on file, and what learners state of themselves with a paper."""

from __future__ import annotations

from datetime import date
from typing import Any

from lbcert.cohorts.models import Enrolment
from lbcert.core import clock, files
from lbcert.core.access import Place, Role, holds
from lbcert.core.database import db, invariant, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.papers import media_type, no_paper
from lbcert.core.reference import Region, SkillLevel, Trade
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import rules
from lbcert.exams.models import Batch, EntryRoute, Statement, StatementKind
from lbcert.exams.places import OFFICE, STATEMENT_OFFICE


def _area(area_code: str) -> Place:
    return Place(regions=(area_code,))


def _area_of_route(route_id: int) -> Place:
    return _area(load(EntryRoute, route_id).area_code)


@operation("exams.set_entry_route", say("登记申报条件"), allow=holds(Role.ADMIN, Role.BUREAU_OFFICER, at=_area))
def set_entry_route(
    actor: Any,
    area_code: str,
    level: SkillLevel,
    valid_from: date,
    source: str,
    *,
    trade_id: int | None = None,
    years: int = 0,
    min_age: int | None = None,
    held_level: SkillLevel | None = None,
    proof: StatementKind | None = None,
) -> EntryRoute:
    """Put one way to a level on file for an area, for one occupation or for any. Refused without its document."""
    load(Region, area_code)
    if trade_id is not None:
        load(Trade, trade_id)
    refuse_on(
        [] if source.strip() else [refuse("exams.route_source", say("请写明依据的文件；本局自定的写“本局设定”"))],
        [] if held_level is None or held_level > level else [_not_lower(level)],
    )
    route = EntryRoute(
        area_code=area_code,
        trade_id=trade_id,
        level=level,
        min_age=min_age,
        years=years,
        held_level=held_level,
        proof=proof,
        valid_from=valid_from,
        source=source.strip(),
    )
    db.session.add(route)
    return route


def _not_lower(level: SkillLevel) -> Finding:
    return refuse("exams.route_level", say("所需证书的等级须低于 {level}", level=level.label))


@operation(
    "exams.end_entry_route",
    say("停用申报条件"),
    allow=holds(Role.ADMIN, Role.BUREAU_OFFICER, at=_area_of_route),
)
def end_entry_route(actor: Any, route_id: int, valid_to: date) -> EntryRoute:
    """Write the last day of a way to a level. Refused when it has one, or for a day before its first."""
    route = load(EntryRoute, route_id, lock=True)
    ended = refuse("exams.route_ended", say("这项申报条件已写明失效日期"))
    early = refuse("exams.route_dates", say("失效日期早于生效日期"))
    refuse_on([ended] if route.valid_to else [], [early] if valid_to < route.valid_from else [])
    route.valid_to = valid_to
    return route


@operation("exams.state_experience", say("登记申报材料"), allow=OFFICE)
def state_experience(
    actor: Any,
    batch_id: int,
    enrolment_id: int,
    kind: StatementKind,
    data: bytes,
    file_name: str,
    *,
    since: date | None = None,
    until: date | None = None,
    employer: str = "",
) -> Statement:
    """Keep what a learner states of his work or schooling in the batch's trade, with the paper that shows it.

    Refused without a paper, for a learner of another cohort, and for dates out of order or yet to come.
    """
    batch, enrolment = load(Batch, batch_id), load(Enrolment, enrolment_id)
    refuse_on(
        [] if enrolment.cohort_id == batch.cohort_id else [invariant("exams.candidate_of_another_cohort")],
        no_paper(data, file_name) if data else [refuse("exams.no_statement_paper", say("请上传证明材料"))],
        _dates(kind, since, until),
    )
    statement = Statement(
        batch_id=batch.id,
        person_id=enrolment.person_id,
        trade_id=batch.cohort.item.trade_id,
        kind=kind,
        since=since,
        until=until,
        employer=employer.strip()[:120],
        paper_id=files.keep(data, file_name, media_type(data)).id,
        account_id=actor.id,
    )
    db.session.add(statement)
    return statement


@operation("exams.withdraw_statement", say("撤回申报材料"), allow=STATEMENT_OFFICE)
def withdraw_statement(actor: Any, statement_id: int, reason: str) -> Statement:
    """Let a paper count no longer; it stays on file with the reason."""
    statement = load(Statement, statement_id, lock=True)
    withdrawn = refuse("exams.statement_withdrawn", say("这份材料已经撤回"))
    refuse_on(rules.reasoned(reason), [withdrawn] if statement.withdrawn_reason else [])
    statement.withdrawn_reason = reason.strip()
    return statement


def _dates(kind: StatementKind, since: date | None, until: date | None) -> list[Finding]:
    if kind is StatementKind.WORK and since is None:
        return [refuse("exams.work_since", say("请填写从业的起始日期"))]
    if (since and since > clock.today()) or (until and until > clock.today()):
        return [refuse("exams.work_ahead", say("从业日期不能晚于今天；仍在职的不填结束日期"))]
    if since and until and until < since:
        return [refuse("exams.work_dates", say("从业的结束日期早于起始日期"))]
    return []
