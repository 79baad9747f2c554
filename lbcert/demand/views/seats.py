"""Targeted seats: a line's list, one seat, naming, signing, stepping back."""

from __future__ import annotations

from flask import Response, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.brands.queries import label_of
from lbcert.core.access import Actor, Role, acting, holds, only
from lbcert.core.database import load
from lbcert.core.pages import Column, form_page, in_words, version_sent
from lbcert.core.papers import papers_of
from lbcert.demand import operations, queries
from lbcert.demand.forms import IntentForm, NameForm, StepBackForm, fen
from lbcert.demand.models import TARGET_WAY, OrderLine, OrderState, Side, TargetedSeat, TargetState
from lbcert.demand.operations.orders import DESK
from lbcert.demand.queries import READS_ORDER, SERVES_SEAT, line_place, seat_place
from lbcert.demand.views.room import room, send_paper


def _reads_line(actor: Actor, line_id: int) -> bool:
    return READS_ORDER.admits(actor, {"order_id": load(OrderLine, line_id).order_id})


def _reads_seat(actor: Actor, seat_id: int) -> bool:
    return READS_ORDER.admits(actor, {"order_id": load(TargetedSeat, seat_id).line.order_id})


READS_LINE = only("may read the line's order", _reads_line)
READS_SEAT = only("may read the seat's order", _reads_seat)
NAMES = holds(*DESK, Role.EMPLOYER, at=line_place)
SIGNS = holds(*DESK, Role.EMPLOYER, at=seat_place) | SERVES_SEAT
EMPLOYER_BACK = holds(*DESK, Role.EMPLOYER, at=seat_place)
LEARNER_BACK = holds(*DESK, at=seat_place) | SERVES_SEAT
SIGN_OF = {TargetState.OPEN: "wait", TargetState.STABLE: "ok", TargetState.ARRIVED: "ok", TargetState.WITHDRAWN: "stop"}

COLUMNS = [
    Column(
        "person",
        _l("姓名"),
        value=lambda row: row.person.name if row.person else gettext("待点名"),
        url=lambda row: url_for("demand.seat", seat_id=row.id) if row.person else None,
    ),
    Column("id_masked", _l("公民身份号码"), "code", lambda row: row.person.id_masked if row.person else ""),
    Column("post", _l("岗位")),
    Column("wage_fen", _l("月薪"), "money"),
    Column("state", _l("状态"), "status", lambda row: (in_words(row.state.label), SIGN_OF.get(row.state, "info"))),
]


@room.page("/lines/<int:line_id>/seats", see=READS_LINE)
def seats(line_id: int) -> str:
    """Show a line's targeted seats."""
    line = load(OrderLine, line_id)
    rows = queries.seats_of_line(line_id)
    named = [row for row in rows if row.state is not TargetState.OPEN]
    may_name = line.order.state is OrderState.OPEN and NAMES.admits(acting(), {"line_id": line_id})
    return render_template(
        "pages/demand/seats.html",
        line=line,
        label=in_words(label_of(line.item)),
        columns=COLUMNS,
        rows=named,
        numbers=[
            {"label": in_words(state.label), "value": count, "unit": gettext("个")}
            for state, count in queries.seat_counts([line_id])[line_id].items()
        ],
        may_name=may_name and len(named) < len(rows),
    )


@room.page("/lines/<int:line_id>/seats/new", see=NAMES, methods=("GET", "POST"))
def name_person(line_id: int) -> ResponseReturnValue:
    """Put somebody on the employer's list."""
    line, form = load(OrderLine, line_id), NameForm()

    def save() -> str:
        wage = fen(form.wage.data) if form.wage.data is not None else None
        seat = operations.name_by_number(
            acting(), line_id, form.name.data or "", form.id_number.data or "", post=form.post.data or "", wage_fen=wage
        )
        return url_for("demand.seat", seat_id=seat.id)

    lead = gettext("此人须已由劳务工作站或培训机构登记在册。")
    back = in_words(label_of(line.item)), url_for("demand.seats", line_id=line_id)
    return form_page(form, save, title=gettext("点名拟招对象"), lead=lead, back=back, submit=gettext("列入拟招名单"))


@room.page("/seats/<int:seat_id>", see=READS_SEAT)
def seat(seat_id: int) -> str:
    """Show one targeted seat and how far it got."""
    found, actor, where = load(TargetedSeat, seat_id), acting(), {"seat_id": seat_id}
    leaves = found.state not in {TargetState.OPEN, TargetState.STABLE, TargetState.WITHDRAWN}
    return render_template(
        "pages/demand/seat.html",
        seat=found,
        label=in_words(label_of(found.line.item)),
        way=[(state.value, in_words(state.label)) for state in TARGET_WAY],
        papers=papers_of(f"seat:{seat_id}"),
        may_sign=found.state is TargetState.LISTED and SIGNS.admits(actor, where),
        employer_may=leaves and EMPLOYER_BACK.admits(actor, where),
        learner_may=leaves and LEARNER_BACK.admits(actor, where),
        fallback=in_words(queries.line_label(found.fallback_line)) if found.fallback_line else "",
    )


@room.page("/seats/<int:seat_id>/intent", see=SIGNS, methods=("GET", "POST"))
def sign_intent(seat_id: int) -> ResponseReturnValue:
    """File the learner's signed intent."""
    form, url = IntentForm(), url_for("demand.seat", seat_id=seat_id)

    def save() -> str:
        file = form.file.data
        operations.sign_intent(acting(), seat_id, form.signed_on.data, file.read(), file.filename)
        return url

    lead = gettext("由学员本人签名，须在开班之前。")
    return form_page(form, save, title=gettext("上传就业意向书"), lead=lead, back=(gettext("定向名额"), url))


@room.page("/seats/<int:seat_id>/papers/<int:paper_id>", see=READS_SEAT)
def seat_paper(seat_id: int, paper_id: int) -> Response:
    """Download a paper of a seat."""
    return send_paper(paper_id, f"seat:{seat_id}")


@room.page("/seats/<int:seat_id>/employer-steps-back", see=EMPLOYER_BACK, methods=("GET", "POST"))
def employer_steps_back(seat_id: int) -> ResponseReturnValue:
    """Record that the employer steps back."""
    return _step_back(seat_id, Side.EMPLOYER)


@room.page("/seats/<int:seat_id>/learner-steps-back", see=LEARNER_BACK, methods=("GET", "POST"))
def learner_steps_back(seat_id: int) -> ResponseReturnValue:
    """Record that the learner steps back."""
    return _step_back(seat_id, Side.LEARNER)


def _step_back(seat_id: int, side: Side) -> ResponseReturnValue:
    found = load(TargetedSeat, seat_id)
    form, url = StepBackForm(seat=found), url_for("demand.seat", seat_id=seat_id)
    step = operations.employer_steps_back if side is Side.EMPLOYER else operations.learner_steps_back

    def save() -> str:
        fallback = form.fallback_line_id.data or None
        step(acting(), seat_id, form.reason.data or "", fallback_line_id=fallback, version=version_sent())
        flash(gettext("已登记退出。"), "warn")
        return url

    title = gettext("用人单位退出") if side is Side.EMPLOYER else gettext("学员退出")
    name = found.person.name if found.person else gettext("定向名额")
    return form_page(form, save, title=title, back=(name, url), submit=title, version=found.version)
