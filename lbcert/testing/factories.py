"""Ready-made rows for tests: fictional, valid, and enough of each to stand on.

``store`` writes rows through an operation of the console, as everything is written; the functions below it make the
usual ones. ID numbers have right check digits and the sequence numbers 990 to 999, which nobody was given.
"""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any, TypeVar

from lbcert.brands.models import Brand, MenuVersion, Module, ModuleKind, TrainingItem
from lbcert.cohorts.models import (
    Cohort,
    CohortProvider,
    CohortState,
    Enrolment,
    EnrolmentState,
    PlannedModule,
    ProviderPart,
)
from lbcert.core.access import CONSOLE, Console, Role
from lbcert.core.database import Base, db
from lbcert.core.identity.id_number import Sex
from lbcert.core.operation import operation
from lbcert.core.reference import SkillLevel, Trade, TradeKind
from lbcert.core.seal import keyring
from lbcert.parties.models import (
    Account,
    Control,
    Filing,
    FilingKind,
    Grant,
    Organisation,
    OrganisationKind,
    Person,
)

LUQUAN, NINGLANG, FUKANG, KUNMING, NATION = "530128", "530724", "652302", "530100", "000000"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_count = itertools.count(1)
R = TypeVar("R", bound=Base)


@operation("testing.store", allow=CONSOLE)
def _store(actor: Any, rows: list[Any]) -> None:
    db.session.add_all(rows)


def store(*rows: R) -> R:
    """Write rows; gives the first back."""
    _store(Console(), list(rows))
    return rows[0]


def id_number(
    region: str = LUQUAN, born: date = date(1990, 5, 20), sequence: int | None = None, *, male: bool = True
) -> str:
    """Make a fictional ID number: each call another one, unless its ``sequence`` is given."""
    serial = next(_count) if sequence is None else sequence
    day = date.fromordinal(born.toordinal() + serial // 5)
    body = f"{region}{day:%Y%m%d}99{2 * (serial % 5) + male}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


def credit_code(region: str = LUQUAN, kind: str = "91") -> str:
    """Make a fictional unified social credit code with both of its check characters right."""
    body = f"{next(_count):08d}"
    inner = (11 - sum(w * int(c) for w, c in zip(_ORGANISATION_WEIGHTS, body, strict=True)) % 11) % 11
    code = f"{kind}{region}{body}{'X' if inner == 10 else inner}"  # noqa: PLR2004 (GB 11714)
    total = sum(w * _CREDIT_ALPHABET.index(c) for w, c in zip(_CREDIT_WEIGHTS, code, strict=True))
    return code + _CREDIT_ALPHABET[(31 - total % 31) % 31]


def organisation(
    kind: OrganisationKind = OrganisationKind.PROVIDER, region: str = LUQUAN, **values: Any
) -> Organisation:
    """Make an organisation that controls itself."""
    code = values.pop("credit_code", None) or credit_code(region[:6])
    made = Organisation(
        kind=kind,
        name=values.pop("name", f"示例{kind.value}{next(_count)}"),
        credit_code=code,
        region_code=region,
        **values,
    )
    made.controls = [Control(controller=code, controller_name=made.name, valid_from=date(2020, 1, 1))]
    return store(made)


def filing(body: Organisation, trade: Trade, kind: FilingKind, **values: Any) -> Filing:
    """File a trade for a body: everywhere and at every level unless told otherwise."""
    usual = {"level": None, "site_region_code": NATION, "document": "备案〔2025〕1号", "valid_from": date(2020, 1, 1)}
    return store(Filing(organisation_id=body.id, trade_id=trade.id, kind=kind, **{**usual, **values}))


def person(name: str = "王小明", region: str = LUQUAN, **values: Any) -> Person:
    """Make a person with a fresh ID number."""
    number = values.pop("id_number", None) or id_number(region)
    phone = values.pop("phone", f"138{next(_count):08d}")
    ring = keyring()
    return store(
        Person(
            name=name,
            sex=Sex.MALE if int(number[16]) % 2 else Sex.FEMALE,
            birth_date=date(int(number[6:10]), int(number[10:12]), int(number[12:14])),
            id_number=number,
            id_index=ring.index("id_number", number),
            id_masked=f"{number[:6]}********{number[-4:]}",
            phone=phone,
            phone_index=phone and ring.index("phone", phone),
            household_region_code=region,
            **values,
        )
    )


def account(role: Role, at: Organisation | str | None = None, who: Person | None = None, **values: Any) -> Account:
    """Make an account with one role, at an organisation, or over a region given by its code (all of them by default).

    Its person is a new one unless given; it has a second factor and no password.
    """
    serial = next(_count)
    where = {"organisation_id": at.id} if isinstance(at, Organisation) else {"region_code": at or NATION}
    made = Account(
        user_name=values.pop("user_name", f"{role.value}{serial}"),
        name=values.pop("name", f"账号{serial}"),
        fs_uniquifier=f"{serial:064d}",
        person_id=(who or person(f"工作人员{serial}")).id,
        tf_primary_method="authenticator",
        tf_totp_secret="set up",  # noqa: S106 (of nobody)
        **values,
    )
    made.grants = [Grant(role=role, **where)]
    return store(made)


def trade(name: str = "电工", code: str | None = "6-31-01-03", edition: int | None = 2022) -> Trade:
    """Give the trade of a name, made at first; an occupation when it has a code."""
    found = db.session.query(Trade).filter_by(name=name, edition=edition if code else None).first()
    kind = TradeKind.OCCUPATION if code else TradeKind.LOCAL
    return found or store(Trade(kind=kind, name=name, code=code, edition=edition if code else None))


def item(
    name: str = "电工", hours: int = 72, level: SkillLevel | None = SkillLevel.FIVE, **values: Any
) -> TrainingItem:
    """Make a training item with a published menu: 安全用电 8 theory online, 电工基础 12 theory, the rest practice, all required."""
    values.setdefault("region_code", NATION)
    made = store(
        TrainingItem(
            name=name, trade_id=(values.pop("trade", None) or trade(name)).id, level=level, hours=hours, **values
        )
    )
    menu = MenuVersion(item_id=made.id, version_number=1)
    menu.modules = [
        Module(position=1, name="安全用电", kind=ModuleKind.THEORY, hours=8, required=True, online_allowed=True),
        Module(position=2, name="电工基础", kind=ModuleKind.THEORY, hours=12, required=True, online_allowed=True),
        Module(
            position=3, name="操作实训", kind=ModuleKind.PRACTICE, hours=hours - 20, required=True, online_allowed=False
        ),
    ]
    store(menu)
    return _published(Console(), made)


@operation("testing.publish", allow=CONSOLE)
def _published(actor: Any, made: TrainingItem) -> TrainingItem:
    made.menus[-1].published_on = date(2025, 1, 1)
    return made


def brand(name: str | None = None, region: str = LUQUAN, items: list[TrainingItem] | None = None) -> Brand:
    """Make a brand that teaches ``items``."""
    serial = next(_count)
    return store(Brand(number=serial, name=name or f"示例品牌{serial}", region_code=region, items=items or []))


def cohort(provider: Organisation | None = None, state: CohortState = CohortState.RUNNING, **values: Any) -> Cohort:
    """Make a cohort of one provider in the state wanted, its plan the whole menu; 24 July to 7 August 2025 in 阜康."""
    provider = provider or organisation()
    taught = values.pop("item", None) or item(name=f"电工{next(_count)}", trade=trade())
    usual: dict[str, Any] = {
        "number": f"P{next(_count):06d}",
        "name": f"{taught.name}培训班",
        "brand_id": values.pop("brand", None).id if "brand" in values else brand(items=[taught]).id,
        "item_id": taught.id,
        "menu_id": taught.menus[-1].id,
        "home_region_code": provider.region_code,
        "site_region_code": FUKANG,
        "starts_on": date(2025, 7, 24),
        "ends_on": date(2025, 8, 7),
    }
    made = Cohort(state=state, **{**usual, **values})
    made.providers = [CohortProvider(organisation_id=provider.id, part=ProviderPart.LEAD)]
    made.plan = [PlannedModule(module_id=module.id, hours=module.hours) for module in taught.menus[-1].modules]
    return store(made)


def enrolment(group: Cohort, who: Person | None = None, **values: Any) -> Enrolment:
    """Enrol a person, a new one unless given."""
    who = who or person(f"学员{next(_count)}")
    values.setdefault("state", EnrolmentState.ENROLLED)
    return store(Enrolment(cohort_id=group.id, person_id=who.id, promised_on=date(2025, 7, 20), **values))
