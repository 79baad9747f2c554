"""The pattern (班型) of a cohort: what was chosen, what it comes to at the site, and what the bureau lets it depart from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.brands.models import ModuleKind
from lbcert.cohorts.models import Cohort
from lbcert.cohorts.places import home_place
from lbcert.cohorts.rules.states import CHANGEABLE
from lbcert.core import clock
from lbcert.core.access import Role, acting, holds
from lbcert.core.calendar import overlay_of
from lbcert.core.database import load
from lbcert.core.findings import Finding, Level, Refused
from lbcert.core.pages import in_words, version_sent
from lbcert.core.waivers import stands
from lbcert.core.workdays import DayKind
from lbcert.teaching.forms import PatternForm
from lbcert.teaching.models import Mode
from lbcert.teaching.operations.patterns import OVER, choose_pattern
from lbcert.teaching.patterns import DEPARTURES
from lbcert.teaching.places import CLERK, SEES
from lbcert.teaching.queries.patterns import all_patterns, departures, pattern_of, timing_of
from lbcert.teaching.queries.sessions import sessions_of
from lbcert.teaching.views.room import room

#: Who lets a cohort depart from its pattern.
_BUREAU = holds(Role.BUREAU_OFFICER, at=home_place)
#: Any Monday to Sunday, to write the days' names.
_WEEK = [date(2025, 9, day) for day in range(1, 8)]


@room.page("/cohorts/<int:cohort_id>/pattern", see=SEES)
def pattern(cohort_id: int) -> str:
    """Show when a cohort is to be taught."""
    return _pattern_page(cohort_id, _form(cohort_id))


@room.page("/cohorts/<int:cohort_id>/pattern", see=CLERK, methods=("POST",))
def choose(cohort_id: int) -> ResponseReturnValue:
    """Choose when a cohort is to be taught."""
    form = _form(cohort_id)
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            choose_pattern(
                acting(), cohort_id, form.names.data or [], form.own_windows.data or "", form.hours_a_day.data,
                in_order=form.in_order.data, reason=form.reason.data or "" if form.reason else "", version=version_sent(),
            )  # fmt: skip
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已选定班型"), "success")
            _name_departures(load(Cohort, cohort_id))
            return redirect(url_for("teaching.timetable", cohort_id=cohort_id))
    return _pattern_page(cohort_id, form, findings), 422


def _name_departures(cohort: Cohort) -> None:
    found = departures(cohort, sessions_of(cohort.id), overlay_of(cohort.site_region_code))
    count = len({session.id for session, finding in found if finding.stops and session.ends_at > clock.now()})
    if count:
        flash(
            gettext("有 %(count)s 节要上的课不在现在的班型内，列在下面；请调课，或请人社局批准特殊情况", count=count),
            "warning",
        )


def _form(cohort_id: int) -> PatternForm:
    chosen = pattern_of(cohort_id)
    is_change = chosen is not None and load(Cohort, cohort_id).state in CHANGEABLE
    values: dict[str, Any] = {"in_order": True}
    if chosen:
        kept = ("own_windows", "hours_a_day", "in_order")
        values = {"names": chosen.names.split()} | {name: getattr(chosen, name) for name in kept}
    known = {name: in_words(one.label) for name, one in all_patterns().items()}
    return PatternForm(patterns=known, is_change=is_change, **values)


def _pattern_page(cohort_id: int, form: PatternForm, findings: Iterable[Finding] = ()) -> str:
    cohort, actor, chosen = load(Cohort, cohort_id), acting(), pattern_of(cohort_id)
    subject = f"cohort:{cohort_id}"
    asked = [(Finding(rule, Level.EXCEPTION, what, subject=subject), what) for rule, what in DEPARTURES.items()]
    return render_template(
        "pages/teaching/pattern.html",
        cohort=cohort,
        form=form,
        findings=findings,
        chosen=chosen,
        timing=timing_of(cohort),
        may_choose=cohort.state not in OVER and CLERK.admits(actor, {"cohort_id": cohort_id}),
        granted=[what for finding, what in asked if not stands(finding)],
        open_exceptions=[finding for finding, _ in asked if stands(finding)],
        kinds=list(DayKind),
        week=_WEEK,
        lesson_words={word.value: word.label for word in (*ModuleKind, *Mode)},
        is_bureau=_BUREAU.admits(actor, {"cohort_id": cohort_id}),
    )
