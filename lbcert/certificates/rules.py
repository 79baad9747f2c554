"""What is written on a certificate, and when its status may change. Plain values in, claims or findings out."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from lbcert.certificates import numbers
from lbcert.certificates.models import SEPARATION, Reason, Status
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.policy import Follows, key
from lbcert.core.words import Message, say

#: How a provider numbers its 培训合格证书: text with {region}, {brand}, {year} and {cohort}, to which serial and check
#: character are appended. Without a ruling the house's own series is used.
COMPLETION_SERIES = key("certificates.completion_series", say("培训合格证书编号前段"), Follows.HOME, str)
#: For how many months a type of certificate is good: ``{"completion": 36}``. Without a ruling it has no end.
VALIDITY = key(
    "certificates.validity_months", say("证书有效期（按种类，completion、skill_level）"), Follows.BODY, dict, say("月")
)
#: How long before its end, and after, a certificate stands on to-do lists and can be renewed.
REMINDER_DAYS = key("certificates.reminder_days", say("证书到期提醒提前"), Follows.BODY, int, say("天"))
#: Hours in which a bulk revocation can be undone.
REVOCATION_HOURS = key("certificates.revocation_hours", say("批量撤销可以收回的时间"), Follows.BODY, int, say("小时"))
OWN_SERIES = "PX-{region}-{year}"
SERIAL_DIGITS = 6


@dataclass(frozen=True)
class Occupation:
    """What a skill certificate is about: a trade, and the item's own name where it is narrower."""

    name: str
    code: str | None
    edition: int | None
    specialty: str


def completion_claims(
    name: str,
    id_number_masked: str,
    item: str,
    brand: str,
    cohort: str,
    days: tuple[date, date],
    modules: Sequence[tuple[str, float]],
    providers: Sequence[str],
    issued_on: date,
) -> dict[str, Any]:
    """Write what a 培训合格证书 says, but for its number.

    ``modules`` are name and class hours taken; the issuer is the first of the ``providers``.
    """
    return {
        "name": name,
        "id_number_masked": id_number_masked,
        "item": item,
        "brand": brand,
        "cohort": cohort,
        "start": days[0].isoformat(),
        "end": days[1].isoformat(),
        "hours": sum(hours for _, hours in modules),
        "modules": [{"name": module, "hours": hours} for module, hours in modules],
        "providers": list(providers),
        "issued_on": issued_on.isoformat(),
    }


def skill_claims(
    name: str,
    id_number_masked: str,
    occupation: Occupation,
    level: str,
    brand: str,
    marks: Mapping[str, int | None],
    body: str,
    issued_on: date,
    *,
    employers_own: bool,
) -> dict[str, Any]:
    """Write what a 职业技能等级证书 says, but for its number. ``marks`` are theory, practice and comprehensive, of 100."""
    trade: dict[str, Any] = {"name": occupation.name}
    if occupation.code and occupation.edition:
        trade |= {"edition": occupation.edition, "code": occupation.code}
    specialty = {"specialty": occupation.specialty} if occupation.specialty != occupation.name else {}
    return {
        "name": name,
        "id_number_masked": id_number_masked,
        "occupation": trade,
        **specialty,
        "brand": brand,
        "level": level,
        "marks": {part: points for part, points in marks.items() if points is not None},
        "body": body,
        "scheme": "employer" if employers_own else "social",
        "issued_on": issued_on.isoformat(),
    }


def photo_of(name: str, *, there: bool) -> list[Finding]:
    """Remark that a certificate will be printed with a place for a photo instead of one."""
    if there:
        return []
    message = say("{name} 没有照片：证书上留出粘贴照片的位置", name=name)
    return [Finding("certificates.no_photo", Level.NOTE, message)]


def prefix_of(found: Sequence[str], body: str, *, employers_own: bool) -> list[Finding]:
    """Find that a body cannot number certificates: no prefix in force, several, or one of the wrong kind."""
    if not found:
        message = say("“{body}”没有登记在有效期内的证书编号前缀：请人社局按批复文件录入", body=body)
        return [refuse("certificates.no_prefix", message, numbers.SOURCE)]
    if len(found) > 1:
        message = say("“{body}”有多个证书编号前缀（{prefixes}）：请选定一个", body=body, prefixes=tuple(found))
        return [refuse("certificates.which_prefix", message, numbers.SOURCE)]
    if (found[0][0] == "Y") is not employers_own:
        message = say("前缀 {prefix} 首位与评价方式不符：用人单位自主评价用 Y，社会培训评价组织用 S", prefix=found[0])
        return [refuse("certificates.prefix_kind", message, numbers.SOURCE)]
    return []


def three_persons(issuer: str, *, decided: bool, scored: Sequence[str]) -> list[Finding]:
    """Find that the issuer decided the results, or scored some of the candidates, by name."""
    findings = []
    if decided:
        message = say("{issuer} 审定了这批成绩，不能再发证：请由另一人发证", issuer=issuer)
        findings.append(refuse("certificates.issuer_scored_or_decided", message, SEPARATION))
    if scored:
        message = say("{issuer} 给 {names} 评过分，不能再为其发证：请由另一人发证", issuer=issuer, names=tuple(scored))
        findings.append(refuse("certificates.issuer_scored_or_decided", message, SEPARATION))
    return findings


# A certificate's standing


class Step(StrEnum):
    """What may be done with an issued certificate."""

    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"
    REPLACE = "replace"
    RENEW = "renew"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _STEPS[self][0]


#: Step → its name, from which status, to which, and for which reasons.
_STEPS: dict[Step, tuple[Message, frozenset[Status], Status, tuple[Reason, ...]]] = {
    Step.SUSPEND: (
        say("暂停使用"), frozenset({Status.VALID}), Status.SUSPENDED,
        (Reason.UNDER_REVIEW, Reason.RESULT_AMENDED, Reason.HOLDER_REQUEST),
    ),
    Step.REINSTATE: (
        say("恢复使用"), frozenset({Status.SUSPENDED}), Status.VALID, (Reason.CLEARED,),
    ),
    Step.REVOKE: (
        say("撤销"), frozenset({Status.VALID, Status.SUSPENDED}), Status.REVOKED,
        (Reason.FRAUD, Reason.ERROR, Reason.RESULT_AMENDED, Reason.HOLDER_REQUEST),
    ),
    Step.REPLACE: (
        say("换发"), frozenset({Status.VALID, Status.SUSPENDED, Status.REVOKED}), Status.REPLACED,
        (Reason.ERROR, Reason.DATA_CHANGED, Reason.DAMAGED, Reason.RESULT_AMENDED),
    ),
    Step.RENEW: (say("续期"), frozenset({Status.VALID}), Status.REPLACED, (Reason.RENEWED,)),
}  # fmt: skip


def reasons_for(step: Step) -> tuple[Reason, ...]:
    """List the reasons that a step may have."""
    return _STEPS[step][3]


#: A certificate has one successor.
_ONCE = frozenset({Step.REPLACE, Step.RENEW})


def status_after(step: Step) -> Status:
    """Give the status that a step leads to; a revoked certificate that gets a successor stays revoked."""
    return _STEPS[step][2]


def steps_from(status: Status, *, replaced: bool) -> list[Step]:
    """List what may be done with a certificate of a status that has or has no successor yet."""
    return [step for step, spec in _STEPS.items() if status in spec[1] and not (replaced and step in _ONCE)]


def may_step(number: str, status: Status, step: Step, reason: Reason, detail: str, *, replaced: bool) -> list[Finding]:
    """Find that a step is not possible from a status, has a reason that is none of its own, or no explanation."""
    findings = []
    if step not in steps_from(status, replaced=replaced):
        message = say("证书 {number} 现为“{status}”，不能{step}", number=number, status=status.label, step=step.label)
        findings.append(refuse("certificates.step", message))
    return findings + _explained(step, reason, detail)


def _explained(step: Step, reason: Reason, detail: str) -> list[Finding]:
    findings = []
    if reason not in reasons_for(step):
        message = say("“{reason}”不是{step}的理由", reason=reason.label, step=step.label)
        findings.append(refuse("certificates.reason", message))
    if not detail.strip():
        message = say("请写明{step}的依据和经过（只存档，不公开）", step=step.label)
        findings.append(refuse("certificates.detail", message))
    return findings


def in_no_list(closed_on: date) -> Finding:
    """Tell that a change of status is signed into no list any more, since the issuer has closed."""
    message = say(
        "本机构已于 {day} 停止签发，这一变更不能再签入证书状态列表：脱网查验仍按最后一期列表（截至 {day}）显示，"
        "只有联网的公开查验页显示变更后的状态。请另行书面告知持证人和用人单位",
        day=closed_on,
    )
    return Finding("certificates.change_in_no_list", Level.WARN, message)


def end_of(months: Mapping[str, int] | None, type_name: str, issued_on: date) -> date | None:
    """Give the last day of a certificate issued today, by the ruling of months per type; None where it has no end."""
    count = (months or {}).get(type_name)
    if not isinstance(count, int) or count < 1:
        return None
    year, month = divmod(issued_on.year * 12 + issued_on.month - 1 + count, 12)
    return date(year, month + 1, min(issued_on.day, monthrange(year, month + 1)[1]))


def may_renew(
    number: str, expires_on: date | None, no_renewal: Message | None, days: int | None, source: str, today: date
) -> list[Finding]:
    """Find why a certificate is not renewed: it has no end, its type has no renewal, or it is too early.

    ``days`` before its end it can be; None where no ruling is on file, and then at any time.
    """
    if expires_on is None:
        return [refuse("certificates.no_end", say("证书 {number} 没有有效期，不用续期", number=number))]
    if no_renewal is not None:
        message = say("证书 {number} 不能续期：{reason}", number=number, reason=no_renewal)
        return [refuse("certificates.no_renewal", message)]
    if days is not None and (expires_on - today).days > days:
        message = say(
            "证书 {number} 到 {day} 才到期，届满前 {days} 天起才能续期", number=number, day=expires_on, days=days
        )
        return [refuse("certificates.renewed_early", message, source)]
    return []


#: Certificates of one bulk revocation at most: what is suspended in one transaction.
MOST_REVOKED = 500


class Fate(StrEnum):
    """What a bulk revocation would do with a certificate."""

    SUSPEND = "suspend"
    STAY_SUSPENDED = "stay_suspended"
    OVER = "over"
    PENDING = "pending"

    @property
    def label(self) -> Message:
        """In words, for the dry run."""
        return _FATES[self]

    @property
    def is_revoked(self) -> bool:
        """Tell whether it would be revoked in the end."""
        return self in {Fate.SUSPEND, Fate.STAY_SUSPENDED}


_FATES = {
    Fate.SUSPEND: say("立即暂停使用，到时撤销"),
    Fate.STAY_SUSPENDED: say("本已暂停使用，到时撤销"),
    Fate.OVER: say("本已撤销或换发，不动"),
    Fate.PENDING: say("已在另一批批量撤销中，不动"),
}


def fate_of(status: Status, *, pending: bool) -> Fate:
    """Tell what a bulk revocation would do with a certificate of a status, ``pending`` in another one or not."""
    if status in {Status.REVOKED, Status.REPLACED}:
        return Fate.OVER
    if pending:
        return Fate.PENDING
    return Fate.STAY_SUSPENDED if status is Status.SUSPENDED else Fate.SUSPEND


def may_revoke_together(fates: Mapping[str, Fate], reason: Reason, detail: str) -> list[Finding]:
    """Find what stops a bulk revocation; ``fates`` are by number."""
    findings = []
    if not fates:
        findings.append(refuse("certificates.none_chosen", say("没有选中可以撤销的证书")))
    if len(fates) > MOST_REVOKED:
        findings.append(too_many(len(fates)))
    for number, fate in fates.items():
        if not fate.is_revoked:
            message = say("证书 {number}：{fate}。请重新试算", number=number, fate=fate.label)
            findings.append(refuse("certificates.not_to_be_revoked", message))
    return findings + _explained(Step.REVOKE, reason, detail)


def too_many(count: int) -> Finding:
    """Say that a bulk revocation is too large for one transaction."""
    message = say("选中 {count} 本，一批最多 {most} 本：请分批办理", count=count, most=MOST_REVOKED)
    return refuse("certificates.too_many_revoked", message)


def hours_to_undo(hours: Sequence[tuple[str, int | None]]) -> list[Finding]:
    """Find the regions, by name, whose bureau has set no hours in which a bulk revocation can be undone, or none worth it."""
    return [
        refuse(
            "certificates.no_revocation_hours",
            say("{region}没有登记批量撤销可以收回的时间：请人社局在“政策参数”里设定小时数", region=region),
        )
        for region, value in hours
        if value is None or value < 1
    ]


#: Days for which a share link may be made, the usual one in the middle.
SHARE_DAYS = (7, 30, 90)
#: Share links of a person that are open at a time.
MOST_SHARES = 20


def may_share(count: int, days: int, opened: int) -> list[Finding]:
    """Find what stops a link to ``count`` certificates for ``days`` days, beside those of the same person that are open."""
    findings = []
    if not count:
        findings.append(refuse("certificates.nothing_shared", say("请至少勾选一本证书")))
    if days not in SHARE_DAYS:
        message = say("请选择链接的有效天数：{days}", days=SHARE_DAYS)
        findings.append(refuse("certificates.share_days", message))
    if opened >= MOST_SHARES:
        message = say("您已有 {count} 个有效的分享链接，请先撤回不用的", count=opened)
        findings.append(refuse("certificates.most_shares", message))
    return findings


def recorded_number(kind: str, number: str, level: str | None, issued_on: date) -> list[Finding]:
    """Check the number of a certificate issued elsewhere, as far as the state's rules reach."""
    if kind != "skill_level":
        return []
    scheme = numbers.scheme(number)
    if scheme is None:
        message = say(
            "证书编号“{number}”不合任何一种国家编码规则：应为 22 位（Y 或 S 开头），或旧的 16 位数字", number=number
        )
        return [refuse("certificates.number_scheme", message, numbers.SOURCE)]
    if scheme is not numbers.Scheme.SKILL_LEVEL:
        return []
    findings = numbers.check_skill_number(number)
    if findings or level is None:
        return findings
    parsed = numbers.parse_skill_number(number)
    if parsed.year != issued_on.year % 100:
        message = say("证书编号“{number}”的年份与发证日期 {issued} 不符", number=number, issued=issued_on)
        findings.append(refuse("number.other_year", message, numbers.SOURCE))
    if parsed.level != level:
        message = say("证书编号“{number}”第 16 位与所填等级不符", number=number)
        findings.append(refuse("number.other_level", message, numbers.SOURCE))
    return findings
