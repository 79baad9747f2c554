"""Accounts, organisations, persons."""

from lbcert.core.access import Role
from lbcert.parties.models import OrganisationKind
from tests.access.machinery import Row


def clerk(stage):
    return {"account_id": stage.account(Role.PROVIDER_CLERK).id}


def school_role(stage):
    return {"role": Role.TRAINER, "organisation_id": stage.at(OrganisationKind.PROVIDER).id}


def clerks_grant(stage):
    return {"grant_id": stage.account(Role.PROVIDER_CLERK).grants[0].id}


def itself(stage):
    """Only the account itself."""
    return {"itself": (stage.account(Role.PROVIDER_CLERK), True)}


#: Who answers for an account at a school of the county.
IN_CHARGE = "admin bureau_officer console"

OPERATIONS = {
    "parties.sign_in": Row("provider_clerk", lambda stage: {**clerk(stage), "events": [], "secret": {}}, also=itself),
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
    "parties.set_account_phone": Row(IN_CHARGE, lambda stage: {**clerk(stage), "phone": "13900000001"}),
}
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
}
