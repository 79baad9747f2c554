"""What the public page of a certificate says of its holder's stars."""

from __future__ import annotations

from lbcert.certificates.models import Status
from lbcert.core import clock
from lbcert.core.registrations import Fields, PagePart
from lbcert.core.words import say
from lbcert_star_rating.certificate import stars_label
from lbcert_star_rating.models import Award


def part_of(award: Award) -> PagePart:
    """Say the stars with their date; withdrawn, suspended or expired ones are said to be so, without the stars."""
    scheme = award.nomination.scheme
    by = [(say("评价方案"), scheme.name), (say("授予单位"), scheme.organisation.name)]
    return PagePart("star_rating.stars", say("星级认证"), [*_standing(award), *by])


def _standing(award: Award) -> Fields:
    status = award.certificate.status if award.certificate else Status.REVOKED
    if award.withdrawn_on is not None:
        return [(say("星级"), say("已撤销")), (say("撤销日期"), award.withdrawn_on.isoformat())]
    if status is not Status.VALID:
        return [(say("星级"), status.label)]
    dates = [(say("授予日期"), award.awarded_on.isoformat()), (say("有效期至"), award.valid_to.isoformat())]
    stars = say("已过期") if award.valid_to < clock.today() else stars_label(award.stars)
    return [(say("星级"), stars), *dates]
