"""Certificates that somebody else issued: recorded among what a person holds, never signed by us."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from lbcert.certificates import rules
from lbcert.certificates.models import Certificate
from lbcert.certificates.places import person_place
from lbcert.core import clock
from lbcert.core.access import Role, holds
from lbcert.core.database import db, explain, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import SkillLevel, Trade
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Person, Qualification, QualificationKind

RECORDERS = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.PROVIDER_CLERK)
explain("qualifications", "kind, number", "certificates.recorded_before", say("这一编号的证书已经登记过"))


@operation("certificates.record_elsewhere", allow=holds(*RECORDERS, at=person_place))
def record_elsewhere(
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
    """Record a certificate that a person brought from elsewhere.

    Refused when the number fits none of the state's rules, contradicts year or level, is one of ours, or was recorded
    before; without an issuer; and for a date yet to come.
    """
    person = load(Person, person_id)
    given = number.strip().upper()
    if trade_id is not None:
        load(Trade, trade_id)
    refuse_on(
        rules.recorded_number(kind.value, given, level.value if level else None, issued_on),
        _ours(given),
        _said(given, issuer, issued_on),
    )
    record = Qualification(
        person_id=person.id,
        kind=kind,
        trade_id=trade_id,
        level=level,
        number=given,
        issuer=issuer.strip(),
        issued_on=issued_on,
        valid_to=valid_to,
    )
    db.session.add(record)
    return record


def _ours(number: str) -> list[Finding]:
    if db.session.scalar(select(Certificate.id).where(Certificate.number == number)) is None:
        return []
    return [refuse("certificates.ours", say("证书 {number} 是本系统签发的，不用再登记", number=number))]


def _said(number: str, issuer: str, issued_on: date) -> list[Finding]:
    findings = []
    if not number:
        findings.append(refuse("certificates.number_missing", say("请填写证书编号")))
    if not issuer.strip():
        findings.append(refuse("certificates.issuer_missing", say("请填写发证机构")))
    if issued_on > clock.today():
        findings.append(refuse("certificates.issued_later", say("发证日期 {issued_on} 还没有到", issued_on=issued_on)))
    return findings
