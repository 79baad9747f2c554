"""Slips on paper, and the phones that learners bind with them."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.access import PUBLIC
from lbcert.core.database import db, invariant, load
from lbcert.core.findings import Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Person
from lbcert.teaching.models import BindingSlip, Phone
from lbcert.teaching.places import CLERK, PHONE_CLERK
from lbcert.teaching.queries.checkin import device_of, open_slips, slip_index, slip_with
from lbcert.teaching.queries.sessions import learners_in

#: A slip that nobody used ends by itself.
SLIP_DAYS = 30
_DIGITS = 8


@operation("teaching.make_slips", say("发放绑定条"), allow=CLERK)
def make_slips(actor: Any, cohort_id: int, enrolment_ids: Collection[int]) -> list[BindingSlip]:
    """Make a slip each for learners of a cohort; one that they had and did not use ends."""
    here = {learner.id for learner in learners_in(cohort_id)}
    refuse_on(
        [] if enrolment_ids else [refuse("teaching.no_learner", say("请选择要发绑定条的学员"))],
        []
        if here.issuperset(enrolment_ids)
        else [refuse("teaching.not_in_class", say("所选的人有的不在本班，请刷新页面"))],
    )
    now = clock.now()
    for slip in db.session.scalars(open_slips(sorted(enrolment_ids)).with_for_update()):
        slip.withdrawn_at = now
    made = [_slip(actor, enrolment_id) for enrolment_id in sorted(enrolment_ids)]
    db.session.add_all(made)
    return made


def _slip(actor: Any, enrolment_id: int) -> BindingSlip:
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    return BindingSlip(
        enrolment_id=enrolment_id,
        code=code,
        code_index=slip_index(code),
        ends_at=clock.now() + timedelta(days=SLIP_DAYS),
        account_id=actor.id,
    )


@operation("teaching.bind_phone", say("绑定手机"), allow=PUBLIC)
def bind_phone(actor: Any, code: str, last_four: str, secret: str) -> Phone:
    """Bind the browser with a ``secret`` to whom a slip was given; a phone that he had bound before is let go.

    Refused in the same words whichever of code and last four of the ID is wrong; for a slip that was used, or ended.
    """
    slip = slip_with(code, last_four)
    if slip is None:
        message = say("绑定码和身份证号后四位对不上，请照绑定条和身份证再核对一遍")
        raise Refused([refuse("teaching.slip_unknown", message)])
    person, now = load(Person, slip.enrolment.person_id, lock=True), clock.now()
    load(BindingSlip, slip.id, lock=True)
    if db.session.scalar(select(Phone.id).where(Phone.slip_id == slip.id)) is not None:
        raise Refused([invariant("phones.slip_id")])
    ended = slip.withdrawn_at is not None or slip.ends_at <= now
    refuse_on([refuse("teaching.slip_ended", say("这张绑定条已经作废，请向教务另要一张"))] if ended else [])
    before = db.session.scalar(select(Phone).where(Phone.person_id == person.id, Phone.withdrawn_at.is_(None)))
    if before is not None:
        before.withdrawn_at, before.reason = now, str(say("本人换绑手机"))
        db.session.flush()
    phone = Phone(person_id=person.id, slip_id=slip.id, device=device_of(secret))
    db.session.add(phone)
    return phone


@operation("teaching.withdraw_phone", say("解除手机绑定"), allow=PHONE_CLERK)
def withdraw_phone(actor: Any, phone_id: int, reason: str) -> Phone:
    """End a binding at once, with a reason; what was checked in with it stays."""
    phone = load(Phone, phone_id, lock=True)
    refuse_on(
        [] if reason.strip() else [refuse("teaching.reason", say("请写明理由"))],
        [] if phone.withdrawn_at is None else [refuse("teaching.phone_withdrawn", say("这部手机的绑定已经解除"))],
    )
    phone.withdrawn_at, phone.withdrawn_by, phone.reason = clock.now(), actor.id, reason.strip()[:300]
    return phone
