"""The one way to change anything: permission, transaction, audit row, commit, and the events after it."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import String, event, insert
from sqlalchemy import inspect as examine
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.exc import StaleDataError

from lbcert.core import audit
from lbcert.core.access import Actor, Gate, roles_of
from lbcert.core.database import EXPLAINED, STALE, Base, db, invariant
from lbcert.core.findings import Forbidden, OutOfReach, Refused, refuse
from lbcert.core.seal import Sealed
from lbcert.core.words import Message, say

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger(__name__)


@dataclass
class Changes:
    """What an operation made, changed and removed, as the audit log keeps it."""

    made: dict[str, list[Any]] = field(default_factory=dict)
    changed: list[list[Any]] = field(default_factory=list)
    removed: dict[str, list[Any]] = field(default_factory=dict)

    def as_json(self) -> str:
        """Write what is not empty."""
        return audit.dumps({name: value for name, value in vars(self).items() if value})


@dataclass
class Transaction:
    """One commit: the outermost operation's, which those called inside it join."""

    notes: list[audit.Note] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)
    #: What is done once for all, right before the commit: (the call, one thing that it is given).
    ending: list[tuple[Callable[[list[Any]], None], Any]] = field(default_factory=list)
    changes: list[Changes] = field(default_factory=list)
    #: What is asked once, with its answers.
    asked: dict[Hashable, Any] = field(default_factory=dict)


_running: ContextVar[Transaction | None] = ContextVar("lbcert_transaction", default=None)


def is_writing() -> bool:
    """Tell whether an operation is under way."""
    return _running.get() is not None


#: Admits only calls from inside another operation, whose permission was checked.
INSIDE = Gate("inside another operation", lambda: len(_open().changes) > 1)


@dataclass(frozen=True)
class Operation:
    """A registered use case: its name is its permission."""

    name: str
    #: What it is called on the pages; a test's own operation has none.
    title: Message | None
    allow: Gate
    #: The use case itself.
    function: Callable[..., Any]
    #: The use case with its permission, transaction and audit row: what is called.
    carry_out: Callable[..., Any]


OPERATIONS: dict[str, Operation] = {}


def operation(
    name: str, title: Message | None = None, *, allow: Gate
) -> Callable[[Callable[Concatenate[Any, P], R]], Callable[Concatenate[Any, P], R]]:
    """Make a function an operation, called ``name`` ("room.verb") in permissions and the audit log, ``title`` on the pages.

    The function takes the acting account first and ids for the rest, loads inside, and returns the object it made.
    ``allow`` reads those same arguments by name. Called inside another operation, it joins that one's transaction
    behind a savepoint. Raises ``Forbidden``, or ``Refused`` with all findings; nothing is stored then.
    """

    def register(function: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
        signature = inspect.signature(function)
        unknown = set(allow.wanted) - set(signature.parameters)
        if name in OPERATIONS or unknown:
            raise ValueError(f"operation {name}: registered twice, or its gate wants {sorted(unknown)}")

        @functools.wraps(function)
        def carry_out(actor: Any, *args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(actor, *args, **kwargs)
            bound.apply_defaults()
            with _transaction() as transaction:
                result: R = _run(OPERATIONS[name], actor, dict(list(bound.arguments.items())[1:]), bound, transaction)
            return result

        OPERATIONS[name] = Operation(name, title, allow, function, carry_out)
        return carry_out

    return register


#: Arguments by which somebody names a region himself, and not a row that lies in one.
_REGIONS = frozenset({"region_code", "area_code"})


def _names_region(gate: Gate, actor: Actor) -> bool:
    """Tell whether an actor whom a gate does not admit has one of its roles and chose the region himself."""
    return bool(_REGIONS & set(gate.wanted)) and bool(roles_of(actor) & set(gate.roles))


def _run(
    spec: Operation, actor: Actor, arguments: dict[str, Any], bound: inspect.BoundArguments, transaction: Transaction
) -> Any:
    transaction.changes.append(Changes())
    try:
        if not spec.allow.admits(actor, arguments):
            raise (OutOfReach if _names_region(spec.allow, actor) else Forbidden)(spec.name)
        result = spec.function(*bound.args, **bound.kwargs)
        db.session.flush()
        transaction.notes.append(
            audit.Note(
                account_id=actor.id,
                actor=actor.label,
                operation=spec.name,
                subject=audit.reference(result)[:80] if isinstance(result, Base) else "",
                arguments=audit.dumps({key: audit.plain(value, key) for key, value in arguments.items()}),
                changes=transaction.changes[-1].as_json(),
            )
        )
    finally:
        transaction.changes.pop()
    return result


@contextmanager
def together() -> Iterator[None]:
    """Have the operations that are called within share one transaction, each behind a savepoint with its own permission and audit row.

    One that is refused leaves nothing behind; whoever catches its refusal goes on with the others.
    """
    with _transaction():
        yield


def once(key: Hashable, ask: Callable[[], R]) -> R:
    """Give what ``ask`` finds, and in the same transaction the same again without asking.

    For what all operations of one transaction ask and its locks hold still. Outside a transaction it is asked each time.
    """
    transaction = _running.get()
    if transaction is None:
        return ask()
    if key not in transaction.asked:
        transaction.asked[key] = ask()
    answer: R = transaction.asked[key]
    return answer


def after_commit(call: Callable[[], None]) -> None:
    """Have ``call`` run once the whole transaction is committed; its failure is logged and stops nothing."""
    _open().after.append(call)


def at_the_end(call: Callable[[list[Any]], None], thing: Any) -> None:
    """Have ``call`` run right before the whole transaction commits, once, with all the things that it was given.

    So what many operations share (the log's next index) is locked late and for a moment. It writes no audit row of its own.
    """
    _open().ending.append((call, thing))


def add_rows(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows by one statement instead of one each, and leave the same trace of them in the audit log.

    Nothing of them is loaded, and nobody measures their text: they hold numbers, dates and choices.
    """
    changes = _open().changes[-1]
    if rows:
        (key,) = examine(model).primary_key
        made = sorted(db.session.scalars(insert(model).returning(key), rows))
        changes.made.setdefault(model.__tablename__, []).extend(made)


def _end(transaction: Transaction) -> None:
    while transaction.ending:
        calls: dict[Callable[[list[Any]], None], list[Any]] = {}
        for call, thing in transaction.ending:
            calls.setdefault(call, []).append(thing)
        transaction.ending = []
        for call, things in calls.items():
            call(things)


def _open() -> Transaction:
    transaction = _running.get()
    if transaction is None:
        raise RuntimeError("this runs inside an operation only")
    return transaction


@contextmanager
def _transaction() -> Iterator[Transaction]:
    outer = _running.get()
    if outer is not None:
        kept, asked = (len(outer.notes), len(outer.after), len(outer.ending)), dict(outer.asked)
        try:
            with _explained(), db.session.begin_nested():
                yield outer
        except BaseException:
            del outer.notes[kept[0] :], outer.after[kept[1] :], outer.ending[kept[2] :]
            outer.asked = asked  # the locks that were taken since are gone
            raise
        return
    db.session.rollback()  # ends the request's reading transaction, so that this one begins with its lock
    transaction = Transaction()
    token = _running.set(transaction)
    try:
        with _explained():
            yield transaction
            _end(transaction)
            audit.append(transaction.notes)
            db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _running.reset(token)
    for call in transaction.after:
        try:
            call()
        except Exception:
            log.exception(
                "after the commit of %s", ", ".join(dict.fromkeys(note.operation for note in transaction.notes))
            )


@contextmanager
def _explained() -> Iterator[None]:
    """Turn an invariant that the database holds into the refusal it stands for."""
    try:
        yield
    except StaleDataError as error:
        raise Refused([refuse("core.stale", STALE)]) from error
    except (DataError, OverflowError) as error:
        raise Refused([refuse("core.unstorable", say("有的数字或文字大得存不下，请核对后再提交"))]) from error
    except IntegrityError as error:
        text = str(error.orig)
        for key in sorted(EXPLAINED, key=len, reverse=True):
            if key in text:
                raise Refused([invariant(key)]) from error
        raise


# What is written is seen, and nothing is written from anywhere else.


def _named(obj: Any) -> tuple[str, Any]:
    identity = examine(obj).identity or (None,)
    return obj.__tablename__, identity[0] if len(identity) == 1 else list(identity)


@event.listens_for(Session, "before_flush")
def _no_longer_than_its_column(session: Session, _context: object, _instances: object) -> None:
    """Refuse text longer than its column; PostgreSQL would break off, SQLite would keep it."""
    found = [
        refuse("core.too_long", say("填写的内容太长（{given} 字），最多 {most} 字", given=len(text), most=most))
        for obj in (*session.new, *session.dirty)
        for text, most in _texts(obj)
        if len(text) > most
    ]
    if found:
        raise Refused(found)


def _texts(obj: Any) -> Iterator[tuple[str, int]]:
    for attribute in examine(obj).mapper.column_attrs:
        kind = attribute.columns[0].type
        value = vars(obj).get(attribute.key)
        if isinstance(kind, String) and kind.length is not None and type(value) is str:
            yield value, kind.length


@event.listens_for(Session, "before_flush")
def _inside_only(session: Session, _context: object, _instances: object) -> None:
    if is_writing():
        return
    touched = [obj for obj in (*session.new, *session.dirty, *session.deleted) if session.is_modified(obj)]
    if touched:
        raise RuntimeError(f"a write outside an operation: {touched[0]!r}")


@event.listens_for(Session, "do_orm_execute")
def _no_bulk_outside(state: ORMExecuteState) -> None:
    if not state.is_select and not is_writing():
        raise RuntimeError(f"a write outside an operation: {state.statement}")


@event.listens_for(Session, "after_flush")
def _collect(session: Session, _context: object) -> None:
    transaction = _running.get()
    if transaction is None or not transaction.changes:
        return
    changes = transaction.changes[-1]
    for obj in session.new:
        table, _key = _named(obj)
        changes.made.setdefault(table, []).append(audit.plain(examine(obj).mapper.primary_key_from_instance(obj)[0]))
    for obj in session.deleted:
        table, key = _named(obj)
        changes.removed.setdefault(table, []).append(audit.plain(key))
    for obj in session.dirty:
        edits = _edits(obj)
        if edits:
            table, key = _named(obj)
            changes.changed.append([table, audit.plain(key), edits])


def _edits(obj: Any) -> dict[str, list[Any]]:
    state = examine(obj)
    edits: dict[str, list[Any]] = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if history.has_changes() and attribute.key != "version":
            hidden = isinstance(attribute.columns[0].type, Sealed) or attribute.key in audit.CONCEALED
            old, new = (audit.plain(value[0]) if value else None for value in (history.deleted, history.added))
            edits[attribute.key] = ["●", "●"] if hidden else [old, new]
    return edits
