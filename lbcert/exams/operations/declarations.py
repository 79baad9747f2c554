"""Signing what ties one to a batch's candidates, and asking what stands against a batch's staff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lbcert.cohorts.models import Enrolment
from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.identity.id_number import tidy_id_number
from lbcert.core.identity.masks import mask_id_number
from lbcert.core.operation import operation
from lbcert.core.seal import keyring
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import declaring
from lbcert.exams.declaring import Answers
from lbcert.exams.models import Batch, BatchStaff, Declaration, DeclaredKin, Ground
from lbcert.exams.places import OWN_APPOINTMENT
from lbcert.exams.queries.ties import barring, declarations_of, earlier_kin, relatives_among, ties_of
from lbcert.parties.models import Person
from lbcert.plugins import plugins

#: "No" to every question.
NO_TIES = Answers()


@operation("exams.declare", say("签署回避声明"), allow=OWN_APPOINTMENT)
def declare(actor: Any, staff_id: int, answers: Answers = NO_TIES) -> BatchStaff:
    """Sign, for oneself, what kin, employer, money and training tie one to this batch's candidates.

    The words that were answered are kept with the answers; signing again adds to them. Refused for kin without names, for
    a "no" against which something is on file, and by the database once the results are decided.
    """
    staff = load(BatchStaff, staff_id, lock=True)
    tidy = Answers(
        **{**vars(answers), "id_number": tuple(tidy_id_number(each).text for each in answers.id_number if each.strip())}
    )
    ties = [*ties_of(staff.person, staff.batch), *earlier_kin(staff.person, staff.batch)]
    refuse_on(
        declaring.whole(tidy, clock.today()),
        _of_the_cohort(tidy, staff.batch),
        declaring.contradicted(tidy, ties),
        [] if tidy.details(Ground.EMPLOYER) else checked_elsewhere(staff.person, staff.batch),
    )
    declaration = Declaration(
        batch_id=staff.batch_id,
        person_id=staff.person_id,
        account_id=actor.id,
        signed_on=clock.today(),
        edition=declaring.EDITION,
        text=declaring.text_of_edition(),
        **{ground.value: tidy.details(ground) for ground in declaring.QUESTIONS},
    )
    declaration.relatives = [
        DeclaredKin(kin_index=index, kin_masked=masked) for index, masked in dict(_named(tidy)).items()
    ]
    db.session.add(declaration)
    db.session.flush()  # the database takes the day of a signature that is there
    if staff.declared_on is None:
        staff.declared_on = declaration.signed_on
    return staff


def standing_aside(batch: Batch) -> list[Finding]:
    """Find whoever of a batch's staff must stand aside by his own declaration or by what is on file."""
    signed = declarations_of(batch.id)
    findings = []
    for one in batch.staff:
        findings += declaring.tied(one.person.name, ties_of(one.person, batch))
        findings += checked_elsewhere(one.person, batch)
        findings += declaring.barred(one.person.name, barring(signed.get(one.person_id, ())))
        if one.post.scores:
            relatives = [each.name for each in relatives_among(one.person_id, batch)]
            findings += declaring.kept_from(one.person.name, relatives)
    return findings


def checked_elsewhere(person: Person, batch: Batch) -> list[Finding]:
    """Ask later rooms and plugins what ties somebody to the school or the candidates."""
    hooks = plugins().for_brand(row.plugin for row in batch.cohort.brand.plugins)
    return [finding for found in hooks.lbcert_check_staff(batch=batch, person=person) for finding in found]


def _named(answers: Answers) -> Iterator[tuple[str, str]]:
    for enrolment_id in answers.learners:
        person = load(Enrolment, enrolment_id).person
        yield person.id_index, person.id_masked
    for number in answers.id_number:
        yield keyring().index("id_number", number), mask_id_number(number)


def _of_the_cohort(answers: Answers, batch: Batch) -> list[Finding]:
    strange = [one for one in answers.learners if load(Enrolment, one).cohort_id != batch.cohort_id]
    return [refuse("exams.kin_elsewhere", say("勾选的人不在本班名单中，请改填其身份证号"))] if strange else []
