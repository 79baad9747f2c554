"""What a new cohort may teach, and who may lead it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lbcert.brands.models import Brand, MenuVersion, TrainingItem
from lbcert.brands.queries import label_of
from lbcert.core.access import Actor, Role
from lbcert.core.database import db
from lbcert.core.pages import in_words
from lbcert.parties.models import Organisation


def courses() -> dict[str, str]:
    """Give each brand's items with their newest published menu: "brand-item-menu" → name."""
    menus: dict[int, MenuVersion] = {}
    published = select(MenuVersion).where(MenuVersion.published_on.is_not(None)).order_by(MenuVersion.version_number)
    for menu in db.session.scalars(published):
        menus[menu.item_id] = menu
    brands = select(Brand).options(selectinload(Brand.items).selectinload(TrainingItem.trade)).order_by(Brand.name)
    return {
        f"{brand.id}-{item.id}-{menus[item.id].id}": f"{brand.name} · {in_words(label_of(item))}"
        for brand in db.session.scalars(brands)
        for item in brand.items
        if item.id in menus
    }


def leads(actor: Actor) -> dict[int, Organisation]:
    """Give the organisations for which an actor may begin a cohort."""
    own = [grant.organisation_id for grant in actor.grants if grant.role is Role.PROVIDER_CLERK]
    query = select(Organisation).where(Organisation.id.in_([key for key in own if key])).order_by(Organisation.name)
    return {organisation.id: organisation for organisation in db.session.scalars(query)}
