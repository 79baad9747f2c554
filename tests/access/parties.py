"""Accounts, organisations, persons."""

from datetime import date
from io import BytesIO

from PIL import Image

from lbcert.core.access import Role
from lbcert.parties.models import FilingKind, OrganisationKind, QualificationKind
from lbcert.parties.operations import PersonData, set_photo
from lbcert.parties.operations.passkeys import add_passkey
from lbcert.testing import factories
from tests.access.machinery import HERE, Row


def clerk(stage):
    return {"account_id": stage.account(Role.PROVIDER_CLERK).id}


def school_role(stage):
    return {"role": Role.TRAINER, "organisation_id": stage.at(OrganisationKind.PROVIDER).id}


def clerks_grant(stage):
    return {"grant_id": stage.account(Role.PROVIDER_CLERK).grants[0].id}


def itself(stage):
    """Only the account itself."""
    return {"itself": (stage.account(Role.PROVIDER_CLERK), True)}


def passkey(stage):
    """Give the clerk's passkey."""
    owner = stage.account(Role.PROVIDER_CLERK)
    return {"passkey_id": stage.once("passkey", lambda: add_passkey(owner, "手机", b"its id", b"its key", 0)).id}


#: Who answers for an account at a school of the county.
IN_CHARGE = "admin bureau_officer console"


def school(stage):
    return {"organisation_id": stage.at(OrganisationKind.PROVIDER).id}


def filing(stage):
    body = stage.at(OrganisationKind.PROVIDER)
    made = stage.once("filing", lambda: factories.filing(body, factories.trade(), FilingKind.TEACH))
    return {"filing_id": made.id}


def person(stage):
    return {"person_id": stage.person.id}


def pictured(stage):
    """Give the person's photo."""
    officer = stage.account(Role.BUREAU_OFFICER)
    stage.once("photo", lambda: set_photo(officer, stage.person.id, picture()))
    return person(stage)


def picture():
    written = BytesIO()
    Image.new("RGB", (300, 400)).save(written, "PNG")
    return written.getvalue()


#: Who keeps the county's register of organisations, and who accepts what they file.
REGISTER, FILES = "admin bureau_officer service_centre console", "bureau_officer"
#: Who sees a person of the county, and works with the person's data.
KEEPS_PERSON = "bureau_officer service_centre station provider_clerk"
MEETS_PEOPLE = "bureau_officer* service_centre* provider_clerk* assessment_clerk* station* association*"
#: Whose grant covers a school of the county: by region, or because it works there.
OVER_COUNTY = "admin bureau_officer service_centre auditor reviewer association"
AT_SCHOOL = "provider_clerk trainer issuer"
DAY = date(2025, 7, 1)
NEW = PersonData("新来的", "530128197506150012")
CERTIFICATE = {"kind": QualificationKind.SKILL_LEVEL, "number": "1", "issuer": "某机构", "issued_on": DAY}

OPERATIONS = {
    "parties.sign_in": Row("provider_clerk", lambda stage: {**clerk(stage), "events": [], "secret": {}}, also=itself),
    "parties.add_passkey": Row(
        "signed_in", lambda stage: {"name": "电脑", "credential_id": b"id", "public_key": b"key", "sign_count": 0}
    ),
    "parties.use_passkey": Row("provider_clerk", lambda stage: {**passkey(stage), "sign_count": 1}, also=itself),
    "parties.remove_passkey": Row("provider_clerk", passkey, also=itself),
    "parties.choose_language": Row("signed_in", lambda stage: {"language": "en"}),
    "parties.create_account": Row(
        IN_CHARGE, lambda stage: {"user_name": "made", "name": "新人", "password": "long enough", **school_role(stage)}
    ),
    "parties.grant_role": Row(IN_CHARGE, lambda stage: clerk(stage) | school_role(stage)),
    "parties.withdraw_role": Row(IN_CHARGE, clerks_grant),
    "parties.close_account": Row(IN_CHARGE, clerk),
    "parties.reopen_account": Row(IN_CHARGE, clerk),
    "parties.reset_password": Row(IN_CHARGE, clerk),
    "parties.reset_second_factor": Row(IN_CHARGE, clerk),
    "parties.tie_account": Row(IN_CHARGE, lambda stage: {**clerk(stage), "id_number": "530128197506150012"}),
    "parties.set_account_phone": Row(IN_CHARGE, lambda stage: {**clerk(stage), "phone": "13900000001"}),
    "parties.register_organisation": Row(
        REGISTER, lambda stage: {"kind": OrganisationKind.STATION_VILLAGE, "name": "某工作点", "region_code": HERE}
    ),
    "parties.change_organisation": Row(
        REGISTER, lambda stage: {**school(stage), "name": "新名称", "region_code": HERE, "credit_code": "91110000600037341L"}
    ),
    "parties.set_controller": Row(FILES, lambda stage: {**school(stage), "valid_from": date(2099, 1, 1)}),
    "parties.accept_filing": Row(
        FILES,
        lambda stage: {
            **school(stage), "kind": FilingKind.TEACH, "trade_id": factories.trade().id, "level": None,
            "site_region_code": HERE, "document": "文号", "valid_from": DAY,
        },
    ),
    "parties.end_filing": Row(FILES, lambda stage: {**filing(stage), "valid_to": DAY, "reason": "停业"}),
    "parties.register_person": Row(
        "admin* bureau_officer* service_centre* provider_clerk* assessment_clerk* station* association* employer* console",
        lambda stage: {"data": NEW},
    ),
    "parties.register_people": Row(
        "admin* bureau_officer* service_centre* provider_clerk* assessment_clerk* station* association* employer* console",
        lambda stage: {"data": [NEW]},
    ),
    "parties.change_person": Row(KEEPS_PERSON, lambda stage: {**person(stage), "data": {"phone": "13900000001"}}),
    "parties.reveal": Row(f"{KEEPS_PERSON} auditor", lambda stage: {**person(stage), "what": "phone", "reason": "核对"}),
    "parties.set_photo": Row(KEEPS_PERSON, lambda stage: {**person(stage), "data": b"no photo"}),
    "parties.keep_organisation": Row(
        "inside",
        lambda stage: {"kind": OrganisationKind.EMPLOYER, "name": "某公司", "region_code": HERE, "credit_code": ""},
    ),
    "parties.keep_photos": Row("inside", lambda stage: {"photo": {stage.person.id: b"a photo"}}),
    "parties.record_qualification": Row(
        "bureau_officer service_centre provider_clerk", lambda stage: {**person(stage), **CERTIFICATE}
    ),
    "parties.keep_qualification": Row("inside", lambda stage: {**person(stage), **CERTIFICATE}),
    "parties.set_standing": Row("inside", lambda stage: {"qualification_id": 1, "stands": False}),
}  # fmt: skip
MAY_LOOK = "admin bureau_officer auditor"
ROUTES = {
    "GET /parties/me": Row("signed_in"),
    "POST /parties/me/language": Row("signed_in"),
    "GET /parties/regions": Row("signed_in"),
    "GET /parties/organisations/suggestions": Row("signed_in"),
    "GET /parties/accounts": Row("admin* bureau_officer* auditor*"),
    "GET /parties/accounts/new": Row("admin* bureau_officer*"),
    "POST /parties/accounts/new": Row("admin* bureau_officer*"),
    "GET /parties/accounts/<int:account_id>": Row(MAY_LOOK, clerk),
    "POST /parties/accounts/<int:account_id>/roles": Row("admin bureau_officer", clerk),
    "POST /parties/roles/<int:grant_id>/withdraw": Row("admin bureau_officer", clerks_grant),
    "POST /parties/accounts/<int:account_id>/close": Row("admin bureau_officer", clerk),
    "POST /parties/accounts/<int:account_id>/reopen": Row("admin bureau_officer", clerk),
    "POST /parties/accounts/<int:account_id>/password": Row("admin bureau_officer", clerk),
    "POST /parties/accounts/<int:account_id>/second-factor": Row("admin bureau_officer", clerk),
    "POST /parties/accounts/<int:account_id>/phone": Row("admin bureau_officer", clerk),
    "POST /parties/accounts/<int:account_id>/person": Row("admin bureau_officer", clerk),
    "GET /parties/organisations": Row("signed_in"),
    "GET /parties/organisations/new": Row("admin* bureau_officer* service_centre*"),
    "POST /parties/organisations/new": Row("admin* bureau_officer* service_centre*"),
    "GET /parties/organisations/<int:organisation_id>": Row(f"{OVER_COUNTY} {AT_SCHOOL}", school),
    "GET /parties/organisations/<int:organisation_id>/edit": Row("admin bureau_officer service_centre", school),
    "POST /parties/organisations/<int:organisation_id>/edit": Row(
        "admin bureau_officer service_centre", school, lambda stage: {"name": "新名称", "region_code": HERE}
    ),
    "GET /parties/organisations/<int:organisation_id>/controller": Row(FILES, school),
    "POST /parties/organisations/<int:organisation_id>/controller": Row(FILES, school),
    "GET /parties/organisations/<int:organisation_id>/filings": Row(FILES, school),
    "POST /parties/organisations/<int:organisation_id>/filings": Row(FILES, school),
    "POST /parties/filings/<int:filing_id>/end": Row(FILES, filing),
    "GET /parties/persons": Row(f"{MEETS_PEOPLE} auditor*"),
    "GET /parties/persons/new": Row(MEETS_PEOPLE),
    "POST /parties/persons/new": Row(MEETS_PEOPLE),
    "GET /parties/persons/<int:person_id>": Row(f"{KEEPS_PERSON} auditor", person),
    "POST /parties/persons/<int:person_id>/reveal/<what>": Row(
        f"{KEEPS_PERSON} auditor", lambda stage: {**person(stage), "what": "phone"}, lambda stage: {"reason": "核对"}
    ),
    "GET /parties/persons/<int:person_id>/edit": Row(KEEPS_PERSON, person),
    "POST /parties/persons/<int:person_id>/edit": Row(KEEPS_PERSON, person),
    "GET /parties/persons/<int:person_id>/photo": Row(f"{KEEPS_PERSON} auditor", pictured),
    "POST /parties/persons/<int:person_id>/photo": Row(KEEPS_PERSON, person),
    "POST /parties/persons/<int:person_id>/qualifications": Row("bureau_officer service_centre provider_clerk", person),
}
