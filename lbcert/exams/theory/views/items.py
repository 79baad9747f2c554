"""What the answers of a batch tell of its questions, by number and never by word: a page, and the same as a sheet."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.database import load
from lbcert.core.pages import Column, export_sheet, in_words, paging_from_request, wants_export
from lbcert.exams.models import Batch, BatchState, QuestionKind
from lbcert.exams.places import DECISION_READERS, TRANSCRIBERS
from lbcert.exams.theory.queries.scores import Item, items_of
from lbcert.exams.theory.statistics import FEW
from lbcert.exams.views.room import room, state_badge

#: The body's exam office, which keeps the bank, and who decides or watches over the batch.
ITEM_READERS = TRANSCRIBERS | DECISION_READERS


def is_decided(batch: Batch) -> bool:
    """Tell whether nobody's mark rests on the questions any more."""
    return batch.state in {BatchState.DECIDED, BatchState.PUBLISHED}


def _two(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _choices(item: Item) -> str:
    names = {"T": gettext("对"), "F": gettext("错")} if item.question.kind is QuestionKind.JUDGE else {}
    shown = [
        f"{names.get(letter, letter)}{'*' if letter in item.question.key else ''} {count}"
        for letter, count in item.analysis.choices.items()
        if letter
    ]
    return " · ".join([*shown, gettext("未答 %(count)s", count=item.analysis.choices[""])])


def _verdict(item: Item) -> tuple[str, str]:
    return (gettext("建议复查"), "warn") if item.analysis.is_odd else (gettext("正常"), "ok")


def _about(item: Item) -> str:
    return f"{item.question.id} · {item.forms} · {in_words(item.question.kind.label)}"


_FIGURES = [
    Column("point", _l("鉴定点"), value=lambda item: item.question.point),
    Column("count", _l("人数"), "number", value=lambda item: item.analysis.count),
    Column("difficulty", _l("难度"), "number", value=lambda item: _two(item.analysis.difficulty)),
    Column("correlation", _l("点二列相关"), "number", value=lambda item: _two(item.analysis.point_biserial)),
    Column("groups", _l("高低分组"), "number", value=lambda item: _two(item.analysis.upper_lower)),
    Column("choices", _l("各选项人数"), value=_choices),
    Column("verdict", _l("提示"), "status", _verdict),
]
#: On the page number, form and kind stand together; in the sheet each has its column.
SHOWN = [Column("about", _l("题号、卷型、题型"), value=_about), *_FIGURES]
COLUMNS = [
    Column("number", _l("题号"), "code", value=lambda item: str(item.question.id)),
    Column("forms", _l("卷型"), value=lambda item: item.forms),
    Column("kind", _l("题型"), value=lambda item: in_words(item.question.kind.label)),
    *_FIGURES,
]


@room.page("/<int:batch_id>/theory/items", see=ITEM_READERS)
def theory_items(batch_id: int) -> ResponseReturnValue:
    """Show what the answers tell of each question, once the batch is decided."""
    batch = load(Batch, batch_id)
    items = items_of(batch) if is_decided(batch) else []
    if items and wants_export():
        return export_sheet(COLUMNS, items, f"{gettext('试题分析')}-{batch.number}")
    return render_template(
        "pages/exams/theory/items.html",
        batch=batch,
        badge=state_badge(batch),
        items=items,
        columns=SHOWN,
        paging=paging_from_request(),
        few=FEW,
        most=max((item.analysis.count for item in items), default=0),
    )
