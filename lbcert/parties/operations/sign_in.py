"""What an account does to itself by signing in."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from lbcert.core.access import SIGNED_IN, only
from lbcert.core.database import load
from lbcert.core.findings import Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.words import LANGUAGES, say
from lbcert.parties.models import Account


class SignIn(StrEnum):
    """What happened at the door, as the audit log keeps it."""

    SIGNED_IN = "signed_in"
    SIGNED_IN_BY_PASSKEY = "signed_in_by_passkey"
    FAILED = "failed"
    CODE_FAILED = "code_failed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 (an event)
    SECOND_FACTOR_SET_UP = "second_factor_set_up"
    SECOND_FACTOR_REMOVED = "second_factor_removed"


def _is_own(actor: Any, account_id: int) -> bool:
    return bool(actor.id == account_id)


@operation("parties.sign_in", say("登录与账号安全"), allow=only("the account itself", _is_own))
def record_sign_in(actor: Any, account_id: int, events: list[SignIn], secret: dict[str, Any]) -> Account:  # noqa: ARG001 (the log's)
    """Keep what the sign-in library changed in an account (``secret``: column → value), and what happened."""
    account = load(Account, account_id)
    for column, value in secret.items():
        setattr(account, column, value)
    return account


@operation("parties.choose_language", say("选择界面语言"), allow=SIGNED_IN)
def choose_language(actor: Any, language: str) -> Account:
    """Keep the language in which an account reads its pages. Refused for one that there is no translation to."""
    if language not in LANGUAGES:
        raise Refused([refuse("parties.language", say("没有“{language}”的页面", language=language[:20]))])
    account = load(Account, actor.id)
    account.language = language
    return account
