"""Trainers and mentors: the list, a profile with what takes its owner otherwise, and the ways between regions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core import clock
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, form_page, paging_from_request, version_sent
from lbcert.parties.operations.persons import PersonData, register_person
from lbcert.teaching.models import TrainerProfile
from lbcert.teaching.operations.resources import (
    add_trainer,
    book_trainer,
    describe_trainer,
    drop_trainer,
    set_travel,
    unbook,
)
from lbcert.teaching.places import BOOKING_CLERK, KEEPERS, PROFILE_CLERK, READERS, TRAINER_REPLANNER
from lbcert.teaching.queries import keeping
from lbcert.teaching.resource_forms import (
    BookingForm,
    NewTrainerForm,
    TermsForm,
    TravelForm,
    terms_typed,
    today_booked,
)
from lbcert.teaching.views.room import room


def _url(profile: TrainerProfile) -> str | None:
    may = PROFILE_CLERK.admits(acting(), {"profile_id": profile.id})
    return url_for("teaching.trainer", profile_id=profile.id) if may else None


COLUMNS = [
    Column("name", _l("姓名"), value=lambda row: row.person.name, url=_url, sort="name"),
    Column("organisation", _l("所属机构"), value=lambda row: row.organisation.name),
    Column("subjects", _l("授课内容"), value=lambda row: "、".join(row.subjects.split("\n")) if row.subjects else ""),
    Column("home", _l("常住地"), value=lambda row: row.home_region.name if row.home_region else ""),
    Column("week", _l("每周最多课时"), "number", lambda row: row.hours_a_week),
    Column("nights", _l("最多连续外宿（晚）"), "number", lambda row: row.nights_away),
]


@room.page("/trainers", see=holds(*READERS, Role.EMPLOYER), menu=(_l("教师"), "users"))
def trainers() -> str:
    """List the trainers and mentors of the actor's organisations, cohorts or regions."""
    actor = acting()
    page = keeping.trainers_page(actor, paging_from_request(keeping.TRAINER_SORTS, "name"))
    return render_template(
        "pages/teaching/trainers.html",
        columns=COLUMNS,
        page=page,
        may_add=holds(*KEEPERS).admits(actor, {}),
        is_school=holds(Role.PROVIDER_CLERK).admits(actor, {}),
    )


@room.page("/trainers/new", see=holds(*KEEPERS), methods=("GET", "POST"))
def new_trainer() -> ResponseReturnValue:
    """Put a trainer or mentor on file."""
    actor = acting()
    form = NewTrainerForm(owners=keeping.owners_of(actor))

    def save() -> str:
        person = register_person(actor, PersonData(form.name.data or "", form.id_number.data or ""))
        profile = add_trainer(actor, form.organisation_id.data or 0, person.id, form.terms)
        return url_for("teaching.trainer", profile_id=profile.id)

    return form_page(form, save, title=gettext("登记教师"), back=(gettext("教师"), url_for("teaching.trainers")))


@room.page("/trainers/<int:profile_id>", see=PROFILE_CLERK, methods=("GET", "POST"))
def trainer(profile_id: int) -> ResponseReturnValue:
    """Show what may be asked of a trainer, and correct it."""
    profile = load(TrainerProfile, profile_id)
    form = TermsForm(data=terms_typed(profile))
    findings: Sequence[Finding] = ()
    if form.validate_on_submit():
        try:
            describe_trainer(acting(), profile_id, form.terms, version=version_sent())
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已保存"), "success")
            return redirect(url_for("teaching.trainer", profile_id=profile_id))
    return _page(profile_id, form, findings), 422 if request.method == "POST" else 200


def _page(
    profile_id: int, form: TermsForm, findings: Sequence[Finding] = (), booking: BookingForm | None = None
) -> str:
    profile = load(TrainerProfile, profile_id)
    bookings, meanwhile = (
        keeping.bookings_to_come(profile_id=profile_id),
        keeping.sessions_meanwhile(profile_id=profile_id),
    )
    may = TRAINER_REPLANNER.admits(acting(), {"profile_id": profile_id})
    return render_template(
        "pages/teaching/means.html",
        title=profile.person.name,
        lead=profile.organisation.name,
        back=(gettext("教师"), url_for("teaching.trainers")),
        form=form,
        version=profile.version,
        findings=findings,
        booking=booking or BookingForm(formdata=None, data=today_booked(clock.today())),
        book_url=url_for("teaching.book_a_trainer", profile_id=profile_id),
        bookings=bookings,
        meanwhile=meanwhile,
        hits=keeping.hitting(bookings, meanwhile),
        replan_url=url_for("teaching.replan_trainer", profile_id=profile_id) if may else "",
        drop_url=url_for("teaching.drop", profile_id=profile_id),
    )


@room.page("/trainers/<int:profile_id>/bookings", see=PROFILE_CLERK, methods=("POST",))
def book_a_trainer(profile_id: int) -> ResponseReturnValue:
    """Keep a trainer for something that is no session."""
    profile, form = load(TrainerProfile, profile_id), BookingForm()
    findings: Sequence[Finding] = ()
    if form.validate_on_submit():
        try:
            book_trainer(acting(), profile_id, *form.span, form.reason.data or "")
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已登记占用"), "success")
            return redirect(url_for("teaching.trainer", profile_id=profile_id))
    return _page(profile_id, TermsForm(formdata=None, data=terms_typed(profile)), findings, form), 422


@room.page("/trainers/<int:profile_id>/drop", see=PROFILE_CLERK, methods=("POST",))
def drop(profile_id: int) -> ResponseReturnValue:
    """Take a trainer's profile off the file."""
    profile = load(TrainerProfile, profile_id)
    try:
        drop_trainer(acting(), profile_id)
    except Refused as refused:
        return _page(profile_id, TermsForm(formdata=None, data=terms_typed(profile)), refused.findings), 422
    flash(gettext("已移除"), "success")
    return redirect(url_for("teaching.trainers"))


@room.page("/bookings/<int:booking_id>/free", see=BOOKING_CLERK, methods=("POST",))
def free(booking_id: int) -> ResponseReturnValue:
    """Free what was booked."""
    venue_id, profile_id = keeping.booked(booking_id)
    unbook(acting(), booking_id)
    flash(gettext("已取消占用"), "success")
    if venue_id:
        return redirect(url_for("teaching.venue", venue_id=venue_id))
    return redirect(url_for("teaching.trainer", profile_id=profile_id))


@room.page("/travel", see=holds(Role.PROVIDER_CLERK), methods=("GET", "POST"))
def travel() -> ResponseReturnValue:
    """Show and set the hours on the way between regions, as the actor's schools count them."""
    actor = acting()
    form = TravelForm(owners=keeping.owners_of(actor, Role.PROVIDER_CLERK))
    findings: Sequence[Finding] = ()
    if form.validate_on_submit():
        try:
            set_travel(actor, form.organisation_id.data, form.one_code.data, form.other_code.data, form.hours.data or 0)
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已保存"), "success")
            return redirect(url_for("teaching.travel"))
    page = render_template("pages/teaching/travel.html", form=form, findings=findings, ways=keeping.ways_seen(actor))
    return page, 422 if request.method == "POST" else 200
