"""菜单教学: each learner's modules, chosen until the closing date and then frozen into the plan."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from lbcert.brands.queries import menu_of
from lbcert.brands.rules import Menu, choose_modules
from lbcert.cohorts.models import Cohort, Enrolment, ModuleChoice
from lbcert.cohorts.operations.drafting import CLERK, write_plan
from lbcert.cohorts.places import employer_place, enrolment_place
from lbcert.cohorts.queries.filing import learners_in
from lbcert.cohorts.rules import menu as rules
from lbcert.cohorts.rules import states
from lbcert.core import clock
from lbcert.core.access import Role, holds, roles_of
from lbcert.core.database import load, stale, touch
from lbcert.core.findings import Finding
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say


class Chooser(StrEnum):
    """Whose choice of modules it is."""

    LEARNER = "learner"
    EMPLOYER = "employer"
    PROVIDER = "provider"


CHOOSES = holds(Role.PROVIDER_CLERK, at=enrolment_place) | holds(Role.EMPLOYER, at=employer_place)


@operation("cohorts.choose_modules", say("为学员选择模块"), allow=CHOOSES)
def choose(
    actor: Any,
    enrolment_id: int,
    module_ids: list[int],
    *,
    chosen_by: Chooser = Chooser.LEARNER,
    version: int | None = None,
) -> Enrolment:
    """Set a learner's modules: by the clerk for the learner or the provider, or by the employer whose seat it is.

    Refused after the closing date, beyond a plan that is frozen, and for a choice that the menu does not allow (brands.rules.choose_modules).
    """
    enrolment = load(Enrolment, enrolment_id, lock=True)
    cohort = enrolment.cohort
    late = cohort.menu_frozen_at is not None and not enrolment.choices
    refuse_on(
        stale(enrolment, version),
        _within_plan(cohort, module_ids) if late else _open(cohort),
        _choice(cohort, menu_of(cohort.menu_id), module_ids, enrolment.person.name),
    )
    _set(enrolment, module_ids, Chooser.EMPLOYER if Role.EMPLOYER in roles_of(actor) else chosen_by)
    touch(enrolment)
    return enrolment


@operation("cohorts.choose_for_all", say("为全班选择模块"), allow=CLERK)
def choose_for_all(actor: Any, cohort_id: int, module_ids: list[int], *, only_undecided: bool = True) -> Cohort:
    """Set the same modules, as the provider's choice, for every learner who has none yet, or for all."""
    cohort = load(Cohort, cohort_id, lock=True)
    refuse_on(_open(cohort), _choice(cohort, menu_of(cohort.menu_id), module_ids, cohort.name))
    for enrolment in learners_in(cohort):
        if not (only_undecided and enrolment.choices):
            _set(enrolment, module_ids, Chooser.PROVIDER)
    return cohort


@operation("cohorts.freeze_menu", say("冻结选课结果"), allow=CLERK)
def freeze_menu(actor: Any, cohort_id: int) -> Cohort:
    """Make the choices the plan: every module that somebody chose, with its hours. Refused while one has not chosen."""
    cohort = load(Cohort, cohort_id, lock=True)
    menu, learning = menu_of(cohort.menu_id), learners_in(cohort)
    undecided = [
        row.person.name
        for row in learning
        if any(
            finding.stops
            for finding in choose_modules(menu, [choice.module_id for choice in row.choices], row.person.name)
        )
    ]
    refuse_on(
        states.editable(cohort.name, cohort.state),
        rules.freezing(cohort.by_menu, cohort.menu_frozen_at is not None, len(learning), undecided),
    )
    chosen = {choice.module_id for row in learning for choice in row.choices}
    write_plan(cohort, [offer.id for offer in menu.offers if offer.id in chosen])
    cohort.menu_frozen_at = clock.now()
    return cohort


def _open(cohort: Cohort) -> list[Finding]:
    is_frozen = cohort.menu_frozen_at is not None
    return [*rules.choosing_is_open(cohort.by_menu, cohort.choices_close_on, clock.today(), is_frozen)]


def _within_plan(cohort: Cohort, module_ids: list[int]) -> list[Finding]:
    """Who comes after the choices were frozen chooses from the plan."""
    planned = {row.module_id for row in cohort.plan}
    return [*rules.within_plan([row.name for row in cohort.menu.modules if row.id in set(module_ids) - planned])]


def _choice(cohort: Cohort, menu: Menu, module_ids: list[int], who: str) -> list[Finding]:
    return choose_modules(menu, module_ids, who, subject=f"cohort:{cohort.id}")


def _set(enrolment: Enrolment, module_ids: list[int], by: Chooser) -> None:
    kept = {choice.module_id: choice for choice in enrolment.choices}
    enrolment.choices = [
        kept.get(key) or ModuleChoice(module_id=key, chosen_by=by.value) for key in dict.fromkeys(module_ids)
    ]
    for choice in enrolment.choices:
        choice.chosen_by = by.value
