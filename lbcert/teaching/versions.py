"""What differs between two published timetables: lessons added, dropped, and changed in which column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lbcert.core.words import Message, say, some
from lbcert.teaching.sheets import COURSE_TABLE, TITLES

#: A lesson as it is printed, by column of the course table, with the id of its session under ``session``.
Printed = Mapping[str, str]


class Difference(StrEnum):
    """What became of a lesson from one version to the next."""

    ADDED = "added"
    DROPPED = "dropped"
    CHANGED = "changed"

    @property
    def label(self) -> Message:
        """Its name on the pages and in the request."""
        return _LABELS[self]


_LABELS = {Difference.ADDED: say("新增"), Difference.DROPPED: say("取消"), Difference.CHANGED: say("调整")}


@dataclass(frozen=True)
class Change:
    """One lesson that differs; None where it was not, or is not any more."""

    before: Printed | None
    after: Printed | None

    @property
    def kind(self) -> Difference:
        """What became of it."""
        if self.before is None:
            return Difference.ADDED
        return Difference.DROPPED if self.after is None else Difference.CHANGED

    @property
    def columns(self) -> list[tuple[str, str, str]]:
        """Give title, old and new value of each column that differs, in the order of the course table."""
        before, after = self.before or {}, self.after or {}
        every = ((column.title, before.get(column.key, ""), after.get(column.key, "")) for column in COURSE_TABLE)
        return [(title, old, new) for title, old, new in every if old != new]

    @property
    def words(self) -> Message:
        """Tell it to those whom it concerns."""
        row = self.before or self.after or {}
        lesson = say("{day} {starts}“{content}”", **{name: row[name] for name in ("day", "starts", "content")})
        if self.kind is not Difference.CHANGED:
            return say("{what} {lesson}", what=self.kind.label, lesson=lesson)
        columns = some(
            say("{column} {old} → {new}", column=title, old=old, new=new)
            for title, old, new in self.columns
            if title != TITLES["trainer_number"]
        )
        return say("{lesson}：{columns}", lesson=lesson, columns=columns)


def compare(before: Iterable[Printed], after: Iterable[Printed]) -> list[Change]:
    """Give the lessons that differ, in the order of their times, old or new."""
    old, new = ({row["session"]: row for row in rows} for rows in (before, after))
    changes = [Change(old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)]
    return sorted(changes, key=_when)


def _when(change: Change) -> tuple[str, str, str]:
    row = change.before or change.after or {}
    return row["day"], row["starts"], row["session"]
