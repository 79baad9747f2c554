"""A learner's own pages, without an account: the QR opens them, the digits of an online lesson are typed there, and a bound phone is known by its cookie.

A scan that comes before the phone is bound waits in the browser's session, and is entered right after.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from flask import Response, current_app, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core import clock, throttle
from lbcert.core.access import PUBLIC, Holder, acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused
from lbcert.core.intake import whole_number, whole_numbers
from lbcert.core.messages import inbox, read_notifications
from lbcert.core.room import Room
from lbcert.teaching.checkin import in_time, wall
from lbcert.teaching.forms import BindForm
from lbcert.teaching.models import CheckIn, Leg, Mode, Phone, Session
from lbcert.teaching.operations.checkin import check_in, check_in_by_code, scanned
from lbcert.teaching.operations.phones import bind_phone
from lbcert.teaching.queries.checkin import OwnSession, device_of, limits_of, own_sessions, phone_with

learners = Room("check_in", __name__)

#: Tries for one slip, whoever makes them.
TRIES = "10 per 10 minutes; 50 per day"
#: From one address, behind which a whole class sits.
TRIES_FROM_ADDRESS = "600 per 10 minutes"
#: Browsers keep no cookie for longer.
_DAYS = 400
_COOKIE, _SCAN = "phone", "scan"


@learners.page("/<any(K, k):case>/<token>", see=PUBLIC)
@throttle.limiter.limit(TRIES_FROM_ADDRESS)
def scan(case: str, token: str) -> ResponseReturnValue:  # noqa: ARG001 (a QR writes it upper case)
    """Take a scan: enter it for a bound phone, keep it for one that is not bound yet."""
    now = clock.now()
    try:
        scanned(token, now)
    except Refused as refused:
        return _page(_phone(), refused.findings), 422
    session[_SCAN] = (token, now.isoformat())
    phone = _phone()
    return redirect(url_for("check_in.own")) if phone is None else _enter(phone)


@learners.page("/k/", see=PUBLIC)
def own() -> ResponseReturnValue:
    """Show a learner today's lessons and how they stand, or ask for the slip."""
    return _page(_phone())


@learners.page("/k/bind", see=PUBLIC, methods=("POST",))
@throttle.limiter.limit(TRIES_FROM_ADDRESS)
@throttle.limiter.limit(TRIES, key_func=partial(throttle.by_field, "code", lambda text: "".join(filter(str.isdecimal, text))))  # fmt: skip
def bind() -> ResponseReturnValue:
    """Bind this phone, and enter the scan that waits for it."""
    form, secret = BindForm(), request.cookies.get(_COOKIE) or secrets.token_hex(16)
    if not form.validate_on_submit():
        return _page(None, form=form), 422
    try:
        phone = bind_phone(acting(), form.code.data or "", form.last_four.data or "", secret)
    except Refused as refused:
        db.session.expire_all()
        return _page(None, refused.findings, form), 422
    flash(gettext("这部手机已绑定 %(name)s，以后扫码就能签到", name=phone.person.name), "success")
    answer = make_response(_enter(phone) if _SCAN in session else redirect(url_for("check_in.own")))
    answer.set_cookie(
        _COOKIE,
        secret,
        max_age=_DAYS * 24 * 3600,
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
    )
    return answer


@learners.page("/k/code", see=PUBLIC, methods=("POST",))
@throttle.limiter.limit(TRIES_FROM_ADDRESS)
@throttle.limiter.limit(TRIES, key_func=lambda: f"code:{device_of(request.cookies.get(_COOKIE, ''))}")
def enter_code() -> ResponseReturnValue:
    """Check in to an online lesson, or out of it."""
    phone, session_id = _phone(), whole_number(request.form.get("lesson", "")) or 0
    if phone is None:
        return redirect(url_for("check_in.own"))
    phone_id, holder, code = phone.id, Holder(phone.person_id), request.form.get("code", "")
    return _done(phone_id, lambda: check_in_by_code(holder, phone_id, session_id, code))


@learners.page("/k/notifications", see=PUBLIC, methods=("POST",))
@throttle.limiter.limit(TRIES_FROM_ADDRESS)
def read() -> ResponseReturnValue:
    """Note that a learner has read what the phone showed."""
    phone = _phone()
    if phone is not None:
        read_notifications(Holder(phone.person_id), whole_numbers(request.form.getlist("notification")))
    return redirect(url_for("check_in.own"))


def _phone() -> Phone | None:
    return phone_with(request.cookies.get(_COOKIE, ""))


def _enter(phone: Phone) -> ResponseReturnValue:
    """Enter the scan that waits."""
    token, at = session.pop(_SCAN)
    phone_id = phone.id
    return _done(phone_id, lambda: check_in(Holder(phone.person_id), phone_id, token, datetime.fromisoformat(at)))


def _done(phone_id: int, act: Callable[[], CheckIn]) -> ResponseReturnValue:
    try:
        row = act()
    except Refused as refused:
        db.session.expire_all()
        return _page(load(Phone, phone_id), refused.findings), 422
    said = gettext("%(time)s 签到成功") if row.leg is Leg.IN else gettext("%(time)s 签退成功")
    flash(said % {"time": wall(row.at)}, "success")
    return redirect(url_for("check_in.own"))


def _takes_code(own: OwnSession) -> bool:
    """Tell whether a lesson wants its digits now."""
    is_online = own.session.mode is Mode.ONLINE
    return is_online and not in_time(clock.now(), own.times, limits_of(own.session.cohort))


def _waiting() -> Session | None:
    """Give the lesson whose scan waits for the phone to be bound."""
    token, at = session.get(_SCAN, ("", clock.now().isoformat()))
    try:
        return load(Session, scanned(token, datetime.fromisoformat(at)))
    except Refused:
        session.pop(_SCAN, None)
        return None


def _page(phone: Phone | None, findings: Sequence[Finding] = (), form: BindForm | None = None) -> Response:
    lessons = own_sessions(phone.person_id) if phone else []
    page = render_template(
        "pages/teaching/phone.html",
        phone=phone,
        form=form or BindForm(formdata=None),
        findings=findings,
        waiting=_waiting() if phone is None else None,
        lessons=[(one, _takes_code(one)) for one in lessons],
        inbox=inbox(phone.person_id) if phone else None,
    )
    answer = make_response(page)
    answer.headers |= {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return answer
