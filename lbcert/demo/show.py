"""What a visitor of the demo is told: where it is, who may sign in, and which certificates to look at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from lbcert.certificates.models import Certificate, Status
from lbcert.certificates.paper_code import as_printed, paper_code
from lbcert.certificates.shipped import SKILL_LEVEL
from lbcert.certificates.token import link
from lbcert.core.database import db, load
from lbcert.core.words import Message, say
from lbcert.demo.cast import PASSWORD
from lbcert.demo.course import feed_secret
from lbcert.parties.models import Account, Grant, Person
from lbcert.teaching.models import BindingSlip, Phone

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
    feed = f"{address}/teaching/feeds/{feed_secret('ninglang-trainer')}.ics"
    lines += ["", say("培训教师的日历订阅地址：{address}", address=feed)]
    lines += ["", say("本人查询证书（学员不用登录）：{address}", address=f"{address}/my"), _holder()]
    lines += ["", say("上课签到（学员不用登录）：{address}", address=f"{address}/k/"), _slip()]
    return lines


def _holder() -> Message:
    """Write what the person with the most certificates types on the page of her own."""
    key = db.session.scalar(
        select(func.min(Certificate.id))
        .join(Certificate.person)
        .where(Certificate.status == Status.VALID, Person.phone.is_not(None))
        .group_by(Certificate.person_id)
        .order_by(func.count().desc(), Certificate.person_id)
        .limit(1)
    )
    if key is None:
        return say("  还没有证书")
    found = load(Certificate, key)
    holder = found.person
    return say(
        "  {name}：手机号 {phone}，身份证号后四位 {last_four}，本人查询码 {code}",
        name=holder.name, phone=holder.phone, last_four=holder.id_number[-4:], code=as_printed(paper_code(found.cti)),
    )  # fmt: skip


def _slip() -> Message:
    """Write what is printed on a slip that nobody has used."""
    slip = db.session.scalar(select(BindingSlip).where(BindingSlip.id.not_in(select(Phone.slip_id))).limit(1))
    if slip is None:
        return say("  没有未用的绑定条")
    learner = slip.enrolment.person
    return say(
        "  {name}：绑定码 {code}，身份证号后四位 {last_four}",
        name=learner.name, code=slip.code, last_four=learner.id_number[-4:],
    )  # fmt: skip


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
