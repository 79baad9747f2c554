"""Persons: registered once by their ID number, seen masked, revealed for a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from lbcert.core import clock, files
from lbcert.core.access import Role, holds, only, roles_of
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.identity.id_number import IdNumber, parse_id_number, tidy_id_number
from lbcert.core.identity.masks import mask_id_number
from lbcert.core.identity.person_name import check_person_name, tidy_person_name
from lbcert.core.identity.phone import check_phone, tidy_phone
from lbcert.core.operation import INSIDE, operation
from lbcert.core.seal import keyring
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties import photos, rules
from lbcert.parties.models import IdKind, Person, Sex
from lbcert.parties.names import pinyin
from lbcert.parties.queries.persons import known_people, sees_person

#: Who meets people and writes them down.
REGISTRARS = (
    Role.ADMIN, Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.PROVIDER_CLERK, Role.ASSESSMENT_CLERK, Role.STATION,
    Role.ASSOCIATION, Role.EMPLOYER,
)  # fmt: skip
EDITORS = frozenset(REGISTRARS) - {Role.ADMIN, Role.EMPLOYER}
#: What may be revealed, by its name in the log.
REVEALED = ("id_number", "phone", "bank_account", "address")


@dataclass(frozen=True)
class PersonData:
    """What a form or one row of a roster says of a person; sex and birth come from a resident's ID number."""

    name: str
    id_number: str
    phone: str = ""
    bank_account: str = ""
    bank_name: str = ""
    bank_holder: str = ""
    ethnicity: str = ""
    category: str = ""
    household_kind: str = ""
    household_region_code: str = ""
    residence_region_code: str = ""
    address: str = ""
    postcode: str = ""
    email: str = ""
    mail_address: str = ""
    education: str = ""
    employment_register: str = ""
    id_kind: IdKind = IdKind.RESIDENT
    sex: Sex | None = None
    birth_date: date | None = None


#: What identifies somebody; the other columns are details, which a later roster may fill but not change.
_IDENTITY = {"name", "id_number", "id_kind", "sex", "birth_date"}
_DETAILS = [field.name for field in fields(PersonData) if field.name not in _IDENTITY]


def _edits(actor: Any, person_id: int) -> bool:
    return bool(EDITORS & roles_of(actor)) and sees_person(actor, person_id)


EDITS = only("sees the person and keeps its data", _edits)
REVEALS = only(
    "sees the person and works with its data",
    lambda actor, person_id: bool((EDITORS | {Role.AUDITOR}) & roles_of(actor)) and sees_person(actor, person_id),
)


@operation("parties.register_person", say("登记人员"), allow=holds(*REGISTRARS))
def register_person(actor: Any, data: PersonData) -> Person:
    """Register a person, or give the one who has this ID number; see ``register_people``."""
    return register_people(actor, [data])[0]


@operation("parties.register_people", say("批量登记人员"), allow=holds(*REGISTRARS))
def register_people(actor: Any, data: Sequence[PersonData]) -> list[Person]:
    """Give the person of each row, in the order of the rows: found by ID number, or registered now.

    Who is known keeps what is on file; only what is empty is filled. All refusals come at once, each with the masked
    number in its subject: a number, name or phone that cannot be one, and a number that is on file under another name
    (or stands under two names among the rows).
    """
    rows = [_Row(row) for row in data]
    known = known_people([row.index for row in rows if row.index])
    findings = [finding for row in rows for finding in row.findings]
    names = {index: person.name for index, person in known.items()}
    for row in rows:
        if row.index:
            findings += rules.same_name(row.masked, row.name, names.setdefault(row.index, row.name))
    refuse_on(findings)
    for row in rows:
        person = known.get(row.index)
        if person is None:
            known[row.index] = person = row.new()
            db.session.add(person)
        _fill(person, row.data)
    db.session.flush()
    return [known[row.index] for row in rows]


@operation("parties.change_person", say("修改人员信息"), allow=EDITS)
def change_person(
    actor: Any,
    person_id: int,
    data: dict[str, str],
    *,
    version: int | None = None,
) -> Person:
    """Correct what is on file of a person: name, phone, bank account and the other details of ``PersonData``.

    What ``data`` does not name stays. The ID number never changes: another number is another person.
    """
    person = load(Person, person_id, lock=True)
    name = data.get("name", person.name)
    name = tidy_person_name(name).text if person.id_kind is IdKind.RESIDENT else " ".join(name.split())[:60]
    wrong = check_person_name(name) if person.id_kind is IdKind.RESIDENT else None
    unknown = set(data) - {"name", *_DETAILS}
    if unknown:
        raise ValueError(f"not to be changed: {sorted(unknown)}")
    refuse_on(stale(person, version), [wrong] if wrong else [], _phone(data.get("phone", "")))
    if name != person.name:
        person.name, person.pinyin = name, pinyin(name)
    for column, value in data.items():
        if column != "name":
            _set(person, column, value.strip())
    return person


@operation("parties.reveal", say("查看隐藏信息"), allow=REVEALS)
def reveal(actor: Any, person_id: int, what: str, reason: str) -> Person:
    """Let an actor see one sealed value of a person whole; who, what and why is in the audit log.

    ``what`` is one of *id_number, phone, bank_account, address*. Refused without a reason.
    """
    person = load(Person, person_id)
    findings = []
    if what not in REVEALED:
        findings.append(refuse("parties.reveal_what", say("没有可以查看的“{what}”", what=what[:20])))
    if not reason.strip():
        findings.append(refuse("parties.reveal_reason", say("请写明查看的理由，理由会记入日志")))
    refuse_on(findings)
    return person


@operation("parties.set_photo", say("更换人员照片"), allow=EDITS)
def set_photo(actor: Any, person_id: int, data: bytes) -> Person:
    """Keep a person's photo, encoded anew without what a camera wrote into it.

    Refused when it is no picture, or too small or too large to print on a certificate.
    """
    person = load(Person, person_id, lock=True)
    photo = photos.read_photo(data)
    if isinstance(photo, Finding):
        raise Refused([photo])
    _keep_photo(person, photo)
    return person


@operation("parties.keep_photos", say("保存人员照片"), allow=INSIDE)
def keep_photos(actor: Any, photo: Mapping[int, bytes]) -> None:
    """Keep the photos of several people, by person id; each as :func:`~lbcert.parties.photos.read_photo` gave it."""
    for person_id, picture in photo.items():
        _keep_photo(load(Person, person_id, lock=True), picture)


def _keep_photo(person: Person, picture: bytes) -> None:
    person.photo_id = files.keep(picture, f"person-{person.id}.jpg", "image/jpeg").id


class _Row:
    """One row as it is to be stored, with what is wrong with it."""

    def __init__(self, data: PersonData) -> None:
        self.data = data
        is_resident = data.id_kind is IdKind.RESIDENT
        self.name = tidy_person_name(data.name).text if is_resident else " ".join(data.name.split())[:60]
        number = tidy_id_number(data.id_number).text
        self.number = number
        self.masked = mask_id_number(number)
        self.index = keyring().index("id_number", number) if number else ""
        self.findings: list[Finding] = []
        self.sex, self.birth_date = data.sex, data.birth_date
        if is_resident:
            self._read_resident()
        else:
            self.findings += rules.foreign_paper(number, data.sex, data.birth_date)
        self.findings += _phone(data.phone)
        self.findings += rules.region_codes(self.name, data.household_region_code, data.residence_region_code)

    def _read_resident(self) -> None:
        read = parse_id_number(self.number, clock.today())
        if isinstance(read, IdNumber):
            self.sex, self.birth_date = read.sex, read.birth_date
        else:
            self.findings.append(read)
        wrong = check_person_name(self.name)
        if wrong:
            self.findings.append(wrong)

    def new(self) -> Person:
        return Person(
            name=self.name,
            pinyin=pinyin(self.name),
            sex=self.sex,
            birth_date=self.birth_date,
            id_kind=self.data.id_kind,
            id_number=self.number,
            id_index=self.index,
            id_masked=self.masked,
            **dict.fromkeys(_TEXTS, ""),
        )


#: Details kept in clear, empty where nothing is known.
_TEXTS = [name for name in _DETAILS if name not in {"phone", "bank_account", "address", "mail_address"}]


def _fill(person: Person, data: PersonData) -> None:
    for column in _DETAILS:
        value = getattr(data, column).strip()
        if value and not getattr(person, column):
            _set(person, column, value)


def _set(person: Person, column: str, value: str) -> None:
    """Store one detail with its index; what is sealed is None where it is empty."""
    match column:
        case "phone":
            value = tidy_phone(value).text
            person.phone, person.phone_index = value or None, keyring().index("phone", value) if value else None
        case "bank_account":
            value = "".join(value.split())
            person.bank_account = value or None
            person.bank_index = keyring().index("bank_account", value) if value else None
        case "address" | "mail_address":
            setattr(person, column, value or None)
        case _:
            setattr(person, column, value[: getattr(Person.__table__.c[column].type, "length", None)])


def _phone(text: str) -> Iterable[Finding]:
    finding = check_phone(tidy_phone(text).text) if text.strip() else None
    return [finding] if finding and finding.stops else []
