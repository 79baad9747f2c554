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
    withdraw_role,
)
from lbcert.parties.operations.sign_in import choose_language, record_sign_in

__all__ = [
    "choose_language",
    "close_account",
    "create_account",
    "grant_role",
    "record_sign_in",
    "reopen_account",
    "reset_password",
    "reset_second_factor",
    "set_account_phone",
    "withdraw_role",
]
