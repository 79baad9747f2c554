"""A county with a provider, its clerk, the bureau's officer, and cohorts as far as a test wants them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from lbcert.brands.models import MenuVersion, Module, ModuleKind, TrainingItem
from lbcert.cohorts.models import Cohort, CohortState
from lbcert.cohorts.operations import drafting, enrolment, life
from lbcert.cohorts.operations.drafting import Details
from lbcert.core import clock
from lbcert.core.access import CONSOLE, Console, Role
from lbcert.core.database import db
from lbcert.core.operation import operation
from lbcert.core.policy import set_policy
from lbcert.core.waivers import grant_waiver
from lbcert.demand.models import OrderKind, TargetedSeat
from lbcert.demand.operations import create_order, name_person, sign_intent
from lbcert.demand.rules import Line
from lbcert.parties.models import FilingKind, OrganisationKind, Person
from lbcert.testing import factories as make

STARTS, ENDS = date(2025, 7, 24), date(2025, 8, 7)


def on(day: date) -> Any:
    """Hold the clock at noon of a day in China."""
    return clock.at(datetime(day.year, day.month, day.day, 4, tzinfo=UTC))


def rules_of(refused: Any) -> set[str]:
    """Name the rules of the findings that stopped an operation."""
    return {finding.rule for finding in refused.value.findings if finding.stops}


class World:
    """One provider of 禄劝 that may teach its item in 阜康."""

    def __init__(self) -> None:
        self.provider = make.organisation(name="示例职业培训学校")
        self.clerk = make.account(Role.PROVIDER_CLERK, self.provider)
        self.officer = make.account(Role.BUREAU_OFFICER, make.LUQUAN)
        self.item = make.item()
        self.brand = make.brand(items=[self.item])
        make.filing(self.provider, self.item.trade, FilingKind.TEACH)
        self.trainer = make.person("李老师")
        self.details = Details(
            name="电工一班",
            brand_id=self.brand.id,
            item_id=self.item.id,
            menu_id=self.item.menus[-1].id,
            home_region_code=make.LUQUAN,
            site_region_code=make.FUKANG,
            starts_on=STARTS,
            ends_on=ENDS,
            site="阜康市实训基地",
            resources="实训车间一间，教材每人一册",
            assessment_plan="理论与实操各百分制，均达 60 分合格",
        )

    def draft(self, **changes: Any) -> Cohort:
        """Make a cohort in draft."""
        return drafting.create_cohort(self.clerk, self.provider.id, replace(self.details, **changes))

    def complete(self, people: int = 3, **changes: Any) -> Cohort:
        """Make a draft with all five parts."""
        cohort = self.draft(**changes)
        drafting.name_trainer(self.clerk, cohort.id, self.trainer.id, qualification="电工高级技师")
        self.learners(cohort, people)
        return cohort

    def learners(self, cohort: Cohort, count: int, **values: Any) -> list[Any]:
        """Enrol new people."""
        return [
            enrolment.enrol(self.clerk, cohort.id, make.person(f"学员{n}").id, **values) for n in range(1, count + 1)
        ]

    def brought_to(self, state: CohortState, **changes: Any) -> Cohort:
        """Take a complete cohort through its states, each on a day that suits."""
        cohort = self.complete(**changes)
        steps = {
            CohortState.FILED: (-20, lambda: life.file_cohort(self.clerk, cohort.id, promises=True)),
            CohortState.APPROVED: (-18, lambda: life.approve_cohort(self.officer, cohort.id)),
            CohortState.RUNNING: (0, lambda: self._open(cohort)),
            CohortState.TAUGHT: (14, lambda: self.finish(cohort)),
        }
        for reached, (days, take) in steps.items():
            with on(cohort.starts_on + timedelta(days=days)):
                take()
            if reached is state:
                break
        return cohort

    def finish(self, cohort: Cohort) -> None:
        """End the teaching of a cohort whose sessions nobody planned: what was held is the next room's to test."""
        grant_waiver(self.officer, "teaching.hours_not_held", f"cohort:{cohort.id}", make.LUQUAN, "课时另有记录")
        life.finish_teaching(self.clerk, cohort.id)

    def _open(self, cohort: Cohort) -> None:
        enrolment.record_promises(self.clerk, cohort.id, [row.id for row in cohort.enrolments], clock.today())
        life.open_cohort(self.clerk, cohort.id)

    def policy(self, key: str, value: Any, source: str = "昆人社发〔2025〕8号") -> None:
        """Put a rule of the county on file."""
        set_policy(self.officer, make.LUQUAN, key, value, date(2025, 1, 1), source)


def menu_item(hours: int = 60) -> TrainingItem:
    """Make 养老护理员 with its real menu: 32 required hours, and electives of which 康养理疗 asks for 康复辅助 first."""
    item = make.store(
        TrainingItem(
            name="养老护理员",
            trade_id=make.trade("养老护理员", "4-10-01-05").id,
            level="5",
            hours=hours,
            region_code=make.NATION,
        )
    )
    rows = [
        ("职业道德与法律", ModuleKind.THEORY, 4, True),
        ("老年人生活照料", ModuleKind.PRACTICE, 16, True),
        ("基础护理与急救", ModuleKind.PRACTICE, 12, True),
        ("康复辅助", ModuleKind.PRACTICE, 12, False),
        ("心理支持与沟通", ModuleKind.THEORY, 8, False),
        ("康养理疗手法", ModuleKind.PRACTICE, 20, False),
    ]
    menu = MenuVersion(item_id=item.id, version_number=1)
    menu.modules = [
        Module(position=n, name=name, kind=kind, hours=length, required=required, online_allowed=False)
        for n, (name, kind, length, required) in enumerate(rows, start=1)
    ]
    make.store(menu)
    return _publish(Console(), item)


@operation("testing.publish_menu", allow=CONSOLE)
def _publish(actor: Any, item: TrainingItem) -> TrainingItem:
    item.menus[-1].published_on = date(2025, 1, 1)
    return item


def other_provider(name: str = "联合职业学校") -> Any:
    """Make another training provider."""
    return make.organisation(OrganisationKind.PROVIDER, name=name)


def reread(row: Any) -> Any:
    """Read a row again."""
    db.session.expire_all()
    return db.session.get(type(row), row.id)


def people_named(*names: str) -> list[Person]:
    """Make people."""
    return [make.person(name) for name in names]


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class Ordered(World):
    """The same county with an employer's order for its item: 5 people, of whom 2 seats are targeted on a second line."""

    def __init__(self) -> None:
        super().__init__()
        self.centre = make.account(Role.SERVICE_CENTRE, make.LUQUAN)
        self.employer = make.organisation(OrganisationKind.EMPLOYER, make.FUKANG, name="阜康示例电气有限公司")
        self.order = create_order(
            self.centre,
            OrderKind.EMPLOYER,
            self.employer.id,
            make.LUQUAN,
            date(2025, 6, 1),
            [self.line(5), self.line(2, targeted=True, post="维修电工")],
        )
        self.open_line, self.targeted_line = self.order.lines

    def line(self, headcount: int, **changes: Any) -> Line:
        """Ask for people by 10 August, a day's travel away."""
        asked = Line(
            item_id=self.item.id,
            headcount=headcount,
            wage_min_fen=450_000,
            wage_max_fen=600_000,
            place_region_code=make.FUKANG,
            arrival_on=date(2025, 8, 10),
            travel_days=1,
        )
        return replace(asked, **changes)

    def signed_seat(self, person_id: int, day: date = date(2025, 7, 1)) -> TargetedSeat:
        """Put a person on the employer's list, with a signed intent."""
        seat = name_person(self.centre, self.targeted_line.id, person_id)
        with on(max(day, date(2025, 7, 20))):
            return sign_intent(self.centre, seat.id, day, PDF, "意向书.pdf")
