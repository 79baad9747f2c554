"""What orders are made of."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from lbcert.core import clock
from lbcert.core.access import PUBLIC, Role
from lbcert.core.findings import Refused
from lbcert.core.operation import operation
from lbcert.demand.models import Duty, OrderKind
from lbcert.demand.operations import advance_seat, create_agreement, create_order, give_up_seat
from lbcert.demand.rules import Line
from lbcert.parties.models import OrganisationKind
from lbcert.testing.factories import NINGLANG, account, item, organisation, person, trade
from lbcert.testing.scenes import played_once

HAIAN, SANSHUI = "320685", "440607"
PDF = b"%PDF-1.7 signed"


@operation("testing.advance", allow=PUBLIC)
def advance(actor, seat_id, to, on):
    """Advance a seat as cohorts and placement do, from inside an operation of their own."""
    return advance_seat(actor, seat_id, to, on)


@operation("testing.give_up", allow=PUBLIC)
def give_up(actor, seat_id, reason):
    """Give a seat up as cohorts does, from inside an operation of its own."""
    return give_up_seat(actor, seat_id, reason)


@pytest.fixture
def june():
    with clock.at(datetime(2025, 6, 2, 2, tzinfo=UTC)):
        yield


@pytest.fixture
@played_once
def scene(app, june):
    """Give 宁蒗's officer, an employer in 海安 with its account, another in 三水, and two items."""
    made = SimpleNamespace()
    made.officer = account(Role.BUREAU_OFFICER, NINGLANG)
    made.bureau = organisation(OrganisationKind.BUREAU, NINGLANG, name="宁蒗县人社局")
    made.city = organisation(OrganisationKind.BUREAU, HAIAN, name="海安市人社局")
    made.firm = organisation(OrganisationKind.EMPLOYER, HAIAN, name="海安康养示例公司")
    made.other = organisation(OrganisationKind.EMPLOYER, SANSHUI, name="三水物业示例公司")
    made.clerk = account(Role.EMPLOYER, made.firm)
    made.care = item("养老护理员", hours=60, trade=trade("养老护理员", "4-10-01-05"))
    made.guard = item("保安员", hours=40, trade=trade("保安员", "4-07-05-01"))
    return made


def line(item, headcount=3, **changes):
    usual = {
        "wage_min_fen": 480_000,
        "wage_max_fen": 650_000,
        "place_region_code": HAIAN,
        "arrival_on": date(2025, 9, 1),
        "travel_days": 2,
    }
    return Line(item.id, headcount, **{**usual, **changes})


def order(scene, *lines, party=None, kind=OrderKind.EMPLOYER, actor=None, **options):
    party = party or scene.firm
    lines = lines or (line(scene.care),)
    return create_order(actor or scene.officer, kind, party.id, NINGLANG, date(2025, 6, 1), lines, **options)


def agreement(scene, *parties, **changes):
    usual = {"signed_on": date(2025, 1, 5), "valid_from": date(2025, 1, 5), "valid_to": date(2027, 12, 31)}
    parties = parties or ((scene.bureau, Duty.TRAINING), (scene.city, Duty.TRANSFER), (scene.firm, Duty.JOBS))
    duties = [(party.id, duty) for party, duty in parties]
    return create_agreement(scene.officer, NINGLANG, "宁蒗—海安劳务协作协议", parties=duties, **{**usual, **changes})


def worker(name="沙玛拉则"):
    return person(name, NINGLANG)


def refused(call, *args, **options):
    with pytest.raises(Refused) as caught:
        call(*args, **options)
    return {finding.rule for finding in caught.value.findings}
