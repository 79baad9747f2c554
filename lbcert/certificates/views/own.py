"""A holder's own page, opened with three values instead of an account, and the page of a link that she shares.

The visit is remembered in the browser's session for a few minutes, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial, wraps
from io import BytesIO
from typing import Any

from flask import (
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.certificates import badge, operations, rules
from lbcert.certificates.forms import OwnForm, ShareForm
from lbcert.certificates.models import Certificate
from lbcert.certificates.operations import badges
from lbcert.certificates.queries import own
from lbcert.certificates.queries.verdict import Verdict
from lbcert.certificates.views.certificates import subject
from lbcert.certificates.views.room import room
from lbcert.core import clock, qr, throttle
from lbcert.core.access import PUBLIC, Holder, acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.identity.phone import tidy_phone
from lbcert.core.intake import whole_numbers
from lbcert.core.messages import inbox, read_notifications
from lbcert.core.pages import choices, in_words
from lbcert.core.registrations import PagePart
from lbcert.core.words import say
from lbcert.parties.models import Person

#: Tries for one phone number, whoever makes them.
TRIES = "10 per 10 minutes; 50 per day"
#: From one address, behind which a whole dormitory may sit.
TRIES_FROM_ADDRESS = "200 per 10 minutes"
#: A visit ends by itself: the phone may be somebody else's.
MINUTES = 20
#: Times of views that are listed; all are counted.
VIEWS_SHOWN = 10
_VISIT, _MADE = "holder", "share"


def _visitor() -> Holder | None:
    """Give the holder whose visit this is, while it lasts."""
    person_id, until = session.get(_VISIT, (0, 0))
    return Holder(person_id) if clock.now().timestamp() < until else None


def _leave() -> None:
    for name in (_VISIT, _MADE):
        session.pop(name, None)


def visiting(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Give a page the holder whose visit it is; without one, ask for the three values again."""

    @wraps(view)
    def shown(**arguments: Any) -> ResponseReturnValue:
        holder = _visitor()
        if holder is None:
            _leave()
            flash(gettext("为了安全，页面已经退出，请重新填写"), "warning")
            return redirect(url_for("certificates.own_page"))
        answer = make_response(view(holder, **arguments))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return shown


@room.page("/my", see=PUBLIC, methods=("GET", "POST"))
@throttle.limiter.limit(TRIES_FROM_ADDRESS, methods=["POST"])
@throttle.limiter.limit(
    TRIES, key_func=partial(throttle.by_field, "phone", lambda text: tidy_phone(text).text), methods=["POST"]
)
def own_page() -> ResponseReturnValue:
    """Ask whose certificates are wanted, and let the holder in."""
    form, findings = OwnForm(), ()  # type: tuple[OwnForm, tuple[Finding, ...]]
    if request.method == "GET" and _visitor():
        return redirect(url_for("certificates.own_certificates"))
    if form.validate_on_submit():
        try:
            person = operations.open_own_page(
                acting(), form.phone.data or "", form.last_four.data or "", form.code.data or ""
            )
        except Refused as refused:
            findings = refused.findings
        else:
            _leave()
            session[_VISIT] = (person.id, clock.now().timestamp() + 60 * MINUTES)
            return redirect(url_for("certificates.own_certificates"))
    page = render_template("pages/certificates/own.html", form=form, findings=findings, minutes=MINUTES)
    return page, 422 if request.method == "POST" else 200


@room.page("/my/certificates", see=PUBLIC)
@visiting
def own_certificates(holder: Holder) -> ResponseReturnValue:
    """Show a holder all her certificates and share links."""
    form = _share_form()
    form.certificates.data = [row.id for row, _ in own.own_certificates(holder.person_id)]
    form.days.data = rules.SHARE_DAYS[1]
    return _page(holder, form)


@room.page("/my/certificates/<int:certificate_id>.pdf", see=PUBLIC)
@visiting
def own_pdf(holder: Holder, certificate_id: int) -> ResponseReturnValue:
    """Download one of the holder's own certificates as it was printed."""
    found = next((row for row, _ in own.own_certificates(holder.person_id) if row.id == certificate_id), None)
    if found is None or found.file is None:
        abort(404)
    return send_file(
        BytesIO(found.file.read()), mimetype="application/pdf", as_attachment=True, download_name=f"{found.number}.pdf"
    )


@room.page("/my/certificates/<int:certificate_id>/badge", see=PUBLIC, methods=("POST",))
@visiting
def own_badge(holder: Holder, certificate_id: int) -> ResponseReturnValue:
    """Take one of the holder's own certificates along as a signed Open Badge."""
    try:
        certificate = operations.export_badge(holder, certificate_id)
    except Refused as refused:
        return _page(holder, _share_form(), refused.findings), 422
    token = badges.written(certificate).encode()
    return send_file(BytesIO(token), badge.MEDIA_TYPE, as_attachment=True, download_name=f"{certificate.number}.jwt")


@room.page("/my/shares", see=PUBLIC, methods=("POST",))
@visiting
def own_share(holder: Holder) -> ResponseReturnValue:
    """Make a share link. Its secret stays in the holder's own browser, to be shown again while the visit lasts."""
    form = _share_form()
    if not form.validate_on_submit():
        return _page(holder, form), 422
    secret = operations.new_secret()
    try:
        operations.share(holder, form.certificates.data, form.days.data, secret)
    except Refused as refused:
        return _page(holder, form, refused.findings), 422
    session[_MADE] = secret
    return redirect(url_for("certificates.own_certificates", _anchor="links"))


@room.page("/my/shares/<int:share_id>/withdraw", see=PUBLIC, methods=("POST",))
@visiting
def withdraw_own_share(holder: Holder, share_id: int) -> ResponseReturnValue:
    """Take a share link back."""
    operations.withdraw_share(holder, share_id)
    flash(gettext("链接已撤回，对方再打开什么也看不到"), "success")
    return redirect(url_for("certificates.own_certificates", _anchor="links"))


@room.page("/my/notifications", see=PUBLIC, methods=("POST",))
@visiting
def own_notifications(holder: Holder) -> ResponseReturnValue:
    """Note that a holder has read what she was told."""
    read_notifications(holder, whole_numbers(request.form.getlist("notification")))
    return redirect(url_for("certificates.own_certificates"))


@room.page("/my/leave", see=PUBLIC, methods=("POST",))
def leave_own_page() -> ResponseReturnValue:
    """End the visit."""
    _leave()
    flash(gettext("已退出"), "success")
    return redirect(url_for("certificates.own_page"))


@room.page("/<any(S, s):case>/<secret>", see=PUBLIC)
@throttle.limiter.limit(TRIES_FROM_ADDRESS)
def shared(case: str, secret: str) -> ResponseReturnValue:  # noqa: ARG001 (a QR writes it upper case)
    """Show what a holder shares, as the public page would; say so plainly when she took it back or it has ended."""
    found = own.find_share(secret)
    if found is None:
        abort(404)
    verdicts, visitor = [], _visitor()
    if own.is_open(found, clock.now()):
        is_own = visitor is not None and visitor.person_id == found.person_id
        if request.method == "GET" and not is_own:
            operations.view_share(acting(), secret)
        verdicts = own.shown_by(found)
    page = render_template("pages/certificates/shared.html", share=found, verdicts=verdicts, now=clock.now())
    answer = make_response(page, 200 if verdicts else 410)
    answer.headers |= {
        "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive",
    }  # fmt: skip
    return answer


def _share_form() -> ShareForm:
    form = ShareForm()
    form.days.choices = choices({days: gettext("%(days)s 天", days=days) for days in rules.SHARE_DAYS})
    return form


def _shown(rows: Iterable[tuple[Certificate, Verdict]]) -> Iterator[tuple[Certificate, Verdict]]:
    """Keep each certificate to what fits a small screen in large type (the file has the rest), and say stars once."""
    said: list[PagePart] = []
    for row, verdict in rows:
        parts = [part for part in verdict.parts if part not in said]
        said += parts
        fields = [
            (say("职业/项目"), subject(row)),
            (say("证书编号"), row.number),
            (say("发证机构"), row.organisation.name),
            (say("发证日期"), row.issued_on.isoformat()),
            *([(say("有效期至"), row.expires_on.isoformat())] if row.expires_on else []),
        ]
        yield row, replace(verdict, fields=fields, parts=parts)


def _page(holder: Holder, form: ShareForm, findings: tuple[Finding, ...] = ()) -> str:
    rows, secret = own.own_certificates(holder.person_id), session.get(_MADE, "")
    form.certificates.choices = choices(
        {row.id: f"{in_words(verdict.label)} · {subject(row)} · {row.issued_on}" for row, verdict in rows}
    )
    link = f"{current_app.config['LBCERT'].public_url}/s/{secret}" if secret else ""
    return render_template(
        "pages/certificates/own_certificates.html",
        person=load(Person, holder.person_id),
        inbox=inbox(holder.person_id),
        rows=list(_shown(rows)),
        form=form,
        findings=findings,
        shares=own.shares_of(holder.person_id),
        is_open=lambda share: own.is_open(share, clock.now()),
        made=own.digest_of(secret) if secret else "",
        link=link,
        code=qr.modules(link.upper(), version=3) if link else [],
        path=qr.svg_path,
        shown=VIEWS_SHOWN,
        minutes=MINUTES,
    )


__all__ = ["own_certificates", "own_page", "shared"]
