"""Agreements: who promises what, and whether it was kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from lbcert.core import papers, sequences
from lbcert.core.access import Place, Role, holds
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.papers import Paper
from lbcert.core.reference import Region
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.demand import rules
from lbcert.demand.models import Agreement, AgreementParty, Duty, DutyState
from lbcert.demand.queries import agreement_place, duty_place
from lbcert.parties.models import Organisation

DESK = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE)


def _home(home_region_code: str) -> Place:
    return Place(regions=(home_region_code,))


@operation("demand.create_agreement", say("登记协作协议"), allow=holds(*DESK, at=_home))
def create_agreement(
    actor: Any,
    home_region_code: str,
    name: str,
    signed_on: date,
    valid_from: date,
    valid_to: date,
    parties: Sequence[tuple[int, Duty]],
    *,
    headcount: int | None = None,
) -> Agreement:
    """Put an agreement of a region on file, with each party's organisation and its one duty.

    Refused with fewer than two parties, a party twice, and dates out of order.
    """
    load(Region, home_region_code)
    bodies = [(load(Organisation, party_id), duty) for party_id, duty in parties]
    findings = rules.duties([(body.name, duty) for body, duty in bodies], name.strip())
    if not name.strip():
        findings.append(refuse("demand.no_name", say("请填写协议名称")))
    if headcount is not None and headcount < 1:
        findings.append(refuse("demand.headcount", say("协议人数应为正整数；协议没有写明人数的请留空")))
    refuse_on(findings, _dates(signed_on, valid_from, valid_to))
    year = signed_on.year
    agreement = Agreement(
        number=f"XY-{home_region_code}-{year}-{sequences.take(f'agreement:{home_region_code}:{year}')[0]:04d}",
        name=name.strip(),
        home_region_code=home_region_code,
        signed_on=signed_on,
        valid_from=valid_from,
        valid_to=valid_to,
        headcount=headcount,
        parties=[AgreementParty(organisation_id=body.id, duty=duty) for body, duty in bodies],
    )
    db.session.add(agreement)
    return agreement


def _dates(signed_on: date, valid_from: date, valid_to: date) -> list[Finding]:
    if signed_on <= valid_from <= valid_to:
        return []
    return [refuse("demand.agreement_dates", say("协议的签订、生效和到期日期应依次排列"))]


@operation("demand.report_duty", say("登记协议履行情况"), allow=holds(*DESK, at=duty_place))
def report_duty(
    actor: Any,
    duty_id: int,
    state: DutyState,
    note: str,
    *,
    version: int | None = None,
) -> AgreementParty:
    """Say how a party's duty stands and what was done, or why it was not. Refused without a note once it is decided."""
    party = load(AgreementParty, duty_id, lock=True)
    unsaid = []
    if state is not DutyState.PLEDGED and not note.strip():
        message = say("请写明{party}履行或未履行“{duty}”的情况", party=party.organisation.name, duty=party.duty.label)
        unsaid.append(refuse("demand.duty_note", message))
    refuse_on(stale(party, version), unsaid)
    party.state, party.note = state, note.strip()
    return party


@operation("demand.attach_agreement_paper", say("附上协议扫描件"), allow=holds(*DESK, at=agreement_place))
def attach_agreement_paper(actor: Any, agreement_id: int, data: bytes, file_name: str) -> Paper:
    """Attach the signed agreement: PDF, JPEG or PNG."""
    agreement = load(Agreement, agreement_id)
    return papers.receive(f"agreement:{agreement.id}", "signed_agreement", data, file_name, actor.id)
