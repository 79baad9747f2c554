"""What a holder sees of her own certificates and share links, and what a share link shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload, selectinload

from lbcert.certificates.models import Certificate, Reason, Share, StatusChange
from lbcert.certificates.paper_code import agrees
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.verdict import Verdict
from lbcert.core.database import db
from lbcert.core.identity.phone import tidy_phone
from lbcert.core.seal import keyring
from lbcert.parties.models import Person

#: A paper that was lost may be in anybody's hands.
_LOST = exists().where(StatusChange.certificate_id == Certificate.id, StatusChange.reason == Reason.DAMAGED)


def find_holder(phone: str, last_four: str, code: str) -> Person | None:
    """Find whose the three values are: the phone on file, the end of the ID number, the code on one of that person's papers.

    A family may share a phone. A paper that was replaced as lost or damaged opens nothing any more.
    """
    index = keyring().index("phone", tidy_phone(phone).text)
    rows = db.session.execute(
        select(Person, Certificate.cti)
        .join(Certificate, Certificate.person_id == Person.id)
        .where(Person.phone_index == index, ~_LOST)
        .order_by(Person.id)
    ).all()
    wanted = last_four.strip().upper()
    found = [person for person, cti in rows if agrees(code, cti) and person.id_number[-4:].upper() == wanted]
    return found[0] if found else None


def own_certificates(person_id: int) -> list[tuple[Certificate, Verdict]]:
    """List a person's certificates, the newest first, each as the public page judges it."""
    rows = db.session.scalars(
        select(Certificate)
        .where(Certificate.person_id == person_id)
        .options(joinedload(Certificate.file), joinedload(Certificate.organisation), joinedload(Certificate.trade))
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
    ).all()
    judged = verdicts.of_certificates([row.id for row in rows])
    return [(row, judged[row.id]) for row in rows]


def shares_of(person_id: int) -> Sequence[Share]:
    """List a person's share links with their views, the newest first."""
    return db.session.scalars(
        select(Share)
        .where(Share.person_id == person_id)
        .options(selectinload(Share.items), selectinload(Share.views))
        .order_by(Share.id.desc())
    ).all()


def find_share(secret: str) -> Share | None:
    """Find the share link with a secret, in whatever case a phone wrote it."""
    return db.session.scalar(select(Share).where(Share.digest == digest_of(secret)))


def digest_of(secret: str) -> str:
    """Give what is stored of a secret."""
    return sha256(secret.upper().encode()).hexdigest()


def is_open(share: Share, at: datetime) -> bool:
    """Tell whether a link shows anything at a time."""
    return share.withdrawn_at is None and at < share.ends_at


def shown_by(share: Share) -> list[Verdict]:
    """Judge what a link shows, the newest certificate first."""
    judged = verdicts.of_certificates([item.certificate_id for item in share.items])
    return [judged[key] for key in sorted(judged, reverse=True)]
