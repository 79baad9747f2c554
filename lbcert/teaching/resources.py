"""What trainers and venues allow a lesson: their hours, what takes them otherwise, the way between regions, nights away.

What nobody put on file binds nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from lbcert.brands.equipment import Need, lacking
from lbcert.core.clock import local
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.reference import ancestry, lies_within
from lbcert.core.words import say
from lbcert.core.workdays import DayKind
from lbcert.teaching.models import Mode
from lbcert.teaching.patterns import Opening

#: Between the way home and the way back lies a night of so long; our own figure, as is the next.
NIGHT = timedelta(hours=10)
#: The way between two regions for which nobody put hours on file, where only nights are counted.
_FAR = timedelta(hours=12)
_PROFILE = "教师资料"
_VENUE = "场地资料"


@dataclass(frozen=True)
class Keeper:
    """An organisation that has a trainer on file, and where it is."""

    organisation_id: int
    name: str
    region: str


@dataclass(frozen=True)
class TrainerTerms:
    """What a trainer allows; empty or None where nothing is on file."""

    name: str
    #: Items, modules, or both as ``电工：操作实训``.
    subjects: frozenset[str] = frozenset()
    openings: Sequence[Opening] = ()
    home: str | None = None
    #: Class hours a week.
    hours_a_week: int | None = None
    #: Nights away from home in a row.
    nights_away: int | None = None
    #: Of a mentor (带教师傅): whose, by id and name.
    employer: tuple[int, str] | None = None
    #: The school or employer that has him on file.
    keeper: Keeper | None = None


@dataclass(frozen=True)
class VenueTerms:
    """What a venue allows."""

    name: str
    region: str
    owner_id: int | None = None
    #: The owner's name where it is an employer's workshop.
    employer: str = ""
    stations: int | None = None
    openings: Sequence[Opening] = ()
    #: What it has, and how many (None: enough); empty: nobody said.
    equipment: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """A stretch of time in which a trainer or a venue is taken for something that is no session."""

    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True)
class Duty:
    """A session as its trainer has it; ``region`` is None for one that is met online."""

    starts_at: datetime
    ends_at: datetime
    hours: int
    region: str | None
    label: str = ""


#: Two regions → hours on the way.
Ways = Mapping[frozenset[str], int]


def hours_between(ways: Ways, one: str, other: str) -> int | None:
    """Give the hours on the way between two regions, or between what they lie in, the nearest first; None where nothing is on file."""
    if one == other:
        return 0
    pairs = ((a, b) for a in ancestry(one) for b in ancestry(other) if a != b)
    return next((ways[pair] for a, b in pairs if (pair := frozenset((a, b))) in ways), None)


def read_lines(text: str) -> frozenset[str]:
    """Give what stands in a text, a thing a line, with colons of one width."""
    return frozenset(line.strip().replace(":", "：") for line in text.splitlines() if line.strip())


def teaches(who: TrainerTerms, item: str, module: str) -> list[Finding]:
    """Find a module that is none of a trainer's."""
    if not who.subjects or who.subjects & {item, module, f"{item}：{module}"}:
        return []
    message = say(
        "{who} 登记的授课内容是{subjects}，没有“{module}”；请换教师，或先更新教师资料",
        who=who.name, subjects=tuple(sorted(who.subjects)), module=module,
    )  # fmt: skip
    return [refuse("teaching.trainer_subject", message, _PROFILE)]


def trainer_free(who: TrainerTerms, starts_at: datetime, ends_at: datetime, kind: DayKind) -> list[Finding]:
    """Find a lesson outside the hours in which its trainer can teach; ``kind`` is what its day is at the site."""
    if is_open(who.openings, starts_at, ends_at, kind):
        return []
    return [_closed("teaching.trainer_hours", _PROFILE, who.name, who.openings, starts_at, kind)]


def venue_open(venue: VenueTerms, starts_at: datetime, ends_at: datetime, kind: DayKind) -> list[Finding]:
    """Find a lesson outside the opening hours of its venue."""
    if is_open(venue.openings, starts_at, ends_at, kind):
        return []
    return [_closed("teaching.venue_hours", _VENUE, venue.name, venue.openings, starts_at, kind)]


def is_open(openings: Sequence[Opening], starts_at: datetime, ends_at: datetime, kind: DayKind) -> bool:
    """Tell whether a stretch of time lies within one of the windows; where there is none, every one does."""
    day = local(starts_at).date()
    return not openings or any(
        opening.is_on(day, kind) and opening.holds(local(starts_at), local(ends_at)) for opening in openings
    )


def _closed(
    rule: str, source: str, what: str, openings: Sequence[Opening], starts_at: datetime, kind: DayKind
) -> Finding:
    day = local(starts_at).date()
    windows = tuple(dict.fromkeys(str(opening) for opening in openings if opening.is_on(day, kind)))
    if windows:
        message = say("{what} {day} 可用的时段是 {windows}；请改时间", what=what, day=day.isoformat(), windows=windows)
    else:
        message = say("{what} {day}（{kind}）不可用；请改日期", what=what, day=day.isoformat(), kind=kind.label)
    return refuse(rule, message, source)


def not_taken(rule: str, what: str, starts_at: datetime, ends_at: datetime, bookings: Iterable[Taken]) -> list[Finding]:
    """Find that a trainer or venue, called ``what``, is taken for something else meanwhile."""
    return [
        refuse(
            rule,
            say(
                "{what} {begins} 至 {ends} 另有安排（{reason}）；请改时间或换人换场地",
                what=what, begins=f"{local(one.starts_at):%m-%d %H:%M}", ends=f"{local(one.ends_at):%m-%d %H:%M}",
                reason=one.reason,
            ),
        )
        for one in bookings
        if one.starts_at < ends_at and one.ends_at > starts_at
    ]  # fmt: skip


def enough_stations(venue: VenueTerms, learners: int) -> list[Finding]:
    """Warn of practice with more learners than stations (工位)."""
    if venue.stations is None or learners <= venue.stations:
        return []
    message = say(
        "场地“{venue}”有 {stations} 个工位，应到 {learners} 人，请分组轮换",
        venue=venue.name, stations=venue.stations, learners=learners,
    )  # fmt: skip
    return [Finding("teaching.stations", Level.WARN, message, _VENUE)]


def equipped(venue: VenueTerms, module: str, needs: Sequence[Need], learners: int) -> list[Finding]:
    """Find what a venue lacks of the equipment that a module's lessons need; where nobody said what it has, warn."""
    if not needs:
        return []
    if not venue.equipment:
        message = say(
            "场地“{venue}”没有登记设备；模块“{module}”要用：{things}，请核对并登记",
            venue=venue.name, module=module, things=tuple(need.thing for need in needs),
        )  # fmt: skip
        return [Finding("teaching.equipment_unknown", Level.WARN, message, _VENUE)]
    lacks = tuple(
        say("{thing}（要 {count}{unit}，有 {there}）", thing=need.thing, count=count, unit=need.unit, there=there)
        for need, count, there in lacking(needs, venue.equipment, learners)
    )
    if not lacks:
        return []
    message = say(
        "场地“{venue}”缺少模块“{module}”要用的设备：{lacks}；请换场地，或先更新场地的设备",
        venue=venue.name, module=module, lacks=lacks,
    )  # fmt: skip
    return [refuse("teaching.equipment", message, _VENUE)]


def hours_in_week(who: TrainerTerms, new: Duty, others: Iterable[Duty]) -> list[Finding]:
    """Find more class hours in a week, Monday to Sunday, than a trainer takes."""
    if who.hours_a_week is None:
        return []
    week = _monday(new)
    hours = new.hours + sum(other.hours for other in others if _monday(other) == week)
    if hours <= who.hours_a_week:
        return []
    message = say(
        "{who} 在 {monday} 这一周共 {hours} 课时，最多 {limit} 课时；请换教师或换一周",
        who=who.name, monday=week.isoformat(), hours=hours, limit=who.hours_a_week,
    )  # fmt: skip
    return [refuse("teaching.trainer_week", message, _PROFILE)]


def time_to_travel(who: str, new: Duty, others: Iterable[Duty], ways: Ways) -> list[Finding]:
    """Find lessons in two regions with less time between them than the way takes."""
    found = []
    for other in others:
        hours = hours_between(ways, new.region, other.region) if new.region and other.region else None
        first, then = sorted((new, other), key=lambda duty: duty.starts_at)
        if hours and timedelta() <= then.starts_at - first.ends_at < timedelta(hours=hours):
            message = say(
                "{who} 前后要上“{other}”，两地路途 {hours} 小时，来不及；请拉开时间或换教师",
                who=who, other=other.label, hours=hours,
            )  # fmt: skip
            found.append(refuse("teaching.travel_time", message, "两地路途时间"))
    return found


def nights_in_row(who: TrainerTerms, new: Duty, others: Iterable[Duty], ways: Ways) -> list[Finding]:
    """Find more nights away in a row than a trainer takes; he sleeps at home where there is time for the way and a night."""
    home = who.home
    if home is None or who.nights_away is None or new.region is None:
        return []
    run: list[Duty] = []
    for duty in sorted((duty for duty in (new, *others) if duty.region), key=lambda duty: duty.starts_at):
        if run and not _sleeps_away(home, run[-1], duty, ways):
            if new in run:
                break
            run = []
        run.append(duty)
    nights = (local(run[-1].starts_at).date() - local(run[0].ends_at).date()).days
    if nights <= who.nights_away:
        return []
    message = say(
        "{who} 这样要连续 {nights} 晚在外地，最多 {limit} 晚；请换教师，或留出回家的日子",
        who=who.name, nights=nights, limit=who.nights_away,
    )  # fmt: skip
    return [refuse("teaching.nights_away", message, _PROFILE)]


def way_home(home: str, region: str, ways: Ways) -> timedelta | None:
    """Give the time on the way home from a region; None where it is at home."""
    if lies_within(region, home) or lies_within(home, region):
        return None
    hours = hours_between(ways, home, region)
    return _FAR if hours is None else timedelta(hours=hours)


def _sleeps_away(home: str, before: Duty, after: Duty, ways: Ways) -> bool:
    """Tell whether there is no time to go home from one lesson and on to the next."""
    way = timedelta()
    for region in (duty.region for duty in (before, after) if duty.region):
        one_way = way_home(home, region, ways)
        if one_way is None:
            return False
        way += one_way
    return after.starts_at - before.ends_at < way + NIGHT


def _monday(duty: Duty) -> date:
    day = local(duty.starts_at).date()
    return day - timedelta(days=day.weekday())


def workshop_of(venue: VenueTerms, partners: Iterable[int]) -> list[Finding]:
    """Find a workshop of an employer who has no part in the cohort: neither an order's seats nor its hosting."""
    if not venue.employer or venue.owner_id in set(partners):
        return []
    message = say(
        "“{venue}”是 {employer} 的场地，本班没有它的订单名额；请换场地，或先划入该单位的名额",
        venue=venue.name, employer=venue.employer,
    )  # fmt: skip
    return [refuse("teaching.workshop_of_another", message, "三段式：定向就业")]


def at_an_employers(venue: VenueTerms, mode: Mode) -> list[Finding]:
    """Find a lesson at the work place (岗位) in a venue that is no employer's."""
    if mode is not Mode.WORKPLACE or venue.employer:
        return []
    message = say("“{venue}”不是用人单位的场地，不能以“岗位”方式授课；请换用人单位的场地，或改为线下", venue=venue.name)
    return [refuse("teaching.workplace_elsewhere", message, "以工代训")]


def of_a_provider(who: TrainerTerms, partners: Iterable[int], regions: Iterable[str]) -> list[Finding]:
    """Warn of a trainer of a school that has no part in the cohort and is in none of its partners' regions; mentors have their own rule."""
    keeper = who.keeper
    if keeper is None or who.employer or keeper.organisation_id in set(partners):
        return []
    if any(lies_within(keeper.region, region) for region in regions):
        return []
    message = say(
        "{who} 是{school}的教师，该校不是本班的办班单位，也不在合作地区；请换教师，或先把它列为联合培训机构",
        who=who.name, school=keeper.name,
    )  # fmt: skip
    return [Finding("teaching.trainer_of_another", Level.WARN, message, _PROFILE)]


def mentor_at_work(who: TrainerTerms, mode: Mode, is_practice: bool, venue: VenueTerms | None) -> list[Finding]:
    """Find a mentor (带教师傅) who teaches anything but practice at the work place of his own employer."""
    if who.employer is None:
        return []
    employer_id, employer = who.employer
    if is_practice and mode is Mode.WORKPLACE and venue and venue.owner_id == employer_id:
        return []
    message = say(
        "{who} 是 {employer} 的带教师傅，只能在该单位的场地以“岗位”方式带实操",
        who=who.name, employer=employer,
    )  # fmt: skip
    return [refuse("teaching.mentor_elsewhere", message, "以工代训")]


def hours_signed(unsigned: Iterable[tuple[str, str, int]], subject: str) -> list[Finding]:
    """Find sessions held in an employer's workshop (employer, label, class hours) whose hours none of its mentors signed."""
    said = tuple(
        say("{label}（{employer}，{hours} 课时）", label=label, employer=employer, hours=hours)
        for employer, label, hours in unsigned
    )
    if not said:
        return []
    message = say(
        "这些岗位课时还没有用人单位的带教师傅签认，请该单位签认，或由人社局批准特殊情况：{sessions}", sessions=said
    )
    return [Finding("teaching.hours_unsigned", Level.EXCEPTION, message, "以工代训", subject)]


def before_departure(day: date, latest: date, order: str) -> list[Finding]:
    """Find a session later than the last day that an order leaves for teaching: its arrival less the days of travel."""
    if day <= latest:
        return []
    message = say(
        "{day} 太晚：订单 {order} 的学员要按期到岗，扣除路途，最后一节课最迟 {latest}",
        day=day.isoformat(), order=order, latest=latest.isoformat(),
    )  # fmt: skip
    return [refuse("teaching.after_order", message, "三段式：订单组织")]


def meeting(mode: Mode, link: str) -> list[Finding]:
    """Find a link that is no address for an online lesson, and say that an online lesson has none yet."""
    if not link:
        missing = Finding("teaching.no_meeting_link", Level.NOTE, say("线上授课还没有会议链接，上课前请补上"))
        return [missing] if mode is Mode.ONLINE else []
    parts = urlsplit(link) if link.isascii() and link.isprintable() and " " not in link else None
    if mode is not Mode.ONLINE:
        return [refuse("teaching.link_not_online", say("只有线上授课才填会议链接"))]
    if parts is None or parts.scheme != "https" or not parts.hostname or parts.username or len(link) > 300:  # noqa: PLR2004 (the column's length)
        return [refuse("teaching.meeting_link", say("会议链接须以 https:// 开头，最多 300 个字符"))]
    return []
