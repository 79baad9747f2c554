"""Organisations: who they are, who controls them, and what they filed for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from lbcert.core import clock
from lbcert.core.access import Place, Role, holds, only
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.identity.credit_code import parse_credit_code, tidy_credit_code
from lbcert.core.identity.id_number import parse_id_number, tidy_id_number
from lbcert.core.identity.phone import check_phone, tidy_phone
from lbcert.core.operation import INSIDE, operation
from lbcert.core.reference import Region, SkillLevel, Trade
from lbcert.core.seal import keyring
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties import rules
from lbcert.parties.models import Control, Filing, FilingKind, Organisation, OrganisationKind

#: Who keeps the register of a region.
KEEPERS = (Role.ADMIN, Role.BUREAU_OFFICER, Role.SERVICE_CENTRE)
#: Who accepts filings.
FILES = (Role.BUREAU_OFFICER,)


def region_place(region_code: str) -> Place:
    """Give the region of something new."""
    return Place(regions=(region_code,))


def organisation_place(organisation_id: int) -> Place:
    """Give the region of an organisation, and itself."""
    organisation = load(Organisation, organisation_id)
    return Place(regions=(organisation.region_code,), organisations=(organisation.id,))


def filing_place(filing_id: int) -> Place:
    """Give the region of the organisation that filed."""
    return Place(regions=(load(Filing, filing_id).organisation.region_code,))


def _keeps_both(actor: Any, organisation_id: int, region_code: str) -> bool:
    here = Place(regions=(load(Organisation, organisation_id).region_code,))
    return all(
        holds(*KEEPERS, at=lambda place=place: place).admits(actor, {"place": place})
        for place in (here, region_place(region_code))
    )


@operation("parties.register_organisation", say("登记机构"), allow=holds(*KEEPERS, at=region_place))
def register_organisation(
    actor: Any,
    kind: OrganisationKind,
    name: str,
    region_code: str,
    *,
    credit_code: str | None = None,
    address: str = "",
    contact: str = "",
    phone: str = "",
    founded: date | None = None,
) -> Organisation:
    """Enter an organisation in a region's register; it controls itself until ``set_controller`` says otherwise.

    Refused for a credit code that cannot be one or that another of this kind has, and for a missing one where only
    stations may do without. ``founded`` is since when it is independent, today where it is not known.
    """
    return _register(
        kind, name, region_code, credit_code, address=address, contact=contact, phone=phone, founded=founded
    )


@operation("parties.keep_organisation", say("按表登记机构"), allow=INSIDE)
def keep_organisation(
    actor: Any, kind: OrganisationKind, name: str, region_code: str, credit_code: str
) -> Organisation:
    """Enter an organisation that a room's own sheet names, wherever it stands; else as ``register_organisation``."""
    return _register(kind, name, region_code, credit_code)


def _register(
    kind: OrganisationKind,
    name: str,
    region_code: str,
    credit_code: str | None,
    *,
    address: str = "",
    contact: str = "",
    phone: str = "",
    founded: date | None = None,
) -> Organisation:
    load(Region, region_code)
    code = tidy_credit_code(credit_code or "").text or None
    refuse_on(rules.organisation_form(kind, name.strip(), code), _phone(phone))
    organisation = Organisation(
        kind=kind,
        name=name.strip()[:120],
        credit_code=code,
        region_code=region_code,
        address=address.strip()[:200],
        contact=contact.strip()[:60],
        phone=tidy_phone(phone).text or None,
    )
    db.session.add(organisation)
    db.session.flush()
    organisation.controls.append(
        Control(
            controller=organisation.own_code,
            controller_name=organisation.name,
            valid_from=founded or clock.today(),
        )
    )
    return organisation


@operation("parties.change_organisation", say("修改机构"), allow=only("keeps both regions' registers", _keeps_both))
def change_organisation(
    actor: Any,
    organisation_id: int,
    name: str,
    region_code: str,
    *,
    credit_code: str | None = None,
    address: str = "",
    contact: str = "",
    phone: str | None = None,
    version: int | None = None,
) -> Organisation:
    """Correct what the register says. ``phone`` of None leaves it; a corrected credit code goes into its own control too."""
    organisation = load(Organisation, organisation_id, lock=True)
    load(Region, region_code)
    code = tidy_credit_code(credit_code or "").text or None
    refuse_on(
        stale(organisation, version),
        rules.organisation_form(organisation.kind, name.strip(), code),
        _phone(phone or ""),
    )
    before = organisation.own_code
    organisation.name, organisation.region_code = name.strip()[:120], region_code
    organisation.credit_code = code
    organisation.address, organisation.contact = address.strip()[:200], contact.strip()[:60]
    if phone is not None:
        organisation.phone = tidy_phone(phone).text or None
    for control in organisation.controls:
        if control.controller == before:
            control.controller, control.controller_name = organisation.own_code, organisation.name
    return organisation


@operation("parties.set_controller", say("登记实际控制人"), allow=holds(*FILES, at=organisation_place))
def set_controller(
    actor: Any,
    organisation_id: int,
    valid_from: date,
    *,
    name: str = "",
    credit_code: str = "",
    id_number: str = "",
) -> Control:
    """Say who controls an organisation (实际控制人) from a day on: a body by its credit code, or a person by the ID number.

    Neither of them: it is independent and controls itself. The controller before is closed on the day before. The ID
    number is kept as its index alone: enough to see that two bodies have one controller.
    """
    organisation = load(Organisation, organisation_id, lock=True)
    controller, findings = _controller(organisation, credit_code, id_number)
    current = next((control for control in organisation.controls if control.valid_to is None), None)
    if current and valid_from <= current.valid_from:
        message = say("新的起始日期应晚于现任控制人的起始日期 {day}", day=current.valid_from.isoformat())
        findings.append(refuse("parties.control_dates", message))
    if controller != organisation.own_code and not name.strip():
        findings.append(refuse("parties.controller_name", say("请填写实际控制人的名称或姓名")))
    refuse_on(findings)
    if current:
        current.valid_to = valid_from - timedelta(days=1)
        db.session.flush()
    control = Control(
        organisation_id=organisation.id,
        controller=controller,
        controller_name=name.strip()[:120] or organisation.name,
        valid_from=valid_from,
    )
    db.session.add(control)
    db.session.flush()
    db.session.refresh(organisation, ["controls"])
    return control


@operation("parties.accept_filing", say("登记机构备案"), allow=holds(*FILES, at=organisation_place))
def accept_filing(
    actor: Any,
    organisation_id: int,
    kind: FilingKind,
    trade_id: int,
    level: SkillLevel | None,
    site_region_code: str,
    document: str,
    valid_from: date,
    valid_to: date | None = None,
) -> Filing:
    """Put on file that an organisation may teach or assess a trade; ``level`` of None is every level, ``valid_to`` of None no end."""
    organisation = load(Organisation, organisation_id)
    load(Trade, trade_id)
    load(Region, site_region_code)
    refuse_on(rules.filing_form(kind, organisation.kind, valid_from, valid_to, document))
    filing = Filing(
        organisation_id=organisation.id,
        kind=kind,
        trade_id=trade_id,
        level=level,
        site_region_code=site_region_code,
        document=document.strip()[:120],
        valid_from=valid_from,
        valid_to=valid_to,
    )
    db.session.add(filing)
    return filing


@operation("parties.end_filing", say("终止机构备案"), allow=holds(*FILES, at=filing_place))
def end_filing(actor: Any, filing_id: int, valid_to: date, reason: str) -> Filing:
    """Let a filing end on a day; the reason is in the audit log."""
    filing = load(Filing, filing_id, lock=True)
    findings = []
    if valid_to < filing.valid_from:
        findings.append(refuse("parties.filing_dates", say("备案的截止日期早于起始日期")))
    if not reason.strip():
        findings.append(refuse("parties.filing_reason", say("请填写终止备案的原因")))
    refuse_on(findings)
    filing.valid_to = valid_to
    return filing


def _controller(organisation: Organisation, credit_code: str, id_number: str) -> tuple[str, list[Finding]]:
    """Give the controlling party's code, and what is wrong with it."""
    code, number = tidy_credit_code(credit_code).text, tidy_id_number(id_number).text
    if code and number:
        message = say("实际控制人是单位的填信用代码，是个人的填身份证号，二者选其一")
        return "", [refuse("parties.controller", message)]
    read = parse_credit_code(code) if code else parse_id_number(number, clock.today()) if number else None
    if isinstance(read, Finding):
        return "", [read]
    if code:
        return code, []
    return f"person:{keyring().index('id_number', number)}" if number else organisation.own_code, []


def _phone(phone: str) -> list[Finding]:
    finding = check_phone(tidy_phone(phone).text) if phone.strip() else None
    return [finding] if finding else []
