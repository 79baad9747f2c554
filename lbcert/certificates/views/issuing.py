"""Pages for issuers: what waits, a look before it is done, and how far the printing got."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from lbcert.certificates import operations
from lbcert.certificates.operations.grounds import rehearse_completions, rehearse_skill_certificates
from lbcert.certificates.operations.issuing import Draft, Issued
from lbcert.certificates.places import ISSUES_FOR_BATCH, ISSUES_FOR_COHORT, job_place
from lbcert.certificates.queries import register
from lbcert.certificates.queries.waiting import Waiting, prefixes_of, waiting
from lbcert.certificates.types import certificate_type
from lbcert.certificates.views.room import room
from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, in_words
from lbcert.exams.models import Batch

ISSUERS = holds(Role.ISSUER)


def _page_of(line: Waiting) -> str:
    if line.type == "completion":
        return url_for("certificates.issue_completions", cohort_id=line.id)
    return url_for("certificates.issue_skill_certificates", batch_id=line.id)


WAITING = [
    Column("name", _l("培训班"), url=_page_of),
    Column("type", _l("证书种类"), value=lambda line: certificate_type(line.type).label),
    Column("number", _l("班号或批次"), "code"),
    Column("since", _l("考核日期"), "date"),
    Column("people", _l("待发（人）"), "number"),
]
PEOPLE = [
    Column("name", _l("姓名"), value=lambda row: row[0].person.name),
    Column("id", _l("身份证号"), "code", lambda row: row[0].person.id_masked),
    Column("says", _l("证书内容"), value=lambda row: _says(row[0])),
    Column("state", _l("检查"), "status", lambda row: _checked(row[1])),
]


def _says(draft: Draft) -> str:
    claims = draft.claims
    if "modules" in claims:
        return gettext("%(item)s，%(hours)s 课时", item=claims["item"], hours=f"{claims['hours']:g}")
    level = draft.type.level_label(draft.level)
    marks = " / ".join(f"{points:g}" for points in claims.get("marks", {}).values())
    return " · ".join(filter(None, [draft.trade.name, in_words(level), marks]))


def _checked(findings: Sequence[Finding]) -> tuple[str, str]:
    if any(finding.stops for finding in findings):
        return gettext("不能发"), "stop"
    if {finding.rule for finding in findings} == {"certificates.no_photo"}:
        return gettext("可以发，缺照片"), "info"
    return (gettext("可以发，请留意"), "warn") if findings else (gettext("可以发"), "ok")


@room.page("/certificates/issue", see=ISSUERS, menu=(_l("发证"), "file-certificate"))
def issue() -> str:
    """List what may be issued, the longest waiting first."""
    return render_template("pages/certificates/waiting.html", columns=WAITING, rows=waiting(acting()))


@room.page("/certificates/issue/cohorts/<int:cohort_id>", see=ISSUES_FOR_COHORT, methods=("GET", "POST"))
def issue_completions(cohort_id: int) -> ResponseReturnValue:
    """Look at the 培训合格证书 of a cohort before they are issued, and issue them."""
    cohort = load(Cohort, cohort_id)
    return _look_or_issue(
        cohort.name,
        lambda: operations.issue_completions(acting(), cohort_id),
        lambda: (rehearse_completions(acting(), cohort_id), []),
        kind="completion",
    )


@room.page("/certificates/issue/batches/<int:batch_id>", see=ISSUES_FOR_BATCH, methods=("GET", "POST"))
def issue_skill_certificates(batch_id: int) -> ResponseReturnValue:
    """Look at the 职业技能等级证书 of a batch before they are issued, and issue them."""
    batch = load(Batch, batch_id)
    prefixes = prefixes_of(batch.body_id, clock.today())
    chosen = request.form.get("prefix", type=int)
    return _look_or_issue(
        f"{batch.cohort.name} · {batch.number}",
        lambda: operations.issue_skill_certificates(acting(), batch_id, prefix_id=chosen),
        lambda: rehearse_skill_certificates(acting(), batch_id),
        kind="skill_level",
        prefixes=prefixes if len(prefixes) > 1 else [],
    )


def _look_or_issue(
    title: str,
    carry_out: Callable[[], Issued],
    rehearse: Callable[[], tuple[list[tuple[Draft, list[Finding]]], list[Finding]]],
    *,
    kind: str,
    prefixes: Sequence[Any] = (),
) -> ResponseReturnValue:
    refused: tuple[Finding, ...] = ()
    if request.method == "POST":
        try:
            made = carry_out()
        except Refused as refusal:
            refused = refusal.findings
        else:
            flash(ngettext("已签发 %(num)s 本证书", "已签发 %(num)s 本证书", len(made.certificates)), "success")
            if made.held:
                flash(
                    gettext("%(count)s 人没有发证，原因见发证页", count=len({each.subject for each in made.held})),
                    "warning",
                )
            return redirect(url_for("certificates.printing", job_id=made.job.id if made.job else 0))
    people, stopping = rehearse()
    if prefixes:
        stopping = [finding for finding in stopping if finding.rule != "certificates.which_prefix"]
    good = [row for row in people if not any(finding.stops for finding in row[1])]
    page = render_template(
        "pages/certificates/issue.html",
        title=title,
        kind=certificate_type(kind),
        columns=PEOPLE,
        people=people,
        good=len(good),
        findings=[*(refused or stopping), *(each for _, found in people for each in found if each.stops)],
        without_photo=sum(any(each.rule == "certificates.no_photo" for each in found) for _, found in people),
        stopped=any(finding.stops for finding in stopping),
        prefixes=prefixes,
    )
    return page, 422 if refused else 200


JOB = [
    Column(
        "number", _l("证书编号"), "code", url=lambda row: url_for("certificates.certificate", certificate_id=row.id)
    ),
    Column("name", _l("姓名"), value=lambda row: row.person.name),
    Column("state", _l("证书文件"), "status", lambda row: _printed(row)),  # noqa: PLW0108 (defined below)
    Column("print_problem", _l("问题")),
]


def _printed(row: Any) -> tuple[str, str]:
    if row.file_id is not None:
        return gettext("已生成"), "ok"
    return (gettext("没有生成"), "stop") if row.print_problem else (gettext("待生成"), "wait")


@room.page("/certificates/printing/<int:job_id>", see=holds(Role.ISSUER, at=job_place))
def printing(job_id: int) -> str:
    """Show how far the printing of what was issued together got, and its files."""
    certificates = register.of_job(job_id)
    progress = register.progress_of(job_id)
    first = certificates[0] if certificates else None
    return render_template(
        "pages/certificates/printing.html", job_id=job_id, job=progress, columns=JOB, rows=certificates, first=first
    )


@room.page("/certificates/printing/<int:job_id>/again", see=holds(Role.ISSUER, at=job_place), methods=("POST",))
def print_again(job_id: int) -> ResponseReturnValue:
    """Render once more what was left without a file."""
    job = operations.print_again(acting(), job_id)
    return redirect(url_for("certificates.printing", job_id=job.id))
