"""The school's own test (结业考核): items, ticks on a phone, a grid of marks, who passed."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.cohorts.queries.filing import ruling
from lbcert.cohorts.views.cohort import next_step
from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Missing, Refused, refuse
from lbcert.core.pages import form_page
from lbcert.core.words import say
from lbcert.teaching import rules
from lbcert.teaching.forms import ItemsForm, TestDayForm, mark_or_absent, typed
from lbcert.teaching.operations.school_test import TestMarks, record_school_test, set_test_items, tick_items
from lbcert.teaching.places import CLERK, SEES, TESTERS
from lbcert.teaching.queries import attempts_of, attendance_shares, items_of, learners_in, tests_of, ticks_of
from lbcert.teaching.views.room import room


@room.page("/cohorts/<int:cohort_id>/test", see=SEES)
def test(cohort_id: int) -> str:
    """Show who can do what, who took the test, and who passed."""
    actor, here = acting(), {"cohort_id": cohort_id}
    cohort, attempts, learners = load(Cohort, cohort_id), attempts_of(cohort_id), learners_in(cohort_id)
    all_passed = bool(learners) and all(
        learner.id in attempts and attempts[learner.id][-1].passed for learner in learners
    )
    return render_template(
        "pages/teaching/test.html",
        cohort=cohort,
        items=items_of(cohort_id),
        ticks=ticks_of(cohort_id),
        attempts=attempts,
        learners=learners,
        step=next_step(actor, cohort) if all_passed else None,
        pass_marks=[(ruling(cohort, key), key.label) for key in (rules.PASS_THEORY, rules.PASS_PRACTICE)],
        is_clerk=CLERK.admits(actor, here),
        is_tester=TESTERS.admits(actor, here),
    )


@room.page("/cohorts/<int:cohort_id>/test/items", see=CLERK, methods=("GET", "POST"))
def test_items(cohort_id: int) -> ResponseReturnValue:
    """Name the practical items."""
    form = ItemsForm(names="\n".join(item.name for item in items_of(cohort_id)))
    url = url_for("teaching.test", cohort_id=cohort_id)

    def save() -> str:
        set_test_items(acting(), cohort_id, (form.names.data or "").splitlines())
        return url

    lead = load(Cohort, cohort_id).name
    return form_page(form, save, title=gettext("实操项目"), lead=lead, back=(gettext("结业考核"), url))


@room.page("/cohorts/<int:cohort_id>/test/learners/<int:enrolment_id>", see=TESTERS, methods=("GET", "POST"))
def ticks(cohort_id: int, enrolment_id: int) -> ResponseReturnValue:
    """Tick what a learner can do, and go on to the next."""
    learners = learners_in(cohort_id)
    place = next((at for at, learner in enumerate(learners) if learner.id == enrolment_id), None)
    if place is None:
        raise Missing(f"Enrolment {enrolment_id} in cohort {cohort_id}")
    items, following = items_of(cohort_id), learners[place + 1 : place + 2]
    findings: Sequence[Finding] = ()
    if request.method == "POST":
        able = {item.id: str(item.id) in request.form.getlist("able") for item in items}
        try:
            tick_items(acting(), cohort_id, enrolment_id, able)
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已记下 %(name)s 的实操项目", name=learners[place].person.name), "success")
            return redirect(
                url_for("teaching.ticks", cohort_id=cohort_id, enrolment_id=following[0].id)
                if following
                else url_for("teaching.test", cohort_id=cohort_id)
            )
    page = render_template(
        "pages/teaching/ticks.html",
        cohort=load(Cohort, cohort_id),
        learner=learners[place],
        place=place + 1,
        total=len(learners),
        items=items,
        able=ticks_of(cohort_id).get(enrolment_id, set()),
        has_next=bool(following),
        findings=findings,
    )
    return page, 422 if request.method == "POST" else 200


@room.page("/cohorts/<int:cohort_id>/test/marks", see=CLERK, methods=("GET", "POST"))
def test_marks(cohort_id: int) -> ResponseReturnValue:
    """Enter the marks of those who have not passed yet; a row left empty is left alone."""
    cohort, form, tests = load(Cohort, cohort_id), TestDayForm(taken_on=clock.today()), tests_of(cohort_id)
    learners = [row for row in learners_in(cohort_id) if row.id not in tests or not tests[row.id].passed]
    findings: Sequence[Finding] = ()
    if form.validate_on_submit():
        try:
            recorded = record_school_test(acting(), cohort_id, form.taken_on.data, _marks(learners))
        except Refused as refused:
            findings = refused.findings
        else:
            passed = sum(row.passed for row in recorded)
            flash(gettext("已登记 %(count)s 人，合格 %(passed)s 人", count=len(recorded), passed=passed), "success")
            return redirect(url_for("teaching.test", cohort_id=cohort_id))
    page = render_template(
        "pages/teaching/marks.html",
        cohort=cohort,
        form=form,
        learners=learners,
        tests=tests,
        shares=attendance_shares(cohort_id),
        items=items_of(cohort_id),
        ticks=ticks_of(cohort_id),
        theory=typed(request.form, "theory-"),
        practice=typed(request.form, "practice-"),
        findings=findings,
    )
    return page, 422 if request.method == "POST" else 200


def _marks(learners: Sequence[Enrolment]) -> dict[int, TestMarks]:
    """Read the grid; raises ``Refused`` naming each learner whose mark is no whole number."""
    theory, practice = typed(request.form, "theory-"), typed(request.form, "practice-")
    marks, wrong = {}, []
    for learner in learners:
        written = theory.get(learner.id, "").strip(), practice.get(learner.id, "").strip()
        if not any(written):
            continue
        try:
            marks[learner.id] = TestMarks(*map(mark_or_absent, written))
        except ValueError:
            message = say("{who} 的两项成绩都应为 0 到 100 的整数；没有参加的写“缺考”", who=learner.person.name)
            wrong.append(refuse("teaching.mark_unreadable", message))
    if wrong:
        raise Refused(wrong)
    if not marks:
        raise Refused([refuse("teaching.no_marks", say("还没有填写任何人的成绩"))])
    return marks
