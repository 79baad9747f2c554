"""What the room does: the only code that writes its tables."""

from __future__ import annotations

from lbcert.parties.operations.accounts import (
    close_account,
    create_account,
    grant_role,
    reopen_account,
    reset_password,
    reset_second_factor,
    set_account_phone,
    tie_account,
    withdraw_role,
)
from lbcert.parties.operations.organisations import (
    accept_filing,
    change_organisation,
    end_filing,
    register_organisation,
    set_controller,
)
from lbcert.parties.operations.persons import (
    PersonData,
    change_person,
    register_people,
    register_person,
    reveal,
    set_photo,
)
from lbcert.parties.operations.qualifications import keep_qualification, record_qualification, set_standing
from lbcert.parties.operations.sign_in import choose_language, record_sign_in

__all__ = [
    "PersonData",
    "accept_filing",
    "change_organisation",
    "change_person",
    "choose_language",
    "close_account",
    "create_account",
    "end_filing",
    "grant_role",
    "keep_qualification",
    "record_qualification",
    "record_sign_in",
    "register_organisation",
    "register_people",
    "register_person",
    "reopen_account",
    "reset_password",
    "reset_second_factor",
    "reveal",
    "set_account_phone",
    "set_controller",
    "set_photo",
    "set_standing",
    "tie_account",
    "withdraw_role",
]
