"""Random operations by random people, from the empty stage or from an exam that is under way; after each, the invariant is asked."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from benchmarks.published import HELD
from benchmarks.separation.invariant import Rows, violations
from benchmarks.separation.stage import World, attend, build
from lbcert.certificates.models import Certificate
from lbcert.certificates.operations import issue_skill_certificates
from lbcert.cohorts.models import CohortProvider, ProviderPart
from lbcert.cohorts.operations.drafting import add_provider
from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import Forbidden, Missing, Refused
from lbcert.exams import operations as exams
from lbcert.exams.declaring import Answers
from lbcert.exams.models import Amendment, Batch, BatchStaff, BatchState, Mark, Part, Post, Result
from lbcert.parties.models import Account, Organisation
from lbcert.parties.operations.organisations import change_organisation, set_controller
from lbcert.teaching.models import Mode, Session
from lbcert.teaching.operations.sessions import add_session, cancel_session
from lbcert.teaching.rules import Lesson
from lbcert.testing import factories as make

#: Three days before the exam: nobody has been appointed yet, and lessons are still given.
BEGINS = datetime(2025, 8, 6, 9, tzinfo=clock.SHANGHAI)
#: What was played, and how it ended: carried out, or the rule that refused it.
PLAYED: Counter[tuple[str, str]] = Counter()
PICK = st.integers(0, 2**16)


class Sequences(RuleBasedStateMachine):
    """Random operations by random people; after each, nothing that stands may be other than separate."""

    world: World
    #: A copy of the database for each, and the moment then.
    beginnings: list[tuple[Path, datetime]]
    sequences = 0

    @initialize(place=st.integers(0, 5))
    def fresh(self, place: int) -> None:
        """Put the database back as it was at one of the beginnings."""
        type(self).sequences += 1
        db.session.remove()
        db.engine.dispose()
        file = Path(str(db.engine.url.database))
        for rest in file.parent.glob(f"{file.name}-*"):
            rest.unlink()
        kept, self.now = self.beginnings[place]
        shutil.copyfile(kept, file)
        self.looked_at = 0

    @invariant()
    def separate(self) -> None:
        """Look at all rows, where an operation was carried out since: each leaves one in the audit log."""
        if not hasattr(self, "looked_at"):
            return
        db.session.rollback()
        with db.engine.connect() as connection:
            last = connection.execute(text("SELECT max(position) FROM audit_entries")).scalar_one()
            if last == self.looked_at or connection.execute(text("SELECT 1 FROM results LIMIT 1")).first() is None:
                return
            found = violations(Rows.of(connection))
        self.looked_at = last
        assert not found, found

    def play(self, called: str, act: Callable[..., Any], who: int, /, *arguments: Any, **values: Any) -> Any:
        """Have an account do something; None where it was refused."""
        self.now += timedelta(minutes=1)
        with clock.at(self.now):
            try:
                made = act(load(Account, who), *arguments, **values)
            except Refused as refused:
                for each in {finding.rule for finding in refused.findings if finding.stops}:
                    PLAYED[called, each] += 1
            except (Forbidden, Missing) as error:
                PLAYED[called, type(error).__name__] += 1
            else:
                PLAYED[called, ""] += 1
                return made
        db.session.rollback()
        return None

    def batches(self, *states: BatchState) -> list[Batch]:
        """List the batches, of some states where they are named."""
        found = db.session.query(Batch).order_by(Batch.id).all()
        return [batch for batch in found if not states or batch.state in states]

    def _clerk(self, batch: Batch) -> int:
        return self.world.clerks[self.world.bodies.index(batch.body_id)]

    # Single steps

    @rule(cohort=PICK, body=PICK, later=st.integers(0, 2))
    def plan(self, cohort: int, body: int, later: int) -> None:
        """Plan an exam."""
        body_id = _of(self.world.organisations, body)
        self.play("plan", exams.plan_batch, self.world.officer, _of(self.world.cohorts, cohort), body_id, HELD + timedelta(days=later), "考点")  # fmt: skip

    @rule(batch=PICK, person=PICK, post=st.sampled_from(Post), deputy=st.booleans())
    def appoint(self, batch: int, person: int, post: Post, deputy: bool) -> None:
        """Appoint anybody to anything."""
        if found := self.batches():
            person_id = load(Account, _of(self.world.people, person)).person_id
            self.play(
                "appoint", exams.appoint, self.world.officer, _of(found, batch).id, person_id, post, deputy=deputy
            )

    @rule(batch=PICK, staff=PICK, ground=st.sampled_from(["kin", "employer", "money", "training"]), kin=PICK)
    def confess(self, batch: int, staff: int, ground: str, kin: int) -> None:
        """Sign a declaration with a "yes"."""
        if found := [one for one in self.batches() if one.staff]:
            chosen = _of(found, batch)
            learners = (_of(chosen.cohort.enrolments, kin).id,) if ground == "kin" else ()
            self._declare(_of(chosen.staff, staff).id, Answers(**{ground: "有"}, learners=learners))

    @rule(batch=PICK, staff=PICK)
    def dismiss(self, batch: int, staff: int) -> None:
        """Take an appointment back."""
        if found := [one for one in self.batches() if one.staff]:
            chosen = _of(found, batch)
            self.play("dismiss", exams.dismiss, self._clerk(chosen), _of(chosen.staff, staff).id)

    @rule(cohort=st.integers(0, 1), person=PICK, day=st.integers(0, 13), hour=st.integers(8, 19))
    def teach(self, cohort: int, person: int, day: int, hour: int) -> None:
        """Put a lesson into a timetable, perhaps after it was given."""
        begins = datetime(2025, 7, 25, hour, tzinfo=clock.SHANGHAI) + timedelta(days=day)
        trainer = load(Account, _of(self.world.people, person)).person_id
        module = db.session.query(Session).filter_by(cohort_id=self.world.cohorts[cohort]).first().module_id
        lesson = Lesson(module, begins, begins + timedelta(minutes=45), 1, Mode.ON_SITE, trainer, self.world.venue)
        made = self.play("teach", add_session, self.world.schools[cohort], self.world.cohorts[cohort], lesson)
        if made:
            attend(made)

    @rule(session=PICK)
    def cancel_lesson(self, session: int) -> None:
        """Take a lesson out of the timetable."""
        lesson = _of(db.session.query(Session).order_by(Session.id).all(), session)
        self.play(
            "cancel lesson",
            cancel_session,
            self.world.schools[self.world.cohorts.index(lesson.cohort_id)],
            lesson.id,
            "停电",
        )

    @rule(cohort=PICK, organisation=PICK, part=st.sampled_from([ProviderPart.JOINT, ProviderPart.HOST]))
    def join(self, cohort: int, organisation: int, part: ProviderPart) -> None:
        """Add a provider or a host, as the school or by whoever writes rows."""
        cohort_id, organisation_id = _of(self.world.cohorts, cohort), _of(self.world.organisations, organisation)
        self.play(
            "join",
            add_provider,
            self.world.schools[self.world.cohorts.index(cohort_id)],
            cohort_id,
            organisation_id,
            part,
        )
        self.play("join by row", lambda _actor: make.store(CohortProvider(cohort_id=cohort_id, organisation_id=organisation_id, part=part)), self.world.officer)  # fmt: skip

    @rule(organisation=PICK, by=PICK, day=st.integers(-3, 3))
    def control(self, organisation: int, by: int, day: int) -> None:
        """Write down who controls an organisation: another one, or itself."""
        code = load(Organisation, _of(self.world.organisations, by)).credit_code
        since = HELD + timedelta(days=day)
        self.play("control", set_controller, self.world.officer, _of(self.world.organisations, organisation), since, name="x", credit_code=code)  # fmt: skip

    @rule(organisation=PICK, other=PICK)
    def recode(self, organisation: int, other: int) -> None:
        """Correct a credit code, to another's."""
        row = load(Organisation, _of(self.world.organisations, organisation))
        code = load(Organisation, _of(self.world.organisations, other)).credit_code
        self.play(
            "recode", change_organisation, self.world.officer, row.id, row.name, row.region_code, credit_code=code
        )

    @rule(batch=PICK, person=PICK, points=st.sampled_from([40, 60, 90]))
    def mark(self, batch: int, person: int, points: int) -> None:
        """Have anybody mark whatever has no mark, and change what has."""
        if found := self.batches(BatchState.MARKING):
            chosen = _of(found, batch)
            staff = [self._account(one.person_id) for one in chosen.staff]
            who, batch_id, number = (
                _of([*staff, *self.world.people], person),
                chosen.id,
                _of(chosen.candidates, person).number,
            )
            self.play("mark", exams.record_mark, who, batch_id, number, Part.THEORY, points)
            given = db.session.query(Mark).filter_by(batch_id=batch_id).order_by(Mark.id).all()
            if given:
                self.play("change mark", exams.change_mark, who, batch_id, _of(given, person).id, points, None, "复核")

    @rule(batch=PICK, person=PICK)
    def decide(self, batch: int, person: int) -> None:
        """Have anybody decide."""
        if found := self.batches(BatchState.MARKING):
            self.play("decide", exams.decide_batch, _of(self.world.people, person), _of(found, batch).id)

    @rule(result=PICK, asks=PICK, answers=PICK, points=st.sampled_from([40, 90]))
    def amend(self, result: int, asks: int, answers: int, points: int) -> None:
        """Ask for another result, and grant it."""
        found = db.session.query(Result).order_by(Result.id).all()
        if found:
            asked = self.play(
                "ask to amend", exams.request_amendment, _of(self.world.people, asks), _of(found, result).id, points, points,
                None, "登分错误", b"%PDF-x", "复核.pdf", "application/pdf",
            )  # fmt: skip
            waiting = db.session.query(Amendment).filter(Amendment.granted.is_(None)).all()
            for one in [asked] if asked else waiting[:1]:
                self.play("grant", exams.answer_amendment, _of(self.world.people, answers), one.id, granted=True)

    @rule(batch=PICK)
    def cancel(self, batch: int) -> None:
        """Call a batch off."""
        if found := self.batches(BatchState.MARKING):
            chosen = _of(found, batch)
            self.play("cancel", exams.cancel_batch, self._clerk(chosen), chosen.id, "停电")

    @rule(batch=PICK, person=PICK)
    def issue(self, batch: int, person: int) -> None:
        """Have anybody issue."""
        if found := self.batches(BatchState.PUBLISHED):
            self.play("issue", issue_skill_certificates, _of(self.world.people, person), _of(found, batch).id)

    # And the next step of an exam, by people chosen at random, so that many exams come to an end

    @rule(batch=PICK, steps=st.integers(1, 5), people=st.permutations(range(7)), points=st.sampled_from([60, 90, 40]))
    def advance(self, batch: int, steps: int, people: list[int], points: int) -> None:
        """Bring a batch on by some steps."""
        if not self.batches():
            self.plan(batch, batch // 2 + 2, 0)
        for _ in range(steps):
            if found := [one for one in self.batches() if one.state is not BatchState.CANCELLED]:
                self._step(_of(found, batch), people, points)

    #: The same again, so that every fifth step is one of these.
    onwards, further = advance, advance

    def _step(self, batch: Batch, people: list[int], points: int) -> None:
        match batch.state:
            case BatchState.PLANNED:
                self._prepare(batch.id, people)
            case BatchState.MARKING:
                batch_id = batch.id
                deciders = [self._account(one.person_id) for one in batch.staff if one.post is Post.DECIDER]
                self.mark_all(batch_id, points)
                for account in [*deciders, self.world.people[people[0]]]:
                    self.play("decide", exams.decide_batch, account, batch_id)
            case BatchState.DECIDED:
                self.play("publish", exams.publish_batch, self._clerk(batch), batch.id)
            case BatchState.PUBLISHED if not db.session.query(Certificate).first():
                self.play("issue", issue_skill_certificates, self.world.people[people[0]], batch.id)
                self.play("issue", issue_skill_certificates, self.world.people[people[3]], batch.id)

    def _prepare(self, batch_id: int, people: list[int]) -> None:
        clerk = self._clerk(load(Batch, batch_id))
        self.staff(batch_id, people)
        self.now = max(self.now, datetime.combine(load(Batch, batch_id).held_on, BEGINS.timetz()))
        self.play("begin", exams.begin_marking, clerk, batch_id)

    def staff(self, batch_id: int, people: list[int]) -> None:
        """Appoint, have sign, and put forward, by whoever of ``people`` comes first."""
        batch = load(Batch, batch_id)
        clerk = self._clerk(batch)
        taken = {one.post for one in batch.staff}
        wanted = [post for post in (Post.LEADER, Post.EXAMINER, Post.DECIDER) if post not in taken]
        for post, place in zip(wanted, people, strict=False):
            self.play(
                "appoint", exams.appoint, clerk, batch_id, load(Account, self.world.people[place]).person_id, post
            )
        for staff_id in [one.id for one in load(Batch, batch_id).staff if one.declared_on is None]:
            self._declare(staff_id, Answers())
        batch = load(Batch, batch_id)
        listed = {one.enrolment_id for one in batch.candidates}
        enrolments = [one.id for one in batch.cohort.enrolments if one.id not in listed]
        for enrolment_id in enrolments:
            self.play("put forward", exams.add_candidates, clerk, batch_id, [enrolment_id])

    def _declare(self, staff_id: int, answers: Answers) -> None:
        account = self._account(load(BatchStaff, staff_id).person_id)
        self.play("declare", exams.declare, account, staff_id, answers)

    def mark_all(self, batch_id: int, points: int) -> None:
        """Have each examiner give what marks are missing."""
        for account in [self._account(one.person_id) for one in load(Batch, batch_id).staff if one.post.scores]:
            self._mark(load(Batch, batch_id), account, points)

    def _mark(self, batch: Batch, account: int, points: int) -> None:
        marked = {(row.candidate_id, row.part) for row in db.session.query(Mark).filter_by(batch_id=batch.id)}
        batch_id = batch.id
        for candidate_id, number in [(one.id, one.number) for one in batch.candidates]:
            for part in (Part.THEORY, Part.PRACTICE):
                if (candidate_id, part) not in marked:
                    self.play("mark", exams.record_mark, account, batch_id, number, part, points)

    def _account(self, person_id: int) -> int:
        return db.session.query(Account.id).filter_by(person_id=person_id).scalar()


def _of(things: Any, pick: int) -> Any:
    return things[pick % len(things)]


def machine(template: Path) -> type[Sequences]:
    """Set the stage in the running app's SQLite file, and give the machine that plays on it.

    Sequences begin there, or where an exam has come so far by the same operations: staffed, being marked, decided,
    published, certified. Copies are kept beside ``template``.
    """
    kind = type("Played", (Sequences,), {"world": build(), "beginnings": []})
    first: Any = kind()
    first.now = BEGINS
    keep(first, template)
    people = [2, 3, 4, 5, 0, 1, 6]  # the first two have taught, the last one learns
    first.plan(0, 2, 0)
    first.staff(first.batches()[0].id, people)
    keep(first, template)
    for state in (BatchState.MARKING, BatchState.DECIDED, BatchState.PUBLISHED):
        first.advance(0, 1, people, 90)
        assert [batch.state for batch in first.batches()] == [state]
        keep(first, template)
    first.advance(0, 1, people, 90)
    assert db.session.query(Certificate).count()
    keep(first, template)
    PLAYED.clear()
    return kind


def keep(player: Sequences, template: Path) -> None:
    """Keep the database as it is, for sequences to begin with."""
    db.session.remove()
    db.engine.dispose()
    copy = template.with_name(f"{len(player.beginnings)}-{template.name}")
    shutil.copyfile(Path(str(db.engine.url.database)), copy)
    player.beginnings.append((copy, player.now))


def sequences(kind: type[Sequences], count: int, steps: int, number: int) -> None:
    """Play so many sequences, always the same for a number; raises AssertionError with the shortest one that it finds wrong."""
    chosen = settings(
        max_examples=count, stateful_step_count=steps, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    seed(number)(kind)
    run_state_machine_as_test(kind, settings=chosen)
