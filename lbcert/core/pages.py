"""What every list page stands on: paging that cannot be abused, columns, and words in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from io import BytesIO
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import Response, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, SQLColumnExpression, func, nulls_last, select
from sqlalchemy.orm import Session, scoped_session
from wtforms.fields.choices import SelectChoice

from lbcert.core.findings import Finding, OutOfReach, Refused, refuse
from lbcert.core.intake import whole_number
from lbcert.core.sheets import Column as SheetColumn
from lbcert.core.sheets import Table, write_csv, write_workbook
from lbcert.core.words import Message, say, told

#: rows on a page when nothing is asked
PER_PAGE = 20
#: rows on a page at most, whatever is asked
PER_PAGE_CAP = 100
#: the last page number that is understood; a list of a million pages is searched, not leafed through
PAGE_CAP = 1_000_000
#: characters of a search or filter that are looked at
TEXT_CAP = 100

Row = TypeVar("Row")
Received = TypeVar("Received")

#: what a list can be had as, with the type of the file
EXPORTS = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}

_WIDTHS = {"code": 24, "number": 10, "status": 12, "date": 14}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def in_words(message: Message | tuple[Any, ...] | str | None) -> str:
    """Give a message, or a list of them, in the reader's language; a plain string stays as it is."""
    return told(message, lambda msgid: str(gettext(msgid)))


@dataclass(frozen=True)
class Column:
    """One column of a list, for the page and for its export alike.

    ``key`` is read from the row (attribute or mapping entry) unless ``value`` is given. ``kind`` decides how it is
    shown: text, code (kept on one line), number, money (分), date, time, or status (a pair of text and the badge's
    kind). ``url`` makes a link of it. ``sort`` is the key that the query's white list knows, when the list can be
    put in this order.
    """

    key: str
    label: Any
    kind: str = "text"
    value: Callable[[Any], Any] | None = None
    url: Callable[[Any], str | None] | None = None
    sort: str = ""

    def of(self, row: Any) -> Any:
        """Read this column's value of a row."""
        if self.value is not None:
            return self.value(row)
        if isinstance(row, Mapping):
            return row.get(self.key)
        return getattr(row, self.key)


@dataclass(frozen=True)
class Paging:
    """Which part of a list is asked for, in which order; every value is within bounds."""

    page: int = 1
    per_page: int = PER_PAGE
    search: str = ""
    sort: str = ""
    descending: bool = False
    #: the filters that are set, of those that the list knows
    filters: Mapping[str, str] = field(default_factory=dict)
    #: rows in the whole list; known after :func:`paginate`
    total: int = 0
    #: where the list is
    path: str = ""

    @classmethod
    def of(
        cls,
        arguments: Mapping[str, str],
        sorts: Iterable[str] = (),
        order: str = "",
        filters: Iterable[str] = (),
        path: str = "",
    ) -> Paging:
        """Read a query string. What is out of bounds is brought within, what is unknown is left out.

        ``order`` is the sort key used when none is asked, with ``-`` in front for descending.
        """
        asked = arguments.get("sort", "")
        chosen = asked if asked.removeprefix("-") in set(sorts) else order
        return cls(
            page=_number(arguments.get("page", ""), 1, PAGE_CAP),
            per_page=_number(arguments.get("per_page", ""), PER_PAGE, PER_PAGE_CAP),
            search=_text(arguments.get("q", "")),
            sort=chosen.removeprefix("-"),
            descending=chosen.startswith("-"),
            filters={name: text for name in filters if (text := _text(arguments.get(name, "")))},
            path=path,
        )

    @property
    def pages(self) -> int:
        """How many pages the list has; an empty list has one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        """The number of the first row shown, counted from 1; 0 when there is none."""
        return min(self.total, (self.page - 1) * self.per_page + 1)

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return min(self.total, self.page * self.per_page)

    @property
    def is_narrowed(self) -> bool:
        """Tell whether a search or a filter leaves rows out."""
        return bool(self.search or self.filters)

    @property
    def around(self) -> Iterator[int | None]:
        """The page numbers worth a link: first, last and neighbours, with None for a gap."""
        shown = sorted({1, self.pages, *range(max(1, self.page - 1), min(self.pages, self.page + 1) + 1)})
        before = 0
        for number in shown:
            if number - before > 1:
                yield None
            yield number
            before = number

    def url(self, **changes: Any) -> str:
        """Give the address of this list with something changed (``page=2``, ``format="xlsx"``), keeping the rest."""
        order = f"{'-' if self.descending else ''}{self.sort}"
        query: dict[str, Any] = {"q": self.search, **self.filters, "sort": order, "page": self.page}
        if self.per_page != PER_PAGE:
            query["per_page"] = self.per_page
        query |= changes
        kept = {
            name: value for name, value in query.items() if value not in ("", None) and (name, value) != ("page", 1)
        }
        return f"{self.path}?{urlencode(kept)}" if kept else self.path or "?"

    def sort_url(self, key: str) -> str:
        """Give the address of this list in the order of ``key``; the other way round when it is in that order."""
        reverse = self.sort == key and not self.descending
        return self.url(sort=f"-{key}" if reverse else key, page=1)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page, with the paging that knows how many there are."""

    rows: list[Row]
    paging: Paging


def paging_from_request(
    sorts: Iterable[str] = (), order: str = "", filters: Iterable[str] = (), path: str = ""
) -> Paging:
    """Read which part of a list the current request asks for; see :meth:`Paging.of`.

    The list is where the request went, or at ``path``: a form's refusal shows a list that has an address of its own.
    """
    return Paging.of(request.args, sorts, order, filters, path or request.path)


def paginate(
    session: Session | scoped_session[Any],
    statement: Select[*tuple[Any, ...]],
    paging: Paging,
    sorts: Mapping[str, SQLColumnExpression[Any]],
    tie: SQLColumnExpression[Any],
) -> Page[Any]:
    """Count a list and fetch one page of it.

    ``sorts`` is the white list of orders, ``tie`` a unique column that keeps the order the same from page to page. A
    page beyond the end gives the last one. A statement of one entity gives its objects, any other gives rows.
    """
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    counted = replace(paging, total=total)
    counted = replace(counted, page=min(counted.page, counted.pages))
    part = ordered(statement, counted, sorts, tie).limit(counted.per_page).offset(max(0, counted.first - 1))
    found = session.execute(part)
    is_entity = len(statement.column_descriptions) == 1
    return Page(list(found.scalars() if is_entity else found.all()), counted)


def ordered(
    statement: Select[*tuple[Any, ...]],
    paging: Paging,
    sorts: Mapping[str, SQLColumnExpression[Any]],
    tie: SQLColumnExpression[Any],
) -> Select[*tuple[Any, ...]]:
    """Put a whole list in the order that is asked for, as for an export; what has no value comes last."""
    orders: list[SQLColumnExpression[Any]] = [tie]
    if (column := sorts.get(paging.sort)) is not None:
        orders.insert(0, nulls_last(column.desc() if paging.descending else column.asc()))
    return statement.order_by(None).order_by(*orders)


def tabs(paging: Paging, name: str, labels: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Make a tab of each value of a list's filter, with its label, for the macro ``tabs``."""
    shown = paging.filters.get(name, "")
    return [
        {"label": label, "url": paging.url(**{name: value, "page": 1}), "active": value == shown}
        for value, label in labels.items()
    ]


def wants_export() -> bool:
    """Tell whether the current request asks for the list as a file, as ``export_links`` does with ``?format=…``."""
    return request.args.get("format") in EXPORTS


def export_sheet(columns: Sequence[Column], rows: Iterable[Any], name: str) -> Response:
    """Answer with the whole list in the format that the request asks for, under the columns of its page.

    Money is in yuan, codes are text, a status is its words. ``name`` is the file's name without its ending.
    """
    kind = request.args.get("format", "")
    form = [
        SheetColumn(column.key, str(column.label), digits=column.kind == "code", width=_WIDTHS.get(column.kind, 18))
        for column in columns
    ]
    table = Table(name, form, ({column.key: _in_sheet(column, row) for column in columns} for row in rows))
    if kind == "csv":
        return _attachment(write_csv(form, table.rows), name, "csv")
    return send_workbook(write_workbook(table), name)


def send_workbook(content: bytes, name: str) -> Response:
    """Answer with a workbook, under a file name without its ending."""
    return _attachment(content, name, "xlsx")


def _attachment(content: bytes, name: str, ending: str) -> Response:
    return send_file(
        BytesIO(content), mimetype=EXPORTS[ending], as_attachment=True, download_name=f"{name}.{ending}", max_age=0
    )


def _in_sheet(column: Column, row: Any) -> Any:
    value = column.of(row)
    match column.kind:
        case "money":
            return None if value is None else Decimal(value) / 100
        case "status":
            return in_words(value[0])
    return in_words(value) if isinstance(value, Message) else value


def form_page(form: FlaskForm, save: Callable[[], str], **page: Any) -> ResponseReturnValue:
    """Answer with a form on a page of its own; once it is sent, ``save`` and go to the address that it gives.

    What was typed stays when it is refused, with every finding, and when it names a region beyond the account's own. ``page`` names
    title, lead, back (label, url), submit and version.
    """
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            return redirect(save())
        except Refused as refused:
            findings = refused.findings
        except OutOfReach:
            findings = (refuse("core.out_of_reach", say("所填的地区不在您管辖的范围内，没有保存；请改选您管辖的地区")),)
    shown = render_template("pages/form.html", form=form, findings=findings, **page)
    return shown, 422 if request.method == "POST" else 200


def take_in(form: FlaskForm, receive: Callable[[bytes, str], Received]) -> tuple[Received | None, tuple[Finding, ...]]:
    """Hand the form's ``file``, content and name, to ``receive``; give what that made of it, or why it was refused.

    Neither, where the form was not sent, or sent without a file.
    """
    if not form.validate_on_submit():
        return None, ()
    sent = form.file.data
    try:
        return receive(sent.read(), sent.filename or ""), ()
    except Refused as refused:
        return None, refused.findings


def version_sent() -> int | None:
    """Read the version of the row that a form was filled from; None where the form names none.

    What is no number is a version that no row has.
    """
    sent = request.form.get("version", "")
    if not sent:
        return None
    return whole_number(sent) or 0


def choices(labels: Mapping[Any, Any]) -> list[SelectChoice]:
    """Make the choices of a form's field from values and their labels; a label may be a lazy string."""
    return [SelectChoice(value=value, label=label) for value, label in labels.items()]


def _number(text: str, default: int, cap: int) -> int:
    """Read a number of 1 to ``cap``; what is no number gives the default."""
    if not text.isascii() or not text.isdigit():
        return default
    return max(1, min(cap, int(text[:12])))


def _text(text: str) -> str:
    """Bound what somebody searches for, and take out what no database stores."""
    return _CONTROL.sub(" ", text[:TEXT_CAP]).strip()
