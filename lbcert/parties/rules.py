"""The room's rules: plain values in, findings out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lbcert.core.access import Role
from lbcert.core.findings import Finding, refuse
from lbcert.core.identity.credit_code import parse_credit_code
from lbcert.core.reference import SkillLevel, lies_within
from lbcert.core.words import say
from lbcert.parties.models import Filing, FilingKind, OrganisationKind, Sex

#: Characters; NIST SP 800-63B-4 asks for length and against rules of composition.
SHORTEST_PASSWORD = 10

#: Roles that only an administrator gives: an officer neither makes officers nor those who watch them.
GIVEN_BY_ADMINISTRATORS = frozenset({Role.ADMIN, Role.BUREAU_OFFICER, Role.AUDITOR})

_STATIONS = frozenset(
    {OrganisationKind.STATION_AWAY, OrganisationKind.STATION_TOWNSHIP, OrganisationKind.STATION_VILLAGE}
)
#: Where a role may stand: at organisations of these kinds; the others watch over a region.
KINDS_OF_ROLE: dict[Role, frozenset[OrganisationKind]] = {
    Role.ADMIN: frozenset(OrganisationKind),
    Role.PROVIDER_CLERK: frozenset({OrganisationKind.PROVIDER}),
    Role.TRAINER: frozenset({OrganisationKind.PROVIDER, OrganisationKind.EMPLOYER}),
    Role.ASSESSMENT_CLERK: frozenset({OrganisationKind.ASSESSMENT_BODY}),
    Role.EXAMINER: frozenset({OrganisationKind.ASSESSMENT_BODY}),
    Role.RESULT_OFFICER: frozenset({OrganisationKind.ASSESSMENT_BODY}),
    Role.ISSUER: frozenset(
        {
            OrganisationKind.PROVIDER, OrganisationKind.ASSESSMENT_BODY, OrganisationKind.ASSOCIATION,
            OrganisationKind.BUREAU,
        }
    ),
    Role.EMPLOYER: frozenset({OrganisationKind.EMPLOYER}),
    Role.STATION: _STATIONS,
    Role.ASSOCIATION: frozenset({OrganisationKind.ASSOCIATION}),
}  # fmt: skip
#: Roles that hold over a region.
OVER_REGION = frozenset(
    {Role.ADMIN, Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR, Role.REVIEWER, Role.ASSOCIATION}
)


def role_belongs(role: Role, kind: OrganisationKind | None, *, over_region: bool) -> list[Finding]:
    """Find that ``role`` cannot be given there: ``kind`` is the organisation's, None where it is over a region."""
    if (kind is None) == (not over_region):
        return [refuse("parties.role_scope", say("请选择一个机构或者一个地区，二者选其一"))]
    if kind is None:
        if role in OVER_REGION:
            return []
        message = say("“{role}”应授予某一机构，不能按地区授予", role=role.label)
    elif kind in KINDS_OF_ROLE.get(role, ()):
        return []
    else:
        message = say("“{role}”不能授予{kind}", role=role.label, kind=kind.label)
    return [refuse("parties.role_scope", message)]


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to teach or assess: where, in which trade and level (None: no level), from when to when."""

    trade_id: int
    trade_name: str
    level: SkillLevel | None
    site: str
    first: date
    last: date


def may_teach(body: str, filings: Iterable[Filing], wanted: Wanted) -> list[Finding]:
    """Find that a provider, called ``body``, has not filed (备案) for what it wants to teach."""
    return _filed("parties.may_teach", FilingKind.TEACH, body, filings, wanted)


def may_assess(body: str, filings: Iterable[Filing], wanted: Wanted) -> list[Finding]:
    """Find that an assessment body, called ``body``, has not filed (备案) for what it wants to assess."""
    return _filed("parties.may_assess", FilingKind.ASSESS, body, filings, wanted)


def _filed(rule: str, kind: FilingKind, body: str, filings: Iterable[Filing], wanted: Wanted) -> list[Finding]:
    """Tell the nearest miss: no such trade, not this level, not there, not then."""
    trade = [filing for filing in filings if filing.kind is kind and filing.trade_id == wanted.trade_id]
    level = [filing for filing in trade if filing.level in {None, wanted.level}]
    there = [filing for filing in level if lies_within(wanted.site, filing.site_region_code)]
    then = [
        filing for filing in there if filing.valid_from <= wanted.first and (filing.valid_to or date.max) >= wanted.last
    ]
    if then:
        return []
    facts = {"body": body, "kind": kind.label, "trade": wanted.trade_name}
    if not trade:
        message = say("{body} 没有“{trade}”的{kind}备案；请先备案，或换一家机构", **facts)
    elif not level:
        shown = wanted.level.label if wanted.level else say("不分等级")
        message = say("{body} 的“{trade}”{kind}备案不含{level}；请先变更备案", level=shown, **facts)
    elif not there:
        message = say("{body} 的“{trade}”{kind}备案不含该地点（{site}）；请先变更备案", site=wanted.site, **facts)
    else:
        filing = max(there, key=lambda filing: filing.valid_to or date.max)
        message = say(
            "{body} 的“{trade}”{kind}备案有效期为 {begin} 至 {end}，不含 {first} 至 {last}；请先续期",
            begin=filing.valid_from.isoformat(),
            end=filing.valid_to.isoformat() if filing.valid_to else say("长期"),
            first=wanted.first.isoformat(),
            last=wanted.last.isoformat(),
            **facts,
        )
    return [refuse(rule, message, "；".join(filing.document for filing in there or level or trade))]


#: Kinds of organisation that must have a unified social credit code; stations and villages may have none.
WITH_CREDIT_CODE = frozenset(OrganisationKind) - _STATIONS


def organisation_form(kind: OrganisationKind, name: str, code: str | None) -> list[Finding]:
    """Find what is wrong with a name and a tidied credit code."""
    findings = []
    if not name:
        findings.append(refuse("parties.organisation_name", say("请填写机构名称")))
    if code:
        read = parse_credit_code(code)
        if isinstance(read, Finding):
            findings.append(read)
    elif kind in WITH_CREDIT_CODE:
        message = say("{kind}应填写统一社会信用代码；只有劳务工作站可以不填", kind=kind.label)
        findings.append(refuse("parties.credit_code_missing", message))
    return findings


def filing_form(
    kind: FilingKind, body: OrganisationKind, first: date, last: date | None, document: str
) -> list[Finding]:
    """Find what is wrong with a filing: who files, from when to when, and by which document."""
    findings = []
    if body not in _FILERS[kind]:
        findings.append(refuse("parties.filing_kind", say("{body}不能作{kind}备案", body=body.label, kind=kind.label)))
    if last is not None and last < first:
        findings.append(refuse("parties.filing_dates", say("备案的截止日期早于起始日期")))
    if not document.strip():
        findings.append(refuse("parties.filing_document", say("请填写备案文号")))
    return findings


_FILERS = {
    FilingKind.TEACH: frozenset({OrganisationKind.PROVIDER, OrganisationKind.EMPLOYER}),
    FilingKind.ASSESS: frozenset({OrganisationKind.ASSESSMENT_BODY}),
}


def same_name(masked: str, name: str, known: str) -> list[Finding]:
    """Find that one ID number, given ``masked``, stands under two names."""
    if name == known:
        return []
    message = say(
        "身份证号 {number} 已登记为“{known}”，这里写的是“{name}”；请按证件核对", number=masked, known=known, name=name
    )
    return [refuse("parties.name_differs", message, subject=f"id_number:{masked}")]


def foreign_paper(number: str, sex: Sex | None, birth_date: date | None) -> list[Finding]:
    """Find what is missing where a paper other than the resident ID identifies somebody."""
    findings = []
    if not _FOREIGN_PAPER.fullmatch(number):
        findings.append(refuse("parties.paper_number", say("证件号码应为 5 至 20 位大写字母和数字")))
    if sex is None or birth_date is None:
        findings.append(refuse("parties.paper_facts", say("不用居民身份证的，请填写性别和出生日期")))
    return findings


def region_codes(name: str, *codes: str) -> list[Finding]:
    """Find a region of somebody that is no code of GB/T 2260 or its townships and villages."""
    message = say("{name} 的地区应为 6、9 或 12 位区划代码", name=name)
    wrong = [code for code in codes if code.strip() and not _REGION.fullmatch(code.strip())]
    return [refuse("parties.region_code", message, "GB/T 2260")] if wrong else []


_REGION = re.compile(r"[0-9]{6}([0-9]{3}){0,2}")
_FOREIGN_PAPER = re.compile(r"[A-Z0-9]{5,20}")


def qualification_form(number: str, issuer: str, issued_on: date, valid_to: date | None, today: date) -> list[Finding]:
    """Find what is wrong with a certificate that somebody brings along."""
    findings = []
    if not number.strip() or not issuer.strip():
        findings.append(refuse("parties.qualification_facts", say("请填写证书编号和发证单位")))
    if issued_on > today:
        findings.append(refuse("parties.qualification_date", say("发证日期不能晚于今天")))
    if valid_to is not None and valid_to < issued_on:
        findings.append(refuse("parties.qualification_dates", say("有效期早于发证日期")))
    return findings
