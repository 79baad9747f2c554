"""Designs that issuers made: which one counts, whose may be seen, and what a trial says of one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any

from flask import current_app
from PIL import Image, ImageDraw
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from lbcert.certificates.models import Certificate, DesignVersion
from lbcert.certificates.rendering.bounds import Trial, try_apart
from lbcert.certificates.rendering.design import PHOTO, Look, Paper, Source
from lbcert.certificates.token import link
from lbcert.certificates.types import all_types, certificate_type
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.registrations import CertificateType, Ground
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.parties.models import Organisation, OrganisationKind

#: On what an organisation's certificates rest; those of any other kind rest on awards.
_GROUNDS = {OrganisationKind.PROVIDER: Ground.COMPLETION, OrganisationKind.ASSESSMENT_BODY: Ground.RESULT}
#: Bytes of a usual token: the sample's QR is as dense as a real one.
_TOKEN = bytes(range(1, 142))


def find_in_force(organisation_id: int, type_name: str) -> DesignVersion | None:
    """Give the design in which an organisation issues a type now; None for the type's own folder."""
    return db.session.scalar(
        select(DesignVersion)
        .where(
            DesignVersion.organisation_id == organisation_id,
            DesignVersion.type == type_name,
            DesignVersion.in_force_at.is_not(None),
        )
        .order_by(DesignVersion.number.desc())
        .limit(1)
    )


def look_of(certificate: Certificate) -> Look:
    """Give the look in which a certificate was issued, whatever is in force today."""
    return source_of(certificate.design) if certificate.design else certificate_type(certificate.type).design


def source_of(design: DesignVersion) -> Source:
    """Give a version's three texts."""
    return Source(design.template, design.style, design.frame)


def designable_types(organisations: Iterable[Organisation]) -> list[CertificateType]:
    """List the types that the organisations issue, and that bring samples to try a design with."""
    grounds = {_GROUNDS.get(each.kind, Ground.AWARD) for each in organisations}
    return [kind for kind in all_types().values() if kind.samples and kind.ground in grounds]


def organisations_of(actor: Actor) -> list[Organisation]:
    """List the organisations for which the actor may make designs."""
    own = visible(actor, Role.ISSUER, organisation=[Organisation.id])
    return list(db.session.scalars(select(Organisation).where(own).order_by(Organisation.name)))


def _seen_by(actor: Actor) -> Select[Any]:
    reach = visible(actor, Role.ISSUER, organisation=[Organisation.id]) | visible(
        actor, Role.BUREAU_OFFICER, region=[Organisation.region_code]
    )
    return select(DesignVersion).join(DesignVersion.organisation).where(reach)


def list_designs(actor: Actor) -> list[DesignVersion]:
    """List the versions of the actor's organisations, or of those that an officer watches over; the newest of each first."""
    query = _seen_by(actor).options(joinedload(DesignVersion.organisation))
    return list(db.session.scalars(query.order_by(Organisation.name, DesignVersion.type, DesignVersion.number.desc())))


def todo(actor: Actor) -> list[Todo]:
    """List the designs that wait for a second person, who is not the one who asked."""
    asked = DesignVersion.asked_by.is_not(None) & (DesignVersion.asked_by != actor.id)
    waiting = db.session.scalars(_seen_by(actor).where(asked, DesignVersion.in_force_at.is_(None)))
    return [
        Todo(
            say(
                "{organisation}：证书版式第 {number} 版等待启用", organisation=row.organisation.name, number=row.number
            ),
            "certificates.design",
            {"design_id": row.id},
        )
        for row in waiting
    ]


def trial_of(type_name: str, source: Source) -> Trial:
    """Try a design with the samples of its type; the answer is kept for whoever asks again."""
    settings = current_app.config["LBCERT"]
    return _tried(type_name, source, settings.public_url)


@lru_cache(maxsize=8)
def _tried(type_name: str, source: Source, public_url: str) -> Trial:
    kind = certificate_type(type_name)
    names: Sequence[str] = list(json.loads(kind.schema().read_text(encoding="utf-8"))["properties"])
    host, photo = public_url.partition("://")[2], _photo()
    papers = [
        Paper(
            claims=sample.claims,
            link=link.write(public_url, _TOKEN),
            check_at=f"{host}/verify",
            photo=photo if sample.has_photo else None,
            demo=True,
            own_code="1234 5678",
            own_at=f"{host}/my",
        )
        for sample in kind.samples
    ]
    return try_apart(source, names, [(sample.label, paper) for sample, paper in zip(kind.samples, papers, strict=True)])


def _photo() -> bytes:
    """Draw a photo of nobody."""
    picture = Image.new("RGB", PHOTO, (205, 218, 228))
    width, height = PHOTO
    drawing, grey = ImageDraw.Draw(picture), (120, 134, 146)
    drawing.ellipse((width * 0.3, height * 0.18, width * 0.7, height * 0.55), fill=grey)
    drawing.ellipse((width * 0.08, height * 0.62, width * 0.92, height * 1.4), fill=grey)
    file = BytesIO()
    picture.save(file, "JPEG")
    return file.getvalue()
