"""Writing a cohort's plan: its own part, providers, trainers, modules."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.brands.models import Module
from lbcert.brands.queries import label_of
from lbcert.cohorts.forms import DetailsForm, ModulesForm, ProviderForm, TrainerForm
from lbcert.cohorts.models import Cohort, ProviderPart
from lbcert.cohorts.operations import drafting
from lbcert.cohorts.queries.courses import courses, leads
from lbcert.cohorts.views.cohort import attempt, next_step
from lbcert.cohorts.views.room import CLERK, CLERK_OR_BUREAU, room
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import in_words, version_sent
from lbcert.parties.operations.persons import PersonData, register_person


@room.page("/new", see=holds(Role.PROVIDER_CLERK), methods=("GET", "POST"))
def new() -> ResponseReturnValue:
    """Begin a cohort."""
    actor = acting()
    own = leads(actor)
    first = next(iter(own.values()), None)
    form = DetailsForm(
        courses(),
        {organisation.id: organisation.name for organisation in own.values()},
        data={"home_region_code": first.region_code if first else None},
    )
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            cohort = drafting.create_cohort(actor, form.lead_id.data, form.details)
        except Refused as refused:
            findings = refused.findings
        else:
            return redirect(url_for("cohorts.cohort", cohort_id=cohort.id))
    page = render_template("pages/cohorts/form.html", cohort=None, form=form, findings=findings)
    return page, 422 if request.method == "POST" else 200


@room.page("/<int:cohort_id>/edit", see=CLERK, methods=("GET", "POST"))
def edit(cohort_id: int) -> ResponseReturnValue:
    """Rewrite a cohort that is in draft or was returned."""
    cohort = load(Cohort, cohort_id)
    lead = next(row.organisation for row in cohort.providers if row.part is ProviderPart.LEAD)
    shown = {**courses(), **_own_course(cohort)}
    form = DetailsForm(shown, {lead.id: lead.name}, data={**DetailsForm.filled_from(cohort), "lead_id": lead.id})
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            drafting.edit_cohort(acting(), cohort_id, form.details, version=version_sent())
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已保存"), "success")
            return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))
    page = render_template("pages/cohorts/form.html", cohort=cohort, form=form, findings=findings)
    return page, 422 if request.method == "POST" else 200


def _own_course(cohort: Cohort) -> dict[str, str]:
    """Keep the menu that a cohort was begun with on offer, though a newer one is out."""
    key = f"{cohort.brand_id}-{cohort.item_id}-{cohort.menu_id}"
    return {key: f"{cohort.brand.name} · {in_words(label_of(cohort.item))} · {cohort.menu.version_number}"}


@room.page("/<int:cohort_id>/parts", see=CLERK_OR_BUREAU)
def parts(cohort_id: int) -> str:
    """Show the forms for providers and trainers."""
    return _parts_page(load(Cohort, cohort_id), ProviderForm(formdata=None), TrainerForm(formdata=None))


def _parts_page(
    cohort: Cohort, provider: ProviderForm, trainer: TrainerForm, findings: tuple[Finding, ...] = ()
) -> str:
    return render_template(
        "pages/cohorts/parts.html",
        cohort=cohort,
        provider=provider,
        trainer=trainer,
        findings=findings,
        step=next_step(acting(), cohort) if cohort.trainers else None,
    )


@room.page("/<int:cohort_id>/providers", see=CLERK, methods=("POST",))
def add_provider(cohort_id: int) -> ResponseReturnValue:
    """Add a joint provider or host."""
    form = ProviderForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit() and form.organisation_id.data is not None:
        try:
            drafting.add_provider(
                acting(),
                cohort_id,
                form.organisation_id.data,
                ProviderPart(form.part.data),
                hours=form.hours.data,
            )
        except Refused as refused:
            findings = refused.findings
        else:
            return redirect(url_for("cohorts.parts", cohort_id=cohort_id))
    return _parts_page(load(Cohort, cohort_id), form, TrainerForm(formdata=None), findings), 422


@room.page("/<int:cohort_id>/providers/<int:organisation_id>/remove", see=CLERK, methods=("POST",))
def remove_provider(cohort_id: int, organisation_id: int) -> ResponseReturnValue:
    """Take a joint provider or host out."""
    return attempt(cohort_id, lambda: drafting.remove_provider(acting(), cohort_id, organisation_id), gettext("已移除"))


@room.page("/<int:cohort_id>/trainers", see=CLERK_OR_BUREAU, methods=("POST",))
def name_trainer(cohort_id: int) -> ResponseReturnValue:
    """Name a trainer, by ID number."""
    form = TrainerForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            person = register_person(acting(), PersonData(form.name.data or "", form.id_number.data or ""))
            drafting.name_trainer(
                acting(),
                cohort_id,
                person.id,
                qualification=form.qualification.data or "",
                reason=form.reason.data or "",
            )
        except Refused as refused:
            findings = refused.findings
        else:
            return redirect(url_for("cohorts.parts", cohort_id=cohort_id))
    return _parts_page(load(Cohort, cohort_id), ProviderForm(formdata=None), form, findings), 422


@room.page("/<int:cohort_id>/trainers/<int:person_id>/remove", see=CLERK_OR_BUREAU, methods=("POST",))
def remove_trainer(cohort_id: int, person_id: int) -> ResponseReturnValue:
    """Take a trainer off the plan."""
    reason = request.form.get("reason", "")[:500]
    return attempt(
        cohort_id,
        lambda: drafting.remove_trainer(acting(), cohort_id, person_id, reason=reason),
        gettext("已移除"),
    )


@room.page("/<int:cohort_id>/plan", see=CLERK, methods=("GET", "POST"))
def plan(cohort_id: int) -> ResponseReturnValue:
    """Choose the modules of a cohort without menu stage."""
    cohort = load(Cohort, cohort_id)
    form = ModulesForm(module_labels(cohort), data={"module_ids": [row.module_id for row in cohort.plan]})
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            drafting.plan_modules(acting(), cohort_id, form.module_ids.data or [], version=version_sent())
        except Refused as refused:
            findings = refused.findings
        else:
            return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))
    page = render_template("pages/cohorts/plan.html", cohort=cohort, form=form, findings=findings)
    return page, 422 if request.method == "POST" else 200


def module_labels(cohort: Cohort) -> dict[int, str]:
    """Name the modules of a cohort's menu with their hours, the required ones and groups to choose from marked."""
    return {
        module.id: gettext(
            "%(name)s（%(kind)s，%(hours)s 课时%(required)s）",
            name=module.name,
            kind=str(module.kind.label),
            hours=module.hours,
            required=_how_chosen(module),
        )
        for module in cohort.menu.modules
    }


def _how_chosen(module: Module) -> str:
    if module.required:
        return gettext("，必修")
    return gettext("，选修组“%(group)s”", group=module.elective_group) if module.elective_group else ""
