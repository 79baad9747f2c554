"""A timetable being solved: asked for, watched while it gets better, stopped."""

from __future__ import annotations

import json

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import from_kept
from lbcert.core.pages import form_page
from lbcert.teaching.models import Mode, SolveRun
from lbcert.teaching.operations.solving import start_solving, stop_solving
from lbcert.teaching.places import CLERK, RUN_CLERK
from lbcert.teaching.queries.lists import plannable_beside
from lbcert.teaching.queries.resources import trainers_for
from lbcert.teaching.queries.sessions import venues_for
from lbcert.teaching.solve_forms import SolveForm
from lbcert.teaching.views.room import room


@room.page("/cohorts/<int:cohort_id>/solving", see=CLERK, methods=("GET", "POST"))
def solve(cohort_id: int) -> ResponseReturnValue:
    """Ask for the best timetable of what is left of a cohort's plan, and of others' with it."""
    cohort = load(Cohort, cohort_id)
    first = max(cohort.starts_on, min(clock.today(), cohort.ends_on))
    usual = {
        "first": first, "hours_at_once": 4, "seconds": 30, "practice_mode": Mode.ON_SITE.value,
        "online_theory": cohort.online, "steady": True,
    }  # fmt: skip
    form = SolveForm(
        beside=plannable_beside(acting(), cohort), trainers=trainers_for(cohort), venues=venues_for(cohort), data=usual
    )

    def save() -> str:
        run = start_solving(acting(), cohort_id, form.asked, form.seconds.data or 0, form.others)
        return url_for("teaching.solving", run_id=run.id)

    lead = gettext(
        "在班型的时段里同时考虑教师、场地、学员和订单，找出没有冲突、少奔波的课表；先给您看，确认后才排入课程表。"
    )
    back = gettext("课程表"), url_for("teaching.timetable", cohort_id=cohort_id)
    return form_page(form, save, title=gettext("自动排课"), lead=lead, back=back, submit=gettext("开始排课"))


@room.page("/solving/<int:run_id>", see=RUN_CLERK)
def solving(run_id: int) -> str:
    """Show how far a search came, and what came of it."""
    run = load(SolveRun, run_id)
    failed = [item.error for item in run.job.items if item.error] if run.job else []
    return render_template(
        "pages/teaching/solving.html",
        run=run,
        is_over=run.finished_at is not None or bool(failed),
        failed=failed,
        findings=[from_kept(plain) for plain in json.loads(run.findings)],
    )


@room.page("/solving/<int:run_id>/stop", see=RUN_CLERK, methods=("POST",))
def stop(run_id: int) -> ResponseReturnValue:
    """Stop a search."""
    stop_solving(acting(), run_id)
    return redirect(url_for("teaching.solving", run_id=run_id))
