"""Persons: one row for each ID number, sealed, found by index, seen by those who work with them."""

import json
from datetime import date
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import LargeBinary, func, select, type_coerce

from lbcert.core import clock
from lbcert.core.access import Console, Role
from lbcert.core.audit import AuditEntry
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.pages import Paging
from lbcert.core.reference import Region, SkillLevel
from lbcert.parties import operations
from lbcert.parties.models import IdKind, OrganisationKind, Person, QualificationKind, Sex
from lbcert.parties.operations import PersonData
from lbcert.parties.queries.persons import holds_same, known_numbers, list_persons
from lbcert.testing import factories

VILLAGE = "530128100201"


def rules_of(refused):
    return sorted(finding.rule for finding in refused.value.findings)


def test_a_person_is_registered_with_what_the_id_number_says(app):
    person = operations.register_person(
        Console(),
        PersonData("阿依古丽•吐尔逊", " 530128197506150012 ", phone="138-0000-1234", bank_account="6222 0200 1"),
    )
    assert (person.name, person.sex, person.birth_date) == ("阿依古丽·吐尔逊", Sex.MALE, date(1975, 6, 15))
    assert person.id_masked == "530128********0012"
    assert (person.phone, person.bank_account) == ("13800001234", "622202001")
    assert person.pinyin == "a yi gu li tu er xun"


def test_nothing_personal_can_be_read_in_the_database_or_the_log(app):
    operations.register_person(
        Console(), PersonData("王小明", "530128197506150012", phone="13800001234", address="团街镇某村 8 号")
    )
    columns = [type_coerce(column, LargeBinary) for column in (Person.id_number, Person.phone, Person.address)]
    stored = b"".join(db.session.execute(select(*columns)).one())
    for secret in ("530128197506150012", "13800001234", "团街镇"):
        assert secret.encode() not in stored
        assert not any(secret in entry.arguments + entry.changes for entry in db.session.scalars(select(AuditEntry)))


def test_all_refusals_come_at_once_and_nothing_is_stored(app):
    with pytest.raises(Refused) as refused:
        operations.register_people(
            Console(),
            [
                PersonData("王小明", "530128197506150013"),
                PersonData("Li", "530128197506150012", phone="call me"),
                PersonData("王小明", "53012819750615001X", household_region_code="禄劝"),
            ],
        )
    assert rules_of(refused) == [
        "id_number.check", "id_number.check", "parties.region_code", "person_name.characters", "phone.not_a_number",
    ]  # fmt: skip
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_one_number_under_two_names_is_refused_naming_both(app):
    operations.register_person(Console(), PersonData("王小明", "530128197506150012"))
    with pytest.raises(Refused) as refused:
        operations.register_person(Console(), PersonData("李小红", "530128197506150012"))
    assert rules_of(refused) == ["parties.name_differs"]
    assert "已登记为“王小明”，这里写的是“李小红”" in str(refused.value)
    with pytest.raises(Refused):
        operations.register_people(
            Console(), [PersonData("张三", "530724199506150019"), PersonData("张四", "530724199506150019")]
        )


def test_a_known_person_keeps_what_is_on_file_and_gets_what_was_missing(app):
    first = operations.register_person(
        Console(), PersonData("王小明", "530128197506150012", bank_account="111122223333")
    )
    again = operations.register_person(
        Console(), PersonData("王小明", "530128197506150012", bank_account="999988887777", phone="13800001234")
    )
    assert again.id == first.id
    assert (again.bank_account, again.phone) == ("111122223333", "13800001234")


def test_a_foreigner_is_identified_by_a_passport(app):
    with pytest.raises(Refused) as refused:
        operations.register_person(Console(), PersonData("Nguyen Van A", "C1234567", id_kind=IdKind.PASSPORT))
    assert rules_of(refused) == ["parties.paper_facts"]
    person = operations.register_person(
        Console(),
        PersonData("Nguyen Van A", "C1234567", id_kind=IdKind.PASSPORT, sex=Sex.MALE, birth_date=date(1990, 1, 1)),
    )
    assert person.name == "Nguyen Van A"


def test_many_are_registered_in_one_go_and_found_again(app):
    rows = [PersonData("王小明", factories.id_number()) for _ in range(1500)]
    people = operations.register_people(Console(), rows)
    assert len({person.id for person in people}) == 1500
    assert [person.id for person in operations.register_people(Console(), rows)] == [person.id for person in people]
    found = known_numbers([row.id_number for row in rows])
    assert {number: person.id for number, person in found.items()} == {
        row.id_number: person.id for row, person in zip(rows, people, strict=True)
    }


@pytest.fixture
def people(app):
    here = operations.register_person(
        Console(),
        PersonData("曾小单", "530128197506150012", phone="13800001234", household_region_code=VILLAGE),
    )
    elsewhere = operations.register_person(
        Console(), PersonData("吉克阿依", "530724199506150019", household_region_code=factories.NINGLANG)
    )
    return here, elsewhere


def names(actor, search=""):
    """Give whom an actor finds, beside himself."""
    rows = list_persons(actor, Paging(search=search)).rows
    return [person.name for person in rows if person.id != actor.person_id]


@pytest.mark.parametrize("search", ["曾小", "zengxiao", "zeng xiao dan", "530128197506150012", "138 0000 1234"])
def test_a_person_is_found_by_name_pinyin_whole_number_or_phone(people, search):
    assert names(factories.account(Role.AUDITOR), search) == ["曾小单"]


@pytest.mark.parametrize("search", ["530128", "0012", "1380000"])
def test_a_part_of_a_number_finds_nobody(people, search):
    assert names(factories.account(Role.AUDITOR), search) == []


def test_an_officer_sees_the_people_of_the_county_alone(people):
    assert names(factories.account(Role.BUREAU_OFFICER, factories.LUQUAN)) == ["曾小单"]
    assert names(factories.account(Role.BUREAU_OFFICER, factories.NINGLANG)) == ["吉克阿依"]


def test_a_village_station_sees_its_own_people_alone(people):
    factories.store(Region(code=VILLAGE, name="某村"), Region(code="530128100202", name="另一村"))
    own, other = (factories.organisation(OrganisationKind.STATION_VILLAGE, code) for code in (VILLAGE, "530128100202"))
    assert names(factories.account(Role.STATION, own)) == ["曾小单"]
    assert names(factories.account(Role.STATION, other)) == []


def test_a_clerk_sees_nobody_but_himself_until_a_later_room_says_so(people):
    school = factories.organisation()
    clerk = factories.account(Role.PROVIDER_CLERK, school)
    assert names(clerk) == []
    assert [person.name for person in list_persons(clerk, Paging()).rows] == [clerk.person.name]


def test_a_value_is_revealed_for_a_reason_that_is_logged(people):
    here, elsewhere = people
    officer = factories.account(Role.BUREAU_OFFICER, factories.LUQUAN)
    with pytest.raises(Refused):
        operations.reveal(officer, here.id, "phone", "  ")
    assert operations.reveal(officer, here.id, "phone", "核对银行退回的补贴").phone == "13800001234"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.operation == "parties.reveal")).one()
    assert (entry.subject, entry.account_id) == (f"person:{here.id}", officer.id)
    assert json.loads(entry.arguments) == {"person_id": here.id, "what": "phone", "reason": "核对银行退回的补贴"}
    with pytest.raises(Forbidden):
        operations.reveal(officer, elsewhere.id, "phone", "看看")


def test_a_stale_form_changes_nothing(people):
    officer = factories.account(Role.BUREAU_OFFICER, factories.LUQUAN)
    here, _ = people
    seen = here.version
    operations.change_person(officer, here.id, {"phone": "13900001111"}, version=seen)
    with pytest.raises(Refused) as refused:
        operations.change_person(officer, here.id, {"phone": "13700001111"}, version=seen)
    assert "core.stale" in refused.value
    assert db.session.get(Person, here.id).phone == "13900001111"


def picture(size=(600, 840), kind="PNG", **options):
    written = BytesIO()
    Image.new("RGB", size, "white").save(written, kind, **options)
    return written.getvalue()


def test_a_photo_is_encoded_anew_without_what_the_camera_wrote(people):
    officer = factories.account(Role.BUREAU_OFFICER, factories.LUQUAN)
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif[0x0112] = 6  # the camera was held upright
    sent = picture((2000, 1500), "JPEG", exif=exif)
    assert b"taken at home" in sent
    photo = operations.set_photo(officer, people[0].id, sent).photo
    assert b"taken at home" not in photo.read()
    with Image.open(BytesIO(photo.read())) as kept:
        assert (kept.format, kept.size) == ("JPEG", (830, 1107))


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        (b"not a picture", "parties.photo_format"),
        (b"\x89PNG\r\n\x1a\nbroken", "parties.photo_format"),
        (picture((600, 840))[:200], "parties.photo_format"),
        (picture((600, 840), "JPEG")[:2000], "parties.photo_format"),
        (picture((100, 100)), "parties.photo_small"),
        (picture((9000, 9000), optimize=True), "parties.photo_large"),
        (picture(kind="GIF"), "parties.photo_format"),
    ],
    ids=["text", "header alone", "PNG cut off", "JPEG cut off", "small", "81 million pixels", "GIF"],
)
def test_what_is_no_photo_is_refused(people, sent, rule):
    officer = factories.account(Role.BUREAU_OFFICER, factories.LUQUAN)
    with pytest.raises(Refused) as refused:
        operations.set_photo(officer, people[0].id, sent)
    assert rules_of(refused) == [rule]


def test_a_certificate_from_elsewhere_is_recorded_once_and_found(people):
    officer = factories.account(Role.BUREAU_OFFICER, factories.LUQUAN)
    here, elsewhere = people
    trade = factories.trade()
    certificate = {
        "kind": QualificationKind.SKILL_LEVEL, "number": "S000053000123244000001", "issuer": "某评价机构",
        "issued_on": date(2024, 5, 1), "trade_id": trade.id, "level": SkillLevel.FOUR,
    }  # fmt: skip
    made = operations.record_qualification(officer, here.id, **certificate)
    assert made.recorded
    assert list(holds_same([here.id, elsewhere.id], trade.id, SkillLevel.FOUR)) == [here.id]
    assert holds_same([here.id], trade.id, SkillLevel.FIVE) == {}
    assert list(holds_same([here.id], trade.id, SkillLevel.FIVE, or_higher=True)) == [here.id]
    assert holds_same([here.id], trade.id, SkillLevel.THREE, or_higher=True) == {}
    with pytest.raises(Refused) as refused:
        operations.record_qualification(officer, here.id, **certificate)
    assert "parties.qualification_twice" in refused.value
    with pytest.raises(Refused) as refused:
        operations.record_qualification(
            officer,
            here.id,
            **certificate | {"number": "S000053000123244000002", "issued_on": date(clock.today().year + 1, 1, 1)},
        )
    assert "parties.qualification_date" in refused.value
