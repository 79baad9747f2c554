"""What a filing (开班备案) must hold: its five parts, the providers' own filings, hours, notice and size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lbcert.core import policy
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.policy import Follows, Ruling
from lbcert.core.words import say
from lbcert.core.workdays import DueDay

FILE_DAYS = policy.key("cohorts.file_days_before", say("开班前备案的天数"), Follows.HOME, int, say("日"))
FILE_WORKING_DAYS = policy.key(
    "cohorts.file_working_days_before", say("开班前备案的工作日数"), Follows.HOME, int, say("工作日")
)
REPLY_DAYS = policy.key("cohorts.reply_days", say("备案批复时限"), Follows.HOME, int, say("工作日"))
MAX_SIZE = policy.key("cohorts.max_size", say("班额上限"), Follows.HOME, int, say("人"))

#: 人社部 notice on 培训合格证书 names the five parts of a filing (domain.md, P6).
FIVE_PARTS = "培训备案五项材料：学员名册、教学计划、授课师资、教学资源、考核方案"


@dataclass(frozen=True)
class Parts:
    """How much of each of the five parts a filing has."""

    learners: int
    modules: int
    trainers: int
    resources: str
    assessment_plan: str


def five_parts(parts: Parts) -> Iterator[Finding]:
    """Refuse a filing that lacks one of its five parts, each by its own rule."""
    wanted = (
        ("roster", parts.learners, say("备案缺少学员名册，请先导入或录入学员")),
        ("plan", parts.modules, say("备案缺少教学计划，请先排定课程模块和课时")),
        ("trainers", parts.trainers, say("备案缺少授课师资，请至少登记一名培训教师")),
        ("resources", parts.resources.strip(), say("备案缺少教学资源说明（场地、设备、教材）")),
        ("assessment_plan", parts.assessment_plan.strip(), say("备案缺少考核方案")),
    )
    for part, given, message in wanted:
        if not given:
            yield refuse(f"cohorts.part_{part}", message, FIVE_PARTS)


def promised(promises: bool) -> Iterator[Finding]:
    """Refuse a filing whose truth the school does not promise (告知承诺)."""
    if not promises:
        yield refuse("cohorts.provider_promise", say("培训机构须承诺备案材料真实后才能提交"), "告知承诺制")


def lead_named(leads: int) -> Iterator[Finding]:
    """Refuse a cohort without a lead provider."""
    if not leads:
        yield refuse("cohorts.no_lead", say("请先登记主办培训机构"))


def notice(
    starts_on: date, today: date, days: Ruling, latest: DueDay | None, working_days: Ruling
) -> Iterator[Finding]:
    """Refuse a filing that comes later before the start than the rule in force asks, in days or in working days.

    ``latest`` is the last day for ``working_days``, counted back from the start; None where no such rule is on file.
    """
    if days.is_on_file and (starts_on - today).days < days.value:
        message = say(
            "须在开班 {days} 日前备案：{start} 开班的最迟应于 {latest} 提交",
            days=days.value,
            start=starts_on.isoformat(),
            latest=date.fromordinal(starts_on.toordinal() - days.value).isoformat(),
        )
        yield refuse("cohorts.filed_late", message, days.source)
    if latest is not None and today > latest.day:
        message = say(
            "须在开班 {days} 个工作日前备案：{start} 开班的最迟应于 {latest} 提交",
            days=working_days.value,
            start=starts_on.isoformat(),
            latest=latest.day.isoformat(),
        )
        yield refuse("cohorts.filed_late", message, working_days.source)


def class_size(name: str, subject: str, head_count: int, limit: Ruling) -> Iterator[Finding]:
    """Ask for an exception (特殊情况审批) when a cohort is larger than the rule allows."""
    if limit.is_on_file and head_count > limit.value:
        message = say(
            "{cohort}共 {count} 人，超过班额上限 {most} 人；请分班，或由人社局特批",
            cohort=name,
            count=head_count,
            most=limit.value,
        )
        yield Finding("cohorts.class_size", Level.EXCEPTION, message, limit.source, subject)


def menu_frozen(by_menu: bool, is_frozen: bool) -> Iterator[Finding]:
    """Refuse to file a cohort of the menu stage before the choices are frozen into its plan."""
    if by_menu and not is_frozen:
        message = say("菜单教学的班，选课锁定为教学计划后才能备案；请先锁定选课")
        yield refuse("cohorts.menu_open", message, "三段式：菜单教学")


def seats_allotted(by_order: bool, seats: int) -> Iterator[Finding]:
    """Refuse to open a cohort of the order stage without seats of an order."""
    if by_order and not seats:
        yield refuse("cohorts.no_seats", say("订单组织的班，划入订单名额后才能开班"), "三段式：订单组织")
