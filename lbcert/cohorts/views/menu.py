"""菜单教学: who has chosen what, and freezing the choices into the plan."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.forms import ModulesForm
from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.cohorts.operations import menu as operations
from lbcert.cohorts.operations.menu import Chooser
from lbcert.cohorts.queries.filing import learners_in
from lbcert.cohorts.views.cohort import may
from lbcert.cohorts.views.drafting import module_labels
from lbcert.cohorts.views.room import CLERK, SEES_PEOPLE, room
from lbcert.core.access import Role, acting, roles_of
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import version_sent


@room.page("/<int:cohort_id>/menu", see=SEES_PEOPLE)
def menu(cohort_id: int) -> str:
    """Show each learner's choice."""
    return _menu_page(load(Cohort, cohort_id))


def _menu_page(cohort: Cohort, form: ModulesForm | None = None, findings: tuple[Finding, ...] = ()) -> str:
    hours = {module.id: module.hours for module in cohort.menu.modules}
    rows = [
        (row, [choice.module for choice in row.choices], sum(hours.get(choice.module_id, 0) for choice in row.choices))
        for row in learners_in(cohort)
    ]
    return render_template(
        "pages/cohorts/menu.html",
        cohort=cohort,
        rows=rows,
        undecided=sum(not modules for _, modules, _ in rows),
        form=form or ModulesForm(module_labels(cohort), formdata=None, data={"module_ids": _required(cohort)}),
        findings=findings,
        is_clerk=may(CLERK, acting(), cohort),
    )


def _required(cohort: Cohort) -> list[int]:
    return [module.id for module in cohort.menu.modules if module.required]


@room.page("/<int:cohort_id>/menu/all", see=CLERK, methods=("POST",))
def choose_for_all(cohort_id: int) -> ResponseReturnValue:
    """Set the same modules for everybody who has not chosen."""
    cohort = load(Cohort, cohort_id)
    form = ModulesForm(module_labels(cohort))
    if not form.validate_on_submit():
        return _menu_page(cohort, form), 422
    return _step(
        cohort_id,
        lambda: operations.choose_for_all(acting(), cohort_id, form.module_ids.data or []),
        gettext("已为未选课的学员选定"),
        form,
    )


@room.page("/<int:cohort_id>/menu/freeze", see=CLERK, methods=("POST",))
def freeze(cohort_id: int) -> ResponseReturnValue:
    """Make the choices the plan."""
    return _step(cohort_id, lambda: operations.freeze_menu(acting(), cohort_id), gettext("已锁定选课，教学计划已生成"))


def _step(
    cohort_id: int, step: Callable[[], object], done: str, form: ModulesForm | None = None
) -> ResponseReturnValue:
    try:
        step()
    except Refused as refused:
        return _menu_page(load(Cohort, cohort_id), form, refused.findings), 422
    flash(done, "success")
    return redirect(url_for("cohorts.menu", cohort_id=cohort_id))


@room.page("/learners/<int:enrolment_id>/modules", see=operations.CHOOSES, methods=("GET", "POST"))
def choose(enrolment_id: int) -> ResponseReturnValue:
    """Choose one learner's modules."""
    enrolment = load(Enrolment, enrolment_id)
    cohort = enrolment.cohort
    by_employer = Role.EMPLOYER in roles_of(acting())
    choosers = {
        Chooser.LEARNER.value: gettext("学员本人"),
        Chooser.PROVIDER.value: gettext("培训机构"),
    }
    chosen = [choice.module_id for choice in enrolment.choices] or _required(cohort)
    form = ModulesForm(module_labels(cohort), None if by_employer else choosers, data={"module_ids": chosen})
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        chosen_by = Chooser.EMPLOYER if by_employer else Chooser(form.chosen_by.data)
        try:
            operations.choose(
                acting(), enrolment_id, form.module_ids.data or [], chosen_by=chosen_by, version=version_sent()
            )
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已选定 %(name)s 的课程", name=enrolment.person.name), "success")
            return redirect(
                url_for("cohorts.cohort", cohort_id=cohort.id)
                if by_employer
                else url_for("cohorts.menu", cohort_id=cohort.id)
            )
    page = render_template(
        "pages/cohorts/choose.html", enrolment=enrolment, cohort=cohort, form=form, findings=findings
    )
    return page, 422 if request.method == "POST" else 200
