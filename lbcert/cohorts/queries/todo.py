"""What waits in cohorts and in the orders they serve: for the bureau, the school, the service centre and the employer."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, func, or_, select

from lbcert.brands.queries import label_of
from lbcert.cohorts.models import Cohort, CohortProvider, CohortState, Enrolment, EnrolmentState, ProviderPart
from lbcert.cohorts.queries.seats import allotted
from lbcert.core import clock
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.demand.models import Order, OrderKind, OrderLine, OrderState, TargetedSeat, TargetState


def todo(actor: Actor) -> list[Todo]:
    """Give what waits: filings to answer, cohorts to go on with, seats to give to a cohort, people to name, modules to choose."""
    return [*_filings(actor), *_cohorts(actor), *_open_lines(actor), *_open_seats(actor), *_choices(actor)]


def _filings(actor: Actor) -> Iterator[Todo]:
    query = select(Cohort).where(
        Cohort.state == CohortState.FILED, visible(actor, Role.BUREAU_OFFICER, region=[Cohort.home_region_code])
    )
    for cohort in db.session.scalars(query.order_by(Cohort.reply_due_on, Cohort.id)):
        if cohort.reply_due_on is None:
            message = say("批复备案：{cohort}", cohort=cohort.name)
        else:
            message = say("批复备案：{cohort}，{day} 前", cohort=cohort.name, day=f"{cohort.reply_due_on:%m-%d}")
        yield Todo(message, "cohorts.review", {"cohort_id": cohort.id})


def _cohorts(actor: Actor) -> Iterator[Todo]:
    """Say what the school's own cohorts need to go on, each where its step is due."""
    taught = select(CohortProvider.cohort_id).where(
        CohortProvider.part != ProviderPart.HOST,
        visible(actor, Role.PROVIDER_CLERK, organisation=[CohortProvider.organisation_id]),
    )
    in_class = exists().where(Enrolment.cohort_id == Cohort.id, Enrolment.state == EnrolmentState.ENROLLED)
    applied = exists().where(Enrolment.cohort_id == Cohort.id, Enrolment.state == EnrolmentState.APPLIED)
    today = clock.today()
    due = (
        (say("继续筹备：{cohort}"), "cohorts.cohort", Cohort.state == CohortState.DRAFT),
        (say("按退回意见修改：{cohort}"), "cohorts.cohort", Cohort.state == CohortState.RETURNED),
        (say("录取报名的学员：{cohort}"), "cohorts.learners", applied & Cohort.state.in_((CohortState.DRAFT, CohortState.APPROVED))),
        (say("开班：{cohort}"), "cohorts.cohort", (Cohort.state == CohortState.APPROVED) & (Cohort.starts_on <= today)),
        (say("结课：{cohort}"), "cohorts.cohort", (Cohort.state == CohortState.RUNNING) & (Cohort.ends_on <= today)),
        (say("登记结业考核：{cohort}"), "cohorts.cohort", (Cohort.state == CohortState.TAUGHT) & in_class),
    )  # fmt: skip
    for words, endpoint, condition in due:
        query = select(Cohort).where(Cohort.id.in_(taught), condition).order_by(Cohort.starts_on, Cohort.id)
        for cohort in db.session.scalars(query):
            yield Todo(say(words.msgid, cohort=cohort.name), endpoint, {"cohort_id": cohort.id})


def _open_lines(actor: Actor) -> Iterator[Todo]:
    """Say to the service centre which orders that promise jobs still ask for people."""
    query = (
        select(OrderLine)
        .join(Order)
        .where(
            Order.state == OrderState.OPEN,
            Order.kind != OrderKind.DESTINATION,
            OrderLine.arrival_on > clock.today(),
            visible(actor, Role.SERVICE_CENTRE, region=[Order.home_region_code]),
        )
    )
    lines = list(db.session.scalars(query.order_by(OrderLine.arrival_on, OrderLine.id)))
    taken = allotted([line.id for line in lines])
    for line in lines:
        missing = line.headcount - taken[line.id]
        if missing > 0:
            message = say(
                "安排培训班：{party} {item} 还差 {count} 个名额",
                party=line.order.party.name, item=label_of(line.item), count=missing,
            )  # fmt: skip
            yield Todo(message, "demand.order", {"order_id": line.order_id})


def _open_seats(actor: Actor) -> Iterator[Todo]:
    """Say to the employer for which targeted lines it has still to name people."""
    query = (
        select(OrderLine, func.count())
        .join(OrderLine.targets.of_type(TargetedSeat))
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            Order.state == OrderState.OPEN,
            OrderLine.arrival_on > clock.today(),
            TargetedSeat.state == TargetState.OPEN,
            visible(actor, Role.EMPLOYER, organisation=[Order.party_id]),
        )
        .group_by(OrderLine.id)
        .order_by(OrderLine.id)
    )
    for line, count in db.session.execute(query):
        message = say("点名拟招对象：{item} 还有 {count} 个定向名额", item=label_of(line.item), count=count)
        yield Todo(message, "demand.seats", {"line_id": line.id})


def _choices(actor: Actor) -> Iterator[Todo]:
    """Say to the employer in which cohorts learners on its seats have not chosen their modules yet."""
    query = (
        select(Cohort, func.count())
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .join(OrderLine, OrderLine.id == Enrolment.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            Cohort.by_menu,
            Cohort.menu_frozen_at.is_(None),
            Cohort.state.in_((CohortState.DRAFT, CohortState.RETURNED)),
            or_(Cohort.choices_close_on.is_(None), Cohort.choices_close_on >= clock.today()),
            Enrolment.state.in_((EnrolmentState.APPLIED, EnrolmentState.ENROLLED)),
            ~Enrolment.choices.any(),
            visible(actor, Role.EMPLOYER, organisation=[Order.party_id]),
        )
        .group_by(Cohort.id)
        .order_by(Cohort.id)
    )
    for cohort, count in db.session.execute(query):
        message = say("为本单位订单上的学员选课：{cohort}，还有 {count} 人没有选", cohort=cohort.name, count=count)
        yield Todo(message, "cohorts.cohort", {"cohort_id": cohort.id})
