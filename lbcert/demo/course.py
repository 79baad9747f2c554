"""A cohort's way from its roster to the school's own test, step by step as its people go it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle

from lbcert.brands.models import ModuleKind
from lbcert.brands.queries import current_menu
from lbcert.cohorts.models import Cohort, PlannedModule, ProviderPart
from lbcert.cohorts.operations.drafting import Details, add_provider, create_cohort, name_trainer
from lbcert.cohorts.operations.life import approve_cohort, file_cohort, finish_teaching, open_cohort
from lbcert.cohorts.operations.roster import import_roster, receive_roster
from lbcert.cohorts.operations.seats import allot_seats, fill_seats
from lbcert.cohorts.sheets import ROSTER
from lbcert.core import clock
from lbcert.core.database import load
from lbcert.core.identity.id_number import Sex
from lbcert.core.sheets import Table, write_workbook
from lbcert.core.waivers import grant_waiver
from lbcert.demo.cast import Cast, at, ids, moment
from lbcert.demo.people import Figure, roster_rows
from lbcert.demo.photos import portrait
from lbcert.parties.operations import set_photo
from lbcert.teaching.models import AttendanceMark, Mode, Session
from lbcert.teaching.operations.attendance import Presence, log_lesson, record_attendance
from lbcert.teaching.operations.feeds import make_feed
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.school_test import TestMarks, record_school_test, set_test_items, tick_items
from lbcert.teaching.operations.sessions import Lesson, add_session, add_venue, move_session
from lbcert.teaching.operations.versions import publish_timetable
from lbcert.teaching.queries import PRESENT, due_in, items_of, learners_in, marks_of, sessions_of
from lbcert.teaching.queries.planning import shifted

CLASS_HOUR = timedelta(minutes=45)
#: At most so many hours of each learner's are missed: one in ten, well above the attendance that is asked for.
_MISSED = 0.1


@dataclass(frozen=True)
class Plan:
    """What the builder wants of a cohort; ``county`` gives the accounts that act."""

    county: str
    brand: str
    item: str
    name: str
    home: str
    site_region: str
    site: str
    starts_on: date
    ends_on: date
    trainers: tuple[str, ...]
    living_in: str
    address: str
    school: str = ""
    host: str = ""
    fund: str = ""
    min_size: int = 20
    by_menu: bool = False
    by_order: bool = False
    three_stage: bool = False
    online_theory: bool = False
    #: 田间, 岗位 or 线下, for practice
    practice_mode: Mode = Mode.ON_SITE
    in_service: bool = False
    job_before: str = ""
    test_items: tuple[str, ...] = ()
    #: Names of 班型, and windows of its own; none, and it keeps to no pattern.
    patterns: tuple[str, ...] = ()
    own_windows: str = ""

    @property
    def clerk(self) -> str:
        """The school's own account."""
        return f"{self.county}-school"

    @property
    def officer(self) -> str:
        """The bureau's account."""
        return f"{self.county}-bureau"


def draft(cast: Cast, plan: Plan) -> int:
    """Begin a cohort with its trainers and its host."""
    menu = current_menu(cast.items[plan.county, plan.item])
    assert menu is not None  # noqa: S101 (published before)
    details = Details(
        name=plan.name,
        brand_id=cast.brands[plan.brand],
        item_id=cast.items[plan.county, plan.item],
        menu_id=menu.id,
        home_region_code=plan.home,
        site_region_code=plan.site_region,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        site=plan.site,
        online=plan.online_theory,
        by_order=plan.by_order,
        by_menu=plan.by_menu,
        three_stage=plan.three_stage,
        fund=plan.fund,
        min_size=plan.min_size,
        choices_close_on=plan.starts_on - timedelta(days=8) if plan.by_menu or plan.three_stage else None,
        resources="教室 2 间、实训场地 1 处；教材按人社部国家职业技能标准编写；设备清单附后（演示）",
        assessment_plan="结业考核：理论笔试、实操考核各 100 分，均 60 分合格；由评价机构另行组织等级认定（演示）",
    )
    cohort_id = create_cohort(cast.account(plan.clerk), cast.bodies[plan.school or f"{plan.county}-school"], details).id
    for trainer in plan.trainers:
        name_trainer(
            cast.account(plan.clerk), cohort_id, cast.persons[trainer], qualification="职业资格三级、教师上岗证（演示）"
        )
    if plan.patterns or plan.own_windows:
        choose_pattern(cast.account(plan.clerk), cohort_id, plan.patterns, plan.own_windows, in_order=True)
    if plan.host:
        add_provider(cast.account(plan.clerk), cohort_id, cast.bodies[plan.host], ProviderPart.HOST)
    return cohort_id


def enrol(cast: Cast, plan: Plan, cohort_id: int, people: Sequence[Figure]) -> None:
    """Write the county's roster of 16 columns and import it, all rows being good."""
    rows = roster_rows(people, plan.living_in, plan.address)
    sheet = write_workbook(Table("花名册", ROSTER, rows))
    roster = receive_roster(cast.account(plan.clerk), cohort_id, sheet, f"{plan.name}花名册.xlsx")
    import_roster(
        cast.account(plan.clerk),
        roster.id,
        in_service=plan.in_service,
        job_before=plan.job_before,
        promised_on=clock.today(),
    )


def photograph(cast: Cast, plan: Plan, cohort_id: int) -> None:
    """Have the service centre take each learner's photo, for the certificate."""
    people = [(row.person_id, row.person.sex is Sex.FEMALE) for row in load(Cohort, cohort_id).enrolments]
    for place, (person_id, is_woman) in enumerate(people):
        set_photo(cast.account(f"{plan.county}-centre"), person_id, portrait(place % 18, long_hair=is_woman))


def file(cast: Cast, plan: Plan, cohort_id: int) -> None:
    """File the cohort; where it is larger than the rule allows, the bureau has granted an exception."""
    cohort = load(Cohort, cohort_id)
    if len(cohort.enrolments) > 50:  # noqa: PLR2004 (what the demo's rules allow)
        reason = "两地协议约定整班组织，场地和师资满足教学要求，经局务会同意（演示）"
        grant_waiver(cast.account(plan.officer), "cohorts.class_size", f"cohort:{cohort_id}", plan.home, reason)
    file_cohort(cast.account(plan.clerk), cohort_id, promises=True)


def approve(cast: Cast, plan: Plan, cohort_id: int) -> None:
    """Approve the filing."""
    approve_cohort(cast.account(plan.officer), cohort_id, note="同意开班（演示）")


@dataclass(frozen=True)
class Meeting:
    """When the cohort meets: a beginning, and class hours of 45 minutes."""

    starts_at: datetime
    hours: int


def daily(
    first: date, last: date, times: Mapping[tuple[int, int], int], *, extra: Iterable[Meeting] = ()
) -> list[Meeting]:
    """Give the meetings of each day from ``first`` to ``last``: (hour, minute) → class hours; with some more."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    regular = [Meeting(moment(day, *begin), hours) for day in days for begin, hours in times.items()]
    return sorted((*regular, *extra), key=lambda meeting: meeting.starts_at)


def timetable(cast: Cast, plan: Plan, cohort_id: int, meetings: Sequence[Meeting]) -> None:
    """Lay the plan's modules one after another into the meetings, each module with its trainer."""
    school = cast.bodies[plan.school or f"{plan.county}-school"]
    venue_id = add_venue(cast.account(plan.clerk), school, plan.site, plan.site_region, 100).id
    for lesson in list(_lessons(cast, plan, load(Cohort, cohort_id).plan, meetings, venue_id)):
        add_session(cast.account(plan.clerk), cohort_id, lesson)


def publish(cast: Cast, plan: Plan, cohort_id: int) -> None:
    """Publish what is planned, and have each trainer's calendar read it; their addresses are told at the start."""
    publish_timetable(cast.account(plan.clerk), cohort_id)
    for name in plan.trainers:
        make_feed(cast.account(name), cast.persons[name], feed_secret(name))


def feed_secret(trainer: str) -> str:
    """Give the secret part of a demo trainer's calendar address, which is as public as the demo's password."""
    return f"demo-{trainer}"


def put_off(cast: Cast, plan: Plan, cohort_id: int, by: timedelta, reason: str) -> None:
    """Move the last session, and publish the timetable anew with the reason."""
    last = sessions_of(cohort_id)[-1]
    move_session(cast.account(plan.clerk), last.id, shifted(last, last.starts_at + by))
    publish_timetable(cast.account(plan.clerk), cohort_id, reason)


def _lessons(
    cast: Cast, plan: Plan, planned: Sequence[PlannedModule], meetings: Sequence[Meeting], venue_id: int
) -> Iterator[Lesson]:
    """Cut the meetings where one module ends and the next begins."""
    waiting = [(row.module, row.hours, trainer) for row, trainer in zip(planned, cycle(plan.trainers), strict=False)]
    for meeting in meetings:
        starts, hours = meeting.starts_at, meeting.hours
        while hours and waiting:
            module, left, trainer = waiting.pop(0)
            taken = min(hours, left)
            mode = plan.practice_mode if module.kind is ModuleKind.PRACTICE else Mode.ON_SITE
            if plan.online_theory and module.online_allowed:
                mode = Mode.ONLINE
            yield Lesson(
                module_id=module.id,
                starts_at=starts,
                ends_at=starts + CLASS_HOUR * taken,
                hours=taken,
                mode=mode,
                trainer_id=cast.persons[trainer],
                venue_id=None if mode is Mode.ONLINE else venue_id,
                title=module.name,
                material="自编讲义（演示）",
            )
            starts, hours = starts + CLASS_HOUR * taken, hours - taken
            if taken < left:
                waiting.insert(0, (module, left - taken, trainer))


def begin(cast: Cast, plan: Plan, cohort_id: int) -> None:
    """Open the cohort."""
    open_cohort(cast.account(plan.clerk), cohort_id)


def teach(cast: Cast, plan: Plan, cohort_id: int, dice: random.Random) -> None:
    """Call the roll, unless it was kept otherwise, and write the log of each session that is over by now, right after it."""
    now = clock.now()
    held = [
        (s.id, s.starts_at, s.ends_at, s.hours, s.title, s.trainer_id)
        for s in sessions_of(cohort_id)
        if s.ends_at <= now
    ]
    total = sum(row.hours for row in load(Cohort, cohort_id).plan)
    spare = {learner.id: int(total * _MISSED) for learner in learners_in(cohort_id)}
    users = {cast.persons[user]: user for user in plan.trainers}
    for session_id, starts, ends, hours, title, trainer_id in held:
        due = ids(due_in(load(Session, session_id)))
        marks = [mark.mark for mark in marks_of([session_id]).values()]
        seen = {} if marks else {key: _presence(key, hours, spare, starts, ends, dice) for key in due}
        there = sum(mark in PRESENT for mark in (*marks, *(one.mark for one in seen.values())))
        with clock.at(ends):
            if seen:
                record_attendance(cast.account(users[trainer_id]), session_id, seen)
            log_lesson(cast.account(users[trainer_id]), session_id, f"{title}，{hours} 课时，按教学计划完成。", there)


def _presence(
    learner: int, hours: int, spare: dict[int, int], starts: datetime, ends: datetime, dice: random.Random
) -> Presence:
    """Throw the dice over one learner's evening; most are there, and nobody is away too often."""
    throw = dice.random()
    if throw < 0.03 and spare[learner] >= hours:  # noqa: PLR2004 (three in a hundred)
        spare[learner] -= hours
        return Presence(AttendanceMark.LEAVE if throw < 0.02 else AttendanceMark.ABSENT)  # noqa: PLR2004 (as above)
    if throw < 0.06:  # noqa: PLR2004 (as above)
        return Presence(AttendanceMark.LATE, starts + timedelta(minutes=12), ends)
    return Presence(AttendanceMark.PRESENT, starts - timedelta(minutes=dice.randrange(1, 15)), ends)


def seat(cast: Cast, plan: Plan, cohort_id: int, line: int) -> None:
    """Give every learner a seat of the order's line."""
    desk = cast.account(f"{plan.county}-centre")
    allotment = allot_seats(desk, line, cohort_id, len(load(Cohort, cohort_id).enrolments))
    fill_seats(desk, allotment.id)


def hold_test(cast: Cast, plan: Plan, cohort_id: int, dice: random.Random, *, failing: int = 0) -> None:
    """Hold the school's own test: the items ticked by a trainer, both marks by the clerk; the last ``failing`` fail it."""
    set_test_items(cast.account(plan.clerk), cohort_id, plan.test_items)
    items, learners = ids(items_of(cohort_id)), ids(learners_in(cohort_id))
    trainer = plan.trainers[0]
    weak = set(learners[len(learners) - failing :]) if failing else set()
    for learner in learners:
        tick_items(cast.account(trainer), cohort_id, learner, dict.fromkeys(items, learner not in weak))
    marks = {
        learner: TestMarks(dice.randrange(40, 58), dice.randrange(40, 70))
        if learner in weak
        else TestMarks(dice.randrange(62, 98), dice.randrange(64, 98))
        for learner in learners
    }
    record_school_test(cast.account(plan.clerk), cohort_id, clock.today(), marks)


def finish(cast: Cast, plan: Plan, cohort_id: int) -> None:
    """Say that all has been taught."""
    finish_teaching(cast.account(plan.clerk), cohort_id)


def prepare(
    cast: Cast,
    plan: Plan,
    people: Sequence[Figure],
    meetings: Sequence[Meeting],
    line: int | None = None,
) -> int:
    """Take a cohort from its roster to the eve of its first day, each step on its day, on seats of an order's line if given."""
    starts = plan.starts_on
    with at(starts - timedelta(days=20)):
        cohort_id = draft(cast, plan)
        enrol(cast, plan, cohort_id, people)
        photograph(cast, plan, cohort_id)
    with at(starts - timedelta(days=15), 10):
        file(cast, plan, cohort_id)
    with at(starts - timedelta(days=11), 15):
        approve(cast, plan, cohort_id)
    with at(starts - timedelta(days=9)):
        timetable(cast, plan, cohort_id, meetings)
        if line:
            seat(cast, plan, cohort_id, line)
    return cohort_id


def run(
    cast: Cast,
    plan: Plan,
    people: Sequence[Figure],
    meetings: Sequence[Meeting],
    dice: random.Random,
    *,
    failing: int = 0,
    line: int | None = None,
) -> int:
    """Take a cohort all the way from its roster to the end of its teaching."""
    cohort_id = prepare(cast, plan, people, meetings, line)
    with at(plan.starts_on - timedelta(days=8)):
        publish_timetable(cast.account(plan.clerk), cohort_id)
    with at(plan.starts_on, 8):
        begin(cast, plan, cohort_id)
    with at(plan.ends_on, 23, 30):
        teach(cast, plan, cohort_id, dice)
        hold_test(cast, plan, cohort_id, dice, failing=failing)
        finish(cast, plan, cohort_id)
    return cohort_id
