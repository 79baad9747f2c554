"""Cohorts: filing, learners, seats, the menu, the roster."""

from datetime import date
from functools import partial
from io import BytesIO
from zipfile import ZipFile

from PIL import Image

from lbcert.cohorts.models import Allotment, CohortState, Enrolment, EnrolmentState
from lbcert.cohorts.operations.drafting import Details
from lbcert.cohorts.operations.photos import stage_photos
from lbcert.cohorts.operations.roster import receive_roster
from lbcert.cohorts.queries.photos import check_photos
from lbcert.cohorts.queries.roster import check_roster
from lbcert.core.access import Role
from lbcert.demand.models import Order, OrderKind, OrderLine, TargetedSeat
from lbcert.parties.models import OrganisationKind
from lbcert.parties.operations.persons import PersonData
from lbcert.testing import factories
from lbcert.testing.rosters import people, workbook
from tests.access.machinery import Row

DAY = date(2025, 7, 25)


def group(stage):
    return {"cohort_id": stage.cohort.id}


def learner(stage):
    return {"enrolment_id": stage.enrolment.id}


def filed(stage):
    provider = stage.at(OrganisationKind.PROVIDER)
    made = stage.once("filed cohort", lambda: factories.cohort(provider, CohortState.FILED))
    return {"cohort_id": made.id}


def line(stage):
    def make():
        order = factories.store(
            Order(
                number="DD-530128-2025-9999",
                kind=OrderKind.EMPLOYER,
                party_id=factories.organisation(OrganisationKind.EMPLOYER, name="有订单的用人单位").id,
                home_region_code=factories.LUQUAN,
                signed_on=date(2025, 6, 1),
                lines=[
                    OrderLine(
                        item_id=stage.cohort.item_id,
                        headcount=10,
                        wage_min_fen=400_000,
                        wage_max_fen=500_000,
                        place_region_code=factories.FUKANG,
                        arrival_on=date(2025, 9, 1),
                        targeted=True,
                        targets=[TargetedSeat(post="电工", wage_fen=400_000)],
                    )
                ],
            )
        )
        return order.lines[0]

    return stage.once("order line of a cohort", make)


def seat(stage):
    return line(stage).targets[0]


def allotment(stage):
    wanted = partial(Allotment, line_id=line(stage).id, cohort_id=stage.cohort.id, seats=5)
    return stage.once("allotment", lambda: factories.store(wanted()))


def ordering(stage):
    """Try the employer whose order has seats in the cohort."""
    allotment(stage)
    made = stage.once("ordering employer", lambda: factories.account(Role.EMPLOYER, line(stage).order.party))
    return {"the ordering employer": (made, True)}


def shut_out(stage):
    """Try the ordering employer, where people are shown."""
    return {who: (account, False) for who, (account, _) in ordering(stage).items()}


def seated(stage):
    def make():
        return factories.store(
            Enrolment(
                cohort_id=stage.cohort.id,
                person_id=factories.person("有订单名额的学员").id,
                line_id=allotment(stage).line_id,
                state=EnrolmentState.ENROLLED,
            )
        )

    return {"enrolment_id": stage.once("seated enrolment", make).id}


def roster(stage):
    clerk = stage.account(Role.PROVIDER_CLERK)
    return stage.once("roster", lambda: receive_roster(clerk, stage.cohort.id, workbook(people(2)), "花名册.xlsx"))


def sent(stage):
    return {"roster_id": roster(stage).id}


def photos_checked(stage):
    picture, archive = BytesIO(), BytesIO()
    Image.new("RGB", (300, 400)).save(picture, "PNG")
    with ZipFile(archive, "w") as written:
        written.writestr(f"{stage.person.id_number}.png", picture.getvalue())
    return check_photos(stage.cohort.id, archive.getvalue(), "照片.zip")


def pictures(stage):
    clerk = stage.account(Role.PROVIDER_CLERK)
    made = stage.once("sent photos", lambda: stage_photos(clerk, stage.cohort.id, photos_checked(stage)))
    return {"photos_id": made.id}


def details(stage):
    cohort = stage.cohort
    return Details(
        name="新班",
        brand_id=cohort.brand_id,
        item_id=cohort.item_id,
        menu_id=cohort.menu_id,
        home_region_code=factories.LUQUAN,
        site_region_code=factories.FUKANG,
        starts_on=date(2025, 7, 24),
        ends_on=date(2025, 8, 7),
    )


def with_group(**more):
    return lambda stage: {**group(stage), **more}


def someone(stage):
    return stage.once("future learner", lambda: factories.person("未来学员")).id


CLERK = "provider_clerk"
BUREAU = "bureau_officer"
EITHER = "provider_clerk bureau_officer"
DESK = "bureau_officer service_centre"
SEATS = "provider_clerk bureau_officer service_centre"

OPERATIONS = {
    "cohorts.create": Row(
        CLERK, lambda stage: {"lead_id": stage.at(OrganisationKind.PROVIDER).id, "details": details(stage)}
    ),
    "cohorts.edit": Row(CLERK, lambda stage: {**group(stage), "details": details(stage)}),
    "cohorts.change": Row(EITHER, with_group(reason="停电", changes={"site": "二号基地"})),
    "cohorts.add_provider": Row(
        CLERK,
        lambda stage: {**group(stage), "organisation_id": stage.at(OrganisationKind.EMPLOYER).id, "part": "host"},
    ),
    "cohorts.remove_provider": Row(CLERK, with_group(organisation_id=0)),
    "cohorts.plan": Row(CLERK, with_group(module_ids=[])),
    "cohorts.name_trainer": Row(
        EITHER, lambda stage: {**group(stage), "person_id": stage.person.id, "reason": "增加教师"}
    ),
    "cohorts.remove_trainer": Row(EITHER, with_group(person_id=0, reason="减少教师")),
    "cohorts.file": Row(CLERK, with_group(promises=True)),
    "cohorts.approve": Row(BUREAU, filed),
    "cohorts.return": Row(BUREAU, lambda stage: {**filed(stage), "reason": "补正"}),
    "cohorts.open": Row(CLERK, group),
    "cohorts.finish": Row(CLERK, group),
    "cohorts.close": Row(CLERK, group),
    "cohorts.cancel": Row(EITHER, with_group(reason="不办了")),
    "cohorts.apply": Row(
        "provider_clerk service_centre station", lambda stage: {**group(stage), "person_id": someone(stage)}
    ),
    "cohorts.apply_by_number": Row(
        "provider_clerk service_centre station", with_group(data=PersonData("报名人", factories.id_number(sequence=9)))
    ),
    "cohorts.enrol": Row(CLERK, lambda stage: {**group(stage), "person_id": someone(stage), "reason": "补录"}),
    "cohorts.enrol_by_number": Row(
        CLERK, with_group(data=PersonData("新学员", factories.id_number(sequence=4)), reason="补录")
    ),
    "cohorts.leave": Row(CLERK, lambda stage: {**learner(stage), "on": DAY, "reason": "有事"}),
    "cohorts.promise": Row(CLERK, lambda stage: {**group(stage), "enrolment_ids": [], "on": DAY}),
    "cohorts.describe_learner": Row(CLERK, lambda stage: {**learner(stage), "in_service": True, "job_before": ""}),
    "cohorts.settle": Row("inside", lambda stage: {**learner(stage), "completed": True}),
    "cohorts.choose_modules": Row(CLERK, lambda stage: {**seated(stage), "module_ids": []}, also=ordering),
    "cohorts.choose_for_all": Row(CLERK, with_group(module_ids=[])),
    "cohorts.freeze_menu": Row(CLERK, group),
    "cohorts.allot_seats": Row(
        DESK, lambda stage: {**group(stage), "line_id": line(stage).id, "seats": 5}, also=shut_out
    ),
    "cohorts.fill_seats": Row(SEATS, lambda stage: {"allotment_id": allotment(stage).id}, also=shut_out),
    "cohorts.free_seats": Row(DESK, lambda stage: {"allotment_id": allotment(stage).id}),
    "cohorts.seat_learner": Row(SEATS, lambda stage: {**learner(stage), "line_id": None}),
    "cohorts.take_targeted_seat": Row(SEATS, lambda stage: {**learner(stage), "seat_id": seat(stage).id}),
    "cohorts.stage_roster": Row(
        CLERK,
        lambda stage: {
            **group(stage),
            "checked": stage.once(
                "checked roster", lambda: check_roster(stage.cohort.id, workbook(people(2)), "花名册.xlsx")
            ),
        },
    ),
    "cohorts.import_roster": Row(CLERK, lambda stage: {**sent(stage), "reason": "补录"}),
    "cohorts.discard_roster": Row(CLERK, sent),
    "cohorts.stage_photos": Row(
        CLERK,
        lambda stage: {**group(stage), "checked": stage.once("checked photos", lambda: photos_checked(stage))},
    ),
    "cohorts.import_photos": Row(CLERK, pictures),
    "cohorts.discard_photos": Row(CLERK, pictures),
}

LISTED = "bureau_officer* service_centre* auditor* station* provider_clerk* trainer* employer*"
SEES = "bureau_officer service_centre auditor station provider_clerk trainer"
SEES_PEOPLE = "bureau_officer service_centre auditor provider_clerk trainer"
SEES_ROSTER = "bureau_officer service_centre provider_clerk"
COHORT, LEARNER, ROSTER, PHOTOS = (
    "/cohorts/<int:cohort_id>",
    "/cohorts/learners/<int:enrolment_id>",
    "/cohorts/rosters/<int:roster_id>",
    "/cohorts/photos/<int:photos_id>",
)


def with_provider(stage):
    return {**group(stage), "organisation_id": stage.at(OrganisationKind.EMPLOYER).id}


def with_trainer(stage):
    return {**group(stage), "person_id": stage.person.id}


ROUTES = {
    "GET /cohorts/": Row(LISTED),
    "GET /cohorts/awaiting": Row("bureau_officer*"),
    "GET /cohorts/new": Row("provider_clerk*"),
    "POST /cohorts/new": Row("provider_clerk*"),
    "GET /cohorts/roster-form": Row("provider_clerk*"),
    f"GET {COHORT}": Row(SEES, group, also=ordering),
    f"GET {COHORT}/edit": Row(CLERK, group),
    f"POST {COHORT}/edit": Row(CLERK, group),
    f"GET {COHORT}/change": Row(EITHER, group),
    f"POST {COHORT}/change": Row(EITHER, group),
    f"GET {COHORT}/parts": Row(EITHER, group),
    f"POST {COHORT}/providers": Row(CLERK, group),
    f"POST {COHORT}/providers/<int:organisation_id>/remove": Row(CLERK, with_provider),
    f"POST {COHORT}/trainers": Row(EITHER, group),
    f"POST {COHORT}/trainers/<int:person_id>/remove": Row(EITHER, with_trainer),
    f"GET {COHORT}/plan": Row(CLERK, group),
    f"POST {COHORT}/plan": Row(CLERK, group),
    f"GET {COHORT}/file": Row(CLERK, group),
    f"POST {COHORT}/file": Row(CLERK, group),
    f"GET {COHORT}/review": Row(BUREAU, filed),
    f"POST {COHORT}/approve": Row(BUREAU, filed),
    f"POST {COHORT}/return": Row(BUREAU, filed),
    f"POST {COHORT}/exception": Row(BUREAU, group),
    f"POST {COHORT}/open": Row(CLERK, group),
    f"POST {COHORT}/finish": Row(CLERK, group),
    f"POST {COHORT}/close": Row(CLERK, group),
    f"POST {COHORT}/cancel": Row(EITHER, group),
    f"GET {COHORT}/learners": Row(SEES_PEOPLE, group, also=shut_out),
    f"GET {COHORT}/apply": Row("provider_clerk service_centre station", group),
    f"POST {COHORT}/apply": Row("provider_clerk service_centre station", group),
    f"GET {COHORT}/learners/new": Row(CLERK, group),
    f"POST {COHORT}/learners/new": Row(CLERK, group),
    f"POST {COHORT}/learners/promise": Row(CLERK, group),
    f"GET {LEARNER}": Row(SEES_PEOPLE, learner, also=shut_out),
    f"POST {LEARNER}/admit": Row(CLERK, learner),
    f"POST {LEARNER}/describe": Row(CLERK, learner),
    f"POST {LEARNER}/leave": Row(CLERK, learner),
    f"POST {LEARNER}/seat": Row(SEATS, learner),
    f"GET {LEARNER}/modules": Row(CLERK, seated, also=ordering),
    f"POST {LEARNER}/modules": Row(CLERK, seated, also=ordering),
    f"GET {COHORT}/roster": Row(CLERK, group),
    f"POST {COHORT}/roster": Row(CLERK, group),
    f"GET {ROSTER}": Row(SEES_ROSTER, sent),
    f"GET {ROSTER}/marked": Row(SEES_ROSTER, sent),
    f"POST {ROSTER}/import": Row(CLERK, sent),
    f"POST {ROSTER}/discard": Row(CLERK, sent),
    f"GET {COHORT}/photos": Row(CLERK, group),
    f"POST {COHORT}/photos": Row(CLERK, group),
    f"GET {PHOTOS}": Row(CLERK, pictures),
    f"POST {PHOTOS}/import": Row(CLERK, pictures),
    f"POST {PHOTOS}/discard": Row(CLERK, pictures),
    f"GET {COHORT}/seats": Row(SEES, group, also=ordering),
    f"POST {COHORT}/seats/allot": Row(DESK, group),
    f"POST {COHORT}/seats/<int:line_id>/exception": Row(
        BUREAU, lambda stage: {**group(stage), "line_id": line(stage).id}
    ),
    "POST /cohorts/allotments/<int:allotment_id>/fill": Row(SEATS, lambda stage: {"allotment_id": allotment(stage).id}),
    "POST /cohorts/allotments/<int:allotment_id>/free": Row(DESK, lambda stage: {"allotment_id": allotment(stage).id}),
    f"GET {COHORT}/menu": Row(SEES_PEOPLE, group, also=shut_out),
    f"POST {COHORT}/menu/all": Row(CLERK, group),
    f"POST {COHORT}/menu/freeze": Row(CLERK, group),
}
