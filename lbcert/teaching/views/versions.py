"""A cohort's published timetables: the list, one of them, two side by side, and the request for the bureau."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.models import Cohort, CohortState
from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.documents import document
from lbcert.core.findings import Finding, Missing, Refused
from lbcert.core.intake import whole_number
from lbcert.teaching.models import TimetableVersion
from lbcert.teaching.operations.versions import publish_timetable
from lbcert.teaching.places import CLERK, SEES, SEES_VERSION
from lbcert.teaching.queries import versions as queries
from lbcert.teaching.queries.papers import head_of
from lbcert.teaching.queries.shares import Division
from lbcert.teaching.sheets import COURSE_TABLE
from lbcert.teaching.versions import Change, compare
from lbcert.teaching.views.room import PDF, file, room


@room.page("/cohorts/<int:cohort_id>/versions", see=SEES)
def versions(cohort_id: int) -> str:
    """Show what was published, and what has changed since."""
    return _versions_page(cohort_id)


@room.page("/cohorts/<int:cohort_id>/versions", see=CLERK, methods=("POST",))
def publish(cohort_id: int) -> ResponseReturnValue:
    """Publish what stands as the next version."""
    try:
        version = publish_timetable(acting(), cohort_id, request.form.get("reason", ""))
    except Refused as refused:
        return _versions_page(cohort_id, refused.findings), 422
    flash(gettext("课程表第 %(number)s 版已公布", number=version.number), "success")
    return redirect(url_for("teaching.versions", cohort_id=cohort_id))


def _versions_page(cohort_id: int, findings: Sequence[Finding] = ()) -> str:
    cohort, published = load(Cohort, cohort_id), queries.versions_of(cohort_id)
    may_plan = cohort.state in {CohortState.APPROVED, CohortState.RUNNING}
    return render_template(
        "pages/teaching/versions.html",
        cohort=cohort,
        published=[(version, queries.publisher_of(version)) for version in published],
        changes=queries.unpublished(cohort_id),
        clashes=queries.clashes_of(cohort) if may_plan else [],
        shares=Division(cohort).departing() if may_plan else [],
        planned=len(queries.standing(cohort_id)),
        findings=findings,
        reason=request.form.get("reason", ""),
        provider=head_of(cohort)["provider"],
        may_plan=may_plan,
        may_publish=may_plan and CLERK.admits(acting(), {"cohort_id": cohort_id}),
    )


@room.page("/timetable-versions/<int:version_id>", see=SEES_VERSION)
def version(version_id: int) -> str:
    """Show a version as it was published, beside the one before or another that is asked for."""
    shown = load(TimetableVersion, version_id)
    others = [other for other in queries.versions_of(shown.cohort_id) if other.id != version_id]
    asked = whole_number(request.args.get("beside", ""))
    beside = next((other for other in others if other.number == asked), queries.before(shown))
    return render_template(
        "pages/teaching/version.html",
        version=shown,
        cohort=shown.cohort,
        publisher=queries.publisher_of(shown),
        columns=COURSE_TABLE,
        rows=queries.frozen(shown),
        others=others,
        beside=beside,
        changes=compare(queries.frozen(beside), queries.frozen(shown)) if beside else [],
    )


@room.page("/timetable-versions/<int:version_id>/request.pdf", see=SEES_VERSION)
def version_request(version_id: int) -> ResponseReturnValue:
    """Print the request for a version's change, with its reason; the first changes nothing."""
    shown = load(TimetableVersion, version_id)
    former = queries.before(shown)
    if former is None:
        raise Missing(f"a change in timetable version {version_id}")
    changes = compare(queries.frozen(former), queries.frozen(shown))
    return _request(shown.cohort, changes, former, shown.reason)


@room.page("/cohorts/<int:cohort_id>/change-request.pdf", see=SEES)
def change_request(cohort_id: int) -> ResponseReturnValue:
    """Print the request for what has changed since the last version, with room for the reason."""
    published, changes = queries.versions_of(cohort_id), queries.unpublished(cohort_id)
    if not changes:
        raise Missing(f"a change in the timetable of cohort {cohort_id}")
    return _request(load(Cohort, cohort_id), changes, published[0], "")


def _request(cohort: Cohort, changes: list[Change], since: TimetableVersion, reason: str) -> ResponseReturnValue:
    paper = document("change_request", title="课程表变更申请表", **queries.request_of(cohort, changes, since, reason))
    name = gettext("课程表变更申请表")
    return file(paper, PDF, f"{name}-{cohort.number}.pdf")
