"""Accounts: who may sign in, as what, and where."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.access import ROLE_LABELS, Role, acting, holds
from lbcert.core.findings import Finding
from lbcert.core.pages import Column, in_words, paging_from_request
from lbcert.core.words import say
from lbcert.parties import operations
from lbcert.parties.forms import AccountForm, RoleForm
from lbcert.parties.models import Account, Grant
from lbcert.parties.operations.accounts import ADMINISTERS, TAKES, may_administer, may_take
from lbcert.parties.queries import accounts as queries
from lbcert.parties.views.room import room, sent

SEES = holds(*queries.SEERS)
MAKES = holds(Role.ADMIN, Role.BUREAU_OFFICER)


def _where(grant: Grant) -> str:
    return grant.organisation.name if grant.organisation else grant.region.name if grant.region else ""


def _roles(account: Account) -> str:
    return in_words(
        tuple(say("{name}（{what}）", name=grant.role.label, what=_where(grant)) for grant in account.grants)
    )


COLUMNS = [
    Column("user_name", _l("用户名"), url=lambda row: url_for("parties.account", account_id=row.id), sort="user_name"),
    Column("name", _l("使用人"), sort="name"),
    Column("roles", _l("角色"), value=_roles),
    Column("current_login_at", _l("最近登录"), "time", sort="last"),
    Column(
        "state",
        _l("状态"),
        "status",
        lambda row: (gettext("可用"), "ok") if row.active else (gettext("已停用"), "stop"),
    ),
]


@room.page("/accounts", see=SEES, menu=(_l("账号"), "key"))
def accounts() -> str:
    """List the accounts of the actor's region or organisation."""
    paging = paging_from_request(queries.SORTS, "user_name", ("role", "state"))
    page = queries.list_accounts(acting(), paging)
    filters = [
        {"name": "role", "label": gettext("角色"), "options": [(r.value, in_words(m)) for r, m in ROLE_LABELS.items()]},
        {
            "name": "state",
            "label": gettext("状态"),
            "options": [("open", gettext("可用")), ("closed", gettext("已停用"))],
        },
    ]
    return render_template("pages/parties/accounts.html", columns=COLUMNS, page=page, filters=filters)


@room.page("/accounts/new", see=MAKES, methods=("GET", "POST"))
def new_account() -> ResponseReturnValue:
    """Make an account, and show its one-time password once."""
    form = AccountForm()
    answer = sent(
        form,
        lambda: operations.create_account(
            acting(),
            form.user_name.data,
            form.name.data,
            phone=form.phone.data or "",
            person_id=form.owner.id if form.owner else None,
            **_role(form),
        ),
    )
    if answer.made:
        return render_template("pages/parties/one_time_password.html", who=answer.made)
    return render_template("pages/parties/account_form.html", form=form, findings=answer.findings), answer.status


def _role(form: RoleForm) -> dict[str, Any]:
    return {
        "role": Role(form.role.data),
        "organisation_id": form.organisation_id.data,
        "region_code": form.region_code.data,
    }


@room.page("/accounts/<int:account_id>", see=SEES)
def account(account_id: int) -> str:
    """Show an account, its roles, and what may be done with it."""
    return _account_page(account_id, RoleForm())


def _account_page(account_id: int, form: RoleForm, findings: tuple[Finding, ...] = ()) -> str:
    actor = acting()
    found = queries.find_account(actor, account_id)
    return render_template(
        "pages/parties/account.html",
        who=found,
        roles=[(grant, _where(grant), may_take(actor, grant.id)) for grant in found.grants],
        may_administer=may_administer(actor, account_id),
        form=form,
        findings=findings,
    )


@room.page("/accounts/<int:account_id>/roles", see=MAKES, methods=("POST",))
def give_role(account_id: int) -> ResponseReturnValue:
    """Give an account one more role."""
    queries.find_account(acting(), account_id)
    form = RoleForm()
    answer = sent(form, lambda: operations.grant_role(acting(), account_id, **_role(form)))
    if answer.made:
        return redirect(url_for("parties.account", account_id=account_id))
    return _account_page(account_id, form, answer.findings), answer.status


@room.page("/roles/<int:grant_id>/withdraw", see=TAKES, methods=("POST",))
def take_role(grant_id: int) -> ResponseReturnValue:
    """Take a role back."""
    account = operations.withdraw_role(acting(), grant_id)
    flash(gettext("已收回角色"), "success")
    return redirect(
        url_for("parties.account", account_id=account.id) if account.grants else url_for("parties.accounts")
    )


@room.page("/accounts/<int:account_id>/close", see=ADMINISTERS, methods=("POST",))
def close_account(account_id: int) -> ResponseReturnValue:
    """Lock an account."""
    operations.close_account(acting(), account_id)
    return redirect(url_for("parties.account", account_id=account_id))


@room.page("/accounts/<int:account_id>/reopen", see=ADMINISTERS, methods=("POST",))
def reopen_account(account_id: int) -> ResponseReturnValue:
    """Unlock an account."""
    operations.reopen_account(acting(), account_id)
    return redirect(url_for("parties.account", account_id=account_id))


@room.page("/accounts/<int:account_id>/password", see=ADMINISTERS, methods=("POST",))
def reset_password(account_id: int) -> str:
    """Give an account a new one-time password, and show it once."""
    return render_template("pages/parties/one_time_password.html", who=operations.reset_password(acting(), account_id))


@room.page("/accounts/<int:account_id>/second-factor", see=ADMINISTERS, methods=("POST",))
def reset_second_factor(account_id: int) -> ResponseReturnValue:
    """Forget an account's second factor."""
    operations.reset_second_factor(acting(), account_id)
    flash(gettext("已清除第二重验证，下次登录时重新设置"), "success")
    return redirect(url_for("parties.account", account_id=account_id))


@room.page("/accounts/<int:account_id>/phone", see=ADMINISTERS, methods=("POST",))
def set_account_phone(account_id: int) -> ResponseReturnValue:
    """Bind or unbind the phone number by which an account signs in."""
    operations.set_account_phone(acting(), account_id, request.form.get("phone", ""))
    flash(gettext("已更新登录手机号"), "success")
    return redirect(url_for("parties.account", account_id=account_id))


@room.page("/accounts/<int:account_id>/person", see=ADMINISTERS, methods=("POST",))
def tie_account(account_id: int) -> ResponseReturnValue:
    """Say which person on file an account is of."""
    operations.tie_account(acting(), account_id, request.form.get("id_number", ""))
    flash(gettext("已核对使用人身份"), "success")
    return redirect(url_for("parties.account", account_id=account_id))
