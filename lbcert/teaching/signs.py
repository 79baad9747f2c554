"""Signs of trouble in attendance: each a plain rule over what was recorded, with the rows behind it. A sign proves nothing; somebody looks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from lbcert.core.policy import Follows, key
from lbcert.core.words import Message, say, some

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """From where on something is odd. No document says so: these are the product's own, until a bureau sets others."""

    #: so many people checked in with one phone
    phone_people: int = 3
    #: fewer minutes than these lie between two counties
    county_minutes: int = 30
    #: and than these between two provinces
    province_minutes: int = 180


#: Which key sets which of the limits.
LIMITS = {
    "phone_people": key("teaching.sign_phone_people", say("一部手机多人签到：达到"), Follows.SITE, int, say("人")),
    "county_minutes": key("teaching.sign_county_minutes", say("来不及赶到：两县之间不到"), Follows.SITE, int, say("分钟")),
    "province_minutes": key("teaching.sign_province_minutes", say("来不及赶到：两省之间不到"), Follows.SITE, int, say("分钟")),
}  # fmt: skip


class SignKind(StrEnum):
    """Which rule found it."""

    TWO_PLACES = "two_places"
    TRAVEL = "travel"
    ONE_PHONE = "one_phone"
    HEADS = "heads"
    UNANSWERED = "unanswered"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _LABELS[self]


_LABELS = {
    SignKind.TWO_PLACES: say("一人同时在两处"),
    SignKind.TRAVEL: say("来不及赶到"),
    SignKind.ONE_PHONE: say("一部手机多人签到"),
    SignKind.HEADS: say("清点人数少于考勤"),
    SignKind.UNANSWERED: say("抽查没有应答却记了出勤"),
}


class Part(StrEnum):
    """What somebody did there."""

    TAUGHT = "taught"
    ATTENDED = "attended"
    OPENED = "opened"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return {Part.TAUGHT: say("授课"), Part.ATTENDED: say("听课"), Part.OPENED: say("开启签到")}[self]


@dataclass(frozen=True)
class Stay:
    """Somebody was somewhere, as a record says; an opening is a moment, its beginning and end the same."""

    person_id: int
    who: str
    part: Part
    starts_at: datetime
    ends_at: datetime
    #: Alike for stays in one place: the venue, or how it was held.
    place: str
    #: None online.
    region: str | None
    session_id: int
    cohort_id: int


@dataclass(frozen=True)
class Scan:
    """One check-in, by which phone."""

    device: str
    person_id: int
    who: str
    at: datetime
    session_id: int


@dataclass(frozen=True)
class Row:
    """One record behind a sign: whose, what, when, and the session where it stands."""

    session_id: int
    at: datetime
    who: str = ""
    what: Message | None = None


@dataclass(frozen=True)
class Sign:
    """One sign, in words, and the records behind it."""

    kind: SignKind
    message: Message
    rows: tuple[Row, ...]


def in_two_places(stays: Iterable[Stay]) -> Iterator[Sign]:
    """Find people, trainers first of all, who taught or attended two lessons at once, or opened one while in another place."""
    for own in _by_person(stays):
        for one, other in itertools.combinations(own, 2):
            is_moment = Part.OPENED in {one.part, other.part}
            if (
                one.session_id == other.session_id
                or (is_moment and one.place == other.place)
                or not _at_once(one, other)
            ):
                continue
            message = say("{who} 同时{one}、{other}", who=one.who, one=one.part.label, other=other.part.label)
            yield Sign(SignKind.TWO_PLACES, message, (_row(one), _row(other)))


def without_travel(stays: Iterable[Stay], limits: Limits) -> Iterator[Sign]:
    """Find people who were in two counties or provinces with less time between than the way takes."""
    for own in _by_person(stay for stay in stays if stay.region):
        for before, after in itertools.combinations(own, 2):
            gap = after.starts_at - before.ends_at
            needed = _way(before.region or "", after.region or "", limits)
            if timedelta() <= gap < timedelta(minutes=needed):
                message = say(
                    "{who} 两节课相隔 {minutes} 分钟，上课地不在同一{area}",
                    who=before.who, minutes=int(gap.total_seconds() // 60),
                    area=say("县") if needed == limits.county_minutes else say("省"),
                )  # fmt: skip
                yield Sign(SignKind.TRAVEL, message, (_row(before), _row(after)))


def one_phone(scans: Iterable[Scan], limits: Limits) -> Iterator[Sign]:
    """Find phones with which several people checked in, whoever they were bound to at the time."""
    for own in _grouped(scans, lambda scan: scan.device):
        people = {scan.person_id: scan.who for scan in own}
        if len(people) >= limits.phone_people:
            message = say("同一部手机先后为 {count} 人签到：{names}", count=len(people), names=some(people.values()))
            rows = tuple(Row(scan.session_id, scan.at, scan.who) for scan in own)
            yield Sign(SignKind.ONE_PHONE, message, rows)


def fewer_heads(counts: Iterable[tuple[int, datetime, int, int]]) -> Iterator[Sign]:
    """Find counts (session, when, heads, marks) with fewer heads than marks of being there."""
    for session_id, at, counted, marked in counts:
        if counted < marked:
            message = say("清点 {counted} 人，考勤在场 {marked} 人", counted=counted, marked=marked)
            yield Sign(SignKind.HEADS, message, (Row(session_id, at),))


def unanswered(calls: Iterable[tuple[int, datetime, str]]) -> Iterator[Sign]:
    """Find learners (session, when, name) who did not answer a random call and are marked as having been there."""
    for session_id, at, who in calls:
        message = say("{who} 抽查没有应答，考勤记为在场", who=who)
        yield Sign(SignKind.UNANSWERED, message, (Row(session_id, at, who),))


def _at_once(one: Stay, other: Stay) -> bool:
    if one.starts_at == one.ends_at:
        return other.starts_at <= one.starts_at < other.ends_at
    if other.starts_at == other.ends_at:
        return _at_once(other, one)
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _way(one: str, other: str, limits: Limits) -> int:
    """Give the minutes that lie at least between two regions; none where both are one county."""
    if one[:6] == other[:6]:
        return 0
    return limits.county_minutes if one[:2] == other[:2] else limits.province_minutes


def _row(stay: Stay) -> Row:
    return Row(stay.session_id, stay.starts_at, stay.who, stay.part.label)


def _by_person(stays: Iterable[Stay]) -> Iterator[Sequence[Stay]]:
    for own in _grouped(stays, lambda stay: stay.person_id):
        yield sorted(own, key=lambda stay: stay.starts_at)


def _grouped(things: Iterable[T], by: Callable[[T], Any]) -> Iterable[list[T]]:
    found: dict[Any, list[T]] = {}
    for thing in things:
        found.setdefault(by(thing), []).append(thing)
    return found.values()
