"""The pages of the stars: schemes, nominations, reviews, the public notice, awards. Off for a brand, it has none."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.brands.models import Brand
from lbcert.certificates.token import base36
from lbcert.core import clock
from lbcert.core.access import PUBLIC, acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.identity.masks import mask_name
from lbcert.core.pages import Column, export_sheet, in_words, paging_from_request, wants_export
from lbcert.core.room import Room
from lbcert_star_rating import operations, places, queries, rules
from lbcert_star_rating.forms import ReviewForm, SchemeForm, points_fields, review_form
from lbcert_star_rating.models import Award, Evidence, Nomination, NominationState, Scheme

room = Room("star_rating", "lbcert_star_rating", url_prefix="/stars", template_folder="templates")

SIGNS = {
    NominationState.NOMINATED: "wait",
    NominationState.REVIEWED: "info",
    NominationState.NOTICED: "info",
    NominationState.AWARDED: "ok",
    NominationState.REJECTED: "neutral",
}
#: The way of a nomination that nothing stops.
WAY = (NominationState.NOMINATED, NominationState.REVIEWED, NominationState.NOTICED, NominationState.AWARDED)


def standing(nomination: Nomination) -> tuple[str, str]:
    """Say where a nomination stands, and how a page shows it."""
    if nomination.award is not None and nomination.award.withdrawn_on is not None:
        return gettext("已撤销"), "stop"
    if nomination.rejected_reason:
        return gettext("不予授予"), "stop"
    return in_words(nomination.state.label), SIGNS[nomination.state]


SCHEMES = [
    Column("name", _l("评价方案"), url=lambda row: url_for("star_rating.scheme", scheme_id=row.id)),
    Column("brand", _l("劳务品牌"), value=lambda row: row.brand.name),
    Column("organisation", _l("授予单位"), value=lambda row: row.organisation.name),
    Column("source", _l("依据文件")),
    Column(
        "state", _l("状态"), "status",
        lambda row: (gettext("已停用"), "neutral") if row.retired_on else (gettext("使用中"), "ok"),
    ),
]  # fmt: skip
NOMINATIONS = [
    Column(
        "name", _l("姓名"), value=lambda row: row.person.name, sort="name",
        url=lambda row: url_for("star_rating.nomination", nomination_id=row.id),
    ),
    Column("cohort", _l("培训班"), value=lambda row: row.enrolment.cohort.name),
    Column("state", _l("状态"), "status", standing, sort="state"),
    Column("reviews", _l("已评审人数"), "number", lambda row: len(row.reviews)),
    Column("points", _l("总分"), "number", lambda row: rules.written(Fraction(row.points)) if row.points else None),
    Column("stars", _l("星级"), "code", lambda row: "★" * row.stars, sort="stars"),
    Column("notice_to", _l("公示至"), "date"),
    Column("awarded_on", _l("授予日期"), "date", lambda row: row.award and row.award.awarded_on),
]  # fmt: skip
LEARNERS = [
    Column("name", _l("姓名"), value=lambda row: row.person.name),
    Column("id", _l("身份证号"), "code", lambda row: row.person.id_masked),
    Column("cohort", _l("培训班"), value=lambda row: row.cohort.name),
    Column("nominate", _l("操作")),
]


# Schemes


@room.page("/", see=places.LISTS, menu=(_l("星级认证"), "stars"))
def index() -> str:
    """List the schemes of the brands that have stars, and the brands for which one may be set."""
    actor = acting()
    brands = [brand for brand in queries.brands_with_stars(actor) if places.SETS.admits(actor, {"brand_id": brand.id})]
    return render_template(
        "star_rating/index.html", columns=SCHEMES, schemes=queries.schemes_seen(actor), brands=brands
    )


@room.page("/brands/<int:brand_id>/new", see=places.SETS, methods=("GET", "POST"))
def new_scheme(brand_id: int) -> ResponseReturnValue:
    """Set a scheme of a brand."""
    form = SchemeForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            made = operations.set_scheme(acting(), brand_id, form.scheme)
            return redirect(url_for("star_rating.scheme", scheme_id=made.id))
        except Refused as refused:
            findings = refused.findings
    page = render_template("star_rating/new_scheme.html", form=form, brand=load(Brand, brand_id), findings=findings)
    return page, 422 if request.method == "POST" else 200


@room.page("/schemes/<int:scheme_id>", see=places.SEES_SCHEME)
def scheme(scheme_id: int) -> str:
    """Show a scheme, how many stand where under it, and what comes next."""
    return _scheme_page(scheme_id)


def _scheme_page(scheme_id: int, findings: tuple[Finding, ...] = ()) -> str:
    actor, where = acting(), {"scheme_id": scheme_id}
    counts = queries.counts_of(scheme_id)
    return render_template(
        "star_rating/scheme.html",
        scheme=load(Scheme, scheme_id),
        counts=[(state, in_words(state.label), counts.get(state, 0)) for state in NominationState],
        waiting=counts.get(NominationState.REVIEWED, 0),
        findings=findings,
        may_nominate=places.NOMINATES.admits(actor, where),
        may_publish=places.PUBLISHES.admits(actor, where),
        may_retire=places.RETIRES.admits(actor, where),
    )


@room.page("/schemes/<int:scheme_id>/retire", see=places.RETIRES, methods=("POST",))
def retire(scheme_id: int) -> ResponseReturnValue:
    """Retire a scheme."""
    operations.retire_scheme(acting(), scheme_id)
    return redirect(url_for("star_rating.scheme", scheme_id=scheme_id))


@room.page("/schemes/<int:scheme_id>/notice", see=places.PUBLISHES, methods=("POST",))
def begin_notice(scheme_id: int) -> ResponseReturnValue:
    """Begin the public notice of all who were reviewed."""
    return _attempt(
        lambda: operations.begin_notice(acting(), scheme_id),
        gettext("公示已开始，期满后自动撤下"),
        url_for("star_rating.notice", scheme_id=scheme_id),
        lambda findings: _scheme_page(scheme_id, findings),
    )


# Nominations


@room.page("/schemes/<int:scheme_id>/nominations", see=places.SEES_SCHEME)
def nominations(scheme_id: int) -> ResponseReturnValue:
    """List who is nominated under a scheme."""
    found = load(Scheme, scheme_id)
    paging = paging_from_request(queries.SORTS, "name", ("state",))
    if wants_export():
        return export_sheet(NOMINATIONS, queries.nominations_all(scheme_id, paging), found.name)
    return render_template(
        "star_rating/nominations.html",
        scheme=found,
        columns=NOMINATIONS,
        page=queries.nominations_page(scheme_id, paging),
        states=[(state.value, in_words(state.label)) for state in NominationState],
        may_nominate=places.NOMINATES.admits(acting(), {"scheme_id": scheme_id}) and not found.retired_on,
    )


@room.page("/schemes/<int:scheme_id>/nominate", see=places.NOMINATES, methods=("GET", "POST"))
def nominate(scheme_id: int) -> ResponseReturnValue:
    """Find a learner of the brand, and nominate him."""
    found = load(Scheme, scheme_id)
    paging = paging_from_request()

    def page(findings: tuple[Finding, ...] = ()) -> str:
        learners = queries.may_be_nominated(found, paging.search)
        return render_template(
            "star_rating/nominate.html", scheme=found, columns=LEARNERS, learners=learners, paging=paging, findings=findings,
        )  # fmt: skip

    if request.method == "GET":
        return page()
    enrolment_id = request.form.get("enrolment_id", type=int) or 0
    return _attempt(
        lambda: operations.nominate(acting(), scheme_id, enrolment_id), gettext("已推荐"), request.full_path, page
    )


@room.page("/nominations/<int:nomination_id>", see=places.SEES)
def nomination(nomination_id: int) -> str:
    """Show a nomination: to a reviewer the form made for its scheme, to others what comes next."""
    return _nomination_page(nomination_id)


def _nomination_page(nomination_id: int, findings: tuple[Finding, ...] = (), sent: ReviewForm | None = None) -> str:
    found, actor, where = load(Nomination, nomination_id), acting(), {"nomination_id": nomination_id}
    own = queries.review_by(nomination_id, actor.person_id)
    may_review = places.REVIEWS.admits(actor, where) and found.state is NominationState.NOMINATED and own is None
    form = (sent or review_form(found.scheme)) if may_review else None
    is_over = found.notice_to is not None and found.notice_to < clock.today()
    return render_template(
        "star_rating/nomination.html",
        nomination=found,
        standing=standing(found),
        steps_shown=[(state.value, in_words(state.label)) for state in WAY],
        here=found.state.value if found.state in WAY else WAY[2 if found.notice_from else 1].value,
        evidence=queries.evidence_shown(found),
        by_reviewers=Evidence.REVIEWERS,
        written=rules.written,
        total=rules.written(Fraction(found.points)) if found.points else "",
        reviews=[] if found.state is NominationState.NOMINATED else [_review_shown(found, row) for row in found.reviews],
        own=own,
        form=form,
        points_fields=list(points_fields(form, found.scheme)) if form else [],
        findings=findings,
        may_award=places.AWARDS.admits(actor, where) and found.state is NominationState.NOTICED and is_over,
        may_reject=places.REJECTS.admits(actor, where) and found.state in (NominationState.REVIEWED, NominationState.NOTICED),
        may_withdraw=found.award is not None and places.WITHDRAWS.admits(actor, {"award_id": found.award.id}),
        code=base36.encode(found.award.certificate.token) if found.award and found.award.certificate else "",
    )  # fmt: skip


def _review_shown(nomination: Nomination, review: Any) -> dict[str, Any]:
    found = set(json.loads(review.vetoes))
    return {
        "by": review.reviewer.name,
        "at": review.created_at,
        "points": list(json.loads(review.points).items()),
        "vetoes": [veto.label for veto in nomination.scheme.vetoes if veto.id in found],
        "remark": review.remark,
    }


@room.page("/nominations/<int:nomination_id>/review", see=places.REVIEWS, methods=("POST",))
def review(nomination_id: int) -> ResponseReturnValue:
    """Take a reviewer's points; what was typed stays when they are refused."""
    found = load(Nomination, nomination_id)
    form = review_form(found.scheme)
    if not form.validate():
        return _nomination_page(nomination_id, sent=form), 422
    given = form.points(found.scheme), form.vetoes.data or [], form.remark.data or ""
    return _attempt(
        lambda: operations.review(acting(), nomination_id, *given),
        gettext("评审已提交，不能再改"),
        url_for("star_rating.nominations", scheme_id=found.scheme_id, state=NominationState.NOMINATED.value),
        lambda findings: _nomination_page(nomination_id, findings, form),
    )


@room.page("/nominations/<int:nomination_id>/award", see=places.AWARDS, methods=("POST",))
def award(nomination_id: int) -> ResponseReturnValue:
    """Award the stars, with their certificate."""
    return _step(nomination_id, lambda: operations.award(acting(), nomination_id), gettext("已授予，证书正在制作"))


@room.page("/nominations/<int:nomination_id>/reject", see=places.REJECTS, methods=("POST",))
def reject(nomination_id: int) -> ResponseReturnValue:
    """Do not award what the review gave."""
    reason = request.form.get("reason", "")
    return _step(nomination_id, lambda: operations.reject(acting(), nomination_id, reason), gettext("已记为不予授予"))


@room.page("/awards/<int:award_id>/withdraw", see=places.WITHDRAWS, methods=("POST",))
def withdraw(award_id: int) -> ResponseReturnValue:
    """Withdraw stars."""
    nomination_id, reason = load(Award, award_id).nomination_id, request.form.get("reason", "")
    return _step(nomination_id, lambda: operations.withdraw(acting(), award_id, reason), gettext("星级已撤销"))


def _step(nomination_id: int, carry_out: Callable[[], Any], done: str) -> ResponseReturnValue:
    back = url_for("star_rating.nomination", nomination_id=nomination_id)
    return _attempt(carry_out, done, back, lambda findings: _nomination_page(nomination_id, findings))


def _attempt(
    carry_out: Callable[[], Any], done: str, back: str, again: Callable[[tuple[Finding, ...]], str]
) -> ResponseReturnValue:
    """Carry an operation out and go ``back``; refused, show the page ``again`` with every finding."""
    try:
        carry_out()
    except Refused as refused:
        return again(refused.findings), 422
    flash(done, "ok")
    return redirect(back)


# For everybody


@room.page("/notices/<int:scheme_id>", see=PUBLIC)
def notice(scheme_id: int) -> Response:
    """Show the public notice (公示) under a scheme while it runs: masked names, and not for search engines."""
    found, people = queries.noticed(scheme_id)
    page = make_response(render_template("star_rating/notice.html", scheme=found, people=people, masked=mask_name))
    page.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return page
