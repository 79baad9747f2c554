"""Lists: the cohorts, and the filings that await the bureau's answer."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.brands.queries import label_of
from lbcert.cohorts.models import Cohort, CohortState, ProviderPart
from lbcert.cohorts.queries import lists as queries
from lbcert.cohorts.views.room import LISTS, room
from lbcert.core import clock
from lbcert.core.access import Role, acting, holds, roles_of
from lbcert.core.pages import Column, export_sheet, in_words, paging_from_request, wants_export

STATE_KINDS = {
    CohortState.DRAFT: "neutral",
    CohortState.FILED: "wait",
    CohortState.RETURNED: "warn",
    CohortState.APPROVED: "info",
    CohortState.RUNNING: "ok",
    CohortState.TAUGHT: "ok",
    CohortState.CLOSED: "neutral",
    CohortState.CANCELLED: "stop",
}


def status_of(cohort: Cohort) -> tuple[str, str]:
    """Give a cohort's state as a badge."""
    return in_words(cohort.state.label), STATE_KINDS[cohort.state]


def lead_of(cohort: Cohort) -> str:
    """Name the provider that leads a cohort."""
    return next((row.organisation.name for row in cohort.providers if row.part is ProviderPart.LEAD), "")


def _due(cohort: Cohort) -> tuple[str, str] | None:
    if cohort.reply_due_on is None:
        return None
    left = (cohort.reply_due_on - clock.today()).days
    day = cohort.reply_due_on.isoformat()
    if left < 0:
        return gettext("%(day)s，已逾期 %(days)s 天", day=day, days=-left), "stop"
    if left == 0:
        return gettext("%(day)s，今天到期", day=day), "warn"
    return gettext("%(day)s，还有 %(days)s 天", day=day, days=left), "wait"


COLUMNS = [
    Column("number", _l("班号"), "code", url=lambda row: url_for("cohorts.cohort", cohort_id=row.id), sort="number"),
    Column("name", _l("班级"), sort="name"),
    Column("item", _l("培训项目"), value=lambda row: label_of(row.item)),
    Column("lead", _l("主办机构"), value=lead_of),
    Column("site", _l("上课地"), value=lambda row: row.site_region.name),
    Column("starts_on", _l("开班日期"), "date", sort="starts"),
    Column("ends_on", _l("结业日期"), "date"),
    Column("state", _l("状态"), "status", status_of),
]


@room.page("/", see=LISTS, menu=(_l("培训班"), "school"))
def index() -> ResponseReturnValue:
    """List the cohorts of the account's region or organisation."""
    actor = acting()
    paging = paging_from_request(queries.COHORT_SORTS, "-number", ("state",))
    if wants_export():
        counts = _counted(queries.all_cohorts(actor, paging))
        return export_sheet([*COLUMNS, _heads(counts)], counts, gettext("培训班"))
    page = queries.list_cohorts(actor, paging)
    counts = _counted(page.rows)
    states = [(state.value, in_words(state.label)) for state in CohortState]
    return render_template(
        "pages/cohorts/list.html",
        columns=[*COLUMNS[:-1], _heads(counts), COLUMNS[-1]],
        page=page,
        filters=[{"name": "state", "label": gettext("状态"), "options": states}],
        may_create=Role.PROVIDER_CLERK in roles_of(actor),
    )


@room.page("/awaiting", see=holds(Role.BUREAU_OFFICER), menu=(_l("待批备案"), "clipboard-check"))
def awaiting() -> str:
    """List the filings to which the bureau owes an answer, by the day on which it is due."""
    page = queries.awaiting_reply(acting(), paging_from_request(queries.COHORT_SORTS, "due"))
    columns = [
        Column("due", _l("答复期限"), "status", _due, sort="due"),
        Column("number", _l("班号"), "code", url=lambda row: url_for("cohorts.review", cohort_id=row.id)),
        *COLUMNS[1:4],
        Column("starts_on", _l("开班日期"), "date", sort="starts"),
    ]
    return render_template("pages/cohorts/awaiting.html", columns=columns, page=page)


def _counted(cohorts: object) -> dict[Cohort, int]:
    rows = list(cohorts)  # type: ignore[call-overload]
    counts = queries.head_counts(row.id for row in rows)
    return {row: counts.get(row.id, 0) for row in rows}


def _heads(counts: dict[Cohort, int]) -> Column:
    return Column("heads", _l("学员"), "number", value=lambda row: counts[row])
