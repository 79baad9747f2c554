"""Issue: whatever the ground, a draft becomes a number, a signed token and a row, all in one transaction."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from lbcert.brands.models import Brand
from lbcert.certificates.models import Certificate, DesignVersion, IssuerKey, Reason, Status, StatusChange
from lbcert.certificates.operations.keys import signer_for
from lbcert.certificates.operations.log import witness
from lbcert.certificates.operations.printing import NO_PDF_CERTIFICATE, start_printing
from lbcert.certificates.queries.designs import find_in_force
from lbcert.certificates.queries.pdf_certificates import find_current
from lbcert.certificates.rendering.glyphs import check_glyphs
from lbcert.certificates.schemas import check_claims
from lbcert.certificates.token.claims import LIST_SIZE, Claims, holder_tag, occupation_number
from lbcert.certificates.token.cose import sign
from lbcert.certificates.token.keys import Signer
from lbcert.core import clock, sequences
from lbcert.core.access import Actor
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.identity.masks import mask_name
from lbcert.core.jobs import Job
from lbcert.core.reference import SkillLevel, Trade
from lbcert.core.registrations import CertificateType, Ground
from lbcert.core.seal import keyring
from lbcert.core.words import Message, say
from lbcert.parties.models import Organisation, Person, QualificationKind
from lbcert.parties.operations import keep_qualification
from lbcert.plugins import plugins

#: Half of an index's 20 bits.
_HALF_BITS = 10
_ROUNDS = 4


@dataclass(frozen=True)
class Draft:
    """All of a certificate but what only its issue gives it: number, token, place in the status list."""

    type: CertificateType
    person: Person
    brand: Brand
    organisation: Organisation
    trade: Trade
    #: 5 to 1, or stars; 0 where there is none
    level: int
    #: what it says, but for the number
    claims: Mapping[str, Any]
    #: the column of its ground and what it holds: ``{"result_id": 7}``
    ground: Mapping[str, Any]
    cohort_id: int | None = None
    expires_on: date | None = None
    replaces: Certificate | None = None
    findings: Sequence[Finding] = field(default=())

    @property
    def subject(self) -> str:
        """What findings about it are about."""
        return f"person:{self.person.id}"


@dataclass(frozen=True)
class Series:
    """Where numbers come from: the sequence's name, and how a serial becomes a number."""

    name: str
    number: Callable[[Draft, int], str]


@dataclass(frozen=True)
class Issued:
    """What an act of issuing gave: certificates, the work that prints them, and what held others back."""

    certificates: list[Certificate]
    held: list[Finding]
    job: Job | None


def check_draft(draft: Draft, series: Series) -> list[Finding]:
    """Check what a certificate would say: its form, and that every character can be printed; findings name the person."""
    found = list(draft.findings)
    if not any(finding.stops for finding in found):
        claims = {**draft.claims, "number": series.number(draft, 1)}
        wrong = check_claims(claims, draft.type.schema())
        found += [dataclasses.replace(each, message=_of_person(each.message, draft)) for each in wrong]
        found += check_glyphs(claims)
    return [dataclasses.replace(each, subject=draft.subject) for each in found]


def _of_person(message: Message, draft: Draft) -> Message:
    """Name the person in place of a number that has not been given yet."""
    return say(message.msgid, **{**dict(message.values), "number": draft.person.name})


def issue(actor: Actor, drafts: Sequence[Draft], series: Series, title: str) -> Issued:
    """Issue every draft that nothing stops, inside the operation under way; a stopped one holds back no other.

    Raises ``Refused`` when all are stopped, when there is none, when the account stands for no person, and without a key
    or what signs the PDFs of a brand that has them signed.
    """
    if not drafts:
        raise Refused([refuse("certificates.nothing_to_issue", say("没有可以发的证书：合格人员都已发证"))])
    if actor.person_id is None:
        message = say("您的账号没有对应到个人，不能发证：请账号管理员补登")
        raise Refused([refuse("certificates.issuer_unknown", message)])
    found = [(draft, [*_to_oneself(actor, draft), *check_draft(draft, series)]) for draft in drafts]
    good = [draft for draft, findings in found if not any(finding.stops for finding in findings)]
    held = [finding for _, findings in found for finding in findings if finding.stops]
    if not good:
        raise Refused(held)
    serials = sequences.take(series.name, len(good))
    places = _places(len(good))
    now = clock.now().replace(microsecond=0)
    _check_pdf_certificate(good, now)
    signers = {brand: signer_for(brand, now) for brand in {draft.brand.number for draft in good}}
    designs = {key: find_in_force(*key) for key in {(draft.organisation.id, draft.type.name) for draft in good}}
    made = [
        _write(
            actor,
            draft,
            series.number(draft, serial),
            place,
            now,
            signers[draft.brand.number],
            designs[draft.organisation.id, draft.type.name],
        )
        for draft, serial, place in zip(good, serials, places, strict=True)
    ]
    db.session.add_all(made)
    db.session.flush()
    for draft, certificate in zip(good, made, strict=True):
        _record(actor, draft, certificate)
        witness("issue", certificate.token_digest, now)
        if draft.replaces is not None:
            tell_changed(draft.replaces)
    return Issued(made, held, start_printing(actor, made, title))


def _to_oneself(actor: Actor, draft: Draft) -> list[Finding]:
    if draft.person.id != actor.person_id:
        return []
    message = say("{name} 不能给自己发证：请由另一人发证", name=draft.person.name)
    return [dataclasses.replace(refuse("certificates.issued_to_oneself", message), subject=draft.subject)]


def _check_pdf_certificate(drafts: Sequence[Draft], now: datetime) -> None:
    """Refuse to issue what could not be printed: a brand has its PDFs signed, and nothing is in force to sign them."""
    if any(draft.brand.signs_pdfs for draft in drafts) and find_current(now) is None:
        raise Refused([refuse("certificates.no_pdf_certificate", NO_PDF_CERTIFICATE)])


def tell_changed(certificate: Certificate) -> None:
    """Have plugins do to what rests on a certificate what its new standing, or its successor, asks for."""
    db.session.expire(certificate, ["history", "successor"])
    hooks = plugins().for_brand(row.plugin for row in certificate.brand.plugins)
    hooks.lbcert_certificate_changed(certificate=certificate)


def occupation_of(trade: Trade) -> int:
    """Give the number by which a token names a trade; one that is no occupation has our own."""
    return occupation_number(trade.edition or 0, trade.code or str(trade.id))


def index_of(serial: int) -> int:
    """Give the place in its status list of the certificate with this serial, counted from 0 over all lists.

    A keyed permutation of the list (a Feistel network of four rounds): no place twice, none left over, and a stranger
    cannot tell from it what was issued before or after.
    """
    block, place = divmod(serial, LIST_SIZE)
    mask = (1 << _HALF_BITS) - 1
    left, right = place >> _HALF_BITS, place & mask
    for turn in range(_ROUNDS):
        mixed = int(keyring().index("status list", f"{block}/{turn}/{right}")[:8], 16)
        left, right = right, left ^ (mixed & mask)
    return left << _HALF_BITS | right


def _places(count: int) -> list[tuple[int, int]]:
    """Take places in the status lists: number of the list, index in it."""
    return [((serial - 1) // LIST_SIZE, index_of(serial - 1)) for serial in sequences.take("status_list", count)]


def _write(
    actor: Actor,
    draft: Draft,
    number: str,
    place: tuple[int, int],
    now: datetime,
    signing: tuple[IssuerKey, Signer],
    design: DesignVersion | None,
) -> Certificate:
    key, signer = signing
    signed = Claims(
        kind=draft.type.kind,
        brand=draft.brand.number,
        occupation=occupation_of(draft.trade),
        level=draft.level,
        name=mask_name(draft.person.name),
        holder=holder_tag(draft.person.id_number),
        status_list=place[0],
        status_index=place[1],
        issued=now,
        expires=_end_of(draft.expires_on),
    )
    token = sign(signed, signer)
    return Certificate(
        type=draft.type.name,
        number=number,
        brand_id=draft.brand.id,
        organisation_id=draft.organisation.id,
        person_id=draft.person.id,
        cohort_id=draft.cohort_id,
        trade_id=draft.trade.id,
        level=draft.level,
        ground=draft.type.ground,
        **draft.ground,
        claims=json.dumps({**draft.claims, "number": number}, ensure_ascii=False, sort_keys=True),
        schema_version=draft.type.schema_version,
        template_version=design.number if design else draft.type.template_version,
        design_id=design.id if design else None,
        issued_on=clock.local(now).date(),
        issued_at=now,
        expires_on=draft.expires_on,
        issuer_id=actor.person_id,
        key_id=key.id,
        token=token,
        token_digest=sha256(token).hexdigest(),
        cti=signed.cti.hex(),
        status_list=place[0],
        status_index=place[1],
        replaces_id=draft.replaces.id if draft.replaces else None,
        history=[
            StatusChange(
                status=Status.VALID, reason=Reason.ISSUED, authority=draft.organisation.name, account_id=actor.id
            )
        ],
    )


def _end_of(day: date | None) -> datetime | None:
    """Give the last second of a day in China."""
    return datetime.combine(day, datetime.max.time(), clock.SHANGHAI).replace(microsecond=0) if day else None


def _record(actor: Actor, draft: Draft, certificate: Certificate) -> None:
    """Write into the person's record what earlier rooms ask: whether he has this trade and level already."""
    if not draft.type.qualification:
        return
    keep_qualification(
        actor,
        draft.person.id,
        QualificationKind(draft.type.qualification),
        certificate.number,
        draft.organisation.name,
        certificate.issued_on,
        trade_id=draft.trade.id,
        level=SkillLevel(str(draft.level)) if draft.type.ground is Ground.RESULT else None,
        valid_to=draft.expires_on,
    )


def issuer_name(actor: Actor) -> str:
    """Give the name of the person who issues."""
    return load(Person, actor.person_id).name
