"""Open Badges: a holder takes hers along, and the lists that say what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

from flask import current_app
from sqlalchemy import select

from lbcert.certificates import badge, status_list
from lbcert.certificates.badge import Badge
from lbcert.certificates.models import Certificate, Status, StatusList
from lbcert.certificates.operations.keys import signer_for
from lbcert.certificates.queries import keys
from lbcert.certificates.queries.mirror import Published
from lbcert.certificates.queries.status_lists import CACHING
from lbcert.certificates.token.keys import Signer
from lbcert.certificates.types import certificate_type
from lbcert.core import clock
from lbcert.core.access import Actor, Holder, only
from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.registrations import Ground
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say

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


def status_lists(number: int, signer: Signer, at: datetime, *, last: bool) -> str:
    """Sign the lists of a block, each for its purpose; JSON, as `StatusList.badges` keeps it.

    The few that a list names stand in an index of their own.
    """
    named = select(Certificate.status_index).where(Certificate.status_list == number)
    until = None if last else at + status_list.LIFE
    return json.dumps(
        {
            purpose: badge.write_status_list(
                purpose,
                number,
                db.session.scalars(named.where(Certificate.status.in_(stands))),
                _public_url(),
                signer,
                at,
                until,
            )
            for purpose, stands in _PURPOSES.items()
        }
    )


def find(name: str) -> Published | None:
    """Give a file of the folder: the issuer's document, or a status list as it was last built; None where there is none."""
    if name == badge.DID_FILE:
        return _document()
    purpose, _, number = name.removesuffix(".jwt").rpartition("-")
    if not (number.isascii() and number.isdigit() and name == badge.list_name(purpose, int(number[:9]))):
        return None
    row = db.session.get(StatusList, int(number))
    return _lists(row).get(name) if row else None


def files() -> Iterator[tuple[str, bytes]]:
    """Give each file of the folder with its path in a mirror."""
    yield f"{badge.FOLDER}/{badge.DID_FILE}", _document().body
    for row in db.session.scalars(select(StatusList).order_by(StatusList.number)):
        for name, published in _lists(row).items():
            yield f"{badge.FOLDER}/{name}", published.body


def _document() -> Published:
    document = badge.did_document(badge.issuer_of(_public_url()), keys.ring().values())
    return Published(json.dumps(document).encode(), "application/did+json", CACHING)


def _lists(row: StatusList) -> dict[str, Published]:
    """Give a block's lists by their names."""
    return {
        badge.list_name(purpose, row.number): Published(token.encode(), badge.MEDIA_TYPE, CACHING, row.built_at)
        for purpose, token in json.loads(row.badges or "{}").items()
    }


def _public_url() -> str:
    url: str = current_app.config["LBCERT"].public_url
    return url
