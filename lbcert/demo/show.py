"""What a visitor of the demo is told: where it is, who may sign in, and which certificates to look at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lbcert.certificates.models import Certificate, Status
from lbcert.certificates.shipped import SKILL_LEVEL
from lbcert.certificates.token import link
from lbcert.core.database import db
from lbcert.core.words import Message, say
from lbcert.demo.cast import PASSWORD
from lbcert.parties.models import Account, Grant

#: In the order of the work; every role once.
_SHOWN = (
    "admin", "ninglang-centre", "ninglang-employer", "ninglang-station", "ninglang-school", "ninglang-trainer",
    "cengong-bureau", "tongliao-school", "zhenxiong-school", "yunnan-exam", "yunnan-examiner", "neimeng-result", "guizhou-issuer",
    "luquan-bureau", "luquan-station", "luquan-issuer", "yunnan-issuer", "ninglang-association", "ninglang-reviewer", "luquan-auditor",
)  # fmt: skip


def greeting(address: str) -> list[Any]:
    """Write what is printed at each start: lines of text, or messages."""
    lines: list[Any] = ["", say("劳务品牌培训认证（演示）：{address}", address=address), ""]
    lines.append(say("演示账号，密码都是 {password} ：", password=PASSWORD))
    query = select(Account).where(Account.user_name.in_(_SHOWN)).options(selectinload(Account.grants))
    found = {account.user_name: account for account in db.session.scalars(query)}
    lines += [_duties(found[name]) for name in _SHOWN if name in found]
    lines += [say("  全部账号：lbcert user list"), "", say("扫一扫，或直接打开：")]
    lines += [_links(address, status) for status in (Status.VALID, Status.REVOKED)]
    return lines


def _links(address: str, status: Status) -> Message:
    """Write the link of the first skill certificate of a status."""
    query = select(Certificate).where(Certificate.type == SKILL_LEVEL.name, Certificate.status == status)
    certificate = db.session.scalar(query.order_by(Certificate.id).limit(1))
    if certificate is None:
        return say("  {status}：没有", status=status.label)
    url = link.write(address, certificate.token)
    return say("  {status}：{number}  {link}", status=status.label, number=certificate.number, link=url)


def _duties(account: Account) -> Message:
    roles = tuple(say("{role}（{where}）", role=grant.role.label, where=_where(grant)) for grant in account.grants)
    return say("  {user}{name}，{roles}", user=f"{account.user_name:<22}", name=account.name, roles=roles)


def _where(grant: Grant) -> str:
    return grant.organisation.name.removesuffix("（演示）") if grant.organisation else grant.region.name  # type: ignore[union-attr]  # one of both
