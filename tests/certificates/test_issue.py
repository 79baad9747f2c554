"""Issuing: who gets a certificate, under which number, with which token, and who holds nobody else up."""

from __future__ import annotations

import json
from datetime import date

import pytest

from lbcert.certificates import numbers
from lbcert.certificates.models import Certificate, Reason, Status
from lbcert.certificates.operations.grounds import issue_completions, issue_skill_certificates
from lbcert.certificates.operations.issuing import index_of
from lbcert.certificates.operations.prefixes import enter_prefix
from lbcert.certificates.queries import keys
from lbcert.certificates.token.claims import LIST_SIZE, holder_tag
from lbcert.certificates.token.reader import read_token
from lbcert.core import clock, policy
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.parties.models import OrganisationKind, Person, Qualification
from lbcert.teaching.models import AttendanceMark
from lbcert.teaching.operations.attendance import Presence, record_attendance
from lbcert.testing import factories as make
from tests.certificates.scene import PREFIX, THE_DAY, after_school_test, completed, issued, printed, published, run


def test_all_who_passed_get_a_certificate_with_a_number_of_the_series(app):
    scene = issued()
    assert [c.person.name for c in scene.certificates] == ["张三", "王五"]
    assert [c.number for c in scene.certificates] == [f"{PREFIX}255000001", f"{PREFIX}255000002"]
    for certificate in scene.certificates:
        parsed = numbers.parse_skill_number(certificate.number)
        assert numbers.check_issued(parsed, {PREFIX}, certificate.issued_on, parsed.level) == []
    claims = json.loads(scene.certificates[0].claims)
    assert (claims["name"], claims["marks"], claims["scheme"]) == ("张三", {"theory": 80, "practice": 90}, "social")
    assert claims["issued_on"] == "2025-08-20"


def test_the_token_says_the_same_and_is_found_by_its_digest(app):
    scene = issued()
    certificate = scene.certificates[1]
    reading = read_token(certificate.token, keys.ring())
    assert reading.fingerprint.hex() == certificate.token_digest
    told = reading.claims
    assert (told.kind, told.brand, told.level, told.name) == (2, scene.cohort.brand.number, 5, "王*")
    assert told.holder == holder_tag(certificate.person.id_number)
    assert told.issued == THE_DAY
    assert (told.status_list, told.status_index) == (certificate.status_list, certificate.status_index)


def test_the_history_begins_and_the_holders_record_has_it(app):
    certificate = issued().certificates[0]
    assert [(h.status, h.reason, h.authority) for h in certificate.history] == [
        (Status.VALID, Reason.ISSUED, "示例评价中心")
    ]
    record = db.session.query(Qualification).filter_by(number=certificate.number).one()
    assert (record.person_id, record.kind.value, record.level, record.stands) == (
        certificate.person_id, "skill_level", "5", True,
    )  # fmt: skip


def test_a_second_click_issues_nothing_twice(app):
    scene = issued()
    with pytest.raises(Refused) as refusal, clock.at(THE_DAY):
        issue_skill_certificates(scene.issuer, scene.batch.id)
    assert "certificates.nothing_to_issue" in refusal.value
    assert db.session.query(Certificate).count() == 2


def test_a_character_that_no_font_has_stops_that_certificate_alone_and_uses_no_number(app):
    scene = issued(published(("张\ue000三", "李四", "王五")))
    assert [c.person.name for c in scene.certificates] == ["王五"]
    assert scene.certificates[0].number == f"{PREFIX}255000001"
    (held,) = scene.issued.held
    assert held.rule == "certificates.missing_glyph"
    assert "张\ue000三" in str(held.message)
    assert "U+E000" in str(held.message)
    assert held.subject == f"person:{scene.learners[0].person_id}"


def test_rare_characters_of_the_rosters_are_no_trouble(app):
    scene = printed(issued(published(("葛曾䮌", "李四", "𠮷𬭎㛃"))))
    assert [c.person.name for c in scene.certificates] == ["葛曾䮌", "𠮷𬭎㛃"]
    assert all(c.file_id for c in scene.certificates)


def test_the_issuer_may_be_none_of_the_three(app):
    scene = published()
    examiner = scene.staff["leader"].person
    decider = scene.staff["decider"].person
    for person, word in ((examiner, "评过分"), (decider, "审定")):
        account = make.account(Role.ISSUER, scene.body, who=person)
        with pytest.raises(Refused) as refusal, clock.at(THE_DAY):
            issue_skill_certificates(account, scene.batch.id)
        assert "certificates.issuer_scored_or_decided" in refusal.value
        assert word in str(refusal.value)
    himself, account = scene.learners[0].person, make.account(Role.ISSUER, scene.body, who=scene.learners[0].person)
    with clock.at(THE_DAY):
        made = issue_skill_certificates(account, scene.batch.id)
    assert [finding.rule for finding in made.held] == ["certificates.issued_to_oneself"]
    assert [one.person.name for one in made.certificates] == ["王五"]
    assert himself.name in str(made.held[0].message)


def test_another_bodys_issuer_and_a_schools_may_not(app):
    scene = published()
    stranger = make.account(Role.ISSUER, make.organisation(OrganisationKind.ASSESSMENT_BODY))
    for account in (stranger, scene.school_issuer, scene.officer):
        with pytest.raises(Forbidden):
            issue_skill_certificates(account, scene.batch.id)


def test_without_a_prefix_or_with_two_the_bureau_is_asked(app):
    scene = published()
    second = enter_prefix(scene.officer, scene.body.id, "S000053000124", "云人社函〔2025〕2号", date(2025, 1, 1))
    with clock.at(THE_DAY):
        with pytest.raises(Refused) as refusal:
            issue_skill_certificates(scene.issuer, scene.batch.id)
        assert "certificates.which_prefix" in refusal.value
        made = issue_skill_certificates(scene.issuer, scene.batch.id, prefix_id=second.id)
    assert made.certificates[0].number == "S000053000124255000001"


def test_a_prefix_is_checked_and_needs_its_document(app):
    scene = published()
    with pytest.raises(Refused) as refusal:
        enter_prefix(scene.officer, scene.provider.id, "X0000530001", " ", date(2025, 1, 1), date(2024, 1, 1))
    rules = {finding.rule for finding in refusal.value.findings}
    assert rules == {
        "number.prefix_length", "certificates.prefix_body", "certificates.prefix_document", "certificates.prefix_dates",
    }  # fmt: skip


def test_a_completion_certificate_prints_the_hours_that_were_attended(app):
    scene = after_school_test()
    session = run("SELECT id, module_id FROM sessions")[0]
    clerk = make.account(Role.PROVIDER_CLERK, scene.provider)
    record_attendance(clerk, session.id, {scene.learners[0].id: Presence(AttendanceMark.PRESENT)})
    scene = completed(scene)
    (only,) = scene.certificates
    claims = json.loads(only.claims)
    assert claims["hours"] == 4
    assert claims["modules"] == [{"name": "操作实训", "hours": 4}]
    assert [(f.rule, "王五" in str(f.message)) for f in scene.issued.held] == [("certificates.no_hours", True)]
    assert numbers.check_own_number(only.number) == []
    assert only.number.startswith("PX-530128-2025-000001-")


def test_the_number_of_a_completion_follows_the_regions_ruling(app):
    scene = after_school_test()
    run("UPDATE sessions SET cancelled_reason = '停电'")
    admin = make.account(Role.ADMIN)
    policy.set_policy(
        admin, make.LUQUAN, "certificates.completion_series", "LQ-{brand}-{year}", date(2025, 1, 1), "本局设定"
    )
    scene = completed(scene)
    assert [c.number[:-2] for c in scene.certificates] == [
        f"LQ-{scene.cohort.brand.number}-2025-000001", f"LQ-{scene.cohort.brand.number}-2025-000002",
    ]  # fmt: skip
    assert json.loads(scene.certificates[0].claims)["hours"] == 72


def test_an_issuer_without_a_person_behind_the_account_is_refused(app):
    scene = published()
    run("UPDATE accounts SET person_id = NULL WHERE id = :id", id=scene.issuer.id)
    db.session.expire_all()
    with pytest.raises(Refused) as refusal, clock.at(THE_DAY):
        issue_skill_certificates(scene.issuer, scene.batch.id)
    assert "certificates.issuer_unknown" in refusal.value


def test_without_a_key_nothing_is_issued_and_no_number_is_used(app):
    scene = published()
    run("UPDATE issuer_keys SET state = 'retired', not_after = not_before")
    db.session.expire_all()
    with pytest.raises(Refused) as refusal, clock.at(THE_DAY):
        issue_skill_certificates(scene.issuer, scene.batch.id)
    assert "certificates.no_key" in refusal.value
    assert run("SELECT * FROM sequences WHERE series LIKE 'certificate:%'") == []


def test_places_in_the_status_list_are_a_permutation_of_it(app):
    places = {index_of(serial) for serial in range(4096)}
    assert len(places) == 4096
    assert all(0 <= place < LIST_SIZE for place in places)
    assert index_of(0) != index_of(LIST_SIZE)
    assert sum(abs(index_of(n) - index_of(n + 1)) < 1000 for n in range(1000)) < 20


def test_a_completion_is_issued_by_the_school_alone(app):
    scene = after_school_test()
    for account in (scene.issuer, scene.officer):
        with pytest.raises(Forbidden):
            issue_completions(account, scene.cohort.id)
    assert db.session.query(Person).count() > 3
