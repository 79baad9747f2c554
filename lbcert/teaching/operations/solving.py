"""Solving a timetable in the background: begun, watched, stopped, and its best plan kept as a course table to look at."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from lbcert.cohorts.models import Cohort
from lbcert.cohorts.places import teaching_place
from lbcert.core import clock, jobs
from lbcert.core.access import CONSOLE, Console, Place, Role, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Level, kept, refuse
from lbcert.core.operation import operation
from lbcert.core.sheets import Table, write_workbook
from lbcert.core.staging import Checked, stage
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.teaching import rules
from lbcert.teaching.models import Mode, SolveBeside, SolveRun
from lbcert.teaching.places import CLERK, RUN_CLERK
from lbcert.teaching.queries.course_table import check_course_table, rows_of
from lbcert.teaching.queries.patterns import timing_of
from lbcert.teaching.queries.solving import Asked, Setting, setting_of
from lbcert.teaching.sheets import COURSE_TABLE, KIND

_WORK = "teaching.solve"
#: Seconds that one search may take; a worker holds an item for five minutes (``jobs.LEASE``).
MOST_SECONDS = 120
#: Seconds between two notes of progress, and for the reasons why a plan is not whole.
_NOTE_EACH, _REASONS = 1.0, 10


class Solution:
    """What a search came to, by cohort; no dataclass, so that the audit log names it and does not copy it."""

    def __init__(self, checked: Mapping[int, Checked], findings: Sequence[Finding]) -> None:
        self.checked, self.findings = checked, findings


@operation("teaching.start_solving", say("开始求解排课"), allow=CLERK)
def start_solving(actor: Any, cohort_id: int, asked: Asked, seconds: int, beside: Sequence[int] = ()) -> SolveRun:
    """Have a worker look for the best timetable of what is left of a cohort's plan, for so many seconds at most.

    ``beside`` are further cohorts of the actor's that are planned together with it, asked for in the same way. Refused for a cohort in
    which nothing can be planned, without windows with times, and where nothing is left to plan.
    """
    cohorts = [load(Cohort, each) for each in dict.fromkeys((cohort_id, *beside))]
    refuse_on(*(_not_yours(each) for each in cohorts if not CLERK.admits(actor, {"cohort_id": each.id})))
    problem = setting_of(dict.fromkeys(cohorts, asked))
    refuse_on(
        *(rules.plannable(each.name, each.state) for each in cohorts),
        *(_no_window(each) for each in cohorts if not any(opening.span for opening in timing_of(each).openings)),
        [] if problem.lessons or problem.findings else [_all_planned()],
        [] if 1 <= seconds <= MOST_SECONDS else [_too_long()],
    )
    further = [SolveBeside(cohort_id=each.id) for each in cohorts[1:]]
    run = SolveRun(cohort_id=cohort_id, seconds=seconds, meetings=_to_place(problem), beside=further)
    db.session.add(run)
    db.session.flush()
    payload = {"run_id": run.id, "cohort_id": cohort_id, "asked": _plain(asked)}
    label = "、".join(each.name for each in cohorts)
    run.job_id = jobs.start(actor, _WORK, f"求解排课：{label}"[:120], [("plan", payload)]).id
    return run


@operation("teaching.stop_solving", say("停止求解排课"), allow=RUN_CLERK)
def stop_solving(actor: Any, run_id: int) -> SolveRun:
    """Have a search stop soon and keep the best plan that it has by then."""
    run = load(SolveRun, run_id, lock=True)
    run.stop_asked = True
    return run


@operation("teaching.note_solving", say("记下求解进度"), allow=CONSOLE)
def _note(actor: Any, run_id: int, placed: int, cost: int) -> None:
    run = load(SolveRun, run_id, lock=True)
    run.placed, run.cost = placed, cost


def _payload_place(payload: Mapping[str, Any]) -> Place:
    return teaching_place(payload["cohort_id"])


@operation("teaching.keep_solution", say("留存求解的课程表"), allow=holds(Role.PROVIDER_CLERK, at=_payload_place))
def keep_solution(actor: Any, payload: Mapping[str, Any], solution: Solution) -> SolveRun:
    """Keep the best plan as course tables that count for nothing yet, and the reasons for what found no place."""
    run = load(SolveRun, payload["run_id"], lock=True)
    run.findings = json.dumps([kept(finding) for finding in solution.findings], ensure_ascii=False)
    run.finished_at = clock.now()
    parts: list[SolveRun | SolveBeside] = [run, *run.beside]
    for part in parts:
        if checked := solution.checked.get(part.cohort_id):
            staged = stage(actor, KIND, f"cohort:{part.cohort_id}", checked)
            db.session.flush()
            part.staged_id = staged.id
    return run


def _solve(payload: Mapping[str, Any]) -> Solution:
    """Look for the best plan until time is up, somebody stops it, or nothing is better."""
    from lbcert.teaching.solver import reasons  # noqa: PLC0415 (loads OR-Tools: a second, in the worker alone)
    from lbcert.teaching.solver.solve import Effort, Plan, solve  # noqa: PLC0415 (as above)

    run = load(SolveRun, payload["run_id"])
    run_id, seconds = run.id, run.seconds
    cohorts = [run.cohort, *(part.cohort for part in run.beside)]
    setting = setting_of(dict.fromkeys(cohorts, _asked(payload["asked"])))
    names = {row.module_id: row.module.name for cohort in cohorts for row in cohort.plan}
    db.session.rollback()  # nothing is read while it searches
    standing, noted = len(setting.problem.pinned), [0.0]

    def on_better(plan: Plan) -> None:
        if time.monotonic() - noted[0] >= _NOTE_EACH:
            noted[0] = time.monotonic()
            _note(Console(), run_id, len(plan.meetings) - standing, plan.cost)

    def is_stopped() -> bool:
        asked_to = db.session.scalar(select(SolveRun.stop_asked).where(SolveRun.id == run_id))
        db.session.rollback()
        return bool(asked_to)

    plan = solve(setting.problem, Effort(seconds), on_better=on_better, stop=is_stopped)
    _note(Console(), run_id, len(plan.meetings) - standing, plan.cost)
    findings = [replace(finding, level=Level.WARN) for finding in setting.findings if finding.stops]
    if plan.missing:
        conflict = reasons.explain(setting.problem, plan.meetings, seconds=_REASONS)
        found = (conflict.findings() if conflict else []) + reasons.unplaced(setting.problem, plan.meetings)
        findings += [replace(finding, level=Level.WARN) if finding.stops else finding for finding in found]
    checked = {}
    for cohort_id, lessons in setting.lessons_of(plan.meetings).items():
        data = write_workbook(Table("课程表", COURSE_TABLE, rows_of(lessons, names)))
        checked[cohort_id] = check_course_table(cohort_id, data, "自动排课方案.xlsx", findings)
    return Solution(checked, findings)


jobs.work(_WORK, _solve, keep_solution)


def _to_place(setting: Setting) -> int:
    return sum(piece.count for piece in setting.problem.pieces) - len(setting.problem.pinned)


def _plain(asked: Asked) -> dict[str, Any]:
    return vars(asked) | {"first": asked.first.isoformat(), "practice_mode": asked.practice_mode.value}


def _asked(plain: Mapping[str, Any]) -> Asked:
    return Asked(
        **{
            **plain,
            "first": date.fromisoformat(plain["first"]),
            "practice_mode": Mode(plain["practice_mode"]),
            **{name: tuple(plain[name]) for name in ("venues", "practice_venues", "trainers", "practice_trainers")},
        }
    )


def _no_window(cohort: Cohort) -> list[Finding]:
    message = say(
        "“{cohort}”没有写明起止时间的上课时段：请先选班型，并请人社局登记“晚间上课时段”和“白天上课时段”",
        cohort=cohort.name,
    )
    return [refuse("teaching.no_window", message)]


def _not_yours(cohort: Cohort) -> list[Finding]:
    return [refuse("teaching.not_your_cohort", say("“{cohort}”不是本机构的培训班", cohort=cohort.name))]


def _all_planned() -> Finding:
    return refuse("teaching.all_planned", say("教学计划的课时都已排好"))


def _too_long() -> Finding:
    return refuse("teaching.solve_seconds", say("求解时间应在 1 至 {most} 秒之间", most=MOST_SECONDS))
