"""Placement: who records what became of a learner."""

from datetime import date

from lbcert.cohorts.models import CohortState, EnrolmentState
from lbcert.core.access import Role
from lbcert.core.sheets import Table, write_workbook
from lbcert.parties.models import OrganisationKind
from lbcert.placement.checking import check_outcomes
from lbcert.placement.models import Channel, EmploymentRecord
from lbcert.placement.operations import stage_outcomes
from lbcert.placement.rules import JobDetails, Promotion
from lbcert.placement.sheets import SHEETS
from lbcert.testing import factories
from tests.access.machinery import HERE, Row


def graduate(stage):
    """Give a learner who completed a cohort of the provider here."""
    return stage.once(
        "graduate",
        lambda: factories.enrolment(
            factories.cohort(stage.at(OrganisationKind.PROVIDER), CohortState.TAUGHT, site_region_code=HERE),
            state=EnrolmentState.COMPLETED,
        ),
    )


def record(stage):
    """Give the graduate's job."""
    learner = graduate(stage)
    return stage.once(
        "graduate's job",
        lambda: factories.store(
            EmploymentRecord(
                person_id=learner.person_id, enrolment_id=learner.id, employer_id=stage.at(OrganisationKind.EMPLOYER).id,
                place_region_code=HERE, post="电工", started_on=date(2025, 8, 15), wage_fen=500000, has_contract=True,
                channel=Channel.OWN,
            )
        ),
    )  # fmt: skip


def job(stage):
    employer = stage.at(OrganisationKind.EMPLOYER).id
    return JobDetails(employer, HERE, "电工", date(2025, 8, 15), 500000, True, Channel.OWN)


def promotion(stage):
    return Promotion(stage.at(OrganisationKind.EMPLOYER).id, "普工", "电工", 400000, 500000, date(2025, 9, 1))


def checked(stage):
    learner, employer = graduate(stage), stage.at(OrganisationKind.EMPLOYER)
    row = {
        "name": learner.person.name, "id_number": learner.person.id_masked, "employer": employer.name,
        "credit_code": employer.credit_code, "place": HERE, "post": "电工", "started_on": date(2025, 8, 15),
        "wage": 5000, "channel": "自主就业", "contract": True,
    }  # fmt: skip
    data = write_workbook(Table("就业登记表", SHEETS["jobs"].columns, [row]))
    return check_outcomes(learner.cohort_id, "jobs", data, "就业登记表.xlsx")


def outcomes(stage):
    centre = stage.account(Role.SERVICE_CENTRE)
    made = stage.once(
        "sent outcomes", lambda: stage_outcomes(centre, graduate(stage).cohort_id, "jobs", checked(stage))
    )
    return {"staged_id": made.id}


DESK = "bureau_officer service_centre station provider_clerk"
OPERATIONS = {
    "placement.record_employment": Row(DESK, lambda stage: {"enrolment_id": graduate(stage).id, "job": job(stage)}),
    "placement.record_promotion": Row(
        DESK, lambda stage: {"enrolment_id": graduate(stage).id, "promotion": promotion(stage)}
    ),
    "placement.stage_outcomes": Row(
        DESK,
        lambda stage: {
            "cohort_id": graduate(stage).cohort_id,
            "what": "jobs",
            "checked": stage.once("checked outcomes", lambda: checked(stage)),
        },
    ),
    "placement.import_outcomes": Row(DESK, outcomes),
    "placement.discard_outcomes": Row(DESK, outcomes),
    "placement.confirm_employment": Row(
        f"{DESK} employer", lambda stage: {"record_id": record(stage).id, "seen_on": date(2025, 9, 1)}
    ),
    "placement.end_employment": Row(
        f"{DESK} employer", lambda stage: {"record_id": record(stage).id, "ended_on": date(2025, 9, 1)}
    ),
}

READERS = "bureau_officer service_centre auditor station provider_clerk"
LEARNER = {"arguments": lambda stage: {"enrolment_id": graduate(stage).id}}
SHEET = {"arguments": lambda stage: {"cohort_id": graduate(stage).cohort_id, "what": "jobs"}}
COHORT_SHEET = "/placement/cohorts/<int:cohort_id>/sheets/<any(jobs,promotions):what>"
JOB = {"arguments": lambda stage: {"record_id": record(stage).id}}
ROUTES = {
    "GET /placement/": Row(" ".join(f"{role}*" for role in READERS.split())),
    "GET /placement/cohorts/<int:cohort_id>": Row(READERS, lambda stage: {"cohort_id": graduate(stage).cohort_id}),
    "GET /placement/learners/<int:enrolment_id>/job": Row(DESK, **LEARNER),
    "POST /placement/learners/<int:enrolment_id>/job": Row(DESK, **LEARNER),
    "GET /placement/learners/<int:enrolment_id>/promotion": Row(DESK, **LEARNER),
    "POST /placement/learners/<int:enrolment_id>/promotion": Row(DESK, **LEARNER),
    f"GET {COHORT_SHEET}": Row(DESK, **SHEET),
    f"POST {COHORT_SHEET}": Row(DESK, **SHEET),
    f"GET {COHORT_SHEET}.xlsx": Row(DESK, **SHEET),
    "GET /placement/sheets/<int:staged_id>": Row(DESK, outcomes),
    "GET /placement/sheets/<int:staged_id>/marked": Row(DESK, outcomes),
    "POST /placement/sheets/<int:staged_id>/import": Row(DESK, outcomes),
    "POST /placement/sheets/<int:staged_id>/discard": Row(DESK, outcomes),
    "GET /placement/jobs/<int:record_id>": Row(f"{DESK} employer", **JOB),
    "POST /placement/jobs/<int:record_id>/seen": Row(f"{DESK} employer", **JOB),
    "POST /placement/jobs/<int:record_id>/ended": Row(f"{DESK} employer", **JOB),
}
