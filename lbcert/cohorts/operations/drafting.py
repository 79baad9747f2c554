"""Writing a cohort's plan before it is filed, and changing it with a reason after it was approved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from lbcert.brands.models import Brand, MenuVersion, TrainingItem
from lbcert.cohorts.models import (
    Cohort,
    CohortChange,
    CohortProvider,
    CohortState,
    PlannedModule,
    PlannedTrainer,
    ProviderPart,
    Scheme,
)
from lbcert.cohorts.places import home_place, organisation_place, teaching_place
from lbcert.cohorts.rules import states
from lbcert.core.access import Role, holds
from lbcert.core.database import db, load, stale, touch
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import Region, lies_within
from lbcert.core.sequences import take
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Organisation, OrganisationKind, Person

CLERK = holds(Role.PROVIDER_CLERK, at=teaching_place)
CLERK_OR_BUREAU = CLERK | holds(Role.BUREAU_OFFICER, at=home_place)


@dataclass(frozen=True)
class Details:
    """What the filing form (开班审核表) says about a cohort; money in 分.

    Whether it is off-site (异地) or cross-province (跨省) follows from its two regions. ``three_stage`` (三段式) brings
    all three stages with it.
    """

    name: str
    brand_id: int
    item_id: int
    menu_id: int
    home_region_code: str
    site_region_code: str
    starts_on: date
    ends_on: date
    site: str = ""
    online: bool = False
    by_order: bool = False
    by_menu: bool = False
    by_target: bool = False
    three_stage: bool = False
    scheme: Scheme = Scheme.SOCIAL
    fund: str = ""
    fee_fen: int = 0
    min_size: int = 1
    choices_close_on: date | None = None
    resources: str = ""
    assessment_plan: str = ""


#: May still change after the approval, each with a reason.
CHANGEABLE_FIELDS = ("name", "site", "starts_on", "ends_on", "resources", "assessment_plan")


@operation("cohorts.create", say("新建培训班"), allow=holds(Role.PROVIDER_CLERK, at=organisation_place))
def create_cohort(actor: Any, lead_id: int, details: Details) -> Cohort:
    """Begin a cohort in draft, led by a provider, its plan the whole menu unless the learners choose from it.

    Its number is the home county, the year of the start and the next of that county and year: 530128-2025-0001.
    Refused for dates out of order, an item that the brand does not teach, a menu that is not that item's or not
    published, and a fee in a 三段式 cohort.
    """
    details = _whole(details)
    lead = load(Organisation, lead_id)
    refuse_on(_provider(lead, ProviderPart.LEAD), _details(details))
    series = f"{details.home_region_code}-{details.starts_on.year}"
    cohort = Cohort(number=f"{series}-{take(f'cohort:{series}')[0]:04d}", state=CohortState.DRAFT)
    _write(cohort, details)
    cohort.providers = [CohortProvider(organisation_id=lead.id, part=ProviderPart.LEAD)]
    if not cohort.by_menu:
        menu = load(MenuVersion, details.menu_id)
        cohort.plan = [PlannedModule(module_id=module.id, hours=module.hours) for module in menu.modules]
    db.session.add(cohort)
    return cohort


@operation("cohorts.edit", say("修改培训班草稿"), allow=CLERK)
def edit_cohort(actor: Any, cohort_id: int, details: Details, *, version: int | None = None) -> Cohort:
    """Rewrite a cohort that is in draft or was returned. Another menu begins the plan anew; the number stays."""
    details = _whole(details)
    cohort = load(Cohort, cohort_id, lock=True)
    refuse_on(stale(cohort, version), states.editable(cohort.name, cohort.state), _details(details))
    plan_anew = (cohort.menu_id, cohort.by_menu) != (details.menu_id, details.by_menu)
    _write(cohort, details)
    if plan_anew:
        cohort.menu_frozen_at = None
        for enrolment in cohort.enrolments:
            enrolment.choices.clear()
        menu = load(MenuVersion, details.menu_id)
        write_plan(cohort, [] if cohort.by_menu else [module.id for module in menu.modules])
    return cohort


@operation("cohorts.change", say("变更已批准的培训班"), allow=CLERK_OR_BUREAU)
def change_cohort(
    actor: Any, cohort_id: int, reason: str, changes: dict[str, Any], *, version: int | None = None
) -> Cohort:
    """Change what may still change of an approved or running cohort (``CHANGEABLE_FIELDS``), each kept with its reason."""
    cohort = load(Cohort, cohort_id, lock=True)
    findings = [*stale(cohort, version), *states.reason_given(reason)]
    if cohort.state not in states.CHANGEABLE:
        message = say("{cohort}现为“{state}”，不能办理变更", cohort=cohort.name, state=cohort.state.label)
        findings.append(refuse("cohorts.not_changeable", message))
    fixed = sorted(set(changes) - set(CHANGEABLE_FIELDS))
    if fixed:
        message = say("批准后不能变更这些内容：{fields}", fields=tuple(fixed))
        findings.append(refuse("cohorts.fixed_field", message))
    starts, ends = changes.get("starts_on", cohort.starts_on), changes.get("ends_on", cohort.ends_on)
    if cohort.state is CohortState.RUNNING and starts != cohort.starts_on:
        findings.append(refuse("cohorts.already_open", say("已开班，不能再改开班日期")))
    refuse_on(findings, _dates(starts, ends))
    for field, value in changes.items():
        note_change(actor, cohort, field, getattr(cohort, field), value, reason)
        setattr(cohort, field, value)
    return cohort


def note_change(actor: Any, cohort: Cohort, field: str, before: Any, after: Any, reason: str) -> None:
    """Keep one change after the approval; before it, and where nothing changes, nothing is kept."""
    if cohort.state in states.CHANGEABLE and before != after:
        change = CohortChange(
            field=field, before=str(before), after=str(after), reason=reason.strip(), account_id=actor.id
        )
        cohort.changes.append(change)


@operation("cohorts.add_provider", say("增加联合培训或承办机构"), allow=CLERK)
def add_provider(
    actor: Any,
    cohort_id: int,
    organisation_id: int,
    part: ProviderPart,
    *,
    hours: int | None = None,
) -> CohortProvider:
    """Add a joint provider (联合培训) or a host (承办) with its share of the class hours."""
    cohort = load(Cohort, cohort_id, lock=True)
    organisation = load(Organisation, organisation_id)
    refuse_on(states.editable(cohort.name, cohort.state), _provider(organisation, part))
    row = CohortProvider(organisation_id=organisation.id, part=part, hours=hours)
    cohort.providers.append(row)
    return row


@operation("cohorts.remove_provider", say("移除联合培训或承办机构"), allow=CLERK)
def remove_provider(actor: Any, cohort_id: int, organisation_id: int) -> Cohort:
    """Take a joint provider or host out again; the lead stays."""
    cohort = load(Cohort, cohort_id, lock=True)
    refuse_on(states.editable(cohort.name, cohort.state))
    for row in [row for row in cohort.providers if row.organisation_id == organisation_id]:
        if row.part is ProviderPart.LEAD:
            refuse_on([refuse("cohorts.no_lead", say("主办培训机构不能移除"))])
        db.session.delete(row)
        cohort.providers.remove(row)
    return cohort


@operation("cohorts.plan", say("确定教学计划"), allow=CLERK)
def plan_modules(actor: Any, cohort_id: int, module_ids: list[int], *, version: int | None = None) -> Cohort:
    """Choose the modules of a cohort without menu stage from its menu; each brings its hours."""
    cohort = load(Cohort, cohort_id, lock=True)
    findings = [*stale(cohort, version), *states.editable(cohort.name, cohort.state)]
    if cohort.by_menu:
        message = say("本班由学员选课，教学计划在锁定选课时生成")
        findings.append(refuse("cohorts.plan_by_choice", message))
    if set(module_ids) - {module.id for module in cohort.menu.modules}:
        findings.append(refuse("cohorts.module_of_other_menu", say("教学计划中有不属于本班菜单的模块")))
    refuse_on(findings)
    write_plan(cohort, module_ids)
    touch(cohort)
    return cohort


@operation("cohorts.name_trainer", say("指定授课教师"), allow=CLERK_OR_BUREAU)
def name_trainer(
    actor: Any, cohort_id: int, person_id: int, *, qualification: str = "", reason: str = ""
) -> PlannedTrainer:
    """Name a trainer with the qualification to teach; after the approval with a reason. Naming one again corrects it."""
    cohort = load(Cohort, cohort_id, lock=True)
    person = load(Person, person_id)
    refuse_on(states.change_with_reason(cohort.name, cohort.state, reason))
    trainer = next((row for row in cohort.trainers if row.person_id == person_id), None)
    if trainer is None:
        trainer = PlannedTrainer(person_id=person_id)
        cohort.trainers.append(trainer)
        note_change(actor, cohort, "trainers", "", person.name, reason)
    trainer.qualification = qualification.strip()
    return trainer


@operation("cohorts.remove_trainer", say("移除授课教师"), allow=CLERK_OR_BUREAU)
def remove_trainer(actor: Any, cohort_id: int, person_id: int, *, reason: str = "") -> Cohort:
    """Take a trainer off the plan; after the approval with a reason."""
    cohort = load(Cohort, cohort_id, lock=True)
    refuse_on(states.change_with_reason(cohort.name, cohort.state, reason))
    for trainer in [row for row in cohort.trainers if row.person_id == person_id]:
        note_change(actor, cohort, "trainers", trainer.person.name, "", reason)
        db.session.delete(trainer)
        cohort.trainers.remove(trainer)
    return cohort


def write_plan(cohort: Cohort, module_ids: list[int]) -> None:
    """Put modules of the menu, with their hours, in place of a cohort's plan; inside an operation."""
    hours = {module.id: module.hours for module in cohort.menu.modules}
    for row in cohort.plan:
        db.session.delete(row)
    cohort.plan.clear()
    db.session.flush()
    cohort.plan = [PlannedModule(module_id=key, hours=hours[key]) for key in dict.fromkeys(module_ids)]


def _whole(details: Details) -> Details:
    if details.three_stage:
        return replace(details, by_order=True, by_menu=True, by_target=True)
    return details


def _write(cohort: Cohort, details: Details) -> None:
    for field in fields(Details):
        setattr(cohort, field.name, getattr(details, field.name))
    cohort.off_site = details.home_region_code[:6] != details.site_region_code[:6]
    cohort.cross_province = details.home_region_code[:2] != details.site_region_code[:2]
    cohort.menu = load(MenuVersion, details.menu_id)


def _dates(starts_on: date, ends_on: date) -> Iterator[Finding]:
    if ends_on < starts_on:
        message = say("结业日期 {ends} 早于开班日期 {starts}", ends=ends_on.isoformat(), starts=starts_on.isoformat())
        yield refuse("cohorts.dates", message)


def _details(details: Details) -> Iterator[Finding]:
    brand, item = load(Brand, details.brand_id), load(TrainingItem, details.item_id)
    menu = load(MenuVersion, details.menu_id)
    for code in (details.home_region_code, details.site_region_code):
        if db.session.get(Region, code) is None:
            yield refuse("cohorts.no_region", say("没有区划代码为 {code} 的地区", code=code))
    yield from _dates(details.starts_on, details.ends_on)
    if not details.name.strip():
        yield refuse("cohorts.no_name", say("请填写班级名称"))
    if item not in brand.items:
        message = say("劳务品牌“{brand}”没有培训项目“{item}”", brand=brand.name, item=item.name)
        yield refuse("cohorts.item_of_brand", message)
    if not lies_within(details.home_region_code, item.region_code):
        message = say(
            "“{item}”在 {region} 的培训项目目录中，不适用于本班所在地", item=item.name, region=item.region.name
        )
        yield refuse("cohorts.item_of_region", message, "培训项目目录")
    if menu.item_id != item.id or menu.published_on is None:
        message = say("所选菜单不是“{item}”已发布的菜单", item=item.name)
        yield refuse("cohorts.menu_of_item", message)
    if details.min_size < 1:
        yield refuse("cohorts.min_size_positive", say("最低开班人数至少为 1 人"))
    if details.fee_fen < 0 or (details.three_stage and details.fee_fen):
        yield refuse("cohorts.free_of_charge", say("三段式培训对学员免费，收费应为 0 元"), "三段式")
    if details.by_menu and details.choices_close_on and details.choices_close_on > details.starts_on:
        yield refuse("cohorts.menu_dates", say("选课截止日期不能晚于开班日期"))


def _provider(organisation: Organisation, part: ProviderPart) -> Iterator[Finding]:
    if part is not ProviderPart.HOST and organisation.kind is not OrganisationKind.PROVIDER:
        message = say("{name}不是培训机构，只能作为承办单位", name=organisation.name)
        yield refuse("cohorts.not_a_provider", message)
