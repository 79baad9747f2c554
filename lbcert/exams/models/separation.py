"""考培分离、评培分离 held by the database, on each side from which they could be broken (design: exam separation).

Two sides are joined when they are one organisation, bear one credit code, have one controller on the day of the exam,
or when one of them is the other's controller on that day. Every organisation names its controller, itself when it is
independent, so that "none on file" never reads as "none in common". The same is asked when the batch is planned and at each of its
steps, when a provider is put into the cohort, when a controller is written or closed, and when a credit code changes.
"""

from __future__ import annotations

from lbcert.cohorts.models import Cohort, CohortProvider, Enrolment
from lbcert.core.database import refuse_rows
from lbcert.core.words import say
from lbcert.exams.models.batches import Batch, BatchStaff, Candidate
from lbcert.exams.models.marks import Mark
from lbcert.exams.models.resits import CarriedPart
from lbcert.exams.models.results import STILL_QUALIFIES, Result
from lbcert.parties.models import Control, Organisation
from lbcert.teaching.models import Session

SEPARATION = "人社部 考培分离、评培分离 要求"

#: Under this lock PostgreSQL writes what either side of the separation rests on, one transaction at a time.
SIDES_LOCK = "SELECT pg_advisory_xact_lock(7304002)"


def _in_force(control: str, day: str) -> str:
    return f"{control}.valid_from <= {day} AND ({control}.valid_to IS NULL OR {control}.valid_to >= {day})"


def _controlled(organisation: str, day: str) -> str:
    return f"EXISTS (SELECT 1 FROM controls c WHERE c.organisation_id = {organisation} AND {_in_force('c', day)})"


def _one_controller(provider: str, body: str, day: str) -> str:
    """Write that organisation rows ``provider`` and ``body`` are in one hand on a day."""
    return (
        f"EXISTS (SELECT 1 FROM controls a JOIN controls b ON b.organisation_id = {provider}.id AND {_in_force('b', day)} "
        f"WHERE a.organisation_id = {body}.id AND {_in_force('a', day)} "
        f"AND (a.controller = b.controller OR a.controller = {provider}.credit_code OR b.controller = {body}.credit_code))"
    )


_CARRIED = "EXISTS (SELECT 1 FROM carried_parts k JOIN results g ON g.id = k.result_id WHERE g.batch_id = t.id)"
#: A batch t that still counts: open, or with a passed result that stands, or a part that was carried into a later exam.
_STANDS = (
    "(t.state IN ('planned', 'marking') OR (t.state IN ('decided', 'published') "
    f"AND ({STILL_QUALIFIES.format(batch='t.id')} OR {_CARRIED})))"
)
#: Providers x of the cohort of batch t, and its body y.
_SIDES_OF_BATCHES = (
    "batches t JOIN cohort_providers p ON p.cohort_id = t.cohort_id JOIN organisations x ON x.id = p.organisation_id "
    "JOIN organisations y ON y.id = t.body_id"
)
_PROVIDERS = (
    "EXISTS (SELECT 1 FROM cohort_providers p JOIN organisations x ON x.id = p.organisation_id "
    "JOIN organisations y ON y.id = NEW.body_id WHERE p.cohort_id = NEW.cohort_id AND {which})"
)

# The body's side: asked when a batch is planned, and again at each of its steps

refuse_rows(
    Batch,
    "exams.body_is_provider",
    on=("INSERT", "UPDATE"),
    when="NEW.scheme = 'social' AND NEW.state <> 'cancelled' AND "
    + _PROVIDERS.format(which="(x.id = y.id OR x.credit_code = y.credit_code)"),
    message=say("评培分离：评价机构不得是本班的培训机构或联合办学机构，请另选评价机构"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    Batch,
    "exams.shared_controller",
    on=("INSERT", "UPDATE"),
    when="NEW.scheme = 'social' AND NEW.state <> 'cancelled' AND "
    + _PROVIDERS.format(which=_one_controller("x", "y", "NEW.held_on")),
    message=say("评培分离：评价机构与本班的培训机构在考试当日受同一控制人控制，请另选评价机构"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    Batch,
    "exams.uncontrolled_body",
    on=("INSERT", "UPDATE"),
    when=f"NEW.state <> 'cancelled' AND NOT {_controlled('NEW.body_id', 'NEW.held_on')}",
    message=say("评价机构没有登记考试当日的实际控制人，不能安排认定；独立机构请登记其自身"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    Batch,
    "exams.uncontrolled_provider",
    on=("INSERT", "UPDATE"),
    when="NEW.scheme = 'social' AND NEW.state <> 'cancelled' AND "
    + _PROVIDERS.format(which=f"NOT {_controlled('x.id', 'NEW.held_on')}"),
    message=say("本班有培训机构没有登记考试当日的实际控制人，不能安排认定；独立机构请登记其自身"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    Batch,
    "exams.no_provider",
    on=("INSERT", "UPDATE"),
    when=(
        "NEW.state <> 'cancelled' AND NOT EXISTS (SELECT 1 FROM cohort_providers p WHERE p.cohort_id = NEW.cohort_id)"
    ),
    message=say("本班没有登记培训机构，无从判断评培分离；请先登记培训机构"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    Batch,
    "exams.not_assessment_body",
    on=("INSERT", "UPDATE"),
    when=(
        "NEW.state <> 'cancelled' AND NOT EXISTS (SELECT 1 FROM organisations y WHERE y.id = NEW.body_id "
        "AND y.kind = 'assessment_body' AND y.credit_code IS NOT NULL)"
    ),
    message=say("只有登记了统一社会信用代码的评价机构可以组织认定"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    Batch,
    "exams.not_employers_body",
    on=("INSERT", "UPDATE"),
    when=(
        "NEW.scheme = 'employer_own' AND NEW.state <> 'cancelled' AND NOT EXISTS (SELECT 1 FROM organisations y "
        "JOIN organisations e ON e.credit_code = y.credit_code AND e.kind = 'employer' WHERE y.id = NEW.body_id)"
    ),
    message=say("自主评价只能由用人单位（Y 类评价机构）组织；该评价机构没有以同一信用代码登记为用人单位"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    Batch,
    "exams.scheme_differs",
    on=("INSERT", "UPDATE"),
    when="NEW.state <> 'cancelled' AND NEW.scheme <> (SELECT c.scheme FROM cohorts c WHERE c.id = NEW.cohort_id)",
    message=say("认定批次的评价方式须与培训班备案的一致"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)

# What comes to count when the two sides are no more held apart, since none of the batch had passed

_JOINED = (
    f"EXISTS (SELECT 1 FROM {_SIDES_OF_BATCHES} WHERE t.id = {{batch}} AND t.scheme = 'social' AND ("
    f"x.id = y.id OR x.credit_code = y.credit_code OR {_one_controller('x', 'y', 't.held_on')} "
    f"OR NOT {_controlled('x.id', 't.held_on')} OR NOT {_controlled('y.id', 't.held_on')}))"
)
refuse_rows(
    Result,
    "exams.sides_joined_since",
    on=("INSERT",),
    when="NEW.outcome = 'passed' AND " + _JOINED.format(batch="NEW.batch_id"),
    message=say("评培分离：照现在的登记，本批次的评价机构与培训机构不相分离，成绩不能改为合格"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    CarriedPart,
    "exams.carried_from_joined",
    on=("INSERT",),
    when=_JOINED.format(batch="(SELECT g.batch_id FROM results g WHERE g.id = NEW.result_id)"),
    message=say("评培分离：照现在的登记，以前那一批次的评价机构与培训机构不相分离，其合格科目不能沿用"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)

# The providers' side

refuse_rows(
    Cohort,
    "exams.cohort_scheme_fixed",
    on=("UPDATE OF scheme",),
    when=(
        "NEW.scheme <> OLD.scheme AND EXISTS (SELECT 1 FROM batches t WHERE t.cohort_id = OLD.id AND t.state <> 'cancelled')"
    ),
    message=say("本班已安排认定批次，评价方式不能更改；请先取消批次"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    CohortProvider,
    "exams.provider_is_body",
    on=("INSERT", "UPDATE"),
    when=(
        "EXISTS (SELECT 1 FROM batches t JOIN organisations y ON y.id = t.body_id JOIN organisations x ON x.id = NEW.organisation_id "
        f"WHERE t.cohort_id = NEW.cohort_id AND t.scheme = 'social' AND {_STANDS} "
        f"AND (x.id = y.id OR x.credit_code = y.credit_code OR {_one_controller('x', 'y', 't.held_on')}))"
    ),
    message=say("评培分离：该机构（或其实际控制人）为本班做评价，不能参与培训"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    CohortProvider,
    "exams.provider_uncontrolled",
    on=("INSERT", "UPDATE"),
    when=(
        f"EXISTS (SELECT 1 FROM batches t WHERE t.cohort_id = NEW.cohort_id AND t.scheme = 'social' AND {_STANDS} "
        f"AND NOT {_controlled('NEW.organisation_id', 't.held_on')})"
    ),
    message=say("该机构没有登记考试当日的实际控制人，而本班已安排认定；独立机构请登记其自身"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
_TAUGHT = (
    "(EXISTS (SELECT 1 FROM cohorts c WHERE c.id = OLD.cohort_id AND c.state IN ('running', 'taught', 'closed')) "
    "OR EXISTS (SELECT 1 FROM batches t WHERE t.cohort_id = OLD.cohort_id AND t.state <> 'cancelled'))"
)
refuse_rows(
    CohortProvider,
    "exams.provider_exchanged",
    on=("UPDATE",),
    when=f"(NEW.organisation_id <> OLD.organisation_id OR NEW.cohort_id <> OLD.cohort_id) AND {_TAUGHT}",
    message=say("开班或安排认定之后，本班的培训机构不能替换"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    CohortProvider,
    "exams.provider_removed",
    on=("DELETE",),
    when=_TAUGHT,
    message=say("开班或安排认定之后，本班的培训机构不能移除"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)

# Who controls them

refuse_rows(
    Control,
    "exams.control_joins_sides",
    on=("INSERT", "UPDATE"),
    when=(
        f"EXISTS (SELECT 1 FROM {_SIDES_OF_BATCHES} WHERE t.scheme = 'social' AND {_STANDS} AND {_in_force('NEW', 't.held_on')} AND ("
        "(y.id = NEW.organisation_id AND (NEW.controller = x.credit_code OR EXISTS (SELECT 1 FROM controls o "
        f"WHERE o.organisation_id = x.id AND o.controller = NEW.controller AND {_in_force('o', 't.held_on')}))) OR "
        "(x.id = NEW.organisation_id AND (NEW.controller = y.credit_code OR EXISTS (SELECT 1 FROM controls o "
        f"WHERE o.organisation_id = y.id AND o.controller = NEW.controller AND {_in_force('o', 't.held_on')})))))"
    ),
    message=say("评培分离：照此登记，认定批次的培训机构与评价机构在考试当日受同一控制人控制；请先取消批次或更改其结果"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
_SHOWN_APART = (
    "EXISTS (SELECT 1 FROM batches t WHERE t.state IN ('decided', 'published') AND {old} AND (t.body_id = OLD.organisation_id "
    "OR EXISTS (SELECT 1 FROM cohort_providers p WHERE p.cohort_id = t.cohort_id AND p.organisation_id = OLD.organisation_id)))"
)
refuse_rows(
    Control,
    "exams.control_rewritten",
    on=("UPDATE",),
    when=(
        "NEW.organisation_id <> OLD.organisation_id OR "
        + _SHOWN_APART.format(old=f"{_in_force('OLD', 't.held_on')} AND NOT ({_in_force('NEW', 't.held_on')})")
    ),
    message=say("该控制人记录是已审定批次评培分离的依据，其有效期须包含考试当日"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    Control,
    "exams.control_removed",
    on=("DELETE",),
    when=_SHOWN_APART.format(old=_in_force("OLD", "t.held_on")),
    message=say("该控制人记录是已审定批次评培分离的依据，不能删除"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    Organisation,
    "exams.credit_code_joins_sides",
    on=("UPDATE OF credit_code, kind",),
    when=(
        f"EXISTS (SELECT 1 FROM {_SIDES_OF_BATCHES} WHERE {_STANDS} AND t.scheme = 'social' AND ("
        "(y.id = OLD.id AND (NEW.kind <> 'assessment_body' OR NEW.credit_code IS NULL OR NEW.credit_code = x.credit_code OR EXISTS ("
        f"SELECT 1 FROM controls o WHERE o.organisation_id = x.id AND o.controller = NEW.credit_code AND {_in_force('o', 't.held_on')}))) OR "
        "(x.id = OLD.id AND (NEW.credit_code = y.credit_code OR EXISTS ("
        f"SELECT 1 FROM controls o WHERE o.organisation_id = y.id AND o.controller = NEW.credit_code AND {_in_force('o', 't.held_on')})))))"
    ),
    message=say("评培分离：照此更改，认定批次的培训机构与评价机构会是同一主体；请先取消批次"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
_OWN_BODY = (
    "EXISTS (SELECT 1 FROM batches t JOIN organisations y ON y.id = t.body_id WHERE t.scheme = 'employer_own' "
    f"AND {_STANDS} AND y.credit_code = OLD.credit_code) AND OLD.kind IN ('employer', 'assessment_body')"
)
refuse_rows(
    Organisation,
    "exams.employer_exchanged",
    on=("UPDATE OF credit_code, kind",),
    when=f"(NEW.credit_code IS NULL OR NEW.credit_code <> OLD.credit_code OR NEW.kind <> OLD.kind) AND {_OWN_BODY}",
    message=say("该单位正在组织自主评价，信用代码和类别不能更改"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    Organisation,
    "exams.employer_removed",
    on=("DELETE",),
    when=_OWN_BODY,
    message=say("该单位正在组织自主评价，不能删除"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)

# The persons' side: trainers, learners, scorers and deciders are different people

_TRAINER_LOCK = "SELECT 1 FROM persons q WHERE q.id = NEW.{column} FOR {strength}"
refuse_rows(
    BatchStaff,
    "exams.staff_taught_cohort",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM batches b JOIN sessions s ON s.cohort_id = b.cohort_id WHERE b.id = NEW.batch_id "
        "AND s.trainer_id = NEW.person_id AND s.cancelled_reason = '')"
    ),
    message=say("考培分离：为本班授过课的教师不得担任本班认定的考务人员"),
    source=SEPARATION,
    locking=_TRAINER_LOCK.format(column="person_id", strength="NO KEY UPDATE"),
)
refuse_rows(
    Session,
    "exams.trainer_examines_cohort",
    on=("INSERT", "UPDATE"),
    when=(
        "NEW.cancelled_reason = '' AND EXISTS (SELECT 1 FROM batches b JOIN batch_staff f ON f.batch_id = b.id "
        "WHERE b.cohort_id = NEW.cohort_id AND b.state <> 'cancelled' AND f.person_id = NEW.trainer_id)"
    ),
    message=say("考培分离：该教师已被任命为本班认定的考务人员，不能为本班授课"),
    source=SEPARATION,
    locking=_TRAINER_LOCK.format(column="trainer_id", strength="SHARE"),
)
refuse_rows(
    BatchStaff,
    "exams.staff_is_learner",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM batches b JOIN enrolments e ON e.cohort_id = b.cohort_id "
        "WHERE b.id = NEW.batch_id AND e.person_id = NEW.person_id)"
    ),
    message=say("本班学员不得担任本班认定的考务人员"),
    source=SEPARATION,
    locking=_TRAINER_LOCK.format(column="person_id", strength="NO KEY UPDATE"),
)
refuse_rows(
    Enrolment,
    "exams.learner_is_staff",
    on=("INSERT", "UPDATE OF person_id, cohort_id"),
    when=(
        "EXISTS (SELECT 1 FROM batches b JOIN batch_staff f ON f.batch_id = b.id "
        "WHERE b.cohort_id = NEW.cohort_id AND b.state <> 'cancelled' AND f.person_id = NEW.person_id)"
    ),
    message=say("此人是本班认定批次的考务人员，不能录取为本班学员"),
    source=SEPARATION,
    locking=_TRAINER_LOCK.format(column="person_id", strength="SHARE"),
)
refuse_rows(
    Candidate,
    "exams.candidate_is_staff",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM enrolments e JOIN batch_staff f ON f.person_id = e.person_id "
        "WHERE e.id = NEW.enrolment_id AND f.batch_id = NEW.batch_id)"
    ),
    message=say("本批次的考务人员不得同时是考生"),
    source=SEPARATION,
)
refuse_rows(
    Mark,
    "exams.scorer_not_appointed",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM batch_staff s WHERE s.batch_id = NEW.batch_id AND s.person_id = NEW.scorer_id "
        "AND s.post IN ('leader', 'examiner'))"
    ),
    message=say("只有本批次的考评员可以评分"),
    source=SEPARATION,
)
refuse_rows(
    Mark,
    "exams.scorer_undeclared",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM batch_staff s WHERE s.batch_id = NEW.batch_id AND s.person_id = NEW.scorer_id "
        "AND s.declared_on IS NULL)"
    ),
    message=say("考评员签署本批次的回避声明后才能评分"),
    source=SEPARATION,
)
#: In two, and the second counting, so that neither database goes over the marks of the batch: an index answers both.
_SCORED = (
    "(EXISTS (SELECT 1 FROM marks m WHERE m.batch_id = NEW.{batch} AND m.scorer_id = NEW.decided_by) "
    "OR EXISTS (SELECT 1 FROM accounts k WHERE k.person_id = NEW.decided_by "
    "AND (SELECT COUNT(*) FROM marks m WHERE m.batch_id = NEW.{batch} AND m.account_id = k.id) > 0))"
)
refuse_rows(
    Batch,
    "exams.decider_scored_batch",
    on=("UPDATE",),
    when="NEW.state = 'decided' AND " + _SCORED.format(batch="id"),
    message=say("评分（含誊录成绩）的人不得审定本批次的结果，请由另一人审定"),
    source=SEPARATION,
)
refuse_rows(
    Batch,
    "exams.decider_not_appointed",
    on=("UPDATE",),
    when=(
        "NEW.state = 'decided' AND NOT EXISTS (SELECT 1 FROM batch_staff s WHERE s.batch_id = NEW.id "
        "AND s.person_id = NEW.decided_by AND s.post = 'decider' AND s.declared_on IS NOT NULL)"
    ),
    message=say("只有本批次任命并签署了回避声明的成绩审定人可以审定"),
    source=SEPARATION,
)
refuse_rows(
    Result,
    "exams.decider_scored",
    on=("INSERT",),
    when=_SCORED.format(batch="batch_id"),
    message=say("评分（含誊录成绩）的人不得审定或批准更改结果，请由另一人办理"),
    source=SEPARATION,
)
