"""What the database itself refuses about certificates, whoever writes the SQL."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from lbcert.certificates.models import Certificate
from lbcert.core.database import db
from lbcert.testing import factories as make
from tests.certificates.scene import after_school_test, completed, issued, published, run


def refused(rule, statement, **values):
    """Run a statement that the database must refuse for a reason, and leave nothing behind."""
    with pytest.raises(DBAPIError) as error:
        run(statement, **values)
    assert rule in str(error.value.orig), error.value.orig


COLUMNS = [column.name for column in inspect(Certificate).columns if column.name not in {"id", "file_id"}]


def copied(source, **changes):
    """Insert a copy of a certificate with other values, each SQL; everything unique is made new."""
    fresh = {
        "number": "number || 'X'", "cti": "'0123456789abcdef'", "token_digest": "'x'", "status_index": "(status_index + 1) % 1048576",
        "status": "'valid'",
    }  # fmt: skip
    chosen = {**{name: name for name in COLUMNS}, **fresh, **changes}
    values = ", ".join(chosen[name] for name in COLUMNS)
    return f"INSERT INTO certificates ({', '.join(COLUMNS)}) SELECT {values} FROM certificates WHERE id = {source.id}"


def test_what_was_issued_stays(app):
    scene = issued()
    key = scene.certificates[0].id
    for change in (
        "claims = token", "number = 'X'", "token = claims", "person_id = issuer_id + 0 * id", "issued_on = '2020-01-01'",
        "issuer_id = issuer_id + 1", "result_id = NULL, ground = 'award', award_ref = 'a:1', type = 'star'", "status_index = 7",
        "expires_on = '2030-01-01'", "level = 1", "brand_id = brand_id + 1",
    ):  # fmt: skip
        refused("certificates.frozen", f"UPDATE certificates SET {change} WHERE id = {key}")
    refused("certificates.frozen", f"DELETE FROM certificates WHERE id = {key}")
    refused("certificates.status_change", "UPDATE status_changes SET reason = 'error'")
    refused("certificates.status_change", "DELETE FROM status_changes")


def test_no_status_without_its_history_and_none_after_the_end(app):
    scene = issued()
    key = scene.certificates[0].id
    refused("certificates.status_without_history", f"UPDATE certificates SET status = 'revoked' WHERE id = {key}")
    entry = (
        "INSERT INTO status_changes (certificate_id, status, reason, detail, authority, created_at) "
        f"VALUES ({key}, '{{}}', 'fraud', '', 'x', '2025-08-21 00:00:00')"
    )
    run(entry.format("revoked"))
    run(f"UPDATE certificates SET status = 'revoked' WHERE id = {key}")
    run(entry.format("valid"))
    refused("certificates.status_step", f"UPDATE certificates SET status = 'valid' WHERE id = {key}")


def test_a_printed_file_is_never_exchanged(app):
    scene = issued()
    key = scene.certificates[0].id
    first, second = scene.evidence.id, make.store(type(scene.evidence)(sha256="1" * 64, size=1, media_type="a/b", name="b"))  # fmt: skip
    run(f"UPDATE certificates SET file_id = {first} WHERE id = {key}")
    refused("certificates.frozen", f"UPDATE certificates SET file_id = {second.id} WHERE id = {key}")
    refused("certificates.frozen", f"UPDATE certificates SET file_id = NULL WHERE id = {key}")


def test_exactly_the_ground_that_the_type_names(app):
    scene = issued()
    first = scene.certificates[0]
    refused("exactly_its_ground", copied(first, result_id="NULL"))
    refused("exactly_its_ground", copied(first, award_ref="'a:1'"))
    refused("ground_of_its_type", copied(first, type="'star'"))
    refused("ground_of_its_type", copied(first, ground="'award'", award_ref="'a:1'", result_id="NULL"))
    refused("certificates.begins_valid", copied(first, status="'suspended'"))


def test_one_certificate_for_a_result_and_it_is_the_persons_own(app):
    scene = issued()
    first, second = scene.certificates
    unique = "certificates.result_id" if db.engine.dialect.name == "sqlite" else "uq_certificates_result_id"
    refused(unique, copied(first))
    refused("certificates.other_persons_result", copied(first, person_id=str(second.person_id)))
    refused("certificates.other_persons_result", copied(first, organisation_id=str(scene.provider.id)))
    refused(
        "certificates.result_unpublished",
        copied(first, result_id=str(scene.results[1]), person_id=str(scene.learners[1].person_id)),
    )
    refused("certificates.replaces_another", copied(first, replaces_id=str(first.id)))
    refused("certificates.replaces_another", copied(first, replaces_id=str(second.id)))


def test_scorer_decider_and_issuer_are_three_persons(app):
    scene = issued()
    first = scene.certificates[0]
    for post in ("leader", "decider"):
        person = scene.staff[post].person_id
        refused("certificates.issuer_scored_or_decided", copied(first, issuer_id=str(person)))
    refused("issued_by_another", copied(first, issuer_id="person_id"))


def test_whoever_issued_does_not_amend_the_result(app):
    scene = issued()
    candidate, result = scene.candidates[0].id, scene.results[0]
    asked = (
        "INSERT INTO amendments (batch_id, candidate_id, theory, practice, outcome, reason, evidence_id, requester_id, granted, answered_by, "
        "answered_at, answer, created_at) VALUES (:batch, :candidate, 80, 91, 'passed', '录入有误', :evidence, :requester, true, :by, "
        "'2025-08-22 00:00:00', '', '2025-08-22 00:00:00') RETURNING id"
    )
    amended = (
        "INSERT INTO results (batch_id, candidate_id, theory, practice, outcome, decided_by, replaces_id, amendment_id, created_at) "
        "VALUES (:batch, :candidate, 80, 91, 'passed', :by, :result, :amendment, '2025-08-22 00:00:00')"
    )
    issuer = scene.issuer.person_id
    values = {"batch": scene.batch.id, "candidate": candidate, "by": issuer}
    (row,) = run(asked, evidence=scene.evidence.id, requester=make.person().id, **values)
    refused("certificates.decider_issued", amended, result=result, amendment=row.id, **values)


def test_a_completion_rests_on_a_passed_test_of_the_issuing_school(app):
    scene = after_school_test()
    run("UPDATE sessions SET cancelled_reason = '停电'")
    scene = completed(scene)
    first = scene.certificates[0]
    refused("certificates.test_not_passed", copied(first, school_test_id=str(scene.tests[1].id)))
    refused("certificates.test_not_passed", copied(first, organisation_id=str(scene.body.id)))
    refused("certificates.test_not_passed", copied(first, person_id=str(scene.learners[2].person_id)))
    refused("certificates.test_certified", f"UPDATE school_tests SET passed = false WHERE id = {scene.tests[0].id}")
    refused("certificates.test_certified", f"UPDATE school_tests SET theory = NULL WHERE id = {scene.tests[0].id}")
    run(f"UPDATE school_tests SET theory = 61 WHERE id = {scene.tests[1].id}")


def test_keys_are_never_rewritten_or_revived(app):
    published()
    rule = "certificates.issuer_key"
    for change in (
        "public_key = private_key",
        "brands = '[1]'",
        "alg = -8",
        "not_before = '2020-01-01 00:00:00.000000'",
    ):
        refused(rule, f"UPDATE issuer_keys SET {change}")
    refused(rule, "DELETE FROM issuer_keys")
    refused("over_since_when", "UPDATE issuer_keys SET state = 'retired'")
    run("UPDATE issuer_keys SET state = 'retired', not_after = '2025-09-01 00:00:00.000000'")
    refused(rule, "UPDATE issuer_keys SET state = 'active'")
    refused(rule, "UPDATE issuer_keys SET not_after = '2025-09-02 00:00:00.000000'")
    refused(rule, "UPDATE issuer_keys SET not_after = NULL")
    refused("compromised_since_when", "UPDATE issuer_keys SET state = 'compromised'")
    run("UPDATE issuer_keys SET state = 'compromised', compromised_since = '2025-08-01 00:00:00.000000'")
    refused(rule, "UPDATE issuer_keys SET compromised_since = '2025-08-02 00:00:00.000000'")
    refused(rule, "UPDATE issuer_keys SET state = 'retired', compromised_since = NULL")
    run("UPDATE issuer_keys SET compromised_since = '2025-07-01 00:00:00.000000'")


def test_a_certificate_is_signed_by_a_key_in_use_for_its_brand_and_day(app):
    first = issued().certificates[0]
    unfit = "certificates.key_unfit"
    refused(unfit, copied(first, issued_at="'2024-12-31 00:00:00.000000'"))
    other = (
        "INSERT INTO issuer_keys (id, kid, alg, public_key, private_key, not_before, not_after, brands, state, created_at, retirement_reason) "
        "SELECT {id}, 'abcd000{id}', alg, public_key, private_key, not_before, {end}, '{brands}', 'active', created_at, '' FROM issuer_keys "
        f"WHERE id = {first.key_id}"
    )
    number = first.brand.number
    run(other.format(id=8, end="NULL", brands=f"[1{number}, {number}1]"))
    run(other.format(id=9, end="'2025-08-19 00:00:00.000000'", brands=f"[1, {number}]"))
    refused(unfit, copied(first, key_id="8"))
    refused(unfit, copied(first, key_id="9"))
    refused("result_id", copied(first, key_id="9", issued_at="'2025-08-18 00:00:00.000000'"))
    run("UPDATE issuer_keys SET state = 'retired', not_after = '2026-09-01 00:00:00.000000' WHERE not_after IS NULL")
    refused(unfit, copied(first))
