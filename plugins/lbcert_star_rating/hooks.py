"""What the plugin answers when the house asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from lbcert.certificates.models import Certificate
from lbcert.certificates.operations.issuing import Draft, Series
from lbcert.core.access import Actor
from lbcert.core.registrations import CertificateType, Line, PagePart, PublicCertificate
from lbcert.core.room import Room
from lbcert.core.todo import Todo
from lbcert.demo.cast import Cast
from lbcert.hookspecs import hookimpl
from lbcert_star_rating.certificate import STAR
from lbcert_star_rating.demo import tell
from lbcert_star_rating.operations import draft_again, follow
from lbcert_star_rating.public import part_of
from lbcert_star_rating.queries import newest_awards
from lbcert_star_rating.todo import todo
from lbcert_star_rating.views import room


@hookimpl
def lbcert_certificate_types() -> Sequence[CertificateType]:
    """Bring the star certificate."""
    return [STAR]


@hookimpl
def lbcert_migrations() -> Sequence[Line]:
    """Bring the versions of the plugin's own tables."""
    return [Line("star_rating", Path(__file__).parent / "migrations", "star_rating_")]


@hookimpl
def lbcert_rooms() -> Sequence[Room]:
    """Bring the pages."""
    return [room]


@hookimpl
def lbcert_public_parts(certificate: PublicCertificate) -> Sequence[PagePart]:
    """Show the holder's stars with their date on a certificate that stands; the star certificate says them itself."""
    if not certificate.stands or certificate.type == STAR.name:
        return []
    return [part_of(award) for award in newest_awards(certificate.person_id, certificate.brand_id)]


@hookimpl
def lbcert_certificate_changed(certificate: Certificate) -> None:
    """Suspend stars whose holder's own certificate fell, and lead an award to its newest certificate."""
    follow(certificate)


@hookimpl
def lbcert_todo(actor: Actor) -> Sequence[Todo]:
    """Say what waits under each scheme."""
    return todo(actor)


@hookimpl
def lbcert_demo(cast: Cast, today: date) -> None:
    """Tell the demo's stars."""
    tell(cast, today)


@hookimpl
def lbcert_draft_again(certificate: Certificate) -> tuple[Draft, Series] | None:
    """Draft a star certificate anew, as for a holder whose name changed."""
    return draft_again(certificate)
