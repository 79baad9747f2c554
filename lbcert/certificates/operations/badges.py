"""Open Badges: a holder takes hers along, and the lists that say what became of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from lbcert.certificates import badge
from lbcert.certificates.badge import Badge
from lbcert.certificates.models import Certificate, Status
from lbcert.certificates.operations.keys import signer_for
from lbcert.certificates.queries import keys
from lbcert.certificates.queries.mirror import Published
from lbcert.certificates.queries.status_lists import all_numbers
from lbcert.certificates.types import certificate_type
from lbcert.core import clock
from lbcert.core.access import Actor, Holder, only
from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.registrations import Ground
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say

#: How long a status list may be believed, and kept by whoever fetched it.
LIFE = timedelta(days=1)
_CACHING = "max-age=600"
_PURPOSES = {"revocation": (Status.REVOKED, Status.REPLACED), "suspension": (Status.SUSPENDED,)}
_KINDS = {Ground.COMPLETION: "CertificateOfCompletion", Ground.RESULT: "Certification", Ground.AWARD: "Award"}


def _is_holder(actor: Actor, certificate_id: int) -> bool:
    return isinstance(actor, Holder) and load(Certificate, certificate_id).person_id == actor.person_id


@operation("certificates.export_badge", say("导出 Open Badges"), allow=only("the holder", _is_holder))
def export_badge(actor: Any, certificate_id: int) -> Certificate:
    """Let a holder take a certificate along as a badge, which `written` then signs. Refused for one that does not stand."""
    found = load(Certificate, certificate_id)
    message = say("这本证书现在是“{status}”，不能导出", status=found.status.label)
    refuse_on([] if found.status is Status.VALID else [refuse("certificates.badge_not_valid", message)])
    return found


def written(certificate: Certificate) -> str:
    """Sign a certificate as a badge, with the newest key that may for its brand."""
    claims, kind = json.loads(certificate.claims), certificate_type(certificate.type)
    what = f"{certificate.trade.name} {kind.label}"
    expires = certificate.expires_on
    made = Badge(
        cti=certificate.cti,
        name=claims["name"],
        achievement_type=_KINDS[certificate.ground],
        achievement=what,
        narrative=str(say("{what}，编号 {number}，由 {who} 颁发", what=what, number=certificate.number, who=certificate.organisation.name)),
        number=certificate.number,
        organisation=certificate.organisation.name,
        issued=certificate.issued_at,
        expires=datetime.combine(expires, time(23, 59, 59), clock.SHANGHAI).astimezone(UTC) if expires else None,
        status_list=certificate.status_list,
        status_index=certificate.status_index,
    )  # fmt: skip
    _, signer = signer_for(certificate.brand.number, clock.now(), everywhere=True)
    return badge.write_badge(made, _public_url(), signer)


def find(name: str) -> Published | None:
    """Give a file of the folder: the issuer's document, or a status list as it stands now; None where there is none."""
    if name == badge.DID_FILE:
        document = badge.did_document(badge.issuer_of(_public_url()), keys.ring().values())
        return Published(json.dumps(document).encode(), "application/did+json", _CACHING)
    for purpose, stands in _PURPOSES.items():
        for number in all_numbers():
            if name == badge.list_name(purpose, number):
                return _status_list(purpose, number, stands)
    return None


def _status_list(purpose: str, number: int, stands: tuple[Status, ...]) -> Published:
    """Sign a list on the spot: the few that it names stand in an index of their own."""
    indices = db.session.scalars(
        select(Certificate.status_index).where(Certificate.status_list == number, Certificate.status.in_(stands))
    )
    _, signer = signer_for(None, clock.now(), everywhere=True)
    token = badge.write_status_list(purpose, number, indices, _public_url(), signer, clock.now(), LIFE)
    return Published(token.encode(), badge.MEDIA_TYPE, _CACHING)


def _public_url() -> str:
    url: str = current_app.config["LBCERT"].public_url
    return url
