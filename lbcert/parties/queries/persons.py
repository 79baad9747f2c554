"""Persons, as lists and later rooms ask for them, kept to what an actor may see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db, load
from lbcert.core.findings import Missing
from lbcert.core.identity.id_number import tidy_id_number
from lbcert.core.identity.phone import tidy_phone
from lbcert.core.pages import Page, Paging, ordered, paginate
from lbcert.core.reference import SkillLevel, prefix
from lbcert.core.seal import keyring
from lbcert.parties.models import Organisation, Person, Qualification

SORTS = {"name": Person.pinyin, "birth": Person.birth_date, "since": Person.created_at}

#: Gives the WHERE over ``Person`` for the people that an actor may see on one ground.
Ground = Callable[[Actor], ColumnElement[bool]]
_GROUNDS: list[Ground] = []

#: Values in one IN (…), well under what either database takes.
_BATCH = 1000


def who_may_see_persons(ground: Ground) -> Ground:
    """Add a ground on which people are seen; later rooms add theirs: "the clerk of a cohort sees its learners".

    ``ground(actor)`` gives a WHERE over ``Person``; an actor sees whom any of the grounds lets him see.
    """
    _GROUNDS.append(ground)
    return ground


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Give the WHERE that keeps a list of persons to those whom the actor may see."""
    return or_(*(ground(actor) for ground in _GROUNDS))


@who_may_see_persons
def _by_household(actor: Actor) -> ColumnElement[bool]:
    """Bureaux, service centres and auditors see the people whose household is in their region."""
    roles = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR)
    return visible(actor, *roles, region=[Person.household_region_code])


@who_may_see_persons
def _by_station(actor: Actor) -> ColumnElement[bool]:
    """Stations see the people whose household is in the place that they are set up for."""
    own = [grant.organisation_id for grant in actor.grants if grant.role is Role.STATION]
    if not own:
        return false()
    places = db.session.scalars(select(Organisation.region_code).where(Organisation.id.in_(own)))
    return or_(*(Person.household_region_code.startswith(prefix(code), autoescape=True) for code in places))


@who_may_see_persons
def _oneself(actor: Actor) -> ColumnElement[bool]:
    """Everybody sees himself."""
    return false() if actor.person_id is None else Person.id == actor.person_id


def sees_person(actor: Actor, person_id: int) -> bool:
    """Tell whether an actor may see a person."""
    load(Person, person_id)
    return db.session.scalar(select(Person.id).where(Person.id == person_id, seen_by(actor))) is not None


def find_person(actor: Actor, person_id: int) -> Person:
    """Give a person whom the actor may see; raises ``Missing`` for any other."""
    if not sees_person(actor, person_id):
        raise Missing(f"Person {person_id}")
    return load(Person, person_id)


def _asked_for(actor: Actor, paging: Paging) -> Select[Any]:
    query = select(Person).where(seen_by(actor))
    if paging.search:
        query = query.where(_fits(paging.search))
    if region := paging.filters.get("region"):
        query = query.where(Person.household_region_code.startswith(prefix(region), autoescape=True))
    return query


def _fits(text: str) -> ColumnElement[bool]:
    """Find by whole ID number or phone number, through their indexes, else by name or by its pinyin."""
    ring = keyring()
    number, phone = tidy_id_number(text).text, tidy_phone(text).text
    if re.fullmatch(r"[0-9X+]{7,20}", number):
        return or_(Person.id_index == ring.index("id_number", number), Person.phone_index == ring.index("phone", phone))
    letters = text.replace(" ", "").lower()
    if letters.isascii():
        return func.replace(Person.pinyin, " ", "").startswith(letters, autoescape=True)
    return Person.name.contains(text, autoescape=True)


def list_persons(actor: Actor, paging: Paging) -> Page[Person]:
    """List one page of the persons whom an actor may see."""
    return paginate(db.session, _asked_for(actor, paging), paging, SORTS, Person.id)


def all_persons(actor: Actor, paging: Paging) -> Iterable[Person]:
    """Give the whole list, for an export."""
    return db.session.scalars(ordered(_asked_for(actor, paging), paging, SORTS, Person.id))


def owner_of(name: str, id_number: str) -> Person | None:
    """Find the person on file who has both a name and an ID number; None where either differs."""
    index = keyring().index("id_number", tidy_id_number(id_number).text)
    return db.session.scalar(select(Person).where(Person.id_index == index, Person.name == name.strip()))


def known_people(indexes: Iterable[str]) -> dict[str, Person]:
    """Give the persons on file by the index of their ID number; for an import, whatever its size."""
    found: dict[str, Person] = {}
    for some in _batches(indexes):
        found |= {
            person.id_index: person for person in db.session.scalars(select(Person).where(Person.id_index.in_(some)))
        }
    return found


def known_numbers(id_numbers: Sequence[str]) -> dict[str, Person]:
    """Give the persons on file by ID number, of tidied numbers; for the dry run of an import."""
    ring = keyring()
    indexes = {ring.index("id_number", number): number for number in id_numbers}
    return {indexes[index]: person for index, person in known_people(indexes).items()}


def holds_same(
    person_ids: Iterable[int], trade_id: int, level: SkillLevel | None, *, or_higher: bool = False
) -> dict[int, list[Qualification]]:
    """Give, by person, the standing qualifications in a trade at a level, and at higher ones too when asked.

    A level's value is the digit on the certificate: 5 is the lowest, 1 the highest.
    """
    levels = [level] if level is None or not or_higher else [each for each in SkillLevel if each <= level]
    right = Qualification.level.is_(None) if level is None else Qualification.level.in_(levels)
    found: dict[int, list[Qualification]] = {}
    for some in _batches(person_ids):
        query = select(Qualification).where(
            Qualification.person_id.in_(some), Qualification.trade_id == trade_id, right, Qualification.stands
        )
        for row in db.session.scalars(query.order_by(Qualification.issued_on)):
            found.setdefault(row.person_id, []).append(row)
    return found


def _batches(values: Iterable[object]) -> Iterator[list[object]]:
    rest = iter(dict.fromkeys(values))
    while some := list(islice(rest, _BATCH)):
        yield some
