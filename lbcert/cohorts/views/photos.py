"""The photos of a cohort: sent in one ZIP, looked at file by file, and kept or thrown away."""

from __future__ import annotations

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.cohorts.forms import PhotosForm
from lbcert.cohorts.models import Cohort
from lbcert.cohorts.operations import photos as operations
from lbcert.cohorts.queries.photos import sitters_of
from lbcert.cohorts.sheets import PHOTOS
from lbcert.cohorts.views.room import CLERK, room
from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, paging_from_request, tabs, take_in
from lbcert.core.staging import StagedSheet, find, findings_of, latest, places_of, rows_page, sent_row

#: Of photos, which are kept and not imported.
_SHOWN = {"": _l("全部"), "bad": _l("不能保存"), "remarked": _l("不能保存和提醒")}
COLUMNS = [Column("file", _l("文件")), Column("name", _l("姓名")), Column("result", _l("检查结果"))]


@room.page("/<int:cohort_id>/photos", see=CLERK, methods=("GET", "POST"))
def photos(cohort_id: int) -> ResponseReturnValue:
    """Take a ZIP of photos in and check it."""
    cohort, form = load(Cohort, cohort_id), PhotosForm()
    staged, findings = take_in(form, partial(operations.receive_photos, acting(), cohort_id))
    if staged:
        return redirect(url_for("cohorts.staged_photos", photos_id=staged.id))
    page = render_template(
        "pages/cohorts/photos.html",
        cohort=cohort,
        form=form,
        findings=findings,
        sitters=sitters_of(cohort_id),
        waiting=[row for row in latest(PHOTOS, f"cohort:{cohort_id}") if row.is_open],
    )
    return page, 422 if request.method == "POST" else 200


@room.page("/photos/<int:photos_id>", see=operations.ITS_CLERK)
def staged_photos(photos_id: int) -> str:
    """Show checked photos: whose each is, which cannot be kept, and why."""
    return _staged_page(find(PHOTOS, photos_id))


def _staged_page(staged: StagedSheet, findings: tuple[Finding, ...] = ()) -> str:
    paging = paging_from_request(filters=("show",), path=url_for("cohorts.staged_photos", photos_id=staged.id))
    page, places = rows_page(staged, paging), places_of(staged)
    return render_template(
        "pages/cohorts/staged_photos.html",
        staged=staged,
        cohort=load(Cohort, staged.subject_id),
        columns=COLUMNS,
        rows=[
            {"good": row.good, "findings": row.said} | {key: cells[key].text for key in ("file", "name", "id_number")}
            for row in page.rows
            for cells in [sent_row(row, places)]
        ],
        paging=page.paging,
        shows=tabs(page.paging, "show", _SHOWN),
        general=findings_of(staged),
        findings=findings,
    )


@room.page("/photos/<int:photos_id>/import", see=operations.ITS_CLERK, methods=("POST",))
def import_photos(photos_id: int) -> ResponseReturnValue:
    """Keep the good photos."""
    try:
        staged = operations.import_photos(acting(), photos_id)
    except Refused as refused:
        return _staged_page(find(PHOTOS, photos_id), refused.findings), 422
    flash(gettext("已保存 %(count)s 张照片", count=staged.good), "success")
    return redirect(url_for("cohorts.photos", cohort_id=staged.subject_id))


@room.page("/photos/<int:photos_id>/discard", see=operations.ITS_CLERK, methods=("POST",))
def discard_photos(photos_id: int) -> ResponseReturnValue:
    """Throw checked photos away."""
    try:
        staged = operations.discard_photos(acting(), photos_id)
    except Refused as refused:
        return _staged_page(find(PHOTOS, photos_id), refused.findings), 422
    flash(gettext("已放弃这批照片，一张也没有保存"), "success")
    return redirect(url_for("cohorts.photos", cohort_id=staged.subject_id))
