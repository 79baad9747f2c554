"""The stars: who sets a scheme, nominates, reviews, publishes, awards and withdraws."""

from datetime import date

from lbcert.brands.models import BrandPlugin
from lbcert.parties.models import OrganisationKind
from lbcert.testing.factories import enrolment, person, store
from lbcert_star_rating.models import Award, Evidence, Nomination, NominationState, Review, Scheme, SchemeCriterion
from lbcert_star_rating.tests.scene import data
from tests.access.machinery import Row


def brand(stage):
    """Give a brand here, with stars."""
    return stage.once("brand with stars", lambda: _with_stars(stage.cohort.brand))


def _with_stars(made):
    store(BrandPlugin(brand_id=made.id, plugin="star_rating"))
    return made


def scheme(stage):
    """Its scheme; the association here awards."""
    values = {
        "brand_id": brand(stage).id, "name": "星级", "organisation_id": stage.at(OrganisationKind.ASSOCIATION).id,
        "validity_months": 24, "reviewers": 1, "notice_days": 5, "at_work_points": 60, "source": "文件",
    }  # fmt: skip
    criterion = SchemeCriterion(label="服务质量", weight=1, evidence=Evidence.REVIEWERS)
    return stage.once("scheme", lambda: store(Scheme(**values, criteria=[criterion])))


def nomination(stage):
    """Somebody to be reviewed."""
    values = {"scheme_id": scheme(stage).id, "enrolment_id": stage.enrolment.id, "person_id": stage.person.id}
    return stage.once("nomination", lambda: store(Nomination(**values, evidence="{}")))


def award(stage):
    """Stars of somebody else."""
    return stage.once("award", lambda: _awarded(scheme(stage).id, enrolment(stage.cohort)))


def _awarded(scheme_id, learner):
    noticed = store(
        Nomination(
            scheme_id=scheme_id, enrolment_id=learner.id, person_id=learner.person_id, evidence="{}", points="90", stars=5,
            state=NominationState.NOTICED, notice_from=date(2025, 12, 1), notice_to=date(2025, 12, 8),
        )
    )  # fmt: skip
    store(Review(nomination_id=noticed.id, reviewer_id=person().id, points="{}"))
    day = date(2025, 12, 9)
    return store(
        Award(
            nomination_id=noticed.id, person_id=noticed.person_id, stars=5, awarded_on=day, valid_to=date(2027, 12, 9)
        )
    )


def nominee(stage):
    return {"nomination_id": nomination(stage).id}


def given(stage):
    return {"award_id": award(stage).id}


def under(stage):
    return {"scheme_id": scheme(stage).id}


def of_brand(stage):
    return {"brand_id": brand(stage).id}


OFFICERS = "bureau_officer service_centre"
READERS = f"{OFFICERS} auditor association reviewer issuer"
OPERATIONS = {
    "star_rating.set_scheme": Row(
        OFFICERS,
        lambda stage: of_brand(stage) | {"data": data(stage.at(OrganisationKind.ASSOCIATION), name="另一方案")},
    ),
    "star_rating.retire_scheme": Row(OFFICERS, under),
    "star_rating.nominate": Row(
        f"{OFFICERS} association", lambda stage: under(stage) | {"enrolment_id": stage.enrolment.id}
    ),
    "star_rating.review": Row("reviewer", lambda stage: nominee(stage) | {"points": {}}),
    "star_rating.begin_notice": Row(OFFICERS, under),
    "star_rating.reject": Row(OFFICERS, lambda stage: nominee(stage) | {"reason": "异议属实"}),
    "star_rating.award": Row("issuer", nominee),
    "star_rating.withdraw": Row(OFFICERS, lambda stage: given(stage) | {"reason": ""}),
}
ROUTES = {
    "GET /stars/": Row(READERS, lambda stage: bool(scheme(stage)) and {}),
    "GET /stars/brands/<int:brand_id>/new": Row(OFFICERS, of_brand),
    "POST /stars/brands/<int:brand_id>/new": Row(OFFICERS, of_brand),
    "GET /stars/schemes/<int:scheme_id>": Row(READERS, under),
    "POST /stars/schemes/<int:scheme_id>/retire": Row(OFFICERS, under),
    "POST /stars/schemes/<int:scheme_id>/notice": Row(OFFICERS, under),
    "GET /stars/schemes/<int:scheme_id>/nominations": Row(READERS, under),
    "GET /stars/schemes/<int:scheme_id>/nominate": Row(f"{OFFICERS} association", under),
    "POST /stars/schemes/<int:scheme_id>/nominate": Row(
        f"{OFFICERS} association", under, lambda stage: {"enrolment_id": stage.enrolment.id}
    ),
    "GET /stars/nominations/<int:nomination_id>": Row(READERS, nominee),
    "POST /stars/nominations/<int:nomination_id>/review": Row("reviewer", nominee),
    "POST /stars/nominations/<int:nomination_id>/award": Row("issuer", nominee),
    "POST /stars/nominations/<int:nomination_id>/reject": Row(OFFICERS, nominee),
    "POST /stars/awards/<int:award_id>/withdraw": Row(OFFICERS, given),
    "GET /stars/notices/<int:scheme_id>": Row("public signed_in", under),
}
