"""Publishing a timetable: each version is kept as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from lbcert.cohorts.models import Cohort
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.messages import tell
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say, some
from lbcert.teaching import rules
from lbcert.teaching.models import TimetableVersion
from lbcert.teaching.places import CLERK
from lbcert.teaching.queries.versions import affected_by, clashes_of, frozen, standing, versions_of
from lbcert.teaching.versions import Change, Printed, compare

#: Characters that the column holds.
_REASON = 500


@operation("teaching.publish_timetable", say("公布课程表"), allow=CLERK)
def publish_timetable(actor: Any, cohort_id: int, reason: str = "") -> TimetableVersion:
    """Publish what stands on a cohort's timetable as its next version, frozen as it is printed.

    Refused with nothing on it or nothing changed, without a reason for a change of what was published, and while a
    session to come puts somebody or a room in two places, or where they are not to be had. Whom it concerns is told.
    """
    cohort = load(Cohort, cohort_id, lock=True)
    published, lessons = versions_of(cohort_id), standing(cohort_id)
    last = published[0] if published else None
    refuse_on(rules.plannable(cohort.name, cohort.state), _publishable(last, lessons, reason), clashes_of(cohort))
    version = TimetableVersion(
        cohort_id=cohort_id,
        number=last.number + 1 if last else 1,
        reason=reason.strip() if last else "",
        content=json.dumps(lessons, ensure_ascii=False),
        account_id=actor.id,
    )
    db.session.add(version)
    _tell(cohort, version, compare(frozen(last), lessons))
    return version


def _tell(cohort: Cohort, version: TimetableVersion, changes: Sequence[Change]) -> None:
    if version.number == 1:
        message = say("“{cohort}”课程表已公布，共 {count} 节课", cohort=cohort.name, count=len(changes))
    else:
        message = say(
            "“{cohort}”课程表有变动（第 {number} 版，{reason}）：{changes}",
            cohort=cohort.name,
            number=version.number,
            reason=version.reason,
            changes=some(change.words for change in changes),
        )
    page = {"cohort_id": cohort.id}
    tell(affected_by(cohort, changes), message, "teaching.timetable", page, subject=f"cohort:{cohort.id}")


def _publishable(last: TimetableVersion | None, lessons: Sequence[Printed], reason: str) -> Iterator[Finding]:
    if not lessons:
        yield refuse("teaching.nothing_planned", say("还没有排课，没有可以公布的"))
    if last and frozen(last) == lessons:
        message = say("与第 {number} 版相同，不需要再公布", number=last.number)
        yield refuse("teaching.nothing_changed", message)
    if last and not reason.strip():
        yield refuse("teaching.reason", say("课程表公布后有变动，请写明原因"))
    if len(reason) > _REASON:
        yield refuse("teaching.text_long", say("“{what}”超过 {most} 个字，请改短", what=say("变动原因"), most=_REASON))
