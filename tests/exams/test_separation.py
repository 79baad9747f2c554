"""Random operations and random SQL never leave a passed result whose exam was not separate from training.

What may not be is told by `benchmarks.separation.invariant`, which shares nothing with the rules and triggers.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from benchmarks.separation.attacker import Attacker
from benchmarks.separation.guards import plotted
from benchmarks.separation.invariant import Rows, violations
from benchmarks.separation.plots import PLOTS
from benchmarks.separation.sequences import PLAYED, machine, sequences
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.exams import operations
from lbcert.parties.models import FilingKind, OrganisationKind
from lbcert.testing import factories as make
from lbcert.testing.fixtures import running
from tests.certificates import scene as certified
from tests.exams import scene as stage
from tests.exams.test_sql_attacks import got_through, other_exam

#: Sequences in a test run; `python -m benchmarks.separation` plays thousands.
SEQUENCES, STEPS = 14, 20
#: Transactions of so many random statements each, on either database.
ATTACKS, STATEMENTS = 80, 12


@pytest.fixture
def file(sqlite_databases, tmp_path):
    with sqlite_databases.fresh() as url, running(url, tmp_path / "home"):
        yield tmp_path / "stage.sqlite"


def test_no_sequence_of_operations_ends_in_an_exam_that_was_not_separate(file):
    kind = machine(file)
    sequences(kind, SEQUENCES, STEPS, 4)
    carried_out = {name for name, refused_by in PLAYED if not refused_by}
    assert {"begin", "mark", "decide", "teach", "control", "declare"} <= carried_out


#: Of each guard whose plot another stops too: which others.
BEHIND = {
    "exams.body_is_provider": ["exams.sides_joined_since"],
    "exams.shared_controller": ["exams.sides_joined_since"],
    "exams.uncontrolled_body": ["exams.sides_joined_since"],
    "exams.uncontrolled_provider": ["exams.sides_joined_since"],
    "exams.provider_exchanged": ["exams.provider_is_body"],
    "exams.candidate_is_staff": ["exams.staff_is_learner"],
    "exams.decider_scored_batch": ["exams.decider_scored"],
    "exams.card_not_on_the_day": ["exams.begins_without_card", "exams.scorer_without_card"],
    "exams.begins_without_card": ["exams.scorer_without_card"],
    "exams.too_many_running": ["exams.begins_unrotated"],
    "exams.scorer_has_interest": ["exams.marked_by_interested"],
    "exams.scorer_is_kin": ["exams.marked_by_interested"],
}


def test_each_guard_stops_a_plot_of_its_own_and_the_others_are_missed_without_it(file):
    behind = dict(plotted(machine(file)))
    assert set(behind) == set(PLOTS)
    assert {guard: others for guard, others in behind.items() if others} == BEHIND


def battlefield():
    """Give a batch with certificates, one that is being marked, and one that is planned, each with who could be misused."""
    scene = certified.issued()
    cohort, learner = other_exam()
    make.enrolment(cohort, scene.trainer)
    person = make.account(Role.EXAMINER, scene.body, make.person("无关人员"))
    second = stage.Batch(
        number="RD2", cohort_id=cohort.id, body_id=scene.body.id, scheme="social", held_on=stage.HELD, site="考点"
    )
    make.store(second)
    for post in (stage.Post.LEADER, stage.Post.EXAMINER, stage.Post.DECIDER):
        stage.signed(second, scene.accounts[post], post)
    candidate = make.store(stage.Candidate(batch_id=second.id, enrolment_id=learner.id, number="222222"))
    stage.run("UPDATE batches SET state = 'marking' WHERE id = :id", id=second.id)
    scene.batch = second
    for part in (stage.Part.THEORY, stage.Part.PRACTICE):
        stage.mark(scene, candidate, part, 80)
    for number, points in (("RD4", 40), ("RD5", 90)):  # published, where nobody passed; and where somebody was absent
        failed(scene, number, points)
    third = make.cohort(make.organisation(name="第三学校"))
    make.store(
        stage.Batch(
            number="RD3", cohort_id=third.id, body_id=scene.body.id, scheme="social", held_on=stage.HELD, site="考点"
        )
    )
    stage.lesson(third, person.person)


def failed(scene, number, points):
    """Give a published batch whose one candidate did not pass."""
    cohort = make.cohort(make.organisation(name=f"{number} 的学校"))
    learner = make.enrolment(cohort, make.person(number))
    batch = make.store(
        stage.Batch(
            number=number, cohort_id=cohort.id, body_id=scene.body.id, scheme="social", held_on=stage.HELD, site="考点"
        )
    )
    for post in (stage.Post.LEADER, stage.Post.DECIDER):
        stage.signed(batch, scene.accounts[post], post)
    candidate = make.store(stage.Candidate(batch_id=batch.id, enrolment_id=learner.id, number=f"33333{number[-1]}"))
    stage.run("UPDATE batches SET state = 'marking' WHERE id = :id", id=batch.id)
    scene.batch = batch
    absent = points > 60
    for part in (stage.Part.THEORY, stage.Part.PRACTICE):
        stage.mark(scene, candidate, part, None if absent else points)
    decider = scene.staff[stage.Post.DECIDER].person_id
    stage.run(stage.DECIDE, batch=batch.id, decider=decider)
    points = None if absent else points
    stage.run(stage.RESULT, batch=batch.id, candidate=candidate.id, theory=points, practice=points, outcome="absent" if absent else "failed", decider=decider)  # fmt: skip
    stage.run(
        "UPDATE batches SET state = 'published', published_at = '2025-08-11 02:00:00' WHERE id = :id", id=batch.id
    )


def test_no_random_sql_on_the_applications_connection_joins_what_is_separate(app):
    battlefield()
    db.session.remove()
    carried_out = 0
    for number in range(ATTACKS):
        with db.engine.connect() as connection:
            attacker = Attacker(connection, number)
            for _ in range(STATEMENTS):
                carried_out += attacker.strike()
            found = violations(Rows.of(connection), with_history=False)
            connection.rollback()
        assert not found, (number, found)
    assert carried_out > ATTACKS  # or it would attack nothing


def test_the_exam_from_which_a_part_is_carried_stays_separate(app):
    with clock.at(stage.DAY):
        scene = stage.staffed(stage.ready(names=("李四",)))
        operations.begin_marking(scene.clerk, scene.batch.id)
        stage.give(scene, "李四", 70, 59)
        operations.decide_batch(scene.decider, scene.batch.id)
        operations.publish_batch(scene.clerk, scene.batch.id)
        join = f"UPDATE controls SET controller = '{{}}' WHERE organisation_id = {scene.provider.id}"
        joined, apart = join.format(scene.body.credit_code), join.format(scene.provider.credit_code)
    stage.run(joined)  # nobody passed, so nothing rests on it
    with clock.at(stage.DAY + timedelta(days=28)):
        scene.body = make.organisation(OrganisationKind.ASSESSMENT_BODY, region=make.KUNMING, name="另一评价中心")
        make.filing(scene.body, scene.cohort.item.trade, FilingKind.ASSESS)
        clerk = stage.examiner(scene, "另一考务员", Role.ASSESSMENT_CLERK)
        again = operations.plan_batch(clerk, scene.cohort.id, scene.body.id, clock.today(), "阜康考点")
        forward = (operations.add_candidates, clerk, again.id, [scene.learners[0].id])
        assert stage.rules_of(stage.refused(*forward)) == {"exams.carried_from_joined"}
        stage.run(apart)
        operations.add_candidates(*forward[1:])
    assert not got_through([("exams.control_joins_sides", joined)])
