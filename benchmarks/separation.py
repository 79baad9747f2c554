"""Plays random sequences of operations by random actors, and looks for a result whose exam was not separate from training.

``python -m benchmarks.separation [SEQUENCES] [SEED] [--without TRIGGER]`` plays each on a fresh SQLite database and prints
how many sequences and operations were played, what was carried out, by which rules the others were refused, and every
violation found. ``--without tr_exams_control_joins_sides_insert`` takes one trigger away first, to see that it is missed.

What is looked for is written a second time, in Python over plain rows, from design.md 4 and not from the program's SQL.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, text

from benchmarks.season import HELD, installation
from lbcert.certificates.operations import issue_skill_certificates
from lbcert.certificates.operations.keys import init_keys
from lbcert.certificates.operations.prefixes import enter_prefix
from lbcert.cohorts.models import CohortProvider, Enrolment, PlannedTrainer, ProviderPart
from lbcert.cohorts.operations.drafting import add_provider
from lbcert.core import clock
from lbcert.core.access import Console, Role
from lbcert.core.database import db, load
from lbcert.core.findings import Forbidden, Missing, Refused
from lbcert.core.policy import set_policy
from lbcert.exams import operations as exams
from lbcert.exams.declaring import Answers
from lbcert.exams.models import Amendment, Batch, BatchStaff, BatchState, Mark, Part, Post, Result
from lbcert.parties.models import Account, FilingKind, Grant, Organisation, OrganisationKind
from lbcert.parties.operations.organisations import change_organisation, set_controller
from lbcert.teaching.models import Attendance, AttendanceMark, Mode, SchoolTest, Session, Venue
from lbcert.teaching.operations.sessions import add_session, cancel_session
from lbcert.teaching.rules import Lesson
from lbcert.testing import factories as make

#: Sequences between two lines of progress.
BLOCK = 100
#: Three days before the exam: nobody has been appointed yet, and lessons are still given.
BEGINS = datetime(2025, 8, 6, 9, tzinfo=clock.SHANGHAI)
SEPARATION_DAYS = 730
POLICIES = {"exams.pass_theory": 60, "exams.pass_practice": 60, "exams.min_examiners": 2, "exams.separation_months": 24}


# What must hold, from the design and not from the program


@dataclass(frozen=True)
class Rows:
    """All rows of the tables concerned, each a plain mapping, as the database has them."""

    tables: dict[str, list[dict[str, Any]]]

    def __getattr__(self, table: str) -> list[dict[str, Any]]:
        return self.tables[table]

    @classmethod
    def of(cls, connection: Connection) -> Rows:
        """Read them."""
        return cls(
            {
                table: [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]  # noqa: S608 (our names)
                for table in TABLES
            }
        )


TABLES = (
    "batches", "batch_staff", "candidates", "marks", "results", "amendments", "declarations", "declared_kin", "cohort_providers",
    "controls", "carried_parts", "organisations", "sessions", "enrolments", "persons", "accounts", "certificates",
)  # fmt: skip


def violations(rows: Rows, *, with_history: bool = True) -> list[str]:
    """Name every way in which a passed result that stands, or a certificate on one, was not separate from training.

    ``with_history`` asks too whom an examiner taught elsewhere and whom he named as kin for another batch, as far as it was
    on file when the batch was decided: operations hold that, the database cannot.
    """
    replaced = {row["replaces_id"] for row in rows.results}
    standing = [row for row in rows.results if row["outcome"] == "passed" and row["id"] not in replaced]
    certified = {row["result_id"] for row in rows.certificates if row["result_id"] and row["status"] != "revoked"}
    counted = {row["candidate_id"] for row in standing}
    beneath = certified | {row["result_id"] for row in rows.carried_parts if row["candidate_id"] in counted}
    looked_at = [*standing, *(row for row in rows.results if row["id"] in beneath and row not in standing)]
    return [found for row in looked_at for found in _Exam(rows, row).faults(with_history=with_history)]


class _Exam:
    """The exam behind one result."""

    def __init__(self, rows: Rows, result: dict[str, Any]) -> None:
        self.rows, self.result = rows, result
        self.batch = _one(rows.batches, id=result["batch_id"])
        candidate = _one(rows.candidates, id=result["candidate_id"])
        self.learner = _one(rows.enrolments, id=candidate["enrolment_id"])
        self.person = _one(rows.persons, id=self.learner["person_id"])
        replaced = {row["replaces_id"] for row in rows.marks}
        self.marks = [row for row in rows.marks if row["candidate_id"] == candidate["id"] and row["id"] not in replaced]

    def faults(self, *, with_history: bool) -> Iterator[str]:
        """Name what is wrong with it."""
        yield from self._bodies()
        yield from self._three_persons()
        for mark in self.marks:
            yield from self._apart(mark["scorer_id"], "scorer", with_history=with_history)
            if not self._appointed(mark["scorer_id"], {"leader", "examiner"}):
                yield f"scorer {mark['scorer_id']} was not appointed, or signed no declaration"
        yield from self._apart(self.batch["decided_by"], "decider", with_history=with_history)
        for part in {mark["part"] for mark in self.marks}:
            scorers = [mark["scorer_id"] for mark in self.marks if mark["part"] == part]
            if len(scorers) != len(set(scorers)):
                yield f"one person marked {part} twice"

    def _bodies(self) -> Iterator[str]:
        if self.batch["scheme"] != "social":
            return
        body = _one(self.rows.organisations, id=self.batch["body_id"])
        sides = [
            row["organisation_id"] for row in self.rows.cohort_providers if row["cohort_id"] == self.batch["cohort_id"]
        ]
        if not sides:
            yield "the cohort has no provider"
        for provider in (_one(self.rows.organisations, id=each) for each in sides):
            ours, theirs = self._hands(body), self._hands(provider)
            if provider["id"] == body["id"] or provider["credit_code"] == body["credit_code"]:
                yield f"body {body['id']} is provider {provider['id']}"
            if not ours or not theirs:
                yield f"nobody is on file who controls body {body['id']} or provider {provider['id']}"
            if ours & theirs or provider["credit_code"] in ours or body["credit_code"] in theirs:
                yield f"body {body['id']} and provider {provider['id']} are in one hand"

    def _hands(self, organisation: dict[str, Any]) -> set[str]:
        day = _day(self.batch["held_on"])
        return {
            row["controller"]
            for row in self.rows.controls
            if row["organisation_id"] == organisation["id"]
            and _day(row["valid_from"]) <= day
            and (row["valid_to"] is None or day <= _day(row["valid_to"]))
        }

    def _three_persons(self) -> Iterator[str]:
        accounts = {row["id"]: row["person_id"] for row in self.rows.accounts}
        scored = {mark["scorer_id"] for mark in self.marks}
        typed = {accounts[mark["account_id"]] for mark in self.marks}
        deciders = {self.batch["decided_by"], self.result["decided_by"]}
        if deciders & (scored | typed):
            yield f"{deciders & (scored | typed)} scored or typed, and decided"
        for certificate in self.rows.certificates:
            if certificate["result_id"] == self.result["id"] and certificate["issuer_id"] in scored | deciders:
                yield f"{certificate['issuer_id']} scored or decided, and issued certificate {certificate['id']}"
        for amendment in self.rows.amendments:
            if amendment["id"] == self.result["amendment_id"] and amendment["requester_id"] == amendment["answered_by"]:
                yield f"{amendment['requester_id']} granted his own amendment {amendment['id']}"

    def _apart(self, who: int, called: str, *, with_history: bool) -> Iterator[str]:
        if who == self.person["id"]:
            yield f"{called} {who} examined himself"
        for session in self._lessons(who):
            if session["cohort_id"] == self.batch["cohort_id"]:
                yield f"{called} {who} taught the cohort in session {session['id']}"
            elif with_history and called == "scorer" and self._counts(session):
                yield f"{called} {who} taught the candidate in session {session['id']} of cohort {session['cohort_id']}"
        if any(row["person_id"] == who and row["cohort_id"] == self.batch["cohort_id"] for row in self.rows.enrolments):
            yield f"{called} {who} learns in the cohort"
        for row in self.rows.declarations:
            here = row["batch_id"] == self.batch["id"]
            if row["person_id"] != who or not (here or (with_history and self._known(row))):
                continue
            if here and (row["money"] or row["training"] or (row["employer"] and self.batch["scheme"] == "social")):
                yield f"{called} {who} declared an interest"
            kin = {each["kin_index"] for each in self.rows.declared_kin if each["declaration_id"] == row["id"]}
            if self.person["id_index"] in kin:
                yield f"{called} {who} is kin of {self.person['id']}"

    def _lessons(self, who: int) -> list[dict[str, Any]]:
        return [row for row in self.rows.sessions if row["trainer_id"] == who and not row["cancelled_reason"]]

    def _counts(self, session: dict[str, Any]) -> bool:
        learns = any(
            row["person_id"] == self.person["id"] and row["cohort_id"] == session["cohort_id"]
            for row in self.rows.enrolments
        )
        held = _day(self.batch["held_on"])
        return (
            learns and self._known(session) and held - timedelta(SEPARATION_DAYS) <= _day(session["starts_at"]) < held
        )

    def _known(self, row: dict[str, Any]) -> bool:
        return _moment(row["created_at"]) < _moment(self.batch["decided_at"])

    def _appointed(self, who: int, posts: set[str]) -> bool:
        there = {"batch_id": self.batch["id"], "person_id": who}
        posted = any(row["post"] in posts for row in self.rows.batch_staff if there.items() <= row.items())
        return posted and any(there.items() <= row.items() for row in self.rows.declarations)


def _one(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    (found,) = [row for row in rows if wanted.items() <= row.items()]
    return found


def _day(value: Any) -> date:
    return (
        value.date()
        if isinstance(value, datetime)
        else date.fromisoformat(value[:10])
        if isinstance(value, str)
        else value
    )


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=None)


# The stage: two bodies, two schools, two cohorts that share a learner, and seven people who may be anything


@dataclass
class World:
    """Ids of who and what is on stage."""

    people: list[int]
    clerks: list[int]
    officer: int
    schools: list[int]
    organisations: list[int]
    bodies: list[int]
    cohorts: list[int]
    venue: int


def build() -> World:
    """Set the stage in the empty database of the running app."""
    with clock.at(datetime(2025, 1, 1, tzinfo=clock.SHANGHAI)):
        make.regions()
        officer = make.account(Role.BUREAU_OFFICER, make.NATION)
        for key, value in POLICIES.items():
            set_policy(officer, make.KUNMING, key, value, date(2020, 1, 1), "本局设定")
        schools = [make.organisation(name=name) for name in ("甲校", "乙校")]
        bodies = [
            make.organisation(OrganisationKind.ASSESSMENT_BODY, make.KUNMING, name=name)
            for name in ("子中心", "丑中心")
        ]
        firm = make.organisation(OrganisationKind.EMPLOYER, name="投资公司")
        cohorts = [make.cohort(school) for school in schools]
        init_keys(Console())
        for number, body in enumerate(bodies):
            make.filing(body, cohorts[0].item.trade, FilingKind.ASSESS)
            enter_prefix(officer, body.id, f"S0000530001{number:02d}", "云人社函〔2025〕1号", date(2025, 1, 1))
        people = [make.account(Role.EXAMINER, bodies[0], make.person(f"人{number}")) for number in range(7)]
        for account in people:
            for body in bodies:
                for role in (Role.EXAMINER, Role.RESULT_OFFICER, Role.ISSUER):
                    if (role, body) != (Role.EXAMINER, bodies[0]):
                        make.store(Grant(account_id=account.id, role=role, organisation_id=body.id))
        venue = make.store(Venue(name="教室", region_code=make.FUKANG))
        shared = make.person("共同学员")
        for place, cohort in enumerate(cohorts):
            make.store(*(PlannedTrainer(cohort_id=cohort.id, person_id=account.person_id) for account in people))
            for learner in (shared, make.person(f"学员{place}"), people[6].person if place else make.person("学员甲")):
                enrolment = make.enrolment(cohort, learner)
                make.store(SchoolTest(enrolment_id=enrolment.id, taken_on=HELD, theory=70, practice=70, passed=True))
            begins = datetime(2025, 7, 25, 9 + 5 * place, tzinfo=clock.SHANGHAI)
            held = make.store(
                Session(
                    cohort_id=cohort.id, module_id=cohort.plan[-1].module_id, starts_at=begins, ends_at=begins + timedelta(hours=3),
                    hours=4, mode=Mode.ON_SITE, venue_id=venue.id, trainer_id=people[place].person_id,
                )
            )  # fmt: skip
            attend(held)
        return World(
            [one.id for one in people],
            [make.account(Role.ASSESSMENT_CLERK, body).id for body in bodies],
            officer.id,
            [make.account(Role.PROVIDER_CLERK, school).id for school in schools],
            [one.id for one in (*schools, *bodies, firm)],
            [body.id for body in bodies],
            [cohort.id for cohort in cohorts],
            venue.id,
        )


def attend(session: Session) -> None:
    """Have all learners of a lesson's cohort be there."""
    learners = db.session.query(Enrolment.id).filter_by(cohort_id=session.cohort_id)
    for (learner,) in learners.all():
        make.store(
            Attendance(session_id=session.id, enrolment_id=learner, mark=AttendanceMark.PRESENT, how="roll_call")
        )


#: What was played, and how it ended: carried out, or the rule that refused it.
PLAYED: Counter[tuple[str, str]] = Counter()
PICK = st.integers(0, 2**16)


class Sequences(RuleBasedStateMachine):
    """Random operations by random people; after each, nothing that stands may be other than separate."""

    world: World
    template: Path
    sequences = 0

    @initialize()
    def fresh(self) -> None:
        """Put the database back as the stage was set."""
        type(self).sequences += 1
        db.session.remove()
        db.engine.dispose()
        file = Path(str(db.engine.url.database))
        for rest in file.parent.glob(f"{file.name}-*"):
            rest.unlink()
        shutil.copyfile(self.template, file)
        self.now = BEGINS

    @invariant()
    def separate(self) -> None:
        """Look at all rows."""
        if not hasattr(self, "now"):
            return
        db.session.rollback()
        with db.engine.connect() as connection:
            if connection.execute(text("SELECT 1 FROM results LIMIT 1")).first() is None:
                return
            found = violations(Rows.of(connection))
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
                scorers = [self._account(one.person_id) for one in batch.staff if one.post.scores]
                deciders = [self._account(one.person_id) for one in batch.staff if one.post is Post.DECIDER]
                for account in scorers:
                    self._mark(load(Batch, batch_id), account, points)
                for account in [*deciders, self.world.people[people[0]]]:
                    self.play("decide", exams.decide_batch, account, batch_id)
            case BatchState.DECIDED:
                self.play("publish", exams.publish_batch, self._clerk(batch), batch.id)
            case BatchState.PUBLISHED:
                self.play("issue", issue_skill_certificates, self.world.people[people[0]], batch.id)
                self.play("issue", issue_skill_certificates, self.world.people[people[3]], batch.id)

    def _prepare(self, batch_id: int, people: list[int]) -> None:
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
        self.now = max(self.now, datetime.combine(load(Batch, batch_id).held_on, BEGINS.timetz()))
        self.play("begin", exams.begin_marking, clerk, batch_id)

    def _declare(self, staff_id: int, answers: Answers) -> None:
        account = self._account(load(BatchStaff, staff_id).person_id)
        self.play("declare", exams.declare, account, staff_id, answers)

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
    """Set the stage in the running app's SQLite file, keep a copy of it, and give the machine that plays on it."""
    world = build()
    db.session.remove()
    db.engine.dispose()
    shutil.copyfile(Path(str(db.engine.url.database)), template)
    return type("Played", (Sequences,), {"world": world, "template": template})


def sequences(kind: type[Sequences], count: int, steps: int, number: int) -> None:
    """Play so many sequences, always the same for a number; raises AssertionError with the shortest one that it finds wrong."""
    chosen = settings(
        max_examples=count, stateful_step_count=steps, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    seed(number)(kind)
    run_state_machine_as_test(kind, settings=chosen)


def main() -> None:
    """Play, and print what came of it."""
    arguments = sys.argv[1:]
    without = arguments[arguments.index("--without") + 1] if "--without" in arguments else ""
    numbers = [int(each) for each in arguments if each.isdigit()]
    count, number = [*numbers, *(1000, 1)[len(numbers) :]][:2]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as home, installation(Path(home)):
        if without:
            with db.engine.begin() as connection:
                connection.execute(text(f"DROP TRIGGER {without}"))
        kind = machine(Path(home) / "stage.sqlite")
        failure = ""
        try:
            for done in range(0, count, BLOCK):
                sequences(kind, min(BLOCK, count - done), 30, number + done)
                print(
                    f"{kind.sequences} sequences, {sum(PLAYED.values())} operations, {time.monotonic() - begun:.0f} s",
                    flush=True,
                )
        except AssertionError as error:
            failure = str(error)
    report(kind, time.monotonic() - begun, failure)


def report(kind: type[Sequences], seconds: float, failure: str) -> None:
    """Print the figures."""
    done = Counter({name: n for (name, refused_by), n in PLAYED.items() if not refused_by})
    stopped = Counter()
    for (_, refused_by), n in PLAYED.items():
        if refused_by:
            stopped[refused_by] += n
    print(f"{kind.sequences} sequences, {sum(PLAYED.values())} operations in {seconds:.0f} s")
    print("carried out: " + ", ".join(f"{name} {n}" for name, n in done.most_common()))
    print("refused by: " + ", ".join(f"{rule_name} {n}" for rule_name, n in stopped.most_common()))
    print(f"VIOLATION: {failure}" if failure else "violations: 0")
    sys.exit(1 if failure else 0)


if __name__ == "__main__":
    main()
