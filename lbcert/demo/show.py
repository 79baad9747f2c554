"""What a visitor of the demo is told: where it is, who may sign in, and which certificates to look at."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lbcert.core.database import db
from lbcert.demo.cast import PASSWORD
from lbcert.parties.models import Account, Grant

#: In the order of the work; every role once.
_SHOWN = (
    "admin", "ninglang-centre", "ninglang-employer", "ninglang-station", "ninglang-school", "ninglang-trainer",
    "cengong-bureau", "tongliao-school", "zhenxiong-school", "yunnan-exam", "yunnan-examiner", "neimeng-result", "guizhou-issuer",
    "luquan-bureau", "luquan-station", "luquan-issuer", "yunnan-issuer", "ninglang-association", "ninglang-reviewer", "luquan-auditor",
)  # fmt: skip


def greeting(address: str) -> str:
    """Write what is printed at each start."""
    lines = ["", f"劳务品牌培训认证（演示）：{address}", "", f"演示账号，密码都是 {PASSWORD} ："]
    query = select(Account).where(Account.user_name.in_(_SHOWN)).options(selectinload(Account.grants))
    found = {account.user_name: account for account in db.session.scalars(query)}
    lines += [f"  {name:<21} {_duties(found[name])}" for name in _SHOWN if name in found]
    lines.append("  全部账号：lbcert user list")
    return "\n".join(lines)


def _duties(account: Account) -> str:
    return f"{account.name}，" + "、".join(f"{grant.role.label}（{_where(grant)}）" for grant in account.grants)


def _where(grant: Grant) -> str:
    return grant.organisation.name.removesuffix("（演示）") if grant.organisation else grant.region.name  # type: ignore[union-attr]  # one of both
