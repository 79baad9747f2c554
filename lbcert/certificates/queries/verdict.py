"""What is true of a certificate, for the page, the command and the API alike: one code path from link to verdict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import current_app
from sqlalchemy import ColumnElement, bindparam, func, select

from lbcert.brands.models import BrandPlugin
from lbcert.certificates import qr
from lbcert.certificates.models import Certificate, Reason, Status, StatusChange
from lbcert.certificates.pades.reading import PdfSignature
from lbcert.certificates.queries import keys
from lbcert.certificates.queries.pdf_certificates import signature_of
from lbcert.certificates.queries.proofs import find_proof, logged_at
from lbcert.certificates.token import base36, link, reader
from lbcert.certificates.token.claims import Claims, Kind
from lbcert.certificates.token.keys import Trust
from lbcert.certificates.token.reasons import Reason as Refusal
from lbcert.certificates.token.reasons import Unreadable
from lbcert.certificates.types import all_types
from lbcert.core import clock
from lbcert.core.database import StraightSelect, db
from lbcert.core.files import StoredFile
from lbcert.core.findings import Refused
from lbcert.core.identity.masks import mask_name
from lbcert.core.registrations import Fields, PagePart, PublicCertificate
from lbcert.core.words import Message, say
from lbcert.parties.models import Person
from lbcert.plugins import gather, plugins

#: Printed, and yet not for everybody who has the link.
_LEFT_OUT = frozenset({"id_number_masked", "photo"})
#: What has ended says so, whatever became of its key.
_STANDING = frozenset({Status.VALID, Status.SUSPENDED})


class Outcome(StrEnum):
    """The fixed set of answers."""

    VALID = "valid"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REPLACED = "replaced"
    #: the signature is good and the register knows nothing of it: a leaked key looks like that
    UNKNOWN = "unknown"
    #: no certificate of ours, or one that was tampered with
    BROKEN = "broken"

    @property
    def label(self) -> Message:
        """The fixed words."""
        return _LABELS[self]

    @property
    def sign(self) -> str:
        """How it is shown: ok, warn or stop."""
        return _SIGNS.get(self, "stop")


_LABELS = {
    Outcome.VALID: say("有效"),
    Outcome.EXPIRED: say("已过期"),
    Outcome.SUSPENDED: say("暂停使用"),
    Outcome.REVOKED: say("已撤销"),
    Outcome.REPLACED: say("已换发"),
    Outcome.UNKNOWN: say("查无此证"),
    Outcome.BROKEN: say("不是有效证书"),
}
_SIGNS = {Outcome.VALID: "ok", Outcome.EXPIRED: "warn", Outcome.SUSPENDED: "warn", Outcome.REPLACED: "warn"}


@dataclass(frozen=True)
class Entry:
    """One line of the history."""

    on: datetime
    status: Status
    reason: Reason
    authority: str


@dataclass(frozen=True)
class Verdict:
    """The answer about one certificate: what it is worth, what it prints, what became of it."""

    outcome: Outcome
    as_of: datetime
    type: str = ""
    label: Message | str = ""
    number: str = ""
    #: Every printed field, the name masked, ID number and photo left out.
    fields: Fields = ()
    #: What the brand's plugins add.
    parts: Sequence[PagePart] = ()
    expires_on: date | None = None
    history: Sequence[Entry] = ()
    #: Number and code of the one that took its place.
    successor: tuple[str, str] | None = None
    #: Why a token is refused.
    refusal: Unreadable | None = None
    #: The host of the link, where it is not ours.
    foreign_host: str = ""
    #: Whether the last four of the ID number agree with what was typed; None where nothing was asked.
    last_four_agree: bool | None = None
    #: Whether the PDF that was given is byte for byte the one made at the issue; None where none was given.
    is_original: bool | None = None
    #: The PDF's electronic signature; None where it bears none.
    pdf_signature: PdfSignature | None = None
    #: When the log took it in, by the proof in the PDF; None without one that holds.
    logged_at: datetime | None = None

    @property
    def about_file(self) -> Message:
        """Say what the given PDF is, where `is_original` is known."""
        if self.is_original:
            return say("这份 PDF 与发证时的原件逐字节相同")
        return say("这份 PDF 不是发证时的原件：内容可能被改动过（扫描件、合并件也会如此），请与本页逐项核对")

    @property
    def about_log(self) -> Message:
        """Say what the log's proof in the PDF shows, where `logged_at` is known."""
        day = clock.local(self.logged_at or self.as_of).date()
        if self.outcome is Outcome.UNKNOWN:
            return say(
                "但 PDF 里的日志证明成立：公开日志在 {day} 记下了它的签发，登记册可能不全，请向发证机构核实", day=day
            )
        return say("PDF 里的日志证明成立：公开日志在 {day} 记下了它的签发", day=day)

    @property
    def about_pdf(self) -> list[Message]:
        """Say all that the given PDF itself tells: whether it is the original, its signature, its proof of the log."""
        said = [self.about_file] if self.is_original is not None else []
        if self.pdf_signature is not None:
            said.append(self.pdf_signature.about)
        return [*said, self.about_log] if self.logged_at is not None else said

    @property
    def explanation(self) -> Message:
        """One sentence for somebody who has ten seconds."""
        if self.outcome is Outcome.BROKEN and self.refusal is not None:
            return self.refusal.findings[0].message
        if self.outcome is Outcome.UNKNOWN:
            return say("登记册里没有这本证书，请不要采信，并向所称的发证机构核实")
        if self.outcome is Outcome.VALID:
            return say("登记册里有这本证书，现在可以使用。请与纸面逐项核对")
        if self.outcome is Outcome.EXPIRED:
            return say("证书真实，但有效期已于 {day} 届满", day=self.expires_on)
        last = self.history[-1]
        return say(
            "{day} {status}。原因：{reason}（{authority}）",
            day=clock.local(last.on).date(),
            status=last.status.label,
            reason=last.reason.label,
            authority=last.authority,
        )


def of_link(text: str) -> Verdict:
    """Judge a scanned link, whatever its host; a foreign host is named, and the token judged all the same."""
    try:
        found = link.read(text)
    except Unreadable as refusal:
        return _broken(refusal)
    verdict = _of_token(found.token)
    own = urlsplit(current_app.config["LBCERT"].public_url).netloc.lower()
    return replace(verdict, foreign_host=found.host) if found.host != own else verdict


def of_code(code: str, *, pdf_digest: str = "") -> Verdict:
    """Judge the last part of a link, as the public page gets it; and a PDF with it by its SHA-256, where that is given."""
    try:
        token = link.read_code(code)
    except Unreadable as refusal:
        return _broken(refusal)
    return _of_pdf(_of_token(token), pdf_digest) if pdf_digest else _of_token(token)


def of_number(number: str, type_name: str = "", last_four: str = "") -> Verdict:
    """Judge a number typed by hand; ``last_four`` of the holder's ID number are compared when they are given."""
    wanted = "".join(number.split()).upper()
    rows = db.session.execute(_BY_NUMBER, {"number": wanted, "type": type_name or None}).all()
    if not rows:
        return Verdict(Outcome.UNKNOWN, clock.now(), number=wanted)
    verdict = _judged(rows)
    if not last_four.strip():
        return verdict
    holder = db.session.scalar(select(Person.id_number).where(Person.id == rows[0].person_id)) or ""
    return replace(verdict, last_four_agree=holder[-4:] == last_four.strip().upper())


def of_certificates(ids: Collection[int]) -> dict[int, Verdict]:
    """Judge certificates of the register by their ids."""
    found = groupby(db.session.execute(_statement(Certificate.id.in_(ids))), key=lambda row: row.id)
    return {certificate_id: _judged(list(rows)) for certificate_id, rows in found}


def of_file(data: bytes) -> list[Verdict]:
    """Judge every certificate in a picture or PDF. Raises ``Refused`` for a file that is neither."""
    if not data.startswith(b"%PDF-"):
        return [of_link(text) for text in dict.fromkeys(qr.read_picture(data))]
    digest, signature = sha256(data).hexdigest(), signature_of(data)
    proof = find_proof(data)
    return [
        replace(_of_pdf(of_link(text), digest), pdf_signature=signature, logged_at=_logged_at(proof, text))
        for text in dict.fromkeys(qr.read_pdf(data))
    ]


def _logged_at(proof: str, text: str) -> datetime | None:
    """Tell when the log took in the certificate of a scanned link, by a proof."""
    try:
        return logged_at(proof, link.read(text).token) if proof else None
    except Unreadable:
        return None


def _of_pdf(verdict: Verdict, digest: str) -> Verdict:
    """Add whether a PDF of this SHA-256 is the one that was made at the certificate's issue."""
    if not verdict.number:
        return verdict
    made = select(StoredFile.sha256).join(Certificate, Certificate.file_id == StoredFile.id)
    own = made.where(Certificate.type == verdict.type, Certificate.number == verdict.number)
    return replace(verdict, is_original=digest == db.session.scalar(own))


def of_anything(text: str) -> Verdict:
    """Judge a link, a code or a number, by what it looks like."""
    given = text.strip()
    if "://" in given:
        return of_link(given)
    return of_code(given) if len(given) > _LONGEST_NUMBER else of_number(given)


_LONGEST_NUMBER = 60


def _of_token(token: bytes) -> Verdict:
    """Look a token up by its digest; what the register knows is to the byte what was signed here.

    Anything else goes to the strict reader, which says what is wrong with it, or that only the register lacks it.
    """
    if rows := _BY_DIGEST.all(digest=sha256(token).hexdigest()):
        return _judged(rows)
    try:
        try:
            reading = reader.read_token(token, keys.ring())
        except Unreadable as refusal:
            if refusal.reason is not Refusal.UNKNOWN_KEY:
                raise
            reading = reader.read_token(token, keys.ring(fresh=True))  # made a moment ago in another process
    except Unreadable as refusal:
        return _broken(refusal)
    return _unregistered(reading.claims)


def _broken(refusal: Unreadable) -> Verdict:
    return Verdict(Outcome.BROKEN, clock.now(), refusal=refusal)


def _unregistered(claims: Claims) -> Verdict:
    """Say what a good signature claims that the register does not know."""
    kind = next((each for each in all_types().values() if each.kind == claims.kind), None)
    return Verdict(Outcome.UNKNOWN, clock.now(), type=kind.name if kind else "", label=kind.label if kind else "")


# One statement: the certificate and its history

_active = (
    select(func.aggregate_strings(BrandPlugin.plugin, "\n"))
    .where(BrandPlugin.brand_id == Certificate.brand_id)
    .scalar_subquery()
)


def _statement(condition: ColumnElement[bool]) -> Any:
    return (
        select(
            Certificate.id, Certificate.type, Certificate.number, Certificate.person_id, Certificate.status, Certificate.expires_on,
            Certificate.claims, Certificate.brand_id, Certificate.key_id, _active.label("plugins"),
            StatusChange.created_at, StatusChange.status.label("became"), StatusChange.reason, StatusChange.authority,
        )
        .join(StatusChange, StatusChange.certificate_id == Certificate.id)
        .where(condition)
        .order_by(Certificate.id, StatusChange.id)
    )  # fmt: skip


_BY_DIGEST = StraightSelect(_statement(Certificate.token_digest == bindparam("digest", None)))
_BY_NUMBER = _statement(
    (Certificate.number == bindparam("number"))
    & ((Certificate.type == bindparam("type")) | bindparam("type", type_=Certificate.type.type).is_(None))
)


_SUCCESSOR = StraightSelect(
    select(Certificate.number, Certificate.token).where(Certificate.replaces_id == bindparam("replaced", None))
)


def _judged(rows: Sequence[Any]) -> Verdict:
    row = rows[0]
    kind = all_types().get(row.type)
    outcome = Outcome(row.status.value)
    if outcome is Outcome.VALID and row.expires_on is not None and row.expires_on < clock.today():
        outcome = Outcome.EXPIRED
    is_stolen = row.status in _STANDING and keys.trust_of(row.id, row.key_id) is not Trust.GOOD
    claims = {name: value for name, value in orjson.loads(row.claims).items() if name not in _LEFT_OUT}
    if kind is None or kind.kind != Kind.BRAND_STORE:
        claims["name"] = mask_name(claims["name"])
    return Verdict(
        Outcome.BROKEN if is_stolen else outcome,
        clock.now(),
        refusal=Unreadable(Refusal.KEY_COMPROMISED) if is_stolen else None,
        type=row.type,
        label=kind.label if kind else say("证书"),
        number=row.number,
        fields=kind.fields(claims) if kind else [(say("姓名"), claims["name"]), (say("证书编号"), row.number)],
        parts=_parts(row, stands=outcome is Outcome.VALID and not is_stolen),
        expires_on=row.expires_on,
        history=[Entry(each.created_at, each.became, each.reason, each.authority) for each in _of_first(rows)],
        successor=_successor_of(row),
    )


def _successor_of(row: Any) -> tuple[str, str] | None:
    """Look for the one that took its place, where there may be one.

    It is no join: a planner that counted how many certificates replace none would walk the register for each page.
    """
    if row.status not in {Status.REPLACED, Status.REVOKED}:
        return None
    found = _SUCCESSOR.all(replaced=row.id)
    return (found[0].number, base36.encode(found[0].token)) if found else None


def _parts(row: Any, *, stands: bool) -> list[PagePart]:
    """Ask the plugins that are on for the brand what they add."""
    if not row.plugins:
        return []
    shown = PublicCertificate(row.type, row.number, row.brand_id, row.person_id, stands)
    return gather(plugins().for_brand(row.plugins.split("\n")).lbcert_public_parts, PagePart, certificate=shown)


def _of_first(rows: Sequence[Any]) -> Iterable[Any]:
    """Keep to one certificate, should two types have given the same number."""
    return (row for row in rows if row.type == rows[0].type)


def as_data(verdict: Verdict, words: Callable[[Any], str]) -> dict[str, Any]:
    """Give a verdict as JSON holds it; ``words`` puts messages into the reader's language."""
    return {
        "outcome": verdict.outcome.value,
        "label": words(verdict.outcome.label),
        "explanation": words(verdict.explanation),
        "as_of": verdict.as_of.isoformat(timespec="seconds"),
        "demo": current_app.config["LBCERT"].demo,
        "type": verdict.type,
        "number": verdict.number,
        "fields": [{"label": words(label), "value": words(value)} for label, value in verdict.fields],
        "parts": [
            {
                "name": part.name,
                "title": words(part.title),
                "fields": [{"label": words(label), "value": words(value)} for label, value in part.fields],
            }
            for part in verdict.parts
        ],
        "expires_on": verdict.expires_on.isoformat() if verdict.expires_on else None,
        "history": [
            {
                "on": entry.on.isoformat(timespec="seconds"),
                "status": entry.status.value,
                "reason": entry.reason.value,
                "words": words(say("{status}：{reason}", status=entry.status.label, reason=entry.reason.label)),
                "authority": entry.authority,
            }
            for entry in verdict.history
        ],
        "successor": verdict.successor[0] if verdict.successor else None,
        "refusal": verdict.refusal.reason.value if verdict.refusal else None,
        "foreign_host": verdict.foreign_host or None,
        "last_four_agree": verdict.last_four_agree,
        "is_original": verdict.is_original,
        "logged_at": verdict.logged_at.isoformat(timespec="seconds") if verdict.logged_at else None,
        "pdf_signature": verdict.pdf_signature.state.value if verdict.pdf_signature else None,
    }


__all__ = [
    "Outcome",
    "Refused",
    "Verdict",
    "as_data",
    "of_anything",
    "of_certificates",
    "of_code",
    "of_file",
    "of_link",
    "of_number",
]
