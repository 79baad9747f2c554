"""What people hold: certificates and cards of ours, and those issued elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Any

from lbcert.core import clock
from lbcert.core.access import Role, only, roles_of
from lbcert.core.database import db, load
from lbcert.core.operation import INSIDE, operation
from lbcert.core.reference import SkillLevel, Trade
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties import rules
from lbcert.parties.models import Person, Qualification, QualificationKind
from lbcert.parties.queries.persons import sees_person
from lbcert.plugins import plugins

#: Who may record what somebody brings along.
RECORDERS = frozenset({Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.PROVIDER_CLERK, Role.ASSESSMENT_CLERK})


def _records(actor: Any, person_id: int) -> bool:
    return bool(RECORDERS & roles_of(actor)) and sees_person(actor, person_id)


RECORDS = only("sees the person and keeps records", _records)


@operation("parties.record_qualification", say("登记外部证书"), allow=RECORDS)
def record_qualification(
    actor: Any,
    person_id: int,
    kind: QualificationKind,
    number: str,
    issuer: str,
    issued_on: date,
    *,
    trade_id: int | None = None,
    level: SkillLevel | None = None,
    valid_to: date | None = None,
) -> Qualification:
    """Record a certificate or card that was issued elsewhere.

    Refused without number or issuer, for a day to come, and for a number that later rooms know to be wrong.
    """
    number = "".join(number.split()).upper()
    check = plugins().manager.hook.lbcert_check_qualification
    found = check(kind=kind, number=number, level=level, issued_on=issued_on)
    refuse_on(rules.qualification_form(number, issuer, issued_on, valid_to, clock.today()), *found)
    made = _qualification(person_id, kind, number, issuer, issued_on, trade_id, level, valid_to)
    made.recorded = True
    return made


@operation("parties.keep_qualification", say("记入所发证书"), allow=INSIDE)
def keep_qualification(
    actor: Any,
    person_id: int,
    kind: QualificationKind,
    number: str,
    issuer: str,
    issued_on: date,
    *,
    trade_id: int | None = None,
    level: SkillLevel | None = None,
    valid_to: date | None = None,
) -> Qualification:
    """Keep what a certificate of ours says its holder holds, inside the operation that issues it."""
    return _qualification(person_id, kind, number, issuer, issued_on, trade_id, level, valid_to)


@operation("parties.set_standing", say("更新所发证书的效力"), allow=INSIDE)
def set_standing(actor: Any, qualification_id: int, stands: bool) -> Qualification:
    """Let a qualification stand or not, inside the operation that suspends, revokes or restores its certificate."""
    qualification = load(Qualification, qualification_id, lock=True)
    qualification.stands = stands
    return qualification


def _qualification(
    person_id: int,
    kind: QualificationKind,
    number: str,
    issuer: str,
    issued_on: date,
    trade_id: int | None,
    level: SkillLevel | None,
    valid_to: date | None,
) -> Qualification:
    load(Person, person_id)
    if trade_id is not None:
        load(Trade, trade_id)
    made = Qualification(
        person_id=person_id,
        kind=kind,
        number=number.strip()[:60],
        issuer=issuer.strip()[:120],
        issued_on=issued_on,
        trade_id=trade_id,
        level=level,
        valid_to=valid_to,
    )
    db.session.add(made)
    return made
