"""What a visitor of the demo is told: where it is, who may sign in, and which certificates to look at."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lbcert.certificates.models import Certificate, Status
from lbcert.certificates.shipped import SKILL_LEVEL
from lbcert.certificates.token import link
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
    lines += ["  全部账号：lbcert user list", "", "扫一扫，或直接打开："]
    lines += [f"  {_links(address, status)}" for status in (Status.VALID, Status.REVOKED)]
    return "\n".join(lines)


def _links(address: str, status: Status) -> str:
    """Write the link of the first skill certificate of a status."""
    query = select(Certificate).where(Certificate.type == SKILL_LEVEL.name, Certificate.status == status)
    certificate = db.session.scalar(query.order_by(Certificate.id).limit(1))
    if certificate is None:
        return f"{status.label}：没有"
    return f"{status.label}：{certificate.number}  {link.write(address, certificate.token)}"


def _duties(account: Account) -> str:
    return f"{account.name}，" + "、".join(f"{grant.role.label}（{_where(grant)}）" for grant in account.grants)


def _where(grant: Grant) -> str:
    return grant.organisation.name.removesuffix("（演示）") if grant.organisation else grant.region.name  # type: ignore[union-attr]  # one of both
