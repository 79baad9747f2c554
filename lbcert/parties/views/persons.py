"""Persons: found, shown masked, revealed for a reason, corrected."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.access import Role, acting, holds, only
from lbcert.core.findings import Finding, Missing
from lbcert.core.identity.masks import mask_bank_account, mask_phone
from lbcert.core.pages import Column, export_sheet, in_words, paging_from_request, version_sent, wants_export
from lbcert.core.reference import SkillLevel
from lbcert.parties import operations
from lbcert.parties.forms import NewPersonForm, PersonForm, PhotoForm, QualificationForm
from lbcert.parties.models import IdKind, QualificationKind, Sex
from lbcert.parties.operations.persons import EDITORS, EDITS, REVEALS
from lbcert.parties.operations.qualifications import RECORDS
from lbcert.parties.queries import persons as queries
from lbcert.parties.queries.organisations import region_names, trades
from lbcert.parties.views.room import room, sent

SEES = only("sees the person", queries.sees_person)
KEEPS = holds(*EDITORS)

COLUMNS = [
    Column("name", _l("姓名"), url=lambda row: url_for("parties.person", person_id=row.id), sort="name"),
    Column("sex", _l("性别"), value=lambda row: in_words(row.sex.label)),
    Column("birth_date", _l("出生日期"), "date", sort="birth"),
    Column("id_masked", _l("证件号码"), "code"),
    Column("category", _l("人员类别")),
]


@room.page("/persons", see=holds(*EDITORS, Role.AUDITOR), menu=(_l("人员"), "users"))
def persons() -> ResponseReturnValue:
    """List the people whom the actor may see, by name, pinyin, whole ID number or phone."""
    actor, paging = acting(), paging_from_request(queries.SORTS, "name", ("region",))
    if wants_export():
        return export_sheet(COLUMNS, queries.all_persons(actor, paging), gettext("人员"))
    page = queries.list_persons(actor, paging)
    return render_template(
        "pages/parties/persons.html", columns=COLUMNS, page=page, may_register=KEEPS.admits(actor, {})
    )


@room.page("/persons/new", see=KEEPS, methods=("GET", "POST"))
def new_person() -> ResponseReturnValue:
    """Register somebody, or find that he is on file."""
    form = NewPersonForm()
    answer = sent(form, lambda: operations.register_person(acting(), _data(form)))
    if not answer.made:
        page = render_template("pages/parties/person_form.html", form=form, findings=answer.findings, who=None)
        return page, answer.status
    if not queries.sees_person(acting(), answer.made.id):
        flash(gettext("已登记。此人不在您的管辖范围内，编入您的班次后可以查看。"), "success")
        return redirect(url_for("parties.persons"))
    return redirect(url_for("parties.person", person_id=answer.made.id))


def _data(form: NewPersonForm) -> operations.PersonData:
    return operations.PersonData(
        id_number=form.id_number.data,
        id_kind=IdKind(form.id_kind.data),
        sex=Sex(form.sex.data) if form.sex.data else None,
        birth_date=form.birth_date.data,
        **form.said(),
    )


@room.page("/persons/<int:person_id>", see=SEES)
def person(person_id: int) -> str:
    """Show a person, masked."""
    return _person_page(person_id)


def _person_page(
    person_id: int,
    *,
    revealed: str = "",
    photo_form: PhotoForm | None = None,
    qualification_form: QualificationForm | None = None,
    findings: tuple[Finding, ...] = (),
) -> str:
    actor, who = acting(), queries.find_person(acting(), person_id)
    masked = {
        "id_number": (gettext("证件号码"), who.id_masked),
        "phone": (gettext("手机号"), mask_phone(who.phone) if who.phone else ""),
        "bank_account": (gettext("银行账号"), mask_bank_account(who.bank_account) if who.bank_account else ""),
        "address": (gettext("家庭住址"), "****" if who.address else ""),
    }
    may = {"person_id": person_id}
    return render_template(
        "pages/parties/person.html",
        who=who,
        masked=masked,
        region_names=region_names({who.household_region_code, who.residence_region_code}),
        revealed={revealed: getattr(who, revealed)} if revealed else {},
        may_reveal=REVEALS.admits(actor, may),
        may_edit=EDITS.admits(actor, may),
        may_record=RECORDS.admits(actor, may),
        photo_form=photo_form or PhotoForm(formdata=None),
        qualification_form=qualification_form or QualificationForm(trades(), formdata=None),
        findings=findings,
    )


@room.page("/persons/<int:person_id>/reveal/<what>", see=REVEALS, methods=("POST",))
def reveal(person_id: int, what: str) -> str:
    """Show one sealed value whole, for a reason that is logged."""
    operations.reveal(acting(), person_id, what, request.form.get("reason", ""))
    return _person_page(person_id, revealed=what)


@room.page("/persons/<int:person_id>/edit", see=EDITS, methods=("GET", "POST"))
def edit_person(person_id: int) -> ResponseReturnValue:
    """Correct what is on file of a person."""
    who = queries.find_person(acting(), person_id)
    form = PersonForm(obj=who)
    answer = sent(form, lambda: operations.change_person(acting(), person_id, form.said(), version=version_sent()))
    if answer.made:
        return redirect(url_for("parties.person", person_id=person_id))
    page = render_template("pages/parties/person_form.html", form=form, findings=answer.findings, who=who)
    return page, answer.status


@room.page("/persons/<int:person_id>/photo", see=SEES)
def photo(person_id: int) -> Response:
    """Send a person's photo."""
    stored = queries.find_person(acting(), person_id).photo
    if stored is None:
        raise Missing(f"photo of Person {person_id}")
    return send_file(stored.path, mimetype=stored.media_type, max_age=0)


@room.page("/persons/<int:person_id>/photo", see=EDITS, methods=("POST",), endpoint="set_photo")
def set_photo(person_id: int) -> ResponseReturnValue:
    """Keep a person's photo."""
    form = PhotoForm()
    answer = sent(form, lambda: operations.set_photo(acting(), person_id, form.photo.data.read()))
    if answer.made:
        return redirect(url_for("parties.person", person_id=person_id))
    return _person_page(person_id, photo_form=form, findings=answer.findings), answer.status


@room.page("/persons/<int:person_id>/qualifications", see=RECORDS, methods=("POST",))
def record_qualification(person_id: int) -> ResponseReturnValue:
    """Record a certificate that a person brings along."""
    form = QualificationForm(trades())
    answer = sent(
        form,
        lambda: operations.record_qualification(
            acting(), person_id, QualificationKind(form.kind.data), form.number.data, form.issuer.data,
            form.issued_on.data, trade_id=form.trade_id.data or None,
            level=SkillLevel(form.level.data) if form.level.data else None, valid_to=form.valid_to.data,
        ),
    )  # fmt: skip
    if answer.made:
        return redirect(url_for("parties.person", person_id=person_id))
    return _person_page(person_id, qualification_form=form, findings=answer.findings), answer.status
