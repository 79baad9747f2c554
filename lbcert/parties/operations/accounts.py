"""Accounts and their roles, given and taken by those who answer for a region or an organisation."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask_security.utils import hash_password

from lbcert.core.access import Console, Place, Role, covers, only
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.identity.phone import check_phone, tidy_phone
from lbcert.core.operation import operation
from lbcert.core.reference import Region
from lbcert.core.seal import keyring
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties import rules
from lbcert.parties.models import Account, Grant, Organisation, Person
from lbcert.parties.queries.persons import owner_of

#: Letters that cannot be taken for one another when a password is read out or copied by hand.
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"
_USER_NAME = re.compile(r"[a-z\u4e00-\u9fff][a-z0-9\u4e00-\u9fff._-]{1,39}")


def _reaches(actor: Any, role: Role, place: Place) -> bool:
    """Tell whether an actor may give or take ``role`` at a place: an administrator any, an officer the lesser ones."""
    if isinstance(actor, Console):
        return True
    givers = {Role.ADMIN} if role in rules.GIVEN_BY_ADMINISTRATORS else {Role.ADMIN, Role.BUREAU_OFFICER}
    return any(grant.role in givers and covers(grant, place) for grant in actor.grants)


def _place(organisation_id: int | None, region_code: str | None) -> Place:
    if organisation_id is None:
        return Place(regions=(region_code,) if region_code else ())
    organisation = load(Organisation, organisation_id)
    return Place(regions=(organisation.region_code,), organisations=(organisation.id,))


def may_give(actor: Any, role: Role, organisation_id: int | None, region_code: str | None) -> bool:
    """Tell whether an actor may give ``role`` there."""
    return _reaches(actor, role, _place(organisation_id, region_code))


def may_take(actor: Any, grant_id: int) -> bool:
    """Tell whether an actor may take a role back; nobody takes one from himself."""
    grant = load(Grant, grant_id)
    return actor.id != grant.account_id and may_give(actor, grant.role, grant.organisation_id, grant.region_code)


def may_administer(actor: Any, account_id: int) -> bool:
    """Tell whether an actor may lock, unlock and reset another's account: when he could give each of its roles."""
    account = load(Account, account_id)
    if isinstance(actor, Console):
        return True
    if actor.id == account.id:
        return False
    if not account.grants:
        return any(grant.role in {Role.ADMIN, Role.BUREAU_OFFICER} for grant in actor.grants)
    return all(may_give(actor, grant.role, grant.organisation_id, grant.region_code) for grant in account.grants)


GIVES = only("may give this role there", may_give)
TAKES = only("may take this role back", may_take)
ADMINISTERS = only("may give each of the account's roles", may_administer)


@operation("parties.create_account", say("新建账号"), allow=GIVES)
def create_account(
    actor: Any,
    user_name: str,
    name: str,
    role: Role,
    *,
    organisation_id: int | None = None,
    region_code: str | None = None,
    phone: str = "",
    person_id: int | None = None,
    password: str | None = None,
    password_is_temporary: bool = True,
) -> Account:
    """Make an account with its first role, at an organisation or over a region.

    Without ``password`` it gets one of its own, which stands in ``one_time_password`` of what is given back, is kept
    nowhere, and must be changed at the first sign-in. Refused for a name that is taken or cannot be told from a
    phone number, a phone that is none, and a role that does not belong there.
    """
    user_name, phone = user_name.strip().lower(), tidy_phone(phone).text
    findings = _role_findings(role, organisation_id, region_code)
    if not _USER_NAME.fullmatch(user_name):
        message = say("用户名“{name}”应为 2 至 40 个小写字母、汉字、数字或 . _ -，且不以数字开头", name=user_name[:40])
        findings.append(refuse("parties.user_name", message))
    if not name.strip():
        findings.append(refuse("parties.account_name", say("请填写使用人姓名")))
    if phone:
        findings += _phone_findings(phone)
    if password is not None and len(password) < rules.SHORTEST_PASSWORD:
        message = say("密码至少 {length} 位", length=rules.SHORTEST_PASSWORD)
        findings.append(refuse("parties.password_length", message))
    if person_id is not None:
        load(Person, person_id)
    refuse_on(findings)
    account = Account(
        user_name=user_name,
        name=name.strip()[:60],
        phone_index=keyring().index("phone", phone) if phone else None,
        person_id=person_id,
        fs_uniquifier=secrets.token_hex(32),
        grants=[Grant(role=role, organisation_id=organisation_id, region_code=region_code)],
    )
    given = _set_password(account, password)
    account.password_is_temporary = password_is_temporary
    db.session.add(account)
    db.session.flush()
    account.one_time_password = given
    return account


@operation("parties.grant_role", say("授予角色"), allow=GIVES)
def grant_role(
    actor: Any,
    account_id: int,
    role: Role,
    *,
    organisation_id: int | None = None,
    region_code: str | None = None,
) -> Grant:
    """Give an account one more role. Refused when it has it there already, or the role does not belong there."""
    account = load(Account, account_id, lock=True)
    refuse_on(_role_findings(role, organisation_id, region_code))
    grant = Grant(account_id=account.id, role=role, organisation_id=organisation_id, region_code=region_code)
    db.session.add(grant)
    return grant


@operation("parties.withdraw_role", say("撤回角色"), allow=TAKES)
def withdraw_role(actor: Any, grant_id: int) -> Account:
    """Take a role from an account; the audit log keeps that it had it."""
    grant = load(Grant, grant_id)
    account = grant.account
    db.session.delete(grant)
    return account


@operation("parties.close_account", say("停用账号"), allow=ADMINISTERS)
def close_account(actor: Any, account_id: int) -> Account:
    """Lock an account and end its sessions."""
    account = load(Account, account_id, lock=True)
    account.active = False
    account.fs_uniquifier = secrets.token_hex(32)
    return account


@operation("parties.reopen_account", say("重新启用账号"), allow=ADMINISTERS)
def reopen_account(actor: Any, account_id: int) -> Account:
    """Let an account sign in again."""
    account = load(Account, account_id, lock=True)
    account.active = True
    return account


@operation("parties.reset_password", say("重置密码"), allow=ADMINISTERS)
def reset_password(actor: Any, account_id: int) -> Account:
    """Give an account a new password, in ``one_time_password`` of what is given back, and end its sessions."""
    account = load(Account, account_id, lock=True)
    given = _set_password(account, None)
    account.password_is_temporary = True
    db.session.flush()
    account.one_time_password = given
    return account


@operation("parties.reset_second_factor", say("重置第二重验证"), allow=ADMINISTERS)
def reset_second_factor(actor: Any, account_id: int) -> Account:
    """Forget an account's second factor and passkeys (a lost phone) and end its sessions.

    It sets up a new second factor when it signs in.
    """
    account = load(Account, account_id, lock=True)
    account.tf_primary_method = account.tf_totp_secret = account.tf_last_counter = None
    for passkey in account.webauthn:
        db.session.delete(passkey)
    account.fs_uniquifier = secrets.token_hex(32)
    return account


@operation("parties.set_account_phone", say("设定登录手机号"), allow=ADMINISTERS)
def set_account_phone(actor: Any, account_id: int, phone: str) -> Account:
    """Bind the phone number by which an account may sign in too; an empty one unbinds it."""
    account = load(Account, account_id, lock=True)
    tidy = tidy_phone(phone).text
    refuse_on(_phone_findings(tidy) if tidy else [])
    account.phone_index = keyring().index("phone", tidy) if tidy else None
    return account


@operation("parties.tie_account", say("核对使用人身份"), allow=ADMINISTERS)
def tie_account(actor: Any, account_id: int, id_number: str) -> Account:
    """Say which person on file an account is of: his are then the lessons, cards and marks under that name.

    Refused where nobody on file has both the account's name and the ID number, and once it is said: what was done since hangs on it.
    """
    account = load(Account, account_id, lock=True)
    if account.person_id is not None:
        refuse_on([refuse("parties.account_tied", say("这一账号的使用人身份已经核对，不能更改；有误请停用后另建账号"))])
    owner = owner_of(account.name, id_number)
    unknown = say("没有姓名为“{name}”、身份证号也相符的人员，请先登记此人", name=account.name)
    refuse_on([] if owner else [refuse("parties.account_owner_unknown", unknown)])
    account.person = owner
    return account


def _set_password(account: Account, password: str | None) -> str:
    """Hash a password, made up where none is given (12 of 31 letters: 59 bits), and end the sessions."""
    given = password or "".join(secrets.choice(_LEGIBLE) for _ in range(12))
    account.password = hash_password(given)
    account.fs_uniquifier = secrets.token_hex(32)
    return given


def _role_findings(role: Role, organisation_id: int | None, region_code: str | None) -> list[Finding]:
    if region_code is not None:
        load(Region, region_code)
    kind = None if organisation_id is None else load(Organisation, organisation_id).kind
    return rules.role_belongs(role, kind, over_region=region_code is not None)


def _phone_findings(phone: str) -> list[Finding]:
    """Find that an account cannot sign in with a phone: only a mobile number will do."""
    finding = check_phone(phone)
    return [] if finding is None else [refuse(finding.rule, finding.message)]
